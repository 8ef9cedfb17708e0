/* The one rule of class keys for spans, boxes and polygons: a key is for the mark that waits for a class, else for the
   mark
   that is selected, else it chooses the class of the next marks. Here is that class. There is none on a new item, but
   where a project has a single class, which need not be chosen.
   Note: the same key again puts the class down, but not once a mark was made with it: somebody
   who
   presses the class before each mark means it each time. */

export class NextClass {
  label = null;
  #only;
  #pressed = false; // the last thing done with this class was its key

  /* classes: the names of all there are. */
  constructor(classes) {
    this.#only = classes.length === 1 ? classes[0] : null;
    this.renew();
  }

  /* Another item came. label: the class of what is half drawn on it. */
  renew(label = null) {
    this.label = label ?? this.#only;
    this.#pressed = false;
  }

  press(label) {
    const again = this.#pressed && this.label === label;
    Object.assign(this, { label: again ? null : label });
    this.#pressed = !again;
  }

  /* A mark was made with it. */
  used() {
    this.#pressed = false;
  }

  /* Esc. Returns whether there was one. */
  drop() {
    const had = this.label !== null;
    this.label = null;
    return had;
  }
}
