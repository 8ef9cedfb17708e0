/* Tools and sizes somebody chose in a project, kept on this device so that a reload changes none of them. Nothing of it
   is part of an answer. */

export class Remembered {
  #name;
  #storage;
  #chosen;

  constructor({ user, project, storage = globalThis.localStorage }) {
    this.#name = `labeler-tools-${user}-${project}`;
    this.#storage = storage;
    this.#chosen = read(storage, this.#name);
  }

  /* What was chosen, if it is one of these, else the first of them. */
  get(what, ...known) {
    return known.includes(this.#chosen[what]) ? this.#chosen[what] : known[0];
  }

  set(what, value) {
    if (this.#chosen[what] === value) return;
    this.#chosen[what] = value;
    try {
      this.#storage.setItem(this.#name, JSON.stringify(this.#chosen));
    } catch {
      /* holds for this page */
    }
  }
}

function read(storage, name) {
  try {
    const found = JSON.parse(storage.getItem(name));
    return typeof found === "object" && found ? found : {};
  } catch {
    return {};
  }
}
