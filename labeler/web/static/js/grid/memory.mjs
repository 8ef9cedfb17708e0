/* What a tab remembers of its pages over a reload: which it confirmed (to take them back), which items it set aside, how
   far it came, and which take-backs the server has not heard of. Ids only, never an item.
   What a reader would get wrong: this holds for one tab and one visit. Items set aside wait in single labelling in any
   case; here they are only kept from coming again. */

const PAGES = 20; // pages one can go back
const ASIDE = 2000; // items the server takes in one request
const EMPTY = { pages: [], aside: [], after: -1, owed: [] };

export class Memory {
  #name;
  #store;

  constructor({ user, project, store = session_store() }) {
    this.#name = `labeler-grid-${user}-${project}`;
    this.#store = store;
    Object.assign(this, EMPTY, read(store, this.#name));
  }

  /* A page was confirmed. aside: ids of its items that are left for single labelling. */
  add(page, aside) {
    this.pages = [...this.pages, page.id].slice(-PAGES);
    this.after = page.cluster ?? this.after;
    this.set_aside(aside);
  }

  set_aside(items) {
    this.aside = [...new Set([...this.aside, ...items])].slice(-ASIDE);
    this.#keep();
  }

  /* The page confirmed last is in front again; items: those it had. */
  back(id, items = []) {
    const again = new Set(items);
    this.pages = this.pages.filter((one) => one !== id);
    this.aside = this.aside.filter((one) => !again.has(one));
    this.#keep();
  }

  /* Look at everything again, also at what was set aside. */
  forget_way() {
    Object.assign(this, { after: -1, aside: [] });
    this.#keep();
  }

  owe(id) { this.owed = [...new Set([...this.owed, id])]; this.#keep(); }
  paid(id) { this.owed = this.owed.filter((one) => one !== id); this.#keep(); }

  #keep() {
    const { pages, aside, after, owed } = this;
    try { this.#store?.setItem(this.#name, JSON.stringify({ pages, aside, after, owed })); } catch { /* holds for this page */ }
  }
}

function read(store, name) {
  try { return JSON.parse(store.getItem(name)) ?? {}; } catch { return {}; }
}

function session_store() {
  try { return globalThis.sessionStorage ?? null; } catch { return null; }
}
