/* Which tiles are meant: the one in focus, or a run of them. Tab leads to one tile of the page (roving tabindex),
   arrows
   move, Shift with an arrow or a click extends from where the run began. */

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Chosen {
  page = null;
  #anchor = 0;
  #at = 0;

  /* moved(item): another tile is in focus. */
  constructor({ moved }) {
    this.moved = moved;
  }

  show(page) {
    this.page = page;
    this.#anchor = this.#at = 0;
    if (page) this.#draw();
  }

  get item() {
    return this.page?.items[this.#at] ?? null;
  }
  get number() {
    return this.#at + 1;
  }
  get items() {
    const [from, to] = [Math.min(this.#anchor, this.#at), Math.max(this.#anchor, this.#at)];
    return this.page?.items.slice(from, to + 1) ?? [];
  }

  focus() {
    this.#tile(this.#at)?.focus({ preventScroll: false });
  }

  /* Whether the key moved. */
  key(event) {
    if (!this.page?.items.length) return false;
    const last = this.page.items.length - 1;
    let to = { Home: 0, End: last }[event.key];
    if (event.key in STEPS) {
      const [across, down] = STEPS[event.key];
      const mirrored = getComputedStyle(this.page.list).direction === "rtl" ? -1 : 1;
      to = this.#at + across * mirrored + down * this.#columns();
      if (to < 0 || to > last) to = this.#at;
    }
    if (to === undefined) return false;
    this.go(to, { extend: event.shiftKey });
    return true;
  }

  /* The tile after the run that was just marked. */
  advance() {
    this.go(Math.min(Math.max(this.#anchor, this.#at) + 1, this.page.items.length - 1));
  }

  go(to, { extend = false } = {}) {
    this.#at = to;
    if (!extend) this.#anchor = to;
    this.#draw();
    this.focus();
  }

  /* The tile of an event: it is in focus now. Returns whether there was one. */
  point(event, { extend = false } = {}) {
    const assignment = event.target.closest(".look")?.dataset.assignment;
    const to = this.page?.items.findIndex((item) => String(item.assignment) === assignment) ?? -1;
    if (to >= 0) this.go(to, { extend });
    return to >= 0;
  }

  /* An item left the page. */
  clamp() {
    const last = Math.max((this.page?.items.length ?? 1) - 1, 0);
    this.#at = Math.min(this.#at, last);
    this.#anchor = Math.min(this.#anchor, last);
    this.#draw();
  }

  #tile(at) {
    return this.page?.tiles.get(this.page.items[at]?.assignment) ?? null;
  }

  #columns() {
    const tops = this.page.items.map((_, at) => this.#tile(at).parentElement.offsetTop);
    return Math.max(tops.filter((top) => top === tops[0]).length, 1);
  }

  #draw() {
    if (!this.page) return;
    const run = new Set(this.items);
    for (const [at, item] of this.page.items.entries()) {
      const tile = this.#tile(at);
      tile.tabIndex = at === this.#at ? 0 : -1;
      tile.classList.toggle("run", run.size > 1 && run.has(item));
    }
    this.moved(this.item);
  }
}
