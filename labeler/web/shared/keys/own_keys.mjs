/* What one person chose about keys: which key means what, and whether single keys act at all. The account has it, so
   that
   it follows the person to another browser; this device keeps a copy, for pages that open without a connection.
   Note: the page may be older than the copy. A choice the server has not confirmed stands in
   the
   copy as unsaved and wins over what the page brought. */

export class OwnKeys {
  #name;
  #save;
  #told = [];

  /* known: {keys, single_keys} as the page brought it, or null; save(choice) → promise of whether the account has it.
   */
  constructor({ user, known = null, save = null, target = globalThis }) {
    this.#name = `labeler-keys-${user}`;
    this.#save = save;
    const copy = read(this.#name);
    this.choice = { keys: {}, single_keys: true, ...(copy?.unsaved || !known ? copy : known) };
    if (copy?.unsaved) this.#send();
    else if (known) this.#keep(false);
    target.addEventListener("storage", ({ key }) => {
      if (key === this.#name) this.#adopt(read(this.#name));
    }); // another tab
    target.addEventListener("online", () => {
      if (read(this.#name)?.unsaved) this.#send();
    });
  }

  get keys() {
    return this.choice.keys;
  }
  get on() {
    return this.choice.single_keys;
  }

  /* callback(): the choice is another now. */
  changed(callback) {
    this.#told.push(callback);
  }

  change(part) {
    this.choice = { ...this.choice, ...part };
    this.#keep(true);
    for (const callback of this.#told) callback();
    return this.#send();
  }

  async #send() {
    const sent = JSON.stringify(this.choice);
    const done = await this.#save?.(this.choice).catch(() => false);
    if (done && sent === JSON.stringify(this.choice)) this.#keep(false);
  }

  #keep(unsaved) {
    const { keys, single_keys } = this.choice;
    try {
      localStorage.setItem(this.#name, JSON.stringify({ keys, single_keys, unsaved }));
    } catch {
      /* holds for this page */
    }
  }

  #adopt(copy) {
    if (!copy) return;
    this.choice = { keys: copy.keys, single_keys: copy.single_keys };
    for (const callback of this.#told) callback();
  }
}

/* The copy on this device, or null where there is none that can be read. */
function read(name) {
  try {
    const { keys, single_keys, unsaved = false } = JSON.parse(localStorage.getItem(name));
    return typeof keys === "object" && keys ? { keys, single_keys: single_keys !== false, unsaved } : null;
  } catch {
    return null;
  }
}
