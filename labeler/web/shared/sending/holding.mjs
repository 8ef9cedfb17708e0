/* Holds what this page has while somebody works here, and gives it back when they leave.
   Note: work is the page in sight and an input not long ago. A page that is only open gives no
   sign of life, so what it holds comes free at the end of its lease; what it has ready, earlier if others need it. An
   item somebody has begun stays held when the page goes, so that a reload finds it; one that was answered is never
   named
   here, so no answer on its way loses its place. */

const OFTEN = 30; // seconds between two signs of life at most
const QUIET = 5 * 60; // seconds without an input after which nobody works here
const LOOKED = 3; // seconds on the screen after which an item is told as opened
const TAIL = 4; // unanswered items here at which every one is told as opened at once: others may be given the rest
const MOST = 400; // assignments in one request

export const begun = (entry) =>
  Boolean(entry.draft && !entry.draft.suggested && (entry.draft.value || entry.draft.comment || entry.draft.unsure));

export class Holding {
  stays = false; // the person goes on with these items on another page
  away = false; // what was passed on was so while nobody worked here
  #opened = new Set(); // assignments that were on the screen here
  #others = new Set(); // further pages of this person and project in this browser
  #told = 0; // ms of the last sign of life that was answered
  #input = Date.now();
  #busy = false;
  #again = false;
  #looking = null;

  /* lease: seconds; passed_on(entry, away): it belongs to others now; unsent(assignment): an answer to it is on this
     device;
     looks(): nothing is held until something is begun. shown(assignment): it was on the screen, where this page does
     not
     tell that by the event `item`. */
  constructor({
    api,
    project,
    user,
    timeline,
    desk,
    lease,
    passed_on,
    unsent,
    looks,
    shown = () => false,
    later = setTimeout.bind(globalThis),
  }) {
    Object.assign(this, { api, project, timeline, desk, lease, passed_on, unsent, looks, shown, later });
    this.often = Math.min(OFTEN, lease / 2) * 1000;
    this.quiet = Math.min(QUIET, lease) * 1000;
    this.#told = Date.now();
    this.#meet(`labeler-desk-${user}-${project}`);
  }

  listen(root) {
    for (const name of ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"]) {
      globalThis.addEventListener(name, () => this.#used(), { capture: true, passive: true });
    }
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.#back();
    });
    for (const name of ["online", "pageshow", "focus"]) globalThis.addEventListener(name, () => this.#back());
    globalThis.addEventListener("pagehide", () => this.leave());
    root.addEventListener("item", ({ detail }) => this.#showed(detail.entry));
    root.addEventListener("draft", () => {
      if (this.desk.entry && !this.#opened.has(this.desk.entry.item.assignment)) this.tell();
    });
    this.#tick();
  }

  get working() {
    return !document.hidden && Date.now() - this.#input < this.quiet;
  }

  #tick() {
    this.later(() => {
      if (this.working) this.tell();
      this.#tick();
    }, this.often);
  }

  #used() {
    const idle = Date.now() - this.#input;
    this.#input = Date.now();
    if (idle >= this.quiet || Date.now() - this.#told > 2 * this.often) this.#back();
  }

  /* Somebody came back to this page. */
  #back() {
    if (Date.now() - this.#told < this.often / 2) return;
    this.#input = Date.now();
    this.away = true;
    this.tell();
  }

  #showed(entry) {
    clearTimeout(this.#looking);
    if (!entry || entry.answer || this.#opened.has(entry.item.assignment)) return;
    const soon = this.timeline.open() <= TAIL ? 0 : LOOKED * 1000;
    this.#looking = this.later(() => {
      if (this.desk.entry === entry && this.working) this.tell();
    }, soon);
  }

  #mine() {
    return this.timeline.entries.filter((entry) => !entry.answer && !entry.lost && !this.unsent(entry.item.assignment));
  }

  /* One sign of life. While one is on its way another waits for it. */
  async tell() {
    if (this.#busy) {
      this.#again = true;
      return;
    }
    const front = this.desk.entry;
    const mine = this.#mine()
      .filter((entry) => !this.looks() || begun(entry))
      .slice(0, MOST);
    if (!mine.length) {
      this.away = false;
      return;
    }
    const open = mine.filter((entry) => entry === front || begun(entry)).map((entry) => entry.item.assignment);
    this.#busy = true;
    const { status, data } = await this.api.post(`/${this.project}/assignments/renewals`, {
      assignments: mine.map((entry) => entry.item.assignment),
      open,
    });
    this.#busy = false;
    if (status === 400 || status === 403) await this.api.renew();
    if (status === 200) this.#heard(mine, open, data);
    if (this.#again) {
      this.#again = false;
      this.tell();
    }
  }

  #heard(mine, open, data) {
    this.#told = Date.now();
    for (const assignment of open) this.#opened.add(assignment);
    const states = new Map(data.map((one) => [one.assignment, one]));
    const away = this.away;
    this.away = false;
    for (const entry of mine) {
      const now = states.get(entry.item.assignment);
      if (now?.state === "held") entry.item.expires_at = now.expires_at;
      else if (!entry.answer) this.passed_on(entry, { away, gone: now?.state !== "expired" });
    }
  }

  /* The page goes: what was not begun here is free for others at once. */
  leave() {
    this.#channel?.postMessage({ gone: this.#name });
    if (this.#others.size || this.looks() || this.stays) return;
    const free = this.#mine()
      .filter((entry) => !begun(entry))
      .map((entry) => entry.item.assignment)
      .slice(0, MOST);
    if (!free.length) return;
    const assignments = free.filter(
      (one) => this.#opened.has(one) || this.shown(one) || one === this.desk.entry?.item.assignment,
    );
    this.api.post(`/${this.project}/assignments/releases`, {
      assignments,
      ready: free.filter((one) => !assignments.includes(one)),
    });
    this.#told = 0; // should the page come back, it asks at once
  }

  /* Two pages of one project show the same items, so only the last one to go gives them back. */
  #channel = null;
  #name = Math.random();

  #meet(name) {
    if (!("BroadcastChannel" in globalThis)) return;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }) => {
      if (data.gone) this.#others.delete(data.gone);
      if (data.here || data.hello) this.#others.add(data.here ?? data.hello);
      if (data.hello) this.#channel.postMessage({ here: this.#name });
    };
    this.#channel.postMessage({ hello: this.#name });
  }
}
