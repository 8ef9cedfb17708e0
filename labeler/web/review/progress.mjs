/* While a pass runs, asks now and then how far it is, and shows the suspects as soon as it is done. */

const EVERY = 1500; // ms

export function wait_for_pass(root) {
  const url = root.dataset.progress;
  if (!url) return;
  const message = root.querySelector("[data-part=message]");
  const meter = root.querySelector("[role=progressbar]");

  async function look() {
    let state = null;
    try {
      const response = await fetch(url, { headers: { Accept: "application/json" }, cache: "no-store" });
      state = response.ok ? await response.json() : null;
    } catch {
      /* the server is away: ask again */
    }
    if (state && !state.runs) {
      location.reload();
      return;
    }
    if (state && message && state.message) message.textContent = state.message;
    if (state && meter) {
      const percent = Math.round(100 * state.progress);
      meter.setAttribute("aria-valuenow", percent);
      meter.querySelector(".fill").setAttribute("width", `${percent}%`);
    }
    setTimeout(look, EVERY);
  }

  setTimeout(look, EVERY);
}
