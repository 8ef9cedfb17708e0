/* The path of an answer: take it, show the next item, write the answer to disk, then count it. Other parts of the page
   listen on the root for `item` (a new one is painted), `kept` (an answer is on disk), `draft` and `trouble`.
   What a reader would get wrong: the next item is shown before the write ends. If the write fails the item comes back
   with the answer taken off, and no answer is accepted until the person chose what to do. */

export class Desk {
  widget = null;
  outbox = null; // put(record) settles when the answer is safe; slow: wait for it before moving on
  draft = { unsure: false, comment: "" };
  stopped = false;
  blind = false;
  #painted = null; // ms, performance.now() of the item in front
  #before = null;

  constructor({ root, project, timeline, ready, stage, clock }) {
    Object.assign(this, { root, project, timeline, ready, stage, clock });
  }

  get entry() { return this.timeline.current; }
  /* A second press of the same key must not answer the item that has just appeared. */
  get listening() {
    return !this.stopped && this.#painted !== null && performance.now() - this.#painted >= Number(this.root.dataset.guard);
  }

  async show(entry) {
    this.timeline.stand(entry);
    this.#painted = null;
    const { unsure = false, comment = "" } = entry?.answer ?? {};
    this.draft = { unsure, comment };
    if (!entry) return this.#empty();
    this.widget?.show(entry.item, entry.answer?.value ?? null);
    const outcome = await this.stage.show(entry);
    if (!outcome) return;
    this.blind = outcome === "broken"; // nobody answers what they cannot see; skipping is possible
    this.#painted = performance.now();
    this.clock?.start();
    this.tell("item", { entry, before: this.#before });
    this.#before = null;
    requestIdle(() => { this.ready.prepare(); this.ready.refill(); });
  }

  /* answer: {value} or {value: null, skip: reason}. Returns whether it was taken. */
  answer({ value, skip = "" }) {
    const entry = this.entry;
    if (!entry || !this.listening || (this.blind && !skip)) return false;
    const answer = { value, skip, ...this.draft };
    const record = this.#record(entry, answer, this.clock?.seconds() ?? 0);
    if (this.outbox.slow) {
      this.#painted = null;
      this.#keep(entry, record, answer).then((kept) => { if (kept) this.show(this.timeline.next()); });
    } else {
      const before = entry.answer;
      this.timeline.answer(entry, answer);
      this.#before = entry;
      this.show(this.timeline.next());
      this.#keep(entry, record, answer, before);
    }
    return true;
  }

  /* Says more about an answer that was already given (why it was skipped); a new record supersedes the first. */
  amend(entry, change) {
    Object.assign(entry.answer, change);
    return this.#keep(entry, this.#record(entry, entry.answer, 0), entry.answer, entry.answer);
  }

  go(entry) { if (entry) this.show(entry); return Boolean(entry); }
  undo() { return this.go(this.timeline.undo()); }
  redo() { return this.go(this.timeline.redo()); }
  browse(step) { return this.go(this.timeline.neighbour(step)); }

  change(part) {
    Object.assign(this.draft, part);
    this.tell("draft", this.draft);
  }

  tell(name, detail) { this.root.dispatchEvent(new CustomEvent(name, { detail })); }

  #record(entry, { value, skip, unsure, comment }, seconds) {
    const record = { key: new_key(), project: this.project, assignment: entry.item.assignment, value };
    Object.assign(record, { seconds: Math.round(seconds * 100) / 100, at: new Date().toISOString() });
    if (skip) record.skip = skip;
    if (unsure) record.unsure = true;
    if (comment) record.comment = comment;
    return record;
  }

  async #keep(entry, record, answer, before = null) {
    try {
      await this.outbox.put(record);
    } catch (error) {
      this.timeline.withdraw(entry, before);
      this.stopped = !this.outbox.slow;
      await this.show(entry);
      this.draft = { unsure: answer.unsure, comment: answer.comment };
      this.tell("trouble", { error });
      return false;
    }
    if (this.outbox.slow) this.timeline.answer(entry, answer);
    this.tell("kept", { entry, seconds: record.seconds, first: !entry.counted && before === null });
    entry.counted = true;
    return true;
  }

  #empty() {
    this.stage.clear(this.ready.state, this.timeline.open() > 0);
    this.widget?.show(null, null);
    this.tell("item", { entry: null, before: this.#before });
    this.#before = null;
    this.ready.refill({ again: true });
  }
}

/* A random UUID. `crypto.randomUUID` is missing where the page came over plain http. */
function new_key() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const requestIdle = globalThis.requestIdleCallback
  ? (work) => globalThis.requestIdleCallback(work, { timeout: 200 })
  : (work) => setTimeout(work, 30);
