/* What stands beside the text: a sentence on what the next press means, the offer to label equal words, the list, and why
   something was refused. What a reader would get wrong: the page has one live region for all it says; this writes to it
   only after the person did something, so that the message of a new item is heard out. */
import { cut, fill, mount_list } from "./list.mjs";

/* act.select(span, event), act.remove(span, event), act.equal(event). */
export function mount_beside(root, { words, positions, act }) {
  const part = (name) => root.querySelector(`[data-spans="${name}"]`);
  const [now, equal] = ["now", "equal"].map(part);
  const live = root.querySelector("[data-part=live]");
  const refusal = root.querySelector("[data-part=refusal]");
  const list = mount_list(root, { words, positions, act });
  let before = {};
  equal.addEventListener("click", act.equal);

  function state({ chosen, active, spans }, text, facts) {
    if (chosen) return fill(words[active ? "chosen_for" : "chosen"], { words: cut(text.slice(...chosen)), name: active });
    const { selected } = spans;
    if (selected) return fill(words.span, { ...facts(selected), number: spans.list.indexOf(selected) + 1 });
    return active ? fill(words.active, { name: active }) : words.hint;
  }

  function offer(others) {
    equal.hidden = !others;
    equal.firstElementChild.textContent = fill(words.equal, { count: others + 1 });
  }

  function refuse(why) {
    refusal.hidden = !why;
    refusal.lastElementChild.textContent = why;
  }

  return {
    /* offsets: code points of places; why: a refusal in words, or "". */
    draw(labelling, { text, offsets, why = "" }) {
      const { spans } = labelling;
      const facts = ({ label, start, end }) => ({ name: label, words: cut(text.slice(start, end)), start: offsets.points(start), end: offsets.points(end) });
      if (before.all !== spans.list || before.selected !== spans.selected) {
        list.draw(spans.list, spans.selected, facts);
        offer(labelling.equal().length);
      }
      before = { all: spans.list, selected: spans.selected };
      now.textContent = state(labelling, text, facts);
      refuse(why);
    },
    /* Says the sentence, or a text: the word the caret came to. */
    tell(text = "") { live.textContent = text || refusal.hidden ? text || now.textContent : ""; }, // an alert speaks for itself
  };
}
