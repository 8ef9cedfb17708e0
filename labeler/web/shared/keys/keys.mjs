/* From key to action. Answers go by the position of the key (event.code), commands by its letter or sign, and by
   position
   where the layout has no Latin letters. Every person may have another key for each of them (`use_keys`).
   Note: a key held down repeats, and a repeat is never an answer. An answer is named by the
   key it
   has when nobody chose another: "answer-q" stays the eleventh answer on whatever key it lies. */

/* What a command does is the business of the page and of the task type; here is only which keys mean it. */
export const COMMANDS = {
  undo: ["z"],
  redo: ["shift+z"],
  skip: ["s"],
  unsure: ["f"],
  comment: ["c"],
  accept: ["a"],
  previous: ["j"],
  next: ["k"],
  guide: ["g"],
  find: ["/"],
  keys: ["?"],
  "zoom-in": ["=", "+"],
  "zoom-out": ["-"],
  fit: ["."],
  actual: [","],
  darker: ["["],
  brighter: ["]"],
  "less-contrast": ["{"],
  "more-contrast": ["}"],
  reset: ["\\"],
  box: ["b"],
  polygon: ["n"],
  select: ["v"],
  delete: ["x"],
  "next-shape": ["l"],
  "previous-shape": ["shift+l"],
  hide: ["h"],
};
export const ANSWERS = [..."1234567890qwertyuiop", "shift+1", "shift+2", "shift+3", "shift+4"];
const SIGNS = {
  Equal: "=",
  Minus: "-",
  Period: ".",
  Comma: ",",
  Slash: "/",
  BracketLeft: "[",
  BracketRight: "]",
  Backslash: "\\",
  Semicolon: ";",
  Quote: "'",
  Backquote: "`",
  NumpadAdd: "+",
  NumpadSubtract: "-",
};

const CODES = Object.fromEntries(
  Object.entries(SIGNS)
    .reverse()
    .map(([code, sign]) => [sign, code]),
); // not the number pad's

let own = {}; // action → key, where this person chose another than the usual one; "": none
let commands = {}; // letter or sign → command
let answers = new Map(); // position → usual key of the answer
let here = new Set(); // usual keys of the answers of this page

/* From now on keys mean what this person chose. asked: the usual keys of the answers this page has. */
export function use_keys(chosen = {}, asked = []) {
  own = chosen;
  here = new Set(asked);
  commands = Object.fromEntries(Object.keys(COMMANDS).flatMap((name) => keys_of(name).map((key) => [key, name])));
  answers = new Map(ANSWERS.map((key) => [position_of(own[`answer-${key}`] ?? key), key]));
  answers.delete("");
}

/* The keys of an action ("undo", "answer-q") for this person, none to two. */
export function keys_of(action) {
  const usual = action.startsWith("answer-") ? [action.slice("answer-".length)] : (COMMANDS[action] ?? []);
  return action in own ? [own[action]].filter(Boolean) : usual;
}

/* The command of a key event, or null. map: what each letter or sign does. */
export function command_of(event, map = commands) {
  if (!latin(event)) return map[event.key] ?? map[place_in(event)] ?? null;
  return map[shift(event) + event.key.toLowerCase()] ?? (displaced(event) ? map[place_in(event)] : null) ?? null;
}

const shift = (event) => (event.shiftKey ? "shift+" : "");
const latin = (event) => /^[a-z]$/i.test(event.key);

/* Where the layout moved a command onto an answer's key (Z lies on W in France), the command stays at its own position.
 */
function displaced({ key, code }) {
  return code.startsWith("Key") && here.has(answers.get(`Key${key.toUpperCase()}`));
}

/* The usual key of the answer a key event stands for, or null: what buttons name in data-key. */
export function answer_of(event) {
  return answers.get(position_in(event)) ?? null;
}

/* Every action that this key press means now. */
export function actions_at(event) {
  const answer = answer_of(event);
  return [answer && `answer-${answer}`, command_of(event)].filter(Boolean);
}

/* A key press as it is written in the map of an action; "" where it cannot be one (Enter, arrows, Space). */
export function written(event, action) {
  if (event.key.length !== 1 || event.key === " ") return "";
  if (action.startsWith("answer-")) return place_in(event);
  if (latin(event)) return shift(event) + event.key.toLowerCase();
  return event.code.startsWith("Key") ? place_in(event) : event.key;
}

/* "1" → Digit1, "q" → KeyQ, "shift+1" → shift+Digit1: the position a printed key stands for; "" for none. */
export function position_of(key) {
  const [, shifted, sign] = /^(shift\+)?(.)$/i.exec(key) ?? [];
  if (!sign) return "";
  const code = /\d/.test(sign) ? `Digit${sign}` : /[a-z]/i.test(sign) ? `Key${sign.toUpperCase()}` : CODES[sign];
  return code ? (shifted ? "shift+" : "") + code : "";
}

/* The position of a key event, written like position_of. */
export function position_in(event) {
  return shift(event) + event.code.replace(/^Numpad(?=\d$)/, "Digit");
}

/* The other way round: KeyQ → "q", shift+Digit1 → "shift+1"; "" for a key that is no letter, digit or sign. */
function place_in(event) {
  const sign = /^(?:Key|Digit|Numpad)([A-Z\d])$/.exec(event.code)?.[1].toLowerCase() ?? SIGNS[event.code];
  return sign ? shift(event) + sign : "";
}

use_keys();
