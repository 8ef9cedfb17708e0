/* The keys printed on the page: in every <kbd data-command="…">, in every button with data-key, and for assistive
   technology. They are those of this person, in the letters of this keyboard where the browser tells them.
   Note: an answer is bound to a position, so its hint is what the keyboard prints there (A for
   "answer-q" in France); a command is bound to the letter itself. */
import { keys_of, position_of } from "./keys.mjs";

let layout = null; // Map of the browser: KeyQ → "a"

/* The letters of this keyboard, where the browser knows them; settles either way. */
export async function learn_layout(keyboard = navigator.keyboard) {
  layout = (await keyboard?.getLayoutMap?.().catch(() => null)) ?? null;
}

/* How the key of an action is printed: "⇧Z"; "" for none. */
export function hint_of(action) {
  const key = keys_of(action)[0] ?? "";
  const [, shift = "", sign] = /^(shift\+)?(.*)$/.exec(key);
  const code = action.startsWith("answer-") ? position_of(sign) : "";
  return (shift && "⇧") + (layout?.get(code) ?? sign).toUpperCase();
}

/* on: whether single keys act; if not, no hint is shown. */
export function print_hints(root, { on }) {
  for (const kbd of root.querySelectorAll("kbd[data-command]")) print(kbd, kbd.dataset.command, on);
  for (const button of root.querySelectorAll("button[data-key]")) {
    const kbd = button.querySelector("kbd");
    if (kbd) print(kbd, `answer-${button.dataset.key}`, on);
  }
}

function print(kbd, action, on) {
  const text = hint_of(action);
  const button = kbd.closest("[aria-keyshortcuts]") ?? kbd.closest("button");
  if (kbd.textContent !== text) kbd.textContent = text;
  kbd.classList.toggle("none", !text || !on);
  if (kbd.dataset.unless !== undefined) kbd.hidden = text === kbd.dataset.unless; // "3" need not be said twice
  if (!button || button.hasAttribute("data-rebind")) return;
  if (text && on) button.setAttribute("aria-keyshortcuts", text.replace("⇧", "Shift+"));
  else button.removeAttribute("aria-keyshortcuts");
}
