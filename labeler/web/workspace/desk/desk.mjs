/* The path of an answer: take it, show the next item, write the answer to disk, then count it. Other parts of the page
   listen on the root for `item` (a new one is painted), `kept` (an answer is on disk), `draft` and `trouble`.
   Answers that are handed in go the same way; until they are submitted they are the draft of their item.
   Note: the next item is shown before the write ends. If the write fails the item comes back
   with the answer taken off, and no answer is accepted until the person chose what to do. */
import { new_key } from "../../shared/sending/new_key.mjs";
import { given_to } from "./timeline.mjs";

const EMPTY = { value: null, unsure: false, comment: "" };

export class Desk {
  widget = null;
  outbox = null; // put(record) settles when the answer is safe; slow: wait for it before moving on
  draft = EMPTY; // of the item in front: {value, unsure, comment}; value: parts that are not submitted
  stopped = false;
  blind = false;
  #painted = null; // ms, performance.now() of the item in front
  #before = null;

  constructor({ root, project, timeline, ready, stage, drafts, clock }) {
    Object.assign(this, { root, project, timeline, ready, stage, drafts, clock });
  }

  get entry() {
    return this.timeline.current;
  }
  get answerable() {
    return Boolean(this.entry) && this.listening && !this.blind;
  }
  /* What stands on the item: the draft, else the answer given before. */
  get value() {
    return this.draft.value ?? given_to(this.entry)?.value ?? null;
  }
  /* A second press of the same key must not answer the item that has just appeared. */
  get listening() {
    return (
      !this.stopped && this.#painted !== null && performance.now() - this.#painted >= Number(this.root.dataset.guard)
    );
  }

  async show(entry) {
    this.timeline.stand(entry);
    this.#painted = null;
    const { unsure = false, comment = "" } = given_to(entry) ?? {};
    this.draft = entry?.draft ?? { ...EMPTY, unsure, comment };
    if (!entry) return this.#empty();
    const painting = this.stage.show(entry);
    this.widget?.show(entry.item, this.value); // the stage has the text or the decoded picture by now
    const outcome = await painting;
    if (!outcome) return;
    this.blind = outcome === "broken"; // nobody answers what they cannot see; skipping is possible
    this.#painted = performance.now();
    this.clock?.start();
    this.tell("item", { entry, before: this.#before });
    this.#before = null;
    requestIdle(() => {
      this.ready.prepare();
      this.ready.refill();
    });
  }

  /* answer: {value} or {value: null, skip: reason}; input: "key", "pointer" or "touch". Returns whether it was taken.
   */
  answer({ value, skip = "", input = "" }) {
    const entry = this.entry;
    if (!entry || !this.listening || (this.blind && !skip)) return false;
    const { unsure, comment } = this.draft;
    const answer = { value, skip, unsure, comment, input };
    const record = this.#record(entry, answer, this.clock?.seconds() ?? 0);
    const before = { answer: entry.answer, draft: this.draft };
    this.drafts.forget(entry);
    if (skip) entry.draft = this.draft; // what was half-made waits for somebody who comes back
    if (this.outbox.slow) {
      this.#painted = null;
      this.#keep(entry, record, before).then((kept) => {
        if (kept) this.show(this.timeline.next());
      });
    } else {
      this.timeline.answer(entry, answer);
      this.#before = entry;
      this.show(this.timeline.next());
      this.#keep(entry, record, before);
    }
    return true;
  }

  /* Says more about an answer that was already given (why it was skipped); a new record supersedes the first. */
  amend(entry, change) {
    Object.assign(entry.answer, change);
    return this.#keep(entry, this.#record(entry, entry.answer, 0), { answer: entry.answer, draft: entry.draft });
  }

  go(entry) {
    if (entry) this.show(entry);
    return Boolean(entry);
  }
  undo() {
    return this.go(this.timeline.undo());
  }
  redo() {
    return this.go(this.timeline.redo());
  }
  browse(step) {
    return this.go(this.timeline.neighbour(step));
  }

  change(part) {
    const { suggested, ...begun } = this.draft; // from now on it is this person's own
    this.draft = { ...begun, ...part };
    this.tell("draft", this.draft);
    if (!this.entry) return;
    this.entry.draft = this.draft;
    this.drafts.keep(this.entry);
  }

  tell(name, detail) {
    this.root.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #record(entry, { value, skip, unsure, comment, input }, seconds) {
    const record = { key: new_key(), project: this.project, assignment: entry.item.assignment, value };
    Object.assign(record, { seconds: Math.round(seconds * 100) / 100, at: new Date().toISOString() });
    record.guideline = Number(this.root.dataset.guidelineVersion || 0);
    if (input) record.input = input;
    if (skip) record.skip = skip;
    if (unsure) record.unsure = true;
    if (comment) record.comment = comment;
    return record;
  }

  /* before: {answer, draft} of the entry, to come back if the write fails. */
  async #keep(entry, record, before) {
    try {
      await this.outbox.put(record);
    } catch (error) {
      this.timeline.withdraw(entry, before.answer);
      this.stopped = !this.outbox.slow;
      entry.draft = before.draft;
      this.#before = null;
      await this.show(entry);
      this.tell("trouble", { error });
      return false;
    }
    const { value, skip = "", unsure = false, comment = "", input = "" } = record;
    if (this.outbox.slow) {
      this.timeline.answer(entry, { value, skip, unsure, comment, input });
      this.drafts.keep(entry); // there is none any more
    }
    if (skip && entry.draft) this.drafts.keep(entry); // the write above took it off this device
    this.tell("kept", {
      entry,
      seconds: record.seconds,
      first: !entry.counted && !before.answer,
      before: before.answer,
    });
    entry.counted = true;
    return true;
  }

  #empty() {
    this.stage.clear(this.ready.state);
    this.widget?.show(null, null);
    this.tell("item", { entry: null, before: this.#before });
    this.#before = null;
    this.ready.refill({ again: true });
  }
}

const requestIdle = globalThis.requestIdleCallback
  ? (work) => globalThis.requestIdleCallback(work, { timeout: 200 })
  : (work) => setTimeout(work, 30);
