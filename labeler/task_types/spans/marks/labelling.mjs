/* What the next press does, without the page: a span waits for its class, or a class waits for words, or a span that is
   selected is changed (the rule: next_class.mjs). A span without a class is a span like the others, with label null: it
   is
   listed, kept in the draft and taken back by undo; only it cannot be submitted.
   Note: a span that has its class is let go, so the next class key can never change it. */
import { NextClass } from "../../../web/shared/choosing/next_class.mjs";
import { MOST, Spans } from "./model.mjs";

export class Labelling {
  last = null; // the span made last
  #fresh = null; // the span without a class that was marked just now: more of the same gesture changes it

  /* order: place of each class by its name. say(word, values): what a press led to, where it is not plain to see. */
  constructor(order, say) {
    this.spans = new Spans(order);
    this.next = new NextClass([...order.keys()]);
    this.say = say;
  }

  open(words, spans) {
    this.words = words;
    this.last = this.#fresh = null;
    this.next.renew();
    this.spans.load(spans);
  }

  /* The class that waits for words. */
  get active() {
    return this.next.label;
  }

  /* [start, end] of the words that wait for a class and are selected, else null. */
  get chosen() {
    const { selected } = this.spans;
    return selected?.label === null ? [selected.start, selected.end] : null;
  }

  /* Whether the selected words were marked just now. */
  get fresh() {
    return this.#fresh !== null && this.spans.selected === this.#fresh;
  }

  /* The spans to be painted: not words that are still being marked, since a finger holds the browser's selection there
     and
     would lose it with the nodes. */
  get settled() {
    return this.fresh ? this.spans.list.filter((span) => span !== this.#fresh) : this.spans.list;
  }

  /* Whether Enter gives the words just marked by keyboard the class that waits. */
  get joins() {
    return this.fresh && this.active !== null;
  }

  /* The spans that wait for a class. */
  get waiting() {
    return this.spans.list.filter(({ label }) => label === null);
  }

  /* The span that is worked on: selected, else just made. */
  get current() {
    const { selected, list } = this.spans;
    return selected ?? (list.includes(this.last) ? this.last : null);
  }

  /* Words are being marked: they wait for a class. more: by the same gesture as the ones before. */
  choose(range, { more = false } = {}) {
    const growing = more && this.fresh ? this.#fresh : null;
    if (!range) {
      if (growing) this.spans.remove(growing);
      this.spans.select(null);
      this.#fresh = null;
    } else if (growing) {
      this.#fresh = this.spans.grow(growing, { start: range[0], end: range[1] });
    } else {
      this.#fresh = this.#add([range], null);
      this.spans.select(this.#fresh);
    }
  }

  select(span) {
    this.#fresh = null;
    this.spans.select(span);
  }

  /* A class was named: for the selected span (one that waited is let go), else for the words to come. */
  take(label) {
    const { selected } = this.spans;
    if (!selected) return this.next.press(label);
    const waited = selected.label === null;
    if (this.fresh)
      this.spans.grow(selected, { label }); // words and class are one step
    else this.spans.change(selected, { label });
    if (waited) this.#finish();
  }

  #finish() {
    this.last = this.spans.selected;
    this.select(null);
  }

  /* Words were marked by pointer: they get the class that waits, or wait for one. Returns whether a span came of it. */
  pick(range, { more = false } = {}) {
    if (!range || this.active === null) {
      this.choose(range, { more });
      return false;
    }
    if (more && this.fresh) {
      this.choose(range, { more });
      return this.join();
    }
    this.select(null);
    const span = this.#add([range], this.active);
    if (span) this.last = span;
    this.next.used();
    return Boolean(span);
  }

  /* Enter while words just marked and a class wait. */
  join() {
    const both = this.joins;
    if (both) {
      this.take(this.active);
      this.next.used();
    }
    return both;
  }

  #add(ranges, label) {
    const span = this.spans.add(ranges, label);
    if (!span) this.say("too_many", { count: MOST });
    return span;
  }

  /* Other places with the same words that no span touches. */
  equal() {
    const span = this.current;
    if (!span || span.label === null) return [];
    const free = ([start, end]) => !this.spans.list.some((one) => one.start < end && start < one.end);
    return this.words.equal(span.start, span.end).filter(free);
  }

  take_equal() {
    const ranges = this.equal();
    if (!ranges.length) return false;
    this.#add(ranges, this.current.label);
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

  /* Goes to the first span that waits for a class. Returns it, or null. */
  to_waiting() {
    const [first = null] = this.waiting;
    if (first) this.select(first);
    return first;
  }

  /* Lets go what is selected, then puts down the class that waits. Returns whether there was anything. */
  escape() {
    if (!this.spans.selected) return this.next.drop();
    this.select(null);
    return true;
  }
}
