/* From key to action. Answers go by the position of the key (event.code), commands by its letter, and by position where
   the layout has no Latin letters.
   What a reader would get wrong: a key held down repeats, and a repeat is never an answer. */

export const COMMANDS = {
  z: "undo", "shift+z": "redo", s: "skip", f: "unsure", c: "comment", j: "previous", k: "next", g: "guide", "/": "find", "?": "keys",
  "=": "zoom-in", "+": "zoom-in", "-": "zoom-out", ".": "fit", ",": "actual",
  "[": "darker", "]": "brighter", "{": "less-contrast", "}": "more-contrast", "\\": "reset",
};
const POSITIONS = {
  Equal: "=", Minus: "-", Period: ".", Comma: ",", Slash: "/", BracketLeft: "[", BracketRight: "]", Backslash: "\\",
  NumpadAdd: "+", NumpadSubtract: "-",
};
const EDITABLE = "input:not([type=range], [type=checkbox]), textarea, select, [contenteditable]";

/* The command of a key event, or null. map: what each letter or sign does. */
export function command_of(event, map = COMMANDS) {
  if (/^[a-z]$/i.test(event.key)) return map[(event.shiftKey ? "shift+" : "") + event.key.toLowerCase()] ?? null;
  if (event.code.startsWith("Key") && event.key.length === 1) {
    return map[(event.shiftKey ? "shift+" : "") + event.code.slice(3).toLowerCase()] ?? null;
  }
  return map[event.key] ?? (event.shiftKey ? null : map[POSITIONS[event.code]]) ?? null;
}

/* "1" → Digit1, "q" → KeyQ, "shift+1" → shift+Digit1: the position a printed key stands for. */
export function position_of(key) {
  const [, shift, sign] = /^(shift\+)?(.)$/i.exec(key) ?? [];
  if (!sign) return "";
  return (shift ? "shift+" : "") + (/\d/.test(sign) ? `Digit${sign}` : `Key${sign.toUpperCase()}`);
}

/* The position of a key event, written like position_of. */
export function position_in(event) {
  return (event.shiftKey ? "shift+" : "") + event.code.replace(/^Numpad(?=\d$)/, "Digit");
}

/* answer(event): the task type takes the key or returns false. act(command, event): does the rest. */
export function listen({ answer, act, on }) {
  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !on()) return;
    if (event.target.closest?.(EDITABLE) || document.querySelector("dialog[open], :popover-open")) return;
    const command = answer(event) ? "" : command_of(event);
    if (command === null || (command && act(command, event) === false)) return;
    event.preventDefault();
  });
}
