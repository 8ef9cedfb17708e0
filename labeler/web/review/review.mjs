/* Keys for the review pages. Every button and link works without this file; a key presses the one that says it does
   that
   (data-does) or that has that class (data-key), and the browser sends its form.
   Note: after the first decision the page is on its way to the next card, so every further
   press is
   ignored, or a held key would decide a card nobody has seen. */
import { command_of, position_in, position_of } from "../shared/keys/keys.mjs";
import { mount_key_list } from "../shared/keys/key_list.mjs";
import { listen } from "../shared/keys/listen.mjs";
import { mount_bulk } from "./bulk.mjs";
import { mount_voters } from "../disagreements/voters.mjs";

const MAP = {
  a: "take",
  d: "keep",
  e: "edit",
  x: "exclude",
  s: "send_back",
  f: "second_opinion",
  g: "group",
  n: "compare",
  m: "ambiguous",
  z: "undo",
  j: "previous",
  k: "next",
  c: "reason",
  r: "reason",
  "/": "others",
  "?": "keys",
};

const root = document.querySelector("[data-review]");
const part = (name) => document.querySelector(`[data-part="${name}"]`);
let leaving = false;

document.addEventListener("submit", (event) => {
  if (leaving) {
    event.preventDefault();
    return;
  }
  leaving = event.target.method === "post";
});
window.addEventListener("pageshow", () => {
  leaving = false;
});

/* Opens a fold and gives its field or first button the focus. */
function unfold(name) {
  const fold = part(name);
  if (!fold) return false;
  fold.open = true;
  fold.querySelector("textarea, select, button[aria-current], .classes button")?.focus();
  return true;
}

function press(target) {
  if (!target || leaving) return Boolean(target);
  target.click();
  return true;
}

function act(command) {
  if (command === "reason" || command === "others") return unfold(command);
  if (command === "keys") {
    list?.open();
    return Boolean(list);
  }
  return press(document.querySelector(`[data-does="${command}"]`));
}

const classes = new Map(
  [...document.querySelectorAll("[data-key]")].map((button) => [position_of(button.dataset.key), button]),
);
const voters = mount_voters();
const list = document.querySelector("[data-dialog=keys]")
  ? mount_key_list(document, { user: root.dataset.user })
  : null;

listen({
  answer: (event) => press(classes.get(position_in(event))) || voters.key(event) || act(command_of(event, MAP)),
  act: () => false,
  on: () => list?.on() ?? true,
});

/* Ctrl+Enter in a field of the decision gives the keys back; the text goes with the decision. */
part("decision")?.addEventListener("keydown", (event) => {
  if (event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey))) {
    event.preventDefault();
    root.focus({ preventScroll: true });
  }
});

const keys_button = document.querySelector("[data-does=keys]");
if (keys_button && list) {
  keys_button.hidden = false;
  keys_button.addEventListener("click", list.open);
}
if (root.dataset.ahead) new Image().src = root.dataset.ahead; // the next picture is here before its card is
mount_bulk(part("bulk"));
