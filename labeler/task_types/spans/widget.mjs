/* Stretches of a text, each with a class. widget.html holds the buttons, marks/ what they do; here they meet.
   Note: the page shows the bare text first, and this module then draws it again in runs. */
import { NONE, mount_buttons } from "../../web/shared/choosing/choices.mjs";
import { mount_find } from "../../web/shared/choosing/find_class.mjs";
import { command_of } from "../../web/shared/keys/keys.mjs";
import { input_of } from "../../web/shared/keys/listen.mjs";
import { mount_beside } from "./marks/beside.mjs";
import { Caret } from "./marks/caret.mjs";
import { Labelling } from "./marks/labelling.mjs";
import { fill } from "./marks/list.mjs";
import { mount_marking } from "./marks/marking.mjs";
import { Offsets } from "./marks/offsets.mjs";
import { Paint } from "./marks/paint.mjs";
import { Words } from "./marks/words.mjs";

const MOVES = /^(Arrow|Home$|End$)/;

export function mount(root, { item, config, value, onChange, words, tools }) {
  const reading = root.querySelector("[data-part=reading]");
  const positions = new Map(config.classes.map(({ name, position }) => [name, position]));
  const paint = new Paint(reading.firstElementChild, positions, words.needs);
  const caret = new Caret(reading, paint);
  let why = "",
    offsets = new Offsets(""),
    hidden = "",
    blank = true,
    drawn = {};
  let empty = false; // "Nothing here" is the answer so far
  const labelling = new Labelling(positions, (word, values = {}) => {
    why = fill(words[word], values);
  });
  const { spans } = labelling;
  const choices = mount_buttons(root, { pick: take });
  const none = choices.buttons.find((button) => button.dataset.none !== undefined);
  const find = mount_find(root, { ...choices, choose: take, focus });
  const beside = mount_beside(root, {
    words,
    positions,
    act: {
      select: (span, event) => press(event, () => go(span)),
      remove: (span, event) => press(event, () => labelling.remove(span)),
      equal: (event) => press(event, () => labelling.take_equal()),
    },
  });
  const whole = root.querySelector("[data-spans=whole]");
  whole.checked = tools.get("whole", true, false);
  whole.addEventListener("change", () => tools.set("whole", whole.checked));
  const { go, move } = mount_marking({ reading, whole, paint, caret, labelling, beside, act, draw, kept });

  function focus() {
    reading.focus({ preventScroll: true });
  }

  const place = ({ start, end }) => ({ start: offsets.points(start), end: offsets.points(end) });

  /* The value as it stands; waiting: the words without a class, which only a draft holds. A draft of nothing has it
     too: it is not the answer that nothing is here. */
  function answer() {
    const { waiting } = labelling;
    const done = spans.list
      .filter(({ label }) => label !== null)
      .map((span) => ({ label: span.label, ...place(span) }));
    return waiting.length || !spans.list.length ? { spans: done, waiting: waiting.map(place) } : { spans: done };
  }

  function kept(input = "touch") {
    onChange(spans.list.length || !blank ? answer() : null, { complete: false, input });
  }

  function draw() {
    if (spans.list.length) empty = false;
    const { settled } = labelling;
    const same =
      drawn.selected === spans.selected &&
      drawn.list?.length === settled.length &&
      settled.every((span, at) => span === drawn.list[at]);
    if (!same) {
      paint.draw(settled, spans.selected);
      drawn = { list: settled, selected: spans.selected };
    }
    caret.draw(labelling.chosen);
    beside.draw(labelling, { text: paint.text, offsets, why });
    why = "";
    const [shown, whose] = spans.selected
      ? [spans.selected.label, fill(words.mark, { number: spans.list.indexOf(spans.selected) + 1 })]
      : [labelling.active, words.next_marks];
    choices.fill(empty ? NONE : shown, empty ? "" : whose);
    none.setAttribute("aria-disabled", String(spans.list.length > 0));
  }

  /* Does something, draws and says what came of it, and keeps the draft if the spans are others now. */
  function act(work, input = "key") {
    const before = spans.list;
    const result = work();
    const made = spans.list.length > before.length ? labelling.last?.end : null;
    if (spans.list !== before && !labelling.chosen) caret.put(spans.selected?.start ?? made ?? caret.head);
    draw();
    if (input !== "touch") caret.select();
    beside.tell();
    if (spans.list !== before) kept(input);
    return result;
  }

  /* Does what a button is for; keys go to the text again, but Enter on a button leaves focus there. */
  function press(event, work) {
    act(work, input_of(event));
    if (event.detail > 0) focus();
  }

  function take(button, input) {
    if (button === none) return nothing(input);
    choices.activate(button);
    act(() => labelling.take(button.dataset.label), input);
    if (input !== "key") focus();
    return true;
  }

  function nothing(input) {
    if (spans.list.length) act(() => labelling.say("not_empty"), input);
    else onChange({ spans: [] }, { complete: true, input });
    return true;
  }

  function hide(code) {
    hidden = code;
    paint.paragraph.classList.toggle("bare", Boolean(code));
    return true;
  }

  const commands = {
    delete: () => act(() => labelling.remove()),
    hide: (event) => hide(event.code),
    "next-shape": () => act(() => go(spans.neighbour(1, caret.head))),
    "previous-shape": () => act(() => go(spans.neighbour(-1, caret.head))),
  };

  function key(event) {
    if (MOVES.test(event.key)) return event.altKey && !event.key.startsWith("Arrow") ? false : move(event);
    if (event.altKey) return false;
    if (event.key === "Escape")
      return act(() => {
        caret.put(caret.head);
        return labelling.escape();
      });
    if (event.key === "Enter") return act(() => (event.shiftKey ? labelling.take_equal() : labelling.join()));
    return choices.key(event) || (commands[command_of(event)]?.(event) ?? false);
  }

  function step(walk) {
    return act(() => {
      const done = walk();
      labelling.select(spans.list.includes(spans.selected) ? spans.selected : null);
      return done;
    });
  }

  /* Whether everything has its class; else the first mark without one is gone to and said. */
  function ready() {
    if (!labelling.waiting.length) return true;
    const many = labelling.waiting.length;
    act(() => {
      go(labelling.to_waiting());
      labelling.say(many > 1 ? "needs_many" : "needs_one", { count: many });
    });
    focus();
    return false;
  }

  function show(next, given) {
    const text = next?.text ?? "";
    offsets = new Offsets(text);
    // a class that is gone leaves its span waiting for another
    const known = [...(given?.spans ?? []), ...(given?.waiting ?? [])]
      .map(({ label, start, end }) => ({
        label: positions.has(label) ? label : null,
        start: offsets.units(start),
        end: offsets.units(end),
      }))
      .filter(({ start, end }) => start < end && end <= text.length);
    blank = !known.length;
    empty = Boolean(given) && !given.waiting && !known.length;
    labelling.open(new Words(text), known);
    paint.show(text);
    drawn = {};
    caret.open(next ? labelling.words : null);
    draw();
  }

  paint.paragraph.classList.add("spans");
  window.addEventListener("blur", () => hide(""));
  show(item, value);
  return {
    show,
    key,
    focus,
    find,
    submit() {
      if (empty) return { spans: [] };
      if (spans.list.length) return ready() ? answer() : null;
      act(() => labelling.say("empty"));
      return null;
    },
    /* What is half-made, in words for the Submit button; "" when nothing is. */
    pending() {
      const { length } = labelling.waiting;
      return length ? fill(words[length > 1 ? "needs_many" : "needs_one"], { count: length }) : "";
    },
    undo: () => step(() => spans.undo()),
    redo: () => step(() => spans.redo()),
    release: (event) => {
      if (event.code === hidden) hide("");
    },
    describe: (given) => described(given, positions, words),
  };
}

/* {text, position}: how many of each class, as the server says it; the class if there is only one. */
function described(given, positions, words) {
  const counts = new Map();
  for (const { label } of given?.spans ?? []) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [first] = counts.keys();
  const by_count = [...counts].sort(([label, count], [other, more]) => more - count || (label < other ? -1 : 1));
  const text = by_count.map(([label, count]) => `${count} ${label}`).join(", ");
  return {
    text: given && !counts.size && !given.waiting ? words.nothing_here : text,
    position: counts.size === 1 ? (positions.get(first) ?? 0) : 0,
  };
}
