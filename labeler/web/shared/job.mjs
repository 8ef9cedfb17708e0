/* Watches a job and shows how far it is; when it has ended the page is loaded again, and the server renders the result.
   Note: a lost connection is no reason to stop looking, only to look less often. */

const SOON = 700; // ms
const LATER = 5000;

for (const root of document.querySelectorAll("[data-job]")) {
  const bar = root.querySelector("progress");
  const said = root.querySelector("[data-said]");
  const missing = root.querySelector("[data-worker]");

  async function look() {
    let wait = LATER;
    try {
      const response = await fetch(root.dataset.job, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (response.ok) {
        const job = await response.json();
        if (!["queued", "running"].includes(job.state)) return location.reload();
        if (job.progress) bar.value = job.progress;
        if (said.textContent !== job.message) said.textContent = job.message;
        if (missing) missing.hidden = job.worker;
        wait = SOON;
      } else if (response.status < 500) {
        return location.reload();
      }
    } catch {
      /* no network: look again later */
    }
    setTimeout(look, wait);
  }
  look();
}
