/* Giving an action another key: press its button, then the new key. A key that means something already is said, and
   nothing changes until the person swaps the two or takes another key. Esc leaves it as it was, Backspace takes the key
   off.
   Note: a key is looked up by what it does now, not by its letter, so a clash is found on
   every
   keyboard layout, and also with an action that this page does not have. */
import { hint_of } from "./hints.mjs";
import { actions_at, keys_of, written } from "./keys.mjs";

const MODIFIERS = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock"]);

/* own: OwnKeys. Rows are <tr data-action> with the name in their <th> and a <button data-rebind>. */
export function mount_rebind(dialog, { own }) {
  const words = Object.fromEntries(
    [...dialog.querySelector("template").content.children].map((one) => [one.dataset.word, one.textContent]),
  );
  const rows = new Map([...dialog.querySelectorAll("[data-action]")].map((row) => [row.dataset.action, row]));
  const clash = dialog.querySelector("[data-part=clash]");
  let asked = null,
    key = "",
    others = []; // the action that gets a key, that key, and what it means now

  const name_of = (action) => rows.get(action)?.querySelector("th").textContent.trim() ?? action;
  const button_of = (action) => rows.get(action).querySelector("[data-rebind]");

  function label() {
    for (const [action] of rows) {
      const text =
        action === asked
          ? words.press_key
          : words.change.replace("{action}", name_of(action)).replace("{key}", hint_of(action) || words.no_key);
      button_of(action).setAttribute("aria-label", text);
      button_of(action).toggleAttribute("data-asking", action === asked);
    }
  }

  function ask(action) {
    [asked, key, others] = [action, "", []];
    clash.hidden = true;
    label();
  }

  function done(keys) {
    const button = button_of(asked);
    ask(null);
    own.change({ keys });
    label();
    button.focus();
  }

  function take(event) {
    if (event.key === "Escape") return ask(null);
    if (event.key === "Backspace" || event.key === "Delete") return done({ ...own.keys, [asked]: "" });
    const wanted = written(event, asked);
    if (!wanted) return say(words.no_such_key);
    [key, others] = [wanted, actions_at(event).filter((action) => action !== asked)];
    if (!others.length) return done({ ...own.keys, [asked]: key });
    say(words.clash.replace("{action}", name_of(others[0])).replace("{key}", event.key.toUpperCase()), true);
  }

  function say(text, swap = false) {
    clash.querySelector("span").textContent = text;
    clash.querySelector("[data-swap]").hidden = !swap;
    clash.hidden = false;
  }

  dialog.addEventListener("click", ({ target }) => {
    const row = target.closest("[data-rebind]")?.closest("[data-action]");
    if (row) ask(row.dataset.action);
    else if (target.closest("[data-swap]")) swap();
    else if (target.closest("[data-do=reset-keys]")) {
      ask(null);
      own.change({ keys: {} });
      label();
    } else if (asked && !target.closest("[data-part=clash]")) ask(null);
  });

  function swap() {
    const former = keys_of(asked)[0] ?? "";
    done({ ...own.keys, [others[0]]: former, [asked]: key }); // a second one lies under the first on this layout anyway
  }

  dialog.addEventListener(
    "keydown",
    (event) => {
      const on_swap = event.target.closest?.("[data-swap]") && ["Enter", " "].includes(event.key);
      if (
        !asked ||
        MODIFIERS.has(event.key) ||
        event.key === "Tab" ||
        on_swap ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey
      )
        return;
      event.preventDefault();
      event.stopPropagation();
      if (!event.repeat) take(event);
    },
    true,
  );
  dialog.addEventListener("cancel", (event) => {
    if (asked) {
      event.preventDefault();
      ask(null);
    }
  });
  dialog.addEventListener("close", () => ask(null));
  own.changed(label);
  label();
}

/* Names the answers of this page in the list and hides those it does not have. names: usual key → name. */
export function name_answers(dialog, names) {
  for (const row of dialog.querySelectorAll("[data-action^=answer-]")) {
    const name = names.get(row.dataset.action.slice("answer-".length));
    if (name) row.querySelector("th").textContent = name;
    row.hidden = !name;
  }
}
