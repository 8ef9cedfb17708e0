/* The spans of one item and the steps that led to them. A span is {start, end, label} in UTF-16 places and never
   changes:
   a step makes a new list. label null: it waits for its class. Note: selecting is no step;
   undo brings the selection of its time. */

const STEPS = 200; // one can take back
export const MOST = 5000; // spans in one answer, as the server checks

export class Spans {
  list = []; // by start, the longer first, then by class
  selected = null;
  #past = [];
  #future = [];

  /* order: place of each class by its name. */
  constructor(order) {
    this.order = order;
  }

  load(spans) {
    this.list = this.#sorted(spans);
    this.selected = null;
    this.#past = [];
    this.#future = [];
  }

  select(span) {
    this.selected = span;
  }

  /* Adds one span for each [start, end] that does not have this label yet. Returns the last one, or null if they are
     too many. */
  add(ranges, label) {
    const fresh = ranges
      .filter(([start, end]) => !this.find(start, end, label))
      .map(([start, end]) => ({ start, end, label }));
    if (this.list.length + fresh.length > MOST) return null;
    if (fresh.length) this.#step([...this.list, ...fresh], this.selected);
    const [start, end] = ranges.at(-1);
    return this.find(start, end, label);
  }

  /* Puts another start, end or label in place of a span's own; where that span is there already, one is left. */
  change(span, part) {
    const next = { ...span, ...part };
    if (same(span, next)) return;
    const twin = this.find(next.start, next.end, next.label);
    this.#step([...this.list.filter((one) => one !== span && one !== twin), next], next);
  }

  /* Puts another start and end in place of a span's own, as part of the step that made it. */
  grow(span, part) {
    const next = { ...span, ...part };
    const twin = this.find(next.start, next.end, next.label);
    this.list = this.#sorted([...this.list.filter((one) => one !== span && one !== twin), next]);
    this.selected = next;
    return next;
  }

  remove(span) {
    this.#step(
      this.list.filter((one) => one !== span),
      this.selected === span ? null : this.selected,
    );
  }
  find(start, end, label) {
    return this.list.find((one) => same(one, { start, end, label })) ?? null;
  }

  /* The spans that cover a place, the shortest first. */
  covering(place) {
    return this.list
      .filter(({ start, end }) => start <= place && place < end)
      .sort((a, b) => a.end - a.start - (b.end - b.start));
  }

  /* The next (step 1) or previous (-1) span: of the selected one, else seen from a place. Wraps around. */
  neighbour(step, place) {
    const { list, selected } = this;
    const ahead = list.findIndex(({ start }) => start >= place);
    const from = selected
      ? list.indexOf(selected) + step
      : step > 0
        ? ahead
        : list.findLastIndex(({ start }) => start < place);
    return list.at(from < 0 ? (selected || step < 0 ? -1 : 0) : from % Math.max(list.length, 1)) ?? null;
  }

  undo() {
    return this.#travel(this.#past, this.#future);
  }
  redo() {
    return this.#travel(this.#future, this.#past);
  }

  #travel(from, to) {
    const state = from.pop();
    if (!state) return false;
    to.push({ list: this.list, selected: this.selected });
    Object.assign(this, state);
    return true;
  }

  #step(list, selected) {
    this.#past.push({ list: this.list, selected: this.selected });
    if (this.#past.length > STEPS) this.#past.shift();
    this.#future = [];
    Object.assign(this, { list: this.#sorted(list), selected });
  }

  #sorted(list) {
    const place = ({ label }) => this.order.get(label) ?? 0;
    return [...list].sort((a, b) => a.start - b.start || b.end - a.end || place(a) - place(b));
  }
}

const same = (a, b) => a.start === b.start && a.end === b.end && a.label === b.label;
