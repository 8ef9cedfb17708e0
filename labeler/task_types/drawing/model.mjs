/* The shapes of one item, what is being drawn, what is selected, and every step so far. No DOM and no geometry.
   Note: a state is never changed, only replaced, so undo is putting the earlier one back and
   everything is exactly as it was. Selecting is no step, but an undone step brings back what was selected before it.
   `chosen` tells a shape somebody selected from one just drawn: both have handles, only the first is recoloured by a
   key. */

const EMPTY = Object.freeze({ shapes: [], points: [], selected: -1, corner: -1, chosen: false });
const MOST = 1000; // steps kept

export class Model {
  state = EMPTY;
  #past = [];
  #future = [];
  #base = null; // the state before a preview
  #series = null;

  /* changed(step): there is another state; step: it holds something else, not only another selection or a preview. */
  constructor(changed) {
    this.changed = changed;
  }

  get previewing() {
    return this.#base !== null;
  }
  get shape() {
    return this.state.shapes[this.state.selected] ?? null;
  }

  load({ shapes = [], points = [] }) {
    Object.assign(this, { state: Object.freeze({ ...EMPTY, shapes, points }) });
    [this.#past, this.#future, this.#base, this.#series] = [[], [], null, null];
    this.changed(false);
  }

  /* One step. Steps of the same series (a key held down) count as one. */
  commit(change, series = null) {
    const before = this.#base ?? this.state;
    if (series === null || series !== this.#series) this.#past.push(before);
    if (this.#past.length > MOST) this.#past.shift();
    [this.#future, this.#base, this.#series] = [[], null, series];
    this.#become({ ...before, ...change }, true);
  }

  /* What a drag would do; commit makes it a step, cancel takes it back. */
  preview(change) {
    this.#base ??= this.state;
    this.#become({ ...this.#base, ...change }, false);
  }

  cancel() {
    const base = this.#base;
    this.#base = null;
    if (base) this.#become(base, false);
    return Boolean(base);
  }

  select(selected, { corner = -1, chosen = true } = {}) {
    this.#series = null;
    this.#become({ ...this.state, selected, corner, chosen: chosen && selected >= 0 }, false);
  }

  undo() {
    return this.cancel() || this.#step(this.#past, this.#future);
  }
  redo() {
    return !this.previewing && this.#step(this.#future, this.#past);
  }

  #step(from, to) {
    if (!from.length) return false;
    to.push(this.state);
    this.#series = null;
    this.#become(from.pop(), true);
    return true;
  }

  #become(state, step) {
    this.state = Object.freeze(state);
    this.changed(step);
  }
}
