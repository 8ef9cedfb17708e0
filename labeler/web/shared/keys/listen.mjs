/* Which presses of keys are meant for the page, and who gets them first.
   Note: a key held down repeats, and a repeat is never an answer; only moving goes on while a
   key
   is held. And with single keys switched off, Enter, arrows, Backspace and Esc still act: they are no characters. */
import { command_of } from "./keys.mjs";

const EDITABLE = "input:not([type=range], [type=checkbox]), textarea, select, [contenteditable]";
const MOVES = /^(Arrow|Page|Home$|End$)/;
const REPEATING = /^(Arrow|Backspace$)/; // moving on while held is what these are for
const OWN = "[data-choices], [data-part=view]"; // where Enter, Space and arrows are for the answer
const NATIVE = "button, a[href], input, summary, [data-part=guide], [data-part=full-guide]";

/* Whether the focused control has a use of its own for this key. */
function taken(event) {
  if (event.key !== "Enter" && event.key !== " " && !MOVES.test(event.key)) return false;
  return Boolean(event.target.closest?.(NATIVE) && !event.target.closest(OWN));
}

/* answer(event): the task type takes the key or returns false; release(event): a key came up. act(command, event): does
   the rest. on(): single keys act. submits: answers are handed in, so keys that move, delete or cancel, also with Alt,
   go to the task type and Enter submits. */
export function listen({ answer, release, act, on, submits = false }) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (event.repeat && !(submits && REPEATING.test(event.key))) return;
    if ((event.altKey && !submits) || (event.key.length === 1 && !on())) return;
    if (event.target.closest?.(EDITABLE) || document.querySelector("dialog[open], :popover-open")) return;
    if (submits && taken(event)) return;
    if (obey(event)) event.preventDefault();
  });
  if (submits) document.addEventListener("keyup", (event) => release(event));

  function obey(event) {
    if (answer(event)) return true;
    if (event.altKey || event.repeat) return false;
    const command = submits && event.key === "Enter" && !event.shiftKey ? "submit" : command_of(event);
    return command !== null && act(command, event) !== false;
  }
}

/* How somebody answered who pressed a button: "key", "pointer" or "touch". */
export function input_of(event) {
  if (event.type === "keydown" || event.detail === 0) return "key"; // Enter or Space on the button, or a screen reader
  return event.pointerType === "touch" ? "touch" : "pointer";
}
