/* What a tab remembers of its pages over a reload: which it confirmed (to take them back), which items it set aside,
   how
   far it came, and which take-backs the server has not heard of. Ids only, never an item.
   Note: an answer may still be on its way when the next page is asked for, so the server would
   give its item out again. Therefore the items of confirmed pages are left out by name. */

const PAGES = 20; // pages one can go back
const ITEMS = 2000; // the server leaves out at most so many in one request
const EMPTY = { pages: [], answered: [], aside: [], after: -1, owed: [] };

export class Memory {
  #name;
  #store;

  constructor({ user, project, store = session_store() }) {
    this.#name = `labeler-grid-${user}-${project}`;
    this.#store = store;
    Object.assign(this, EMPTY, read(store, this.#name));
  }

  /* The id of the page confirmed last, or null. */
  get last() {
    return this.pages.at(-1)?.id ?? null;
  }

  /* Items no further page should have, the newest first. */
  get without() {
    return [...this.answered, ...this.aside].reverse().slice(0, ITEMS);
  }

  /* A page was confirmed. aside: ids of its items that are left for single labelling. */
  add(page, aside) {
    const items = page.items.map((item) => item.item);
    this.pages = [...this.pages, { id: page.id, items }].slice(-PAGES);
    this.after = page.cluster ?? this.after;
    this.answer(items.filter((item) => !aside.includes(item)));
    this.set_aside(aside);
  }

  answer(items) {
    this.answered = [...new Set([...this.answered, ...items])].slice(-ITEMS);
    this.#keep();
  }

  set_aside(items) {
    this.aside = [...new Set([...this.aside, ...items])].slice(-ITEMS);
    this.#keep();
  }

  /* A page that was confirmed is open again. */
  back(id) {
    const again = new Set(this.pages.find((one) => one.id === id)?.items ?? []);
    this.pages = this.pages.filter((one) => one.id !== id);
    this.answered = this.answered.filter((one) => !again.has(one));
    this.aside = this.aside.filter((one) => !again.has(one));
    this.#keep();
  }

  /* Look at everything again, also at what was set aside. */
  forget_way() {
    Object.assign(this, { after: -1, aside: [] });
    this.#keep();
  }

  owe(id) {
    this.owed = [...new Set([...this.owed, id])];
    this.#keep();
  }
  paid(id) {
    this.owed = this.owed.filter((one) => one !== id);
    this.#keep();
  }

  #keep() {
    const { pages, answered, aside, after, owed } = this;
    try {
      this.#store?.setItem(this.#name, JSON.stringify({ pages, answered, aside, after, owed }));
    } catch {
      /* holds for this page */
    }
  }
}

function read(store, name) {
  try {
    return JSON.parse(store.getItem(name)) ?? {};
  } catch {
    return {};
  }
}

function session_store() {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}
