/* Any number of classes for the item. Keys, clicks and touches switch a class on and off, in any order; "None apply" is
   an
   answer of its own and excludes the others; Enter submits.
   Note: nothing chosen is not "None apply". The first cannot be submitted, the second can. */
import { mount_buttons } from "../../web/shared/choosing/choices.mjs";
import { mount_find } from "../../web/shared/choosing/find_class.mjs";

export function mount(root, { item, value, onChange, words }) {
  const refusal = root.querySelector("[data-part=refusal]");
  const choices = mount_buttons(root, { pick });
  const none = choices.buttons.find((button) => button.dataset.none !== undefined);
  const classes = choices.buttons
    .filter((button) => button !== none)
    .sort((a, b) => a.dataset.position - b.dataset.position); // the project's order, however they stand on the page
  const positions = new Map(classes.map((button) => [button.dataset.label, Number(button.dataset.position)]));
  let chosen = new Set(),
    past = [],
    future = []; // sets of buttons

  function draw() {
    for (const button of choices.buttons) {
      const pressed = String(chosen.has(button));
      if (button.getAttribute("aria-pressed") !== pressed) button.setAttribute("aria-pressed", pressed);
    }
    refusal.hidden = true;
  }

  function now() {
    if (!chosen.size) return null;
    return { labels: classes.filter((button) => chosen.has(button)).map((button) => button.dataset.label) };
  }

  function become(next, input) {
    chosen = next;
    draw();
    onChange(now(), { complete: false, input });
  }

  function pick(button, input) {
    past.push(chosen);
    future = [];
    const next = new Set(button === none ? [] : [...chosen].filter((one) => one !== none));
    if (chosen.has(button)) next.delete(button);
    else next.add(button);
    become(next, input);
    if (input === "key") button.focus({ preventScroll: false }); // so that it is seen, and heard with its new state
  }

  function step(from, to) {
    if (!from.length) return false;
    to.push(chosen);
    become(from.pop(), "key");
    return true;
  }

  function show(_, next) {
    [past, future] = [[], []];
    const labels = new Set(next?.labels ?? []);
    chosen = new Set(next && !labels.size ? [none] : classes.filter((button) => labels.has(button.dataset.label)));
    draw();
  }

  show(item, value);
  return {
    show,
    key: choices.key,
    focus: choices.focus,
    find: mount_find(root, { ...choices, choose: pick }),
    undo: () => step(past, future),
    redo: () => step(future, past),
    submit() {
      const answer = now();
      refusal.hidden = Boolean(answer);
      if (!answer) refusal.lastElementChild.textContent = words.choose_first;
      return answer;
    },
    describe(answer) {
      const labels = answer?.labels ?? [];
      return {
        text: labels.join(", ") || words.none,
        position: labels.length === 1 ? (positions.get(labels[0]) ?? 0) : 0,
      };
    },
  };
}
