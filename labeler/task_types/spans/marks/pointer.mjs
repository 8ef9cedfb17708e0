/* Words marked by mouse, pen or finger. A drag marks, a double click marks the word, a click places the caret.
   Note: on touch the browser's handles move the selection for as long as the person likes, so
   it
   is followed and waits; nothing is labelled before a class is tapped. */

const STILL = 4; // pixels a click may move

/* place(at, {target, input}): a click; pick([start, end], {letters, input, paragraph, more}): words were marked;
   follow([start, end] or null, {touch, letters}): they are being marked. */
export function listen(reading, paint, { place, pick, follow }) {
  let down = null;

  /* The part of the browser's selection that lies in the text, or null. */
  function selected() {
    const { anchorNode, isCollapsed, rangeCount } = document.getSelection();
    if (!anchorNode || isCollapsed || !rangeCount) return null;
    const range = document.getSelection().getRangeAt(0);
    if (!range.intersectsNode(paint.paragraph)) return null;
    const start = paint.place(range.startContainer, range.startOffset) ?? 0;
    const end = paint.place(range.endContainer, range.endOffset) ?? paint.text.length;
    return start < end ? [start, end] : null;
  }

  reading.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    down = { x: event.clientX, y: event.clientY, touch: event.pointerType === "touch", letters: event.altKey };
  });
  document.addEventListener("pointercancel", () => {
    if (!down?.touch) down = null;
  });
  document.addEventListener("mouseup", (event) => {
    if (!down || event.button !== 0) return;
    const { x, y, touch, marked = false } = down;
    down = null;
    const input = touch ? "touch" : "pointer";
    const still = Math.hypot(event.clientX - x, event.clientY - y) < STILL;
    const range = still && event.detail < 2 ? null : selected();
    const at = paint.under(event.clientX, event.clientY);
    if (range)
      pick(range, {
        letters: event.altKey,
        input,
        paragraph: event.detail > 2,
        more: touch ? marked : event.detail > 2,
      });
    else if (at !== null) place(at, { target: event.target, input });
  });
  document.addEventListener("selectionchange", () => {
    if (!down) return;
    const range = selected();
    if (range || !down.touch) follow(range, down);
  });
}
