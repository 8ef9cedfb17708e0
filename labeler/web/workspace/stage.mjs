/* Shows one item, as large as fits. Text goes in as text, never as markup; a picture is swapped for the next one, which
   is decoded by then. Everything here has a fixed box, so nothing else on the page moves. */
import { SIZES, limit } from "../shared/picture_size.mjs";

export class Stage {
  #shown = null;

  /* picture(entry) → promise of an <img>; words: the messages of the page; tools: what is remembered. */
  constructor(root, { picture, words, tools }) {
    const part = (name) => root.querySelector(`[data-part="${name}"]`);
    Object.assign(this, { picture, words, tools });
    Object.assign(this, { number: part("number"), about: part("about"), message: part("message") });
    Object.assign(this, { canvas: part("canvas"), reading: part("reading"), empty: part("empty") });
  }

  /* Settles with "painted", with "broken" when the picture cannot be had, with "" when another item took the place. */
  async show(entry) {
    this.#shown = entry;
    this.#describe(entry);
    if (!entry.item.image_url) {
      this.reading.firstElementChild.textContent = entry.item.text ?? "";
      this.reading.scrollTop = 0;
    } else if (entry.picture) {
      this.#put(entry);
    } else {
      this.canvas.replaceChildren();
      const outcome = await this.#wait(entry);
      if (outcome !== null) return outcome;
      this.#put(entry);
    }
    await painted();
    return this.#shown === entry ? "painted" : "";
  }

  /* No item: why, and what to do. state: "asking", "dry" or "failed". */
  clear(state) {
    this.#shown = null;
    this.number.textContent = this.about.textContent = "";
    this.canvas?.replaceChildren();
    if (this.reading) this.reading.firstElementChild.textContent = "";
    if (state !== "dry") this.empty.hidden = true; // what is true then takes a look at the server: empty_desk.mjs
    this.#say(state === "asking" ? this.words.loading : state === "failed" ? this.words.offline : "");
  }

  #put(entry) {
    entry.picture.alt = [this.number.textContent, this.about.textContent].filter(Boolean).join(", ");
    limit(entry.picture, entry.item, this.tools.get("size", ...SIZES));
    this.canvas.replaceChildren(entry.picture);
  }

  async #wait(entry) {
    const late = setTimeout(() => {
      if (this.#shown === entry) this.#say(this.words.loading);
    }, 300);
    const image = await this.picture(entry).catch(() => null);
    clearTimeout(late);
    if (this.#shown !== entry) return "";
    this.#say(image ? "" : this.words.broken);
    return image ? null : "broken";
  }

  #describe(entry) {
    this.empty.hidden = true;
    if (!this.message.hidden) this.#say("");
    this.number.textContent = this.words.item.replace("{number}", entry.number);
    const facts = Object.values(entry.item.metadata ?? {}).filter((fact) => ["string", "number"].includes(typeof fact));
    this.about.textContent = [entry.item.external_id, ...facts.slice(0, 2)].filter(Boolean).join(" · ");
  }

  #say(text) {
    this.message.textContent = text;
    this.message.hidden = !text;
  }
}

/* After the frame that holds the change was drawn. A hidden tab draws no frames, so it counts as painted. */
function painted() {
  if (document.hidden) return Promise.resolve();
  return new Promise((resolve) =>
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        channel.port1.close();
        resolve();
      };
      channel.port2.postMessage(null);
    }),
  );
}
