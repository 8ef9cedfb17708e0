/* What a model suggests for the item in front, where the lead turned that on. One key takes it: A, or Enter while the
   question has the focus. Where an answer is handed in it is loaded as the draft (drafts.mjs) and marked until it is
   touched.
   Note: the page knows no suggestion that is not shown. The server keeps those to itself. */
import { input_of } from "../shared/keys/listen.mjs";
import { given_to } from "./desk/timeline.mjs";

/* Returns accept(event): the suggestion becomes the answer; false where there is none to take. */
export function mount_suggestion(root, { desk, widget, config, locale }) {
  const slot = root.querySelector("[data-part=suggestion]");
  const [said, score, swatch, untouched, touched] = [
    "[data-said]",
    "[data-score]",
    ".sw",
    "[data-untouched]",
    "[data-touched]",
  ].map((one) => slot.querySelector(one));
  const group = root.querySelector("[data-choices]");
  const percent = new Intl.NumberFormat(locale || undefined, { style: "percent" });
  let now = null;

  function show() {
    now = desk.entry && !given_to(desk.entry) ? (desk.entry.item.suggestion ?? null) : null;
    const { text, position } = now ? widget.describe(now.value) : { text: "", position: 0 };
    said.textContent = text;
    score.textContent = now && now.score !== null ? `(${percent.format(now.score)})` : "";
    swatch.hidden = !position;
    swatch.className = `sw c${((position - 1) % 24) + 1} g${Math.floor(((position - 1) % 24) / 8) + 1}`;
    slot.hidden = !now && slot.dataset.kept === undefined;
    slot.classList.toggle("vacant", !now);
    mark();
  }

  function mark() {
    if (!untouched) return;
    untouched.hidden = JSON.stringify(desk.draft.value) !== JSON.stringify(now?.value ?? null);
    touched.hidden = !untouched.hidden;
  }

  function accept(event) {
    if (!now || config.submits) return false;
    if (desk.answer({ value: now.value, input: input_of(event) })) widget.focus();
    return true;
  }

  root.addEventListener("item", show);
  root.addEventListener("draft", mark);
  group?.addEventListener("keydown", (event) => {
    const plain = !event.repeat && !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey;
    if (event.key === "Enter" && event.target === group && plain && accept(event)) event.preventDefault();
  });
  return accept;
}
