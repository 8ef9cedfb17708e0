/* A group of buttons: classes, the points of a scale. A key, a click or a touch picks one; arrows move between the
   buttons
   and pick nothing. What is picked is the business of the task type (one_choice.mjs: the answer itself).
   Note: after an answer focus goes to the group, not to a button, so that Enter held a moment
   too
   long cannot answer twice. */
import { answer_of } from "../keys/keys.mjs";
import { input_of } from "../keys/listen.mjs";

export const NONE = Symbol("none"); // the button that says there is nothing, which has no class
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/* pick(button, input): one was chosen by "key", "pointer" or "touch". The buttons are those with data-label or
   data-none. */
export function mount_buttons(root, { pick }) {
  const group = root.querySelector("[data-choices]");
  const buttons = [...group.querySelectorAll("[data-label], [data-none]")];
  const by_key = new Map(buttons.filter((button) => button.dataset.key).map((button) => [button.dataset.key, button]));

  /* Tab leads to this button, and the guideline shows its class. */
  function activate(button) {
    for (const one of buttons) one.tabIndex = one === button ? 0 : -1;
    root.dispatchEvent(new CustomEvent("class", { detail: button.dataset.position }));
  }

  function step(event) {
    const shown = buttons.filter((button) => !button.hidden);
    const at = shown.indexOf(document.activeElement);
    const ends = { Home: 0, End: shown.length - 1 };
    const mirrored =
      event.key.startsWith("ArrowL") || event.key.startsWith("ArrowR")
        ? getComputedStyle(group).direction === "rtl"
        : false;
    const move = (STEPS[event.key] ?? 0) * (mirrored ? -1 : 1);
    const to =
      ends[event.key] ??
      (at < 0
        ? Math.max(
            shown.findIndex((button) => button.tabIndex === 0),
            0,
          )
        : at + move);
    shown[(to + shown.length) % shown.length]?.focus();
    event.preventDefault();
  }

  group.addEventListener("click", (event) => {
    const button = event.target.closest("[data-label], [data-none]");
    if (button) pick(button, input_of(event));
  });
  group.addEventListener("focusin", ({ target }) => {
    if (buttons.includes(target)) activate(target);
  });
  group.addEventListener("keydown", (event) => {
    if (
      !event.altKey &&
      !event.ctrlKey &&
      !event.metaKey &&
      (event.key in STEPS || event.key === "Home" || event.key === "End")
    )
      step(event);
  });

  return {
    buttons,
    activate,
    /* Fills the button of a class, or NONE, or with null no button; says at its end whose or for what it is. */
    fill(label, whose) {
      for (const button of buttons) {
        const on = label !== null && (button.dataset.label ?? NONE) === label;
        if (button.getAttribute("aria-pressed") !== String(on)) button.setAttribute("aria-pressed", String(on));
        if (on && whose) button.dataset.whose = whose;
        else delete button.dataset.whose;
      }
    },
    /* Whether this key picks a button. */
    key(event) {
      const button = event.altKey ? null : by_key.get(answer_of(event));
      if (button) pick(button, "key");
      return Boolean(button);
    },
    focus() {
      if (document.activeElement !== group) group.focus({ preventScroll: true });
    },
  };
}
