/* Items before they are needed: claimed in the store, pictures fetched, the next ones decoded. Nothing here runs
   between a
   key and the next item.
   Note: object URLs pin memory until revoked. Pictures more than KEEP answers behind are let
   go
   and fetched again if somebody goes back that far. */

const STORE = 48; // items held
const LOW = 24; // ask for more below this
const KEEP = 12; // answered pictures kept for undo
const BACK = 2; // of those behind, decoded again for somebody who walks back further
const MEMORY = 64 * 1024 * 1024; // bytes of fetched pictures
const RETRY = [1, 2, 4, 8, 15, 30]; // seconds

export class Ready {
  state = "asking"; // "asking", "filled", "dry" (the server has no more for now) or "failed"
  #busy = false;
  #asked = false; // for more, while an answer was on its way that may not know of it
  #preparing = false;
  #stale = false;
  #retry = null;
  #tries = 0;
  #bytes = 0;
  #low = LOW;
  #decoded = navigator.connection?.saveData ? 8 : 4;

  /* claim(count) → {items, more}, or null without a reply; more: there are more than came. changed(): the store has
     another state. */
  constructor({ claim, timeline, changed }) {
    Object.assign(this, { claim, timeline, changed });
  }

  async refill({ again = false } = {}) {
    if (this.#busy) {
      this.#asked ||= again;
      return;
    }
    if (!again && (this.state === "dry" || this.timeline.open() >= this.#low)) return;
    this.#busy = true;
    this.#asked = false;
    const found = await this.claim(STORE);
    this.#busy = false;
    if (found) {
      const { items, more } = found;
      this.#tries = 0;
      this.state = items.length < STORE && !(more && items.length) ? "dry" : "filled";
      // of a small share the next part is asked for in time
      this.#low = Math.min(LOW, Math.max(2, Math.ceil(items.length / 2)));
      this.timeline.add(items);
    } else {
      this.state = "failed";
      clearTimeout(this.#retry);
      this.#retry = setTimeout(
        () => this.refill({ again: true }),
        RETRY[Math.min(this.#tries++, RETRY.length - 1)] * 1000,
      );
    }
    this.changed();
    this.prepare();
    if (this.#asked && found) this.refill({ again: true });
  }

  /* Decodes the next pictures, then fetches the rest of the store, one after the other and after the one in front,
     which
     would otherwise share a slow line with them. A call while this runs starts it over after the picture at hand,
     because
     the next ones changed. */
  async prepare() {
    this.#stale = true;
    if (this.#preparing) return;
    this.#preparing = true;
    while (this.#stale) {
      this.#stale = false;
      this.#tidy();
      for (const work of this.#work()) {
        await work().catch(() => null);
        if (this.#stale) break;
      }
    }
    this.#preparing = false;
    this.changed();
  }

  #work() {
    const ahead = this.timeline.ahead(STORE);
    const near = [
      this.timeline.current,
      ...ahead.slice(0, this.#decoded),
      ...this.timeline.behind(BACK).reverse(),
    ].filter((entry) => entry && !entry.picture);
    const far = ahead.slice(this.#decoded).filter((entry) => !entry.url);
    const fetching = far.map((entry) => async () => (this.#bytes < MEMORY ? this.#fetch(entry) : ""));
    return [...near.map((entry) => () => this.picture(entry)), ...fetching];
  }

  count() {
    return this.timeline.ahead(STORE).filter((entry) => !entry.item.image_url || entry.url).length;
  }

  /* The decoded picture of an entry: a promise of an <img>; null for text. */
  picture(entry) {
    if (!entry.item.image_url) return Promise.resolve(null);
    entry.decoding ??= this.#decode(entry).catch((error) => {
      entry.decoding = null;
      throw error;
    });
    return entry.decoding;
  }

  async #decode(entry) {
    const image = new Image();
    image.decoding = "sync"; // painted in the frame it is put in, not one later
    image.draggable = false;
    image.src = await this.#fetch(entry);
    await image.decode();
    entry.picture = image;
    return image;
  }

  #fetch(entry) {
    if (!entry.item.image_url) return Promise.resolve("");
    entry.fetching ??= this.#download(entry).catch((error) => {
      entry.fetching = null;
      throw error;
    });
    return entry.fetching;
  }

  async #download(entry) {
    const response = await fetch(entry.item.image_url, { credentials: "same-origin" });
    if (!response.ok) throw new Error(String(response.status));
    const blob = await response.blob();
    this.#bytes += blob.size;
    entry.url = URL.createObjectURL(blob);
    entry.release = () => this.#release(entry, blob.size);
    return entry.url;
  }

  #release(entry, size) {
    URL.revokeObjectURL(entry.url);
    this.#bytes -= size;
    Object.assign(entry, { url: null, picture: null, fetching: null, decoding: null, release: null });
  }

  #tidy() {
    const kept = new Set(this.timeline.behind(KEEP));
    for (const entry of this.timeline.entries) {
      if (entry.answer && entry !== this.timeline.current && !kept.has(entry)) entry.release?.();
    }
  }
}
