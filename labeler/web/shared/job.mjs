/* Shows how far a job is, on every page that waits for one; when it has ended the page is loaded again, and the server
   renders the result. Whatever keeps the page from knowing is said, and it goes on looking wherever that can help.
   Note: data-job is the job's address in the API, which tells our own pages in their language. */

const SOON = 1000; // ms
const LATER = 5000;
const ENDED = new Set(["done", "failed"]);
const TROUBLES = { 401: "signed-out", 403: "gone", 404: "gone" }; // by the status of the answer; any other is "broken"

export function watch(root) {
  const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" });
  const meter = root.querySelector("[role=progressbar]");
  const [share, said, missing] = ["share", "said", "worker"].map((name) => root.querySelector(`[data-job-${name}]`));
  const trouble = root.querySelector("[data-job-trouble]");

  function show({ state, progress, message, worker }) {
    const text = message || said?.dataset[state];
    if (said && said.textContent !== text) said.textContent = text;
    if (share) share.textContent = percent.format(progress);
    meter?.setAttribute("aria-valuenow", Math.round(100 * progress));
    meter?.querySelector(".fill").setAttribute("width", `${(100 * progress).toFixed(2)}%`);
    if (missing) missing.hidden = worker;
  }

  /* what: the name of a sentence of the page, or "" when nothing is in the way. */
  function tell(what) {
    for (const sentence of trouble.querySelectorAll("[data-why]")) sentence.hidden = sentence.dataset.why !== what;
    trouble.hidden = !what;
  }

  async function look() {
    const { what, job } = await ask(root.dataset.job);
    tell(what);
    if (what === "gone") return;
    if (job && ENDED.has(job.state)) {
      location.reload();
      return;
    }
    if (job) show(job);
    setTimeout(look, job ? SOON : LATER);
  }
  return look();
}

/* Returns {what, job}: what is in the way or "", and the job if it was told. */
async function ask(address) {
  try {
    const response = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (!response.ok) return { what: TROUBLES[response.status] ?? "broken", job: null };
    return { what: "", job: await response.json() };
  } catch (error) {
    return { what: error instanceof SyntaxError ? "broken" : "offline", job: null };
  }
}

for (const root of document.querySelectorAll("[data-job]")) watch(root);
