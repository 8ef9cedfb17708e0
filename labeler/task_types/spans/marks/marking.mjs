/* From mouse, finger and arrows to words: what was marked, which span was meant.
   Note: "whole words" is a switch of the page, and Alt is its opposite only for one movement.
   A
   stretch that was begun by letters stays one by letters while it grows. */
import { listen } from "./pointer.mjs";

/* act(work, input): does something and draws it; kept(): the spans are others now, without a press. Returns go(span),
   which selects a span (or null), and move(event) for keys
   that move the caret or an edge. */
export function mount_marking({ reading, whole, paint, caret, labelling, beside, act, draw, kept }) {
  const { spans } = labelling;
  let by_letter = false;

  const snap = (range, letters) => range && labelling.words.snap(...range, letters || !whole.checked);

  function go(span) {
    labelling.select(span);
    if (!span) return false;
    caret.put(span.start);
    caret.reveal();
    return true;
  }

  /* A click selects the innermost span there, the next click the one around it. */
  function place(at, { target, input }) {
    act(() => {
      const there = target.closest(".span-mark") ? spans.covering(at) : [];
      go(paint.owner(target) ?? there[(there.indexOf(spans.selected) + 1) % there.length] ?? null);
      caret.put(at);
    }, input);
  }

  /* paragraph: a triple click; with a class that waits, its double click has labelled a word already. */
  function pick(range, { letters, input, paragraph, more }) {
    if (paragraph && labelling.active) return;
    const found = snap(range, letters);
    act(() => {
      if (found) caret.put(found[1], found[0]);
      labelling.pick(found, { more });
    }, input);
  }

  /* A finger pulls handles for as long as it likes: one mark, that grows. */
  function follow(range, down) {
    const found = snap(range, down.letters);
    if (!down.touch) return caret.draw(found);
    labelling.choose(found, { more: down.marked });
    down.marked = Boolean(found);
    draw();
    kept();
  }

  function move(event) {
    const { key, altKey, shiftKey } = event;
    if (altKey && spans.selected && !labelling.fresh) {
      const letters = key === "ArrowLeft" || key === "ArrowRight";
      act(() => labelling.move({ edge: shiftKey ? "start" : "end", forward: caret.forward(key), letters }));
      return true;
    }
    const letters = altKey || !whole.checked;
    by_letter = letters || (by_letter && shiftKey && Boolean(caret.range));
    caret.key({ key, shiftKey, altKey: letters });
    act(() => labelling.choose(snap(caret.range, by_letter), { more: shiftKey }));
    caret.reveal();
    if (!labelling.chosen) beside.tell(paint.text.slice(...(labelling.words.at(caret.head, by_letter) ?? [0, 0])));
    return true;
  }

  listen(reading, paint, { place, pick, follow });
  return { go, move };
}
