/* What the next press does, without the page: words chosen that wait for a class, or a class that waits for words, or a
   span that is changed. What a reader would get wrong: a class that waits stays for the next words, and a span it made is
   not selected, so that the key of another class means the next words and not that span. */
import { MOST, Spans } from "./model.mjs";

export class Labelling {
  active = null; // the class that waits for words
  chosen = null; // [start, end] of words that wait for a class
  last = null; // the span made last

  /* order: place of each class by its name. say(word, values): what a press led to, where it is not plain to see. */
  constructor(order, say) {
    this.spans = new Spans(order);
    this.say = say;
  }

  open(words, spans) {
    this.words = words;
    this.chosen = this.last = null;
    this.spans.load(spans);
  }

  /* The span that is worked on: selected, else just made. */
  get current() {
    const { selected, list } = this.spans;
    return selected ?? (list.includes(this.last) ? this.last : null);
  }

  choose(range) {
    this.chosen = range;
    this.spans.select(null);
  }

  /* A class was named: for the chosen words, else for the selected span, else for the words to come. */
  take(label) {
    const { selected } = this.spans;
    if (this.chosen) this.#add([this.chosen], label);
    else if (selected) this.spans.change(selected, { label });
    else this.active = this.active === label ? null : label;
  }

  /* Words were marked by pointer: they get the class that waits, or wait for one. Returns whether a span came of it. */
  pick(range) {
    this.choose(range);
    if (range && this.active) this.#add([range], this.active);
    return Boolean(range && this.active);
  }

  /* Enter while words and a class wait. */
  join() {
    const both = Boolean(this.chosen && this.active);
    if (both) this.#add([this.chosen], this.active);
    return both;
  }

  #add(ranges, label) {
    const span = this.spans.add(ranges, label);
    if (!span) return this.say("too_many", { count: MOST });
    this.chosen = null;
    this.last = span;
    this.spans.select(this.active ? null : span);
  }

  /* Other places with the same words that no span touches. */
  equal() {
    const span = this.current;
    if (!span) return [];
    const free = ([start, end]) => !this.spans.list.some((one) => one.start < end && start < one.end);
    return this.words.equal(span.start, span.end).filter(free);
  }

  take_equal() {
    const ranges = this.equal();
    const span = this.current;
    if (!ranges.length) return false;
    if (!this.spans.add(ranges, span.label)) this.say("too_many", { count: MOST });
    return true;
  }

  /* Moves an edge of the selected span by a letter, or by a word. Never past the other edge. */
  move({ edge, forward, letters }) {
    const { selected } = this.spans;
    const from = selected[edge];
    const to = this.words[forward ? "after" : "before"](from, { letters, end: edge === "end" });
    const next = { ...selected, [edge]: to };
    if (next.start < next.end && to !== from) this.spans.change(selected, { [edge]: to });
  }

  remove(span = this.spans.selected) {
    if (span) this.spans.remove(span);
    return Boolean(span);
  }

  /* Takes back what waits, nearest first. Returns whether there was anything. */
  escape() {
    if (this.chosen) this.chosen = null;
    else if (this.spans.selected) this.spans.select(null);
    else if (this.active) this.active = null;
    else return false;
    return true;
  }
}
