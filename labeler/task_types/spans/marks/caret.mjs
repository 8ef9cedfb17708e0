/* A caret in text that cannot be written in. Arrows move it by words, with Alt by letters; with Shift they mark words.
   Note: left and right follow the direction of the paragraph the caret is in, so left goes on
   in
   Hebrew. A marked stretch is also the browser's own selection, so that it can be copied. */

const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;
const STRONG = /\p{L}/u; // the first letter decides the direction of its paragraph
const SHOWN = "spans-chosen"; // ::highlight in spans.css

export class Caret {
  #goal = null; // where on the screen a move up or down aims

  /* reading: the box that scrolls; paint: the text in it. */
  constructor(reading, paint) {
    Object.assign(this, { reading, paint, anchor: 0, head: 0, words: null });
    this.bar = document.createElement("i");
    this.bar.className = "span-caret";
    this.bar.setAttribute("aria-hidden", "true");
    reading.append(this.bar);
    new ResizeObserver(() => this.draw()).observe(paint.paragraph);
  }

  /* [start, end] of what is marked, null without. */
  get range() {
    const { anchor, head } = this;
    return anchor === head ? null : [Math.min(anchor, head), Math.max(anchor, head)];
  }

  open(words) {
    this.words = words;
    this.put(0);
  }

  put(head, anchor = head) {
    Object.assign(this, { head, anchor });
    this.#goal = null;
  }

  /* Moves by a key that moves. Returns whether it was one. */
  key({ key, shiftKey, altKey }) {
    const to = this.#target(key, altKey, shiftKey);
    if (to === null) return false;
    this.head = to;
    if (!shiftKey) this.anchor = to;
    if (key !== "ArrowUp" && key !== "ArrowDown") this.#goal = null;
    return true;
  }

  #target(key, letters, marking) {
    const {
      head,
      words: { text },
    } = this;
    if (key === "Home") return text.lastIndexOf("\n", head - 1) + 1;
    if (key === "End") return this.#line_end();
    if (key === "ArrowUp" || key === "ArrowDown") return this.#vertical(key === "ArrowDown" ? 1 : -1, letters);
    if (key !== "ArrowLeft" && key !== "ArrowRight") return null;
    const forward = this.forward(key);
    return marking ? this.#mark(forward, letters) : this.words[forward ? "after" : "before"](head, { letters });
  }

  /* Marking ends at the end of a word ahead of the anchor and at the beginning of one behind it. */
  #mark(forward, letters) {
    const { head, anchor } = this;
    if (forward === head < anchor) {
      const back = this.words[forward ? "after" : "before"](head, { letters, end: !forward });
      return forward ? Math.min(back, anchor) : Math.max(back, anchor);
    }
    return this.words[forward ? "after" : "before"](head, { letters, end: forward });
  }

  #line_end() {
    const { text } = this.words;
    const end = text.indexOf("\n", this.head);
    if (end < 0) return text.length;
    return end > this.head && text[end - 1] === "\r" ? end - 1 : end;
  }

  /* The place above or below, on the screen; the edge of the text where there is no line more. */
  #vertical(step, letters) {
    const { paint, reading } = this;
    const line = Number.parseFloat(getComputedStyle(paint.paragraph).lineHeight);
    this.#reveal(line);
    const at = paint.rectangle(this.head);
    this.#goal ??= at.x - reading.getBoundingClientRect().x;
    const found = paint.under(this.#goal + reading.getBoundingClientRect().x, at.y + at.height / 2 + step * line);
    if (found === null) return step > 0 ? this.words.text.length : 0;
    return (letters ? null : this.words.at(found)?.[0]) ?? found;
  }

  /* Whether this arrow goes on in the text; down goes on, up goes back. */
  forward(key) {
    if (key === "ArrowUp" || key === "ArrowDown") return key === "ArrowDown";
    return (key === "ArrowRight") !== this.#right_to_left();
  }

  #right_to_left() {
    const { text } = this.words;
    const start = text.lastIndexOf("\n", this.head - 1) + 1;
    const end = text.indexOf("\n", start);
    const first = STRONG.exec(text.slice(start, end < 0 ? text.length : end))?.[0] ?? "";
    return RIGHT_TO_LEFT.test(first);
  }

  /* Shows the caret, and marks [start, end] as chosen if there is such a stretch. */
  draw(chosen = this.chosen) {
    this.chosen = chosen;
    this.bar.hidden = !this.words;
    if (!this.words) return mark(null);
    const at = this.paint.rectangle(this.head);
    const box = this.reading.getBoundingClientRect();
    this.bar.style.left = `${at.x - box.x + this.reading.scrollLeft}px`;
    this.bar.style.top = `${at.y - box.y + this.reading.scrollTop}px`;
    this.bar.style.height = `${at.height}px`;
    mark(chosen ? this.paint.range(...chosen) : null);
  }

  /* Makes the chosen stretch the browser's selection too. */
  select() {
    const [start, end] = this.chosen ?? [this.head, this.head];
    const [from, to] = [this.paint.point(start), this.paint.point(end, end > start)];
    document.getSelection().setBaseAndExtent(...from, ...to);
  }

  reveal() {
    this.#reveal(0);
  }

  /* Scrolls so that the caret is in sight, with a margin in pixels above and below. */
  #reveal(margin) {
    const [at, box] = [this.paint.rectangle(this.head), this.reading.getBoundingClientRect()];
    if (at.top - margin < box.top) this.reading.scrollTop -= box.top - at.top + margin;
    if (at.bottom + margin > box.bottom) this.reading.scrollTop += at.bottom - box.bottom + margin;
  }
}

/* Paints a stretch that is not labelled yet; the browser's own selection goes when something else is pressed. */
export function mark(range) {
  if (!globalThis.Highlight) return;
  if (range) CSS.highlights.set(SHOWN, new Highlight(range));
  else CSS.highlights.delete(SHOWN);
}
