/* How far one is and how long it takes at one's own pace. The pace is the mean of active seconds over the last answers;
   before there are enough of them nothing is said, because a guess from two answers is no estimate. */

const LAST = 30; // answers the pace is taken from
const ENOUGH = 5;

/* seconds: per answer. Returns {minutes, pace} as whole numbers, or null. */
export function estimate(seconds, left) {
  const usual = seconds.slice(-LAST);
  if (usual.length < ENOUGH || left <= 0) return null;
  const mean = Math.max(usual.reduce((sum, one) => sum + one, 0) / usual.length, 0.1);
  return { minutes: Math.max(1, Math.round((left * mean) / 60)), pace: Math.max(1, Math.round(60 / mean)) };
}

/* done, skipped: items this person answered and passed over before; total: with those that are left for them. A skip is
   no
   answer: it stays apart, and is the way back to its item. */
export function mount_progress(root, { done, skipped, total, words, locale }) {
  const part = (name) => document.querySelector(`[data-part="${name}"]`);
  const [count, whole, meter, left, skips, back] = ["done", "total", "meter", "left", "skips", "to-skipped"].map(part);
  const number = new Intl.NumberFormat(locale);
  const seconds = [];

  function draw() {
    const shown = Math.min(done, total);
    whole.textContent = words.of.replace("{total}", number.format(total));
    count.textContent = number.format(shown);
    meter.setAttribute("aria-valuenow", Math.round((100 * shown) / Math.max(total, 1)));
    meter.querySelector(".fill").setAttribute("width", `${((100 * shown) / Math.max(total, 1)).toFixed(2)}%`);
    const guess = estimate(seconds, total - done - skipped);
    left.textContent = guess
      ? words.left.replace("{minutes}", number.format(guess.minutes)).replace("{pace}", guess.pace)
      : "";
    for (const one of [skips, back]) one.hidden = !skipped;
    skips.textContent = words.skips.replace("{count}", number.format(skipped));
  }

  root.addEventListener("kept", ({ detail: { entry, first, before, seconds: taken } }) => {
    if (!first && !before) return;
    const [was, is] = [first ? "" : before.skip ? "skip" : "answer", entry.answer.skip ? "skip" : "answer"];
    skipped += (is === "skip") - (was === "skip");
    done += (is === "answer") - (was === "answer");
    total = Math.max(total, done + skipped);
    if (first && taken > 0) seconds.push(taken);
    if (seconds.length > LAST) seconds.shift();
    draw();
  });
  draw();

  return {
    counts: () => ({ done, skipped }),
    /* open: the items here that are neither answered nor skipped. all: there are no others for this person now. */
    left(open, { all }) {
      const seen = done + skipped + open;
      const now = all ? seen : Math.max(total, seen);
      if (now === total) return;
      total = now;
      draw();
    },
  };
}
