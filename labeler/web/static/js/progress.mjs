/* How far one is and how long it takes at one's own pace. The pace is the mean of active seconds over the last answers;
   before there are enough of them nothing is said, because a guess from two answers is no estimate. */

const LAST = 30; // answers the pace is taken from
const ENOUGH = 5;

/* seconds: per answer. Returns {minutes, pace} as whole numbers, or null. */
export function estimate(seconds, left) {
  const usual = seconds.slice(-LAST);
  if (usual.length < ENOUGH || left <= 0) return null;
  const mean = Math.max(usual.reduce((sum, one) => sum + one, 0) / usual.length, 0.1);
  return { minutes: Math.max(1, Math.round(left * mean / 60)), pace: Math.max(1, Math.round(60 / mean)) };
}

export function mount_progress(root, { done, total, words, locale }) {
  const part = (name) => document.querySelector(`[data-part="${name}"]`);
  const [count, whole, meter, left] = [part("done"), part("total"), part("meter"), part("left")];
  const number = new Intl.NumberFormat(locale);
  const seconds = [];

  root.addEventListener("kept", ({ detail }) => {
    if (!detail.first) return;
    done += 1;
    total = Math.max(total, done);
    if (detail.seconds > 0) seconds.push(detail.seconds);
    if (seconds.length > LAST) seconds.shift();
    draw();
  });

  function draw() {
    const shown = Math.min(done, total);
    count.textContent = number.format(shown);
    meter.setAttribute("aria-valuenow", Math.round(100 * shown / Math.max(total, 1)));
    meter.querySelector(".fill").setAttribute("width", `${(100 * shown / Math.max(total, 1)).toFixed(2)}%`);
    const guess = estimate(seconds, total - done);
    left.textContent = guess ? words.left.replace("{minutes}", number.format(guess.minutes)).replace("{pace}", guess.pace) : "";
  }

  return {
    done: () => done,
    /* open: the items here that are not answered. all: there are no others for this person now. */
    left(open, { all }) {
      const now = all ? done + open : Math.max(total, done + open);
      if (now === total) return;
      total = now;
      whole.textContent = words.of.replace("{total}", number.format(total));
      draw();
    },
  };
}
