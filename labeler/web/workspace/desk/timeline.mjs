/* The order of one person's items on this page: what was answered, the one in front, what comes next. No DOM.
   Note: undo walks back through the answers in the order they were given, browsing walks
   through
   the items in the order they came. Undo deletes nothing: the next answer to that item replaces the earlier one. */

const KEEP = 50; // answers one can go back to

/* What this person answered to an item before: here, or before a lead sent it back to them; null without an answer. */
export const given_to = (entry) => entry?.answer ?? entry?.item.earlier ?? null;

export class Timeline {
  entries = [];
  current = null;
  #answered = []; // oldest first
  #cursor = 0; // #answered.length: nothing undone
  #next_number;
  #first_number;

  /* done: how many items this person had answered before this page. */
  constructor(done) {
    this.#first_number = done;
    this.#next_number = done + 1;
  }

  /* Claimed items, in order; the known ones are passed over. Returns the new entries. */
  add(items) {
    const known = new Map(this.entries.map((entry) => [entry.item.assignment, entry]));
    // it came back
    for (const item of items) if (known.get(item.assignment)?.lost) known.get(item.assignment).lost = false;
    const fresh = items
      .filter((item) => !known.has(item.assignment))
      .map((item) => ({ item, number: this.#next_number++, answer: null }));
    this.entries.push(...fresh);
    return fresh;
  }

  /* Items answered before this page was opened, newest first, as the server lists them. */
  add_answered(items) {
    const known = new Set(this.entries.map((entry) => entry.item.assignment));
    for (const item of items.filter((one) => !known.has(one.assignment))) {
      const { value, skip = "", unsure = false, comment = "" } = item;
      const entry = { item, number: Math.max(this.#first_number--, 1), answer: { value, skip, unsure, comment } };
      this.entries.unshift(entry);
      this.#answered.unshift(entry);
      this.#cursor += 1;
    }
  }

  /* Marks the answer; a second one moves the entry to the end of the undo order. */
  answer(entry, answer) {
    entry.answer = answer;
    this.#answered = this.#answered.filter((one) => one !== entry);
    this.#answered.push(entry);
    this.#cursor = this.#answered.length;
    this.#forget();
  }

  /* The entry in front; undo and redo start from it. */
  stand(entry) {
    this.current = entry;
    const at = entry?.answer ? this.#answered.indexOf(entry) : -1;
    this.#cursor = at < 0 ? this.#answered.length : at;
  }

  /* Takes an answer back that could not be kept. */
  withdraw(entry, before) {
    entry.answer = before;
    if (!before) this.#answered = this.#answered.filter((one) => one !== entry);
    this.#cursor = this.#answered.length;
  }

  /* An answer that another tab gave. */
  drop(assignment) {
    this.entries = this.entries.filter(
      (entry) => entry === this.current || entry.answer || entry.item.assignment !== assignment,
    );
  }

  /* An item belongs to others now: it comes no more by itself. One with something begun, or in front, can still be
     seen. */
  lose(entry, { keep }) {
    entry.lost = true;
    if (!keep) this.entries = this.entries.filter((one) => one === this.current || one !== entry);
  }

  open() {
    return this.entries.reduce((sum, entry) => sum + (entry.answer || entry.lost ? 0 : 1), 0);
  }
  last() {
    return this.#answered.at(-1) ?? null;
  }

  /* The unanswered entries from the current one on, then those passed over before it. */
  ahead(count) {
    const at = Math.max(this.entries.indexOf(this.current), 0);
    const later = this.entries.slice(at).filter((entry) => !entry.answer && !entry.lost && entry !== this.current);
    return later.concat(this.entries.slice(0, at).filter((entry) => !entry.answer && !entry.lost)).slice(0, count);
  }

  /* The last answers before the current entry, oldest first. */
  behind(count) {
    return this.#answered.slice(Math.max(this.#cursor - count, 0), this.#cursor);
  }

  next() {
    return this.ahead(1)[0] ?? null;
  }
  undo() {
    return this.#answered[this.#cursor - 1] ?? null;
  }
  redo() {
    if (this.#cursor >= this.#answered.length) return null;
    return this.#answered[this.#cursor + 1] ?? this.entries.find((entry) => !entry.answer) ?? null;
  }
  /* With nothing in front (all is answered) the one before is the last answer. */
  neighbour(step) {
    if (!this.current) return step < 0 ? this.last() : null;
    return this.entries[this.entries.indexOf(this.current) + step] ?? null;
  }

  /* The first item that was skipped and not answered since, after the one in front if there is one. */
  skipped() {
    const at = this.entries.indexOf(this.current) + 1;
    return (
      [...this.entries.slice(at), ...this.entries.slice(0, at)].find(
        (entry) => entry.answer?.skip && entry !== this.current,
      ) ?? null
    );
  }

  count_skipped() {
    return this.entries.filter((entry) => entry.answer?.skip).length;
  }

  #forget() {
    if (this.#answered.length <= KEEP) return;
    const old = this.#answered.shift();
    this.#cursor = this.#answered.length;
    // skipped ones can be come back to
    if (!old.answer?.skip) this.entries = this.entries.filter((entry) => entry !== old);
    old.release?.();
  }
}
