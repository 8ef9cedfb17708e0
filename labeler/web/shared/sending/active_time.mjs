/* Seconds somebody worked on an item: the page visible and focused, and an input within the last 60 seconds.
   Note: a pause counts up to those 60 seconds, then stops; it does not vanish as a whole. */

const IDLE = 60_000; // ms
const BREAK = 5 * 60_000; // ms without input after which one is rested

export class ActiveTime {
  #active = 0; // ms of the item in front
  #counted = 0; // time up to which #active is right
  #input = 0;
  #worked = 0; // ms since the last break

  /* now(): ms, monotonic. attentive(): the page is visible and focused. */
  constructor({ now = () => performance.now(), attentive = () => !document.hidden && document.hasFocus() } = {}) {
    Object.assign(this, { now, attentive });
    this.was = attentive();
    this.start();
    this.#input = now();
  }

  start() {
    this.#count();
    this.#active = 0;
  }

  seconds() {
    this.#count();
    return this.#active / 1000;
  }

  /* Seconds of work since the last break. */
  worked() {
    this.#count();
    return this.#worked / 1000;
  }

  rest() {
    this.#count();
    this.#worked = 0;
  }

  input() {
    this.#count();
    if (this.now() - this.#input > BREAK) this.#worked = 0;
    this.#input = this.now();
  }

  /* Visibility or focus changed. */
  changed() {
    this.#count();
    this.was = this.attentive();
  }

  #count() {
    const now = this.now();
    const more = this.was ? Math.max(0, Math.min(now, this.#input + IDLE) - this.#counted) : 0;
    this.#active += more;
    this.#worked += more;
    this.#counted = now;
  }

  listen(target = globalThis) {
    for (const name of ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"]) {
      target.addEventListener(name, () => this.input(), { capture: true, passive: true });
    }
    for (const name of ["focus", "blur"]) target.addEventListener(name, () => this.changed());
    target.document.addEventListener("visibilitychange", () => this.changed());
  }
}
