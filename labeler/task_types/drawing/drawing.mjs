/* The browser half of the task types that draw: puts model, hand, keys, layer and list together behind the protocol of
   a
   widget. Which shapes are drawn is in the tool (box_tool.mjs, polygon_tool.mjs).
   Note: a draft is the value and, as `drawing`, what is not finished; an answer never has
   that. */
import { NONE, mount_buttons } from "../../web/shared/choosing/choices.mjs";
import { mount_find } from "../../web/shared/choosing/find_class.mjs";
import { Board, SELECT } from "./board.mjs";
import { make_hand } from "./hand.mjs";
import { make_keyboard } from "./keyboard.mjs";
import { mount_layer } from "./layer.mjs";
import { bring_in, mount_shape_list } from "./shape_list.mjs";
import { fill } from "./text.mjs";
import { mount_tool_bar } from "./tool_bar.mjs";

export function mount_drawing(root, { item, config, value, onChange, view, words, tools, command }, tool) {
  const area = root.querySelector("[data-drawing]");
  const live = root.querySelector("[data-part=live]");
  const now = root.querySelector("[data-part=now]");
  const classes = new Map(config.classes.map((one) => [one.name, one]));
  const numbers = new Intl.NumberFormat(document.documentElement.lang || "en", {
    maximumFractionDigits: 1,
    useGrouping: false,
  });
  let waiting = false; // whether drawing is asked for
  let hidden = tools.get("hidden", false, true); // by the button, not while a key is held
  let twins = [],
    twins_of = null,
    shown = null;

  const focus = () => {
    if (document.activeElement !== area) area.focus({ preventScroll: true });
  };
  const board = new Board({ tool, classes: [...classes.keys()], draw, draft, say });
  const layer = mount_layer({ svg: view.overlay, tool, view, classes, words });
  const bar = mount_tool_bar(root, { board, words, hide: keep_hidden, focus });
  const list = mount_shape_list(root, { board, classes, words, name_of, focus });
  const keyboard = make_keyboard({ board, view, command, hide: (held) => hide(held || hidden) });
  const choices = mount_buttons(root, { pick });
  const none = choices.buttons.find((button) => button.dataset.none !== undefined);
  const hand = make_hand({ board, view, focus });
  const find = mount_find(root, { ...choices, choose: pick, focus });

  /* What the words about shape number `index` need. */
  function name_of(index) {
    const shape = board.state.shapes[index];
    const { left, top, right, bottom } = tool.bounds(shape);
    const sizes = { width: right - left, height: bottom - top, x: left, y: top, corners: shape.points?.length ?? 4 };
    return {
      number: index + 1,
      label: shape.label ?? words.needs,
      ...Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, numbers.format(size)])),
    };
  }

  function say(word, index = -1) {
    const { points } = board.state;
    live.textContent = fill(
      words[word] ?? "",
      index < 0
        ? { count: points.length, wanted: tool.wanted(board.mode) }
        : { ...name_of(index), count: board.waiting.length },
    );
  }

  function told(done, word) {
    if (done) say(word);
    return done;
  }

  /* However many things change at once, they are drawn once. */
  function draw() {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      const { shapes } = board.state;
      if (shapes !== twins_of && !board.model.previewing) [twins, twins_of] = [tool.twins?.(shapes) ?? [], shapes];
      layer.draw(board, twins, classes.get(board.label)?.position ?? 0);
      fill_classes();
      bar.draw();
      if (!board.model.previewing) list.draw(twins);
      tools.set("tool", board.mode);
      tools.set("way", board.ways);
    });
  }

  const parts = () => board.state.shapes.filter(({ label }) => label !== null).map(tool.write);

  /* points and label: what is half drawn, and as what; waiting: the shapes without a class, each with its place among
     all. */
  function draft() {
    const { shapes, points } = board.state;
    const waiting = board.waiting.map((at) => ({ at, ...tool.write(shapes[at]) }));
    const label = points.length ? { label: board.label } : {};
    const drawing = { points, ...label, ...(waiting.length ? { waiting } : {}) };
    onChange({ [tool.field]: parts(), drawing }, { complete: false });
  }

  /* What a class key is for now: the filled class, and in a sentence. */
  function fill_classes() {
    const { chosen, selected } = board.state;
    const number = selected + 1;
    const on = chosen && !board.drawing;
    const [shown, whose] = on ? [board.shape.label, fill(words.mark, { number })] : [board.label, words.next_marks];
    choices.fill(board.empty ? NONE : shown, board.empty ? "" : whose);
    const waits = on && board.shape.label === null;
    now.dataset.state = waits ? "waits" : on ? "selected" : board.label === null ? "hint" : "next";
    const sentence = fill(words[`now_${now.dataset.state}`], { number, name: board.label, label: board.shape?.label });
    if (now.textContent !== sentence) now.textContent = sentence;
    none.setAttribute("aria-disabled", String(board.drawing || board.state.shapes.length > 0));
  }

  function pick(button, input) {
    if (button === none) return nothing(input);
    board.take(button.dataset.label);
    if (board.state.points.length) draft();
    choices.activate(button);
    bring_in(button.parentElement, button);
    draw();
    focus();
    return true;
  }

  function nothing(input) {
    if (board.drawing) board.refuse("unfinished");
    else if (board.state.shapes.length) board.refuse("not_nothing");
    else if (board.size) onChange({ [tool.field]: [] }, { complete: true, input });
    focus();
    return true;
  }

  function hide(now) {
    board.hidden = now;
    draw();
    return true;
  }

  function keep_hidden(now) {
    hidden = now;
    tools.set("hidden", now);
    return hide(now);
  }

  function show(next, answer) {
    if (next?.assignment !== shown) view.home();
    hand.cancel();
    shown = next?.assignment;
    const size = next?.width && next.height ? { width: next.width, height: next.height } : null;
    const shapes = (answer?.[tool.field] ?? []).map(tool.read);
    for (const { at, ...shape } of answer?.drawing?.waiting ?? []) shapes.splice(at, 0, tool.read(shape));
    const known = ({ label }) => label === null || classes.has(label);
    const labelled = shapes.map((shape) => (known(shape) ? shape : { ...shape, label: null }));
    const { points = [], label } = answer?.drawing ?? {};
    const empty = Boolean(answer) && !answer.drawing && !shapes.length;
    board.load(size, labelled, points, { label: classes.has(label) ? label : null, empty });
  }

  function key(event) {
    const button = event.key === "Enter" ? event.target.closest?.("[data-choices] button") : null;
    if (button) return pick(button, "key"); // Enter on a class takes it, as a click would
    if (choices.key(event)) return true;
    return keyboard.key(event);
  }

  function submit() {
    if (board.drawing || board.model.previewing) board.refuse("unfinished");
    else if (!board.state.shapes.length && !board.empty) board.refuse("nothing_yet");
    else if (board.waiting.length) board.to_waiting();
    else return { [tool.field]: parts() };
    return null;
  }

  /* What is half-made, in words for the Submit button; "" when nothing is. */
  function pending() {
    const { length } = board.waiting;
    if (board.state.points.length) return words.not_closed;
    return length ? fill(words[length > 1 ? "needs_many" : "needs_one"], { count: length }) : "";
  }

  function describe(answer) {
    const labels = (answer?.[tool.field] ?? []).map(({ label }) => label);
    const counts = new Map(labels.map((label) => [label, labels.filter((one) => one === label).length]));
    const named = [...counts]
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .map(([label, count]) => `${count} ${label}`);
    const none = answer && !answer.drawing ? words.nothing : "";
    return {
      text: named.join(", ") || none,
      position: counts.size === 1 ? (classes.get(labels[0])?.position ?? 0) : 0,
    };
  }

  area.addEventListener("keydown", (event) => {
    const on_button = event.target.closest("button") && !event.target.closest("[data-choices]");
    if (on_button && event.key.startsWith("Arrow") && !event.ctrlKey && !event.metaKey && keyboard.key(event))
      event.preventDefault();
  });
  view.changed(() => {
    layer.rescale();
    draw();
  });
  view.hold(hand);
  board.ways = tools.get("way", ...tool.modes);
  board.mode = tools.get("tool", board.ways, ...tool.modes, SELECT);
  board.hidden = hidden;
  show(item, value);
  return {
    show,
    key,
    focus,
    find,
    describe,
    submit,
    pending,
    release: keyboard.release,
    undo: () => told(board.model.undo(), "undone"),
    redo: () => told(board.model.redo(), "redone"),
  };
}
