/* Where words and letters of a text begin and end, in UTF-16 places, in any script (Thai and Chinese have no spaces).
   A word here is any segment that is not white space: a word, a punctuation mark, an emoji. A letter is what people see
   as
   one: a base with its marks, a family emoji, a flag.
   Note: browsers without Intl.Segmenter get plain rules instead, which do not know Thai words.
   */

const PLAIN_WORDS = /[\p{L}\p{N}\p{M}_]+(?:['’.][\p{L}\p{N}\p{M}_]+)*|\s+|[\s\S]/gu;
const PLAIN_LETTERS = /\r\n|\p{RI}\p{RI}|\P{M}(?:\p{M}|\p{EMod}|\uFE0F|\u200D\P{M})*|\p{M}+/gu;
const MOST = 5000; // equal words found at a time

export class Words {
  #words;
  #letters;

  constructor(text, Segmenter = Intl.Segmenter) {
    this.text = text;
    this.#words = segments(text, "word", PLAIN_WORDS, Segmenter);
    this.#letters = segments(text, "grapheme", PLAIN_LETTERS, Segmenter);
  }

  /* [start, end] as a person means it: whole words without the space around them, or whole letters. null: nothing left.
   */
  snap(start, end, letters = false) {
    if (!letters) {
      while (start < end && this.#space(start)) start += 1;
      while (end > start && this.#space(end - 1)) end -= 1;
      if (start < end) [start, end] = [this.#words(start).start, this.#words(end - 1).end];
    }
    return start < end ? [this.#letters(start).start, this.#letters(end - 1).end] : null;
  }

  /* The word or letter at a place, never white space alone unless letters; null where there is none. */
  at(place, letters = false) {
    const inside = Math.min(place, this.text.length - 1);
    if (inside < 0) return null;
    const { start, end } = letters ? this.#letters(inside) : this.#words(inside);
    return this.snap(start, end, letters);
  }

  /* The next place a word begins, or ends (end), from here on. */
  after(place, { letters = false, end = false } = {}) {
    for (let at = place; at < this.text.length; ) {
      const found = letters ? this.#letters(at) : this.#words(at);
      if (letters) return found.end;
      if (!this.#space(found.start) && (end || found.start > place)) return end ? found.end : found.start;
      at = found.end;
    }
    return this.text.length;
  }

  /* The place before this one where a word begins, or ends (end). */
  before(place, { letters = false, end = false } = {}) {
    for (let at = place - 1; at >= 0; ) {
      const found = letters ? this.#letters(at) : this.#words(at);
      if (letters) return found.start;
      if (!this.#space(found.start) && (!end || found.end < place)) return end ? found.end : found.start;
      at = found.start - 1;
    }
    return 0;
  }

  /* The other places with the same text; only whole words if these are. */
  equal(start, end) {
    const wanted = this.text.slice(start, end);
    const whole = (from, letters) =>
      this.snap(from, from + wanted.length, letters)?.join() === `${from},${from + wanted.length}`;
    const letters = !whole(start, false);
    const found = [];
    for (
      let at = this.text.indexOf(wanted);
      at >= 0 && found.length < MOST;
      at = this.text.indexOf(wanted, at + wanted.length)
    ) {
      if (at !== start && whole(at, letters)) found.push([at, at + wanted.length]);
    }
    return found;
  }

  #space(at) {
    return /\s/u.test(this.text[at]);
  }
}

/* A function place → {start, end} of the segment there. */
function segments(text, granularity, plain, Segmenter) {
  if (Segmenter) {
    const all = new Segmenter(undefined, { granularity }).segment(text);
    return (at) => {
      const { index, segment } = all.containing(at);
      return { start: index, end: index + segment.length };
    };
  }
  const ends = Array.from(text.matchAll(plain), (found) => found.index + found[0].length);
  return (at) => {
    let [low, high] = [0, ends.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle] > at) high = middle;
      else low = middle + 1;
    }
    return { start: ends[low - 1] ?? 0, end: ends[low] ?? text.length };
  };
}
