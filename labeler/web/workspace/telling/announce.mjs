/* What a screen reader hears: one polite message per item, "Item 413. Saved 412 as Glass.", at most 80 characters. Also
   says beside the question that an item has an answer already. */

import { given_to } from "../desk/timeline.mjs";

const LONGEST = 80;
const NAME = 30; // characters of an answer in a message

export function mount_announcer(root, { describe, words }) {
  const live = root.querySelector("[data-part=live]");
  const given = root.querySelector("[data-part=given]");
  const back = root.querySelector("[data-part=note]");
  const name = (answer) => (answer.skip ? words.skipped : describe(answer.value).text);

  root.addEventListener("item", ({ detail: { entry, before } }) => {
    const answered =
      before &&
      words[before.answer?.skip ? "heard_skipped" : "heard_saved"]
        .replace("{number}", before.number)
        .replace("{answer}", before.answer ? name(before.answer).slice(0, NAME) : "");
    const now = entry ? `${words.item.replace("{number}", entry.number)}.` : words.nothing;
    const answer = given_to(entry);
    const earlier = answer ? words.heard_given.replace("{answer}", name(answer).slice(0, NAME)) : "";
    const suggestion = entry && !answer && entry.item.suggestion;
    const suggested = suggestion
      ? words.heard_suggested.replace("{answer}", describe(suggestion.value).text.slice(0, NAME))
      : "";
    live.textContent = [now, suggested, answered, earlier].filter(Boolean).join(" ").slice(0, LONGEST);
    given.textContent = answer ? words.given.replace("{answer}", name(answer)) : words.press;
    back.hidden = !entry?.item.note;
    back.lastElementChild.textContent = entry?.item.note ?? "";
  });
}
