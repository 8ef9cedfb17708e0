/* Free text: a field that takes the keys. Ctrl+Enter submits (Enter too where an answer is one line), Esc leaves the
   field so that single keys act, E leads back into it.
   Note: an empty field is not "Nothing to write". The first cannot be submitted, the second can. And Enter that ends
   the composition of a word (Chinese, Japanese, Korean) is never taken for ours. */
import { input_of } from "../../web/shared/keys/listen.mjs";
import { differences, direction } from "./changes.mjs";

const LONGEST = 10_000; // characters, where the project says nothing else
const NEAR = 0.95; // of the limit, from which the count warns
const SAID = 60; // characters of a text in the strip and in messages
const PAUSE = 150; // ms without a key, after which changes are drawn
const UNKEPT = /(?![\n\t])[\p{Cc}\p{Cs}]/u; // as normal.py: control characters and halves of characters
const OWN = { e: "write", r: "again" };

const length = (text) => [...text].length; // code points, as the server counts them
const filled = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);

export function mount(root, { item, config, value, onChange, words, command }) {
  const part = (name) => root.querySelector(`[data-text="${name}"]`);
  const [desk, field, count, again, none] = ["desk", "field", "count", "again", "none"].map(part);
  const refusal = desk.querySelector("[data-part=refusal]");
  const submit_button = root.querySelector("[data-do=submit]");
  const draw_changes = mount_changes(part, words);
  const number = new Intl.NumberFormat(document.documentElement.lang || undefined);
  const [least, most] = [config.min_length || 0, config.max_length || LONGEST];
  let start = null, // the text the item came with
    empty = false, // "Nothing to write" is the answer
    blank = true, // nothing stands here that emptying the field would have to be kept against
    fresh = false, // the caret was not put yet
    replaced = null, // what was typed before "Start again"
    pause = null;

  const said = (name, values = {}) =>
    filled(words[name], Object.fromEntries(Object.entries(values).map(([at, one]) => [at, number.format(one)])));

  function draw() {
    const many = length(field.value);
    count.textContent =
      config.max_length || many > most * NEAR
        ? said("count_of", { count: many, most })
        : said("count", { count: many });
    count.classList.toggle("near", many > most * NEAR);
    count.classList.toggle("over", many > most);
    if (many > most) count.textContent += ` · ${said("over", { count: many - most })}`;
    refusal.hidden = true;
    field.removeAttribute("aria-invalid");
    none?.setAttribute("aria-pressed", String(empty));
    again.hidden = start === null;
    again.disabled = field.value === start;
    fit();
  }

  /* Where the style sheet cannot make the field as high as its text. */
  function fit() {
    if (CSS.supports("field-sizing", "content")) return;
    field.style.blockSize = "auto";
    field.style.blockSize = `${field.scrollHeight + 2}px`;
  }

  /* The draft: an emptied field is one too, so that the earlier answer does not come back by itself. */
  function kept(input) {
    const text = field.value;
    onChange(text ? { text } : blank ? null : { text, begun: true }, { complete: false, input });
  }

  function wrong() {
    const text = field.value;
    const [many, inside] = [length(text), length(text.trim())];
    const found = UNKEPT.exec(text);
    if (found) {
      field.setSelectionRange(found.index, found.index + 1);
      const code = found[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
      return filled(words.control, { code: `U+${code}` });
    }
    if (many > most) return said("too_long", { count: many, most });
    if (!inside) return none ? words.no_text_none : words.no_text;
    return inside < least ? said("too_short", { count: inside, least }) : "";
  }

  function submit() {
    if (empty) return { text: "" };
    const why = wrong();
    refusal.hidden = !why;
    refusal.lastElementChild.textContent = why;
    if (!why) return { text: field.value };
    field.setAttribute("aria-invalid", "true");
    field.focus();
    return null;
  }

  /* Puts a text into the field as if it were typed, so that the field's own undo knows of it. */
  function put(text) {
    field.focus();
    field.select();
    const typed = document.execCommand?.(text ? "insertText" : "delete", false, text);
    if (!typed || field.value !== text) field.value = text;
    changed("key");
  }

  function changed(input) {
    empty = false;
    draw();
    clearTimeout(pause);
    if (start !== null) pause = setTimeout(() => draw_changes(start, field.value), PAUSE);
    kept(input);
  }

  function start_again() {
    if (start === null || field.value === start) return false;
    const before = field.value;
    put(start);
    replaced = before;
    return true;
  }

  function undo() {
    if (replaced === null) return false;
    put(replaced);
    replaced = null;
    return true;
  }

  function focus() {
    field.focus({ preventScroll: true });
    if (!fresh) return;
    fresh = false;
    const end = field.value === start ? 0 : field.value.length; // what is given is read from its start
    field.setSelectionRange(end, end);
    field.scrollTop = end ? field.scrollHeight : 0;
  }

  function show(next, given) {
    clearTimeout(pause);
    start = typeof next?.start?.text === "string" ? next.start.text : null;
    empty = Boolean(given) && !given.begun && !given.text;
    blank = !given && start === null;
    replaced = null;
    fresh = true;
    field.value = given ? (given.text ?? "") : (start ?? "");
    field.disabled = !next;
    draw();
    draw_changes(start, field.value);
    if (next && document.activeElement === field) focus();
  }

  /* Keys that act from anywhere on the page, also while typing. */
  function on_key(event) {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    const inside = event.target === field;
    if (!inside && (event.target.closest?.("textarea, input, select") || document.querySelector("dialog[open]")))
      return;
    const held = event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && !event.altKey && (held || (inside && config.one_line && !event.shiftKey))) {
      event.preventDefault();
      if (!event.repeat) submit_button.click();
    } else if (inside && event.key === "Escape") {
      event.preventDefault();
      desk.focus({ preventScroll: true });
    }
  }

  document.addEventListener("keydown", on_key);
  field.addEventListener("input", () => {
    replaced = null;
    changed("key");
  });
  again.addEventListener("click", start_again);
  none?.addEventListener("click", (event) => onChange({ text: "" }, { complete: true, input: input_of(event) }));
  globalThis.visualViewport?.addEventListener("resize", () => {
    root.style.setProperty("--seen", `${visualViewport.height}px`);
    if (document.activeElement === field) field.scrollIntoView({ block: "nearest" });
  });
  submit_button.querySelector("kbd").textContent = words.submit_key;
  submit_button.setAttribute("aria-keyshortcuts", config.one_line ? "Enter" : "Control+Enter");
  show(item, value);

  return {
    show,
    focus,
    submit,
    undo,
    /* Outside the field; inside it the page takes no keys. */
    key(event) {
      if (event.altKey || event.shiftKey || command(event)) return false;
      const own = command(event, OWN);
      if (own === "write") focus();
      return own === "write" || (own === "again" && start_again());
    },
    /* What is not right yet, in words for the Submit button; "" when nothing is. */
    pending() {
      const over = length(field.value) - most;
      return over > 0 ? said("over", { count: over }) : "";
    },
    describe(given) {
      const letters = [...(given?.text ?? "").trim().replace(/\s+/g, " ")];
      const text = letters.length > SAID ? `${letters.slice(0, SAID).join("")}…` : letters.join("");
      return { text: text || (given && !given.begun ? words.nothing : ""), position: 0 };
    },
  };
}

/* What is changed against the text the item came with. */
function mount_changes(part, words) {
  const [section, unchanged, diff] = ["changes", "unchanged", "diff"].map(part);

  function drawn({ kind, text }) {
    if (kind === "same") return document.createTextNode(text);
    const change = document.createElement(kind === "added" ? "ins" : "del");
    const [before, inside, after] = ["span", "bdi", "span"].map((name) => document.createElement(name));
    before.className = after.className = "sr"; // as differs.html has it
    before.textContent = `${words[kind]} `;
    inside.textContent = text;
    after.textContent = "; ";
    change.append(before, inside, after);
    return change;
  }

  return (start, text) => {
    section.hidden = start === null;
    if (start === null) return;
    const runs = differences(start, text);
    const changed = runs.some(({ kind }) => kind !== "same");
    unchanged.hidden = changed;
    diff.hidden = !changed;
    diff.dir = direction(text || start);
    diff.replaceChildren(...(changed ? runs.map(drawn) : []));
  };
}
