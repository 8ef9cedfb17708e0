/* What stands beside the text: a sentence on what the next press means, the offer to label equal words, the list, and
   why
   something was refused. Note: the page has one live region for all it says; this writes to it
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
  let spoken = ""; // what is said aloud of it: of a selected mark where it is, too
  equal.addEventListener("click", act.equal);

  /* What a class key is for now: one of four cases, and no other. */
  function state({ chosen, active, joins, spans }, facts) {
    const { selected } = spans;
    const about = selected && { ...facts(selected), number: spans.list.indexOf(selected) + 1 };
    if (chosen) return ["waits", fill(words[joins ? "chosen_for" : "chosen"], { ...about, name: active })];
    if (selected) return ["selected", fill(words.selected, about)];
    return active === null ? ["hint", words.hint] : ["next", fill(words.active, { name: active })];
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
      const facts = ({ label, start, end }) => ({
        name: label ?? words.needs,
        words: cut(text.slice(start, end)),
        start: offsets.points(start),
        end: offsets.points(end),
      });
      if (before.all !== spans.list || before.selected !== spans.selected) {
        list.draw(spans.list, spans.selected, facts);
        offer(labelling.equal().length);
      }
      before = { all: spans.list, selected: spans.selected };
      const [which, sentence] = state(labelling, facts);
      now.dataset.state = which;
      now.textContent = sentence;
      spoken =
        which === "selected"
          ? fill(words.span, { ...facts(spans.selected), number: spans.list.indexOf(spans.selected) + 1 })
          : sentence;
      refuse(why);
    },
    /* Says the sentence, or a text: the word the caret came to. */
    tell(text = "") {
      live.textContent = text || refusal.hidden ? text || spoken : "";
    }, // an alert speaks for itself
  };
}
