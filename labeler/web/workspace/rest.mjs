/* After fifty minutes of work without a break, a quiet line offers one. It covers nothing, stops nothing and is put
   away
   with one press; work is counted anew from then on, or after five minutes without any input. */

const LONG = 50 * 60; // seconds of active time

export function mount_rest(root, { clock, long = LONG }) {
  const line = root.querySelector("[data-part=rest]");
  root.addEventListener("item", () => {
    line.hidden = clock.worked() < long;
  });
  return () => {
    clock.rest();
    line.hidden = true;
  };
}
