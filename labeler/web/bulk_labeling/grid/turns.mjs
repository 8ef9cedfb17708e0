/* The pages in order: the one in front, and the next one, fetched and made ready before it is needed.
   Note: asking for a page holds its items, as claiming single ones does. So only one page is
   held
   ahead, and every request names what is on the pages here and what was set aside. */
import { GridPage } from "./page.mjs";

const AHEAD = 1; // pages held beside the one in front
const RETRY = [1, 2, 4, 8, 15, 30]; // seconds

export class Turns {
  state = "asking"; // "asking", "filled", "dry" (no more pages for now; `reason` says why), "failed" or "refused"
  reason = "";
  current = null;
  ahead = [];
  #busy = false;
  #retry = null;
  #tries = 0;

  /* ask(body) → {status, data}. prepare(page): makes it ready to be shown, settles when it is. changed(): look again.
   */
  constructor({ ask, memory, prepare, changed, later = setTimeout.bind(globalThis) }) {
    Object.assign(this, { ask, memory, prepare, changed, later });
  }

  /* The next page comes to the front; null when there is none ready. */
  next() {
    this.current = this.ahead.shift() ?? null;
    return this.current;
  }

  /* An earlier page comes to the front again, before the one that stands there. */
  back(page) {
    if (this.current) this.ahead.unshift(this.current);
    this.current = page;
  }

  /* Nothing is known of what comes; the pages here are let go. */
  start_over() {
    this.current = null;
    this.ahead = [];
  }

  async refill({ again = false } = {}) {
    if (this.#busy || this.ahead.length >= AHEAD || (!again && ["dry", "refused"].includes(this.state))) return;
    this.#busy = true;
    if (again) this.state = "asking";
    const { status, data } = await this.ask(this.#turn());
    if (status === 200 && data.items.length) await this.#came(new GridPage(data));
    else if (status === 200) this.#ended("dry", data.reason);
    else if (status === 403 || status === 404) this.#ended("refused", "");
    else this.#failed();
    this.#busy = false;
    this.changed();
  }

  /* An item was answered elsewhere. Returns the page that had it. */
  drop(assignment) {
    const page = this.#pages().find((one) => one.items.some((item) => item.assignment === assignment));
    page?.drop(assignment);
    this.ahead = this.ahead.filter((one) => one.items.length);
    return page ?? null;
  }

  get pages() {
    return this.#pages();
  }
  #pages() {
    return [this.current, ...this.ahead].filter(Boolean);
  }

  #turn() {
    const here = this.#pages().flatMap((page) => page.items.map((item) => item.item));
    const without = [...new Set([...here, ...this.memory.without])].slice(0, 2000);
    return { without, after: Math.max(this.memory.after, ...this.#pages().map((page) => page.cluster ?? -1)) };
  }

  async #came(page) {
    this.#tries = 0;
    this.state = "filled";
    await this.prepare(page);
    this.ahead.push(page);
  }

  #ended(state, reason) {
    this.#tries = 0;
    Object.assign(this, { state, reason });
  }

  #failed() {
    this.state = "failed";
    clearTimeout(this.#retry);
    this.#retry = this.later(
      () => this.refill({ again: true }),
      RETRY[Math.min(this.#tries++, RETRY.length - 1)] * 1000,
    );
  }
}
