/* While an inspection waits or runs: shows how far it is, and loads the page again when it has ended.
   A lost connection is no reason to stop looking, only to look less often. */

const SOON = 1000; // ms
const LATER = 5000;

for (const root of document.querySelectorAll("[data-inspection]")) {
  const meter = root.querySelector("[role=progressbar]");
  const [share, stage] = [root.querySelector("[data-share]"), root.querySelector("[data-stage]")];
  const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" });

  async function look() {
    let wait = LATER;
    try {
      const response = await fetch(root.dataset.inspection, {
        headers: { Accept: "application/json" },
        cache: "no-store",
      });
      if (response.ok) {
        const now = await response.json();
        if (!now.running) return location.reload();
        share.textContent = percent.format(now.share);
        if (stage.textContent !== now.stage) stage.textContent = now.stage;
        meter.setAttribute("aria-valuenow", Math.round(100 * now.share));
        meter.querySelector(".fill").setAttribute("width", `${(100 * now.share).toFixed(2)}%`);
        wait = SOON;
      } else if (response.status < 500) return location.reload();
    } catch {
      /* no network: look again later */
    }
    setTimeout(look, wait);
  }
  setTimeout(look, SOON);
}
