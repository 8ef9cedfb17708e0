/* A group of buttons of which one is the answer: classes and ratings. A key, a click or a touch answers; arrows move
   between the buttons and only Enter, Space or a click on one answers.
   What a reader would get wrong: after an answer focus goes to the group, not to a button, so that Enter held a moment too
   long cannot answer twice. */
import { position_in, position_of } from "./keys.mjs";

const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

export function mount_choices(root, { onChange }) {
  const group = root.querySelector("[data-choices]");
  const buttons = [...group.querySelectorAll("[data-label]")];
  const by_position = new Map(buttons.map((button) => [position_of(button.dataset.key ?? ""), button]));
  const by_label = new Map(buttons.map((button) => [button.dataset.label, button]));
  let pressed = null;

  const choose = (button, input) => onChange({ label: button.dataset.label }, { complete: true, input });

  function activate(button) {
    for (const one of buttons) one.tabIndex = one === button ? 0 : -1;
    root.dispatchEvent(new CustomEvent("class", { detail: button.dataset.position }));
  }

  function step(event) {
    const shown = buttons.filter((button) => !button.hidden);
    const at = shown.indexOf(document.activeElement);
    const ends = { Home: 0, End: shown.length - 1 };
    const mirrored = event.key.startsWith("ArrowL") || event.key.startsWith("ArrowR") ? getComputedStyle(group).direction === "rtl" : false;
    const move = (STEPS[event.key] ?? 0) * (mirrored ? -1 : 1);
    const to = ends[event.key] ?? (at < 0 ? Math.max(shown.findIndex((button) => button.tabIndex === 0), 0) : at + move);
    shown[(to + shown.length) % shown.length]?.focus();
    event.preventDefault();
  }

  group.addEventListener("click", (event) => {
    const button = event.target.closest("[data-label]");
    if (button) choose(button, event.detail === 0 ? "key" : "pointer");
  });
  group.addEventListener("focusin", (event) => { if (event.target.dataset.label !== undefined) activate(event.target); });
  group.addEventListener("keydown", (event) => { if (event.key in STEPS || event.key === "Home" || event.key === "End") step(event); });

  return {
    buttons, choose, activate,
    show(item, value) {
      const next = by_label.get(value?.label) ?? null;
      if (pressed !== next) {
        pressed?.setAttribute("aria-pressed", "false");
        next?.setAttribute("aria-pressed", "true");
        pressed = next;
      }
    },
    /* Whether this key is an answer. */
    key(event) {
      const button = by_position.get(position_in(event));
      if (button) choose(button, "key");
      return Boolean(button);
    },
    focus() { if (document.activeElement !== group) group.focus({ preventScroll: true }); },
    /* {text, position} of a value, for the strip and the messages. */
    describe(value) {
      const position = Number(by_label.get(value?.label)?.dataset.position ?? 0);
      return { text: value?.label ?? "", position };
    },
  };
}
