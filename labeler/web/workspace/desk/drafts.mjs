/* Answers somebody began and did not submit: boxes half drawn, labels half chosen, a comment. They stay with their item
   in
   memory and go to this device a moment after each change, so that neither browsing nor a reload loses one.
   Note: a draft is no answer. It counts nowhere, is never sent, and ends in the transaction
   that
   keeps the answer (outbox.put). And a page that is being closed may not live to see its last transaction through, so
   what
   is not written by then also goes to localStorage, which needs no waiting. Only labels, ids and coordinates are kept.
   */
import { given_to } from "./timeline.mjs";

const PAUSE = 300; // ms between the last change and the write

export class Drafts {
  #outbox = null;
  #known = new Map(); // assignment → draft of an earlier visit
  #changed = new Map(); // assignment → entry not written yet
  #timer = null;

  constructor({ user, project, later = setTimeout.bind(globalThis), target = globalThis }) {
    Object.assign(this, { project, later, name: `labeler-drafts-${user}-${project}` });
    target.addEventListener("pagehide", () => this.leave());
    target.document?.addEventListener("visibilitychange", () => {
      if (target.document.hidden) this.leave();
    });
  }

  /* outbox: what openOutbox returned; without one drafts live as long as the page. */
  async open(outbox) {
    if (this.#outbox || !outbox.drafts) return;
    this.#outbox = outbox;
    const left = read(this.name);
    if (left.length)
      await this.#write(left)
        .then(() => drop(this.name))
        .catch(() => null);
    const found = await outbox.drafts(this.project).catch(() => []);
    this.#known = new Map(found.map((draft) => [draft.assignment, draft]));
  }

  /* Gives entries that came in their drafts of an earlier visit. */
  restore(entries) {
    if (!this.#known.size) return;
    for (const entry of entries) {
      const draft = this.#known.get(entry.item.assignment);
      if (!draft) continue;
      this.#known.delete(entry.item.assignment);
      const { value = null, unsure = false, comment = "" } = draft;
      entry.draft ??= { value, unsure, comment };
    }
  }

  /* entry.draft changed. */
  keep(entry) {
    this.#changed.set(entry.item.assignment, entry);
    clearTimeout(this.#timer);
    this.#timer = this.later(() => this.flush().catch(() => null), PAUSE);
  }

  /* The entry was answered: what is not written yet must not come after the answer. */
  forget(entry) {
    this.#changed.delete(entry.item.assignment);
    entry.draft = null;
  }

  async flush() {
    clearTimeout(this.#timer);
    if (!this.#changed.size || !this.#outbox) return;
    const written = [...this.#changed].map(([assignment, entry]) => [assignment, entry.draft]);
    await this.#write(this.#records());
    for (const [assignment, draft] of written)
      if (this.#changed.get(assignment)?.draft === draft) this.#changed.delete(assignment);
  }

  /* The page may end now. */
  leave() {
    if (!this.#changed.size) return;
    const records = this.#records();
    const others = read(this.name).filter(
      ({ assignment }) => !records.some((record) => record.assignment === assignment),
    );
    try {
      localStorage.setItem(this.name, JSON.stringify([...others, ...records]));
    } catch {
      /* the transaction must do */
    }
    this.flush()
      .then(() => {
        if (this.#outbox) drop(this.name);
      })
      .catch(() => null); // a full disk is said when an answer fails
  }

  #records() {
    const at = new Date().toISOString();
    return [...this.#changed.values()].map(({ item, draft }) => ({
      assignment: item.assignment,
      project: this.project,
      at,
      ...draft,
    }));
  }

  #write(records) {
    const full = records.filter(({ value, unsure, comment }) => value || unsure || comment);
    const gone = records.filter((record) => !full.includes(record)).map(({ assignment }) => assignment);
    return this.#outbox.keep_drafts(full, gone);
  }
}

/* Drafts that the last page had no time to write. */
function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? [];
  } catch {
    return [];
  }
}

function drop(name) {
  try {
    localStorage.removeItem(name);
  } catch {
    /* there is none */
  }
}

/* Gives items that nobody has begun what is suggested for them, as their draft; it is not written down until touched.
 */
export function load_suggestions(entries) {
  for (const entry of entries) {
    const { suggestion } = entry.item;
    if (!suggestion || given_to(entry)) continue;
    entry.draft ??= { value: suggestion.value, unsure: false, comment: "", suggested: true };
  }
}
