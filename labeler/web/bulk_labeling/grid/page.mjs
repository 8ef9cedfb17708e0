/* One page of look-alikes and what somebody marked on it. No DOM.
   Note: an item nobody marked is an answer (yes, the proposed class), and an item marked "not
   this" is none. It stays held and is answered one by one later. */
import { new_key } from "../../shared/sending/new_key.mjs";

const OUT = ""; // the mark of "not this"; another mark is the label of another class, no mark is yes

export class GridPage {
  /* sent: a page as the server sends it. */
  constructor(sent) {
    Object.assign(this, { id: sent.page, label: sent.class, cluster: sent.cluster, items: sent.items });
    this.marks = new Map(); // assignment → mark
  }

  state(item) {
    const mark = this.marks.get(item.assignment);
    if (mark === undefined) return "yes";
    return mark === OUT ? "out" : "other";
  }

  /* What an item counts as: a label, or null for "not this". */
  label_of(item) {
    const mark = this.marks.get(item.assignment) ?? this.label;
    return mark === OUT ? null : mark;
  }

  /* "Not this" for all of these items; for none of them when all were marked so. */
  toggle(items) {
    const all = items.every((item) => this.state(item) === "out");
    for (const item of items) this.#mark(item, all ? this.label : OUT);
  }

  give(items, label) {
    for (const item of items) this.#mark(item, label);
  }

  #mark(item, mark) {
    if (mark === this.label) this.marks.delete(item.assignment);
    else this.marks.set(item.assignment, mark);
  }

  counts() {
    const found = { yes: 0, other: 0, out: 0 };
    for (const item of this.items) found[this.state(item)] += 1;
    return found;
  }

  items_in(state) {
    return this.items.filter((item) => this.state(item) === state);
  }

  /* Somebody answered an item elsewhere. */
  drop(assignment) {
    this.items = this.items.filter((item) => item.assignment !== assignment);
    this.marks.delete(assignment);
  }

  /* One record an answered item. seconds: active time on the page. It is shared equally by the items that are answered
     here: time spent on finding those that do not belong is part of answering the rest, and leaving it out would
     flatter
     pages beside single answers. */
  records({ project, guideline, seconds, input }) {
    const answered = this.items.filter((item) => this.label_of(item) !== null);
    const each = Math.round((100 * seconds) / Math.max(answered.length, 1)) / 100;
    const at = new Date().toISOString();
    return answered.map((item) => ({
      key: new_key(),
      project,
      assignment: item.assignment,
      value: { label: this.label_of(item) },
      seconds: each,
      at,
      guideline,
      input,
      mode: "bulk",
      page: this.id,
    }));
  }
}
