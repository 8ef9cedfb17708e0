/* Places in a text, counted two ways: the browser counts UTF-16 units, answers count Unicode code points.
   Note: most texts have no pairs, so a mistake here shows only after the first emoji. */

export class Offsets {
  #tails = []; // UTF-16 places of the second halves of pairs, ascending

  constructor(text) {
    for (const { index } of text.matchAll(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g)) this.#tails.push(index + 1);
  }

  /* UTF-16 → code points. */
  points(unit) {
    return unit - this.#count((tail) => tail < unit);
  }

  /* Code points → UTF-16. */
  units(point) {
    return point + this.#count((tail, at) => tail - 1 - at < point);
  }

  /* How many tails, from the first on, fulfil a condition that stays false once it is. */
  #count(holds) {
    let [low, high] = [0, this.#tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(this.#tails[middle], middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
