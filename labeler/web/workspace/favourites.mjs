/* Where a project has more classes than keys: the ten this person takes most often stand first and have the digits.
   Note: nothing moves while the page is open, and a class that stays among the ten keeps its
   digit
   from visit to visit, because fingers remember. What is kept on this device are positions of classes, no names. */

const MANY = 24; // classes that have keys of their own
const DIGITS = [..."1234567890"];
// "3 severe" on 3
const numbered = ({ name, key }) => DIGITS.includes(key) && /^\D{0,3}0*(\d+)/.exec(name)?.[1] === key;

/* The class on each digit: slots (positions, as they were) changed as little as the counts allow. */
export function next_slots(slots, counts, total) {
  const every = Array.from({ length: total }, (_, at) => at + 1);
  const top = every.sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b).slice(0, DIGITS.length);
  const fresh = top.filter((position) => !slots.includes(position));
  return DIGITS.map((_, at) => (top.includes(slots[at]) ? slots[at] : fresh.shift()));
}

/* The names of classes in a value of any task type, one for each time. */
export function labels_in(value) {
  return Object.values(value ?? {})
    .flat()
    .map((part) => part?.label ?? part);
}

/* Puts the favourites first and gives them the digits, in config and on the page; counts what is answered from now on.
 */
export function mount_favourites(root, { config, name, storage = globalThis.localStorage }) {
  if (config.classes.length <= MANY || config.classes.some(numbered)) return; // a digit means the number in a name
  const { counts = {}, slots = [] } = read(storage, name);
  const placed = next_slots(slots, counts, config.classes.length);
  const positions = new Map(config.classes.map((one) => [one.name, one.position]));
  for (const one of config.classes) {
    const digit = DIGITS[placed.indexOf(one.position)];
    one.key = digit ?? (DIGITS.includes(one.key) ? "" : one.key);
  }
  arrange(root.querySelector("[data-choices]"), config.classes, placed);
  root.addEventListener("kept", ({ detail: { entry } }) => {
    for (const label of labels_in(entry.answer?.value))
      counts[positions.get(label)] = (counts[positions.get(label)] ?? 0) + 1;
    try {
      storage.setItem(name, JSON.stringify({ counts, slots: placed }));
    } catch {
      /* the order stays the project's */
    }
  });
}

function arrange(group, classes, placed) {
  const buttons = new Map(
    [...(group?.querySelectorAll("[data-position]") ?? [])].map((button) => [Number(button.dataset.position), button]),
  );
  for (const { position, key } of classes) {
    const button = buttons.get(position);
    if (!button) continue;
    if (key) button.dataset.key = key;
    else delete button.dataset.key;
    button.querySelector("kbd")?.classList.toggle("none", !key);
    button.tabIndex = position === placed[0] ? 0 : -1;
  }
  const first = placed.map((position) => buttons.get(position)).filter(Boolean);
  for (const button of first) button.classList.add("favourite");
  group?.prepend(...first);
}

function read(storage, name) {
  try {
    return JSON.parse(storage.getItem(name)) ?? {};
  } catch {
    return {};
  }
}
