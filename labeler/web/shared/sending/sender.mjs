/* Takes answers from the outbox to the server, oldest first, in batches. One tab at a time holds the lock, so two tabs
   never send the same answer at once; a repeat is harmless in any case, because the server knows the key.
   Note: no reply and a refusal are different things. Without a reply the same keys go again
   later; a refused answer is set aside with its reason and never dropped. */

const BATCH = 20;
const DELAYS = [1, 2, 4, 8, 15, 30]; // seconds
const SIGN_IN_CHECK = 5; // seconds between looks whether somebody signed in again
const LATER = new Set([0, 408, 425, 429]);

const payload = ({ order, project, at, ...answer }) => answer;

/* The outcome of one batch: {outcome: "sent" | "later" | "sign-in", sent: [order], refused: [{record, reason}]}, and of
   what
   was sent `late`: [assignment] whose answer is kept and does not count. */
async function deliver(api, records) {
  const path = `/${encodeURIComponent(records[0].project)}/annotations`;
  const { status, data } = await api.post(path, records.map(payload));
  if (status === 200 && Array.isArray(data)) return sort(records, data);
  if (status === 401) return { outcome: "sign-in", sent: [], refused: [] };
  if (status === 400 || status === 403) {
    const who = await api.renew();
    if (who === "out" || who === "other") return { outcome: "sign-in", sent: [], refused: [] };
    if (who === "same" && !records.again) return deliver(api, Object.assign([...records], { again: true }));
    if (who === "unknown") return { outcome: "later", sent: [], refused: [] };
  }
  if (LATER.has(status) || status >= 500 || status < 300) return { outcome: "later", sent: [], refused: [] };
  if (records.length > 1) return one_by_one(api, records);
  const reason = data?.detail ?? data?.message ?? data?.title ?? String(status);
  return { outcome: "sent", sent: [], refused: [{ record: records[0], reason }] };
}

function sort(records, results) {
  const told = new Map(results.map((result) => [result.key, result]));
  const sent = [],
    refused = [],
    late = [];
  for (const record of records) {
    const result = told.get(record.key);
    if (result?.status === "late") late.push(record.assignment);
    if (result?.status === "rejected") refused.push({ record, reason: result.reason ?? "" });
    else if (result) sent.push(record.order);
  }
  return { outcome: sent.length + refused.length ? "sent" : "later", sent, refused, late };
}

/* A batch refused as a whole says nothing about its parts: find out which one it was. */
async function one_by_one(api, records) {
  const total = { outcome: "sent", sent: [], refused: [], late: [] };
  for (const record of records) {
    const { outcome, sent, refused, late = [] } = await deliver(api, [record]);
    total.sent.push(...sent);
    total.late.push(...late);
    total.refused.push(...refused);
    if (outcome !== "sent") return { ...total, outcome };
  }
  return total;
}

/* report(state): "sending", "saved", "later" or "sign-in". settled({sent, refused, late}): counts changed. */
export function startSender({
  outbox,
  api,
  user,
  report,
  settled,
  locks = navigator.locks,
  later = setTimeout.bind(globalThis),
}) {
  let running = false,
    again = false,
    tries = 0,
    timer = null;

  async function drain() {
    for (;;) {
      const records = await outbox.oldest(BATCH);
      if (!records.length) return "saved";
      const { outcome, sent, refused, late = [] } = await deliver(api, records);
      if (sent.length + refused.length) {
        await outbox.settle(sent, refused);
        tries = 0;
        settled({ sent: sent.length, refused: refused.length, late });
      }
      if (outcome !== "sent") return outcome;
    }
  }

  async function wake() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    clearTimeout(timer);
    timer = null;
    report("sending");
    const turn = locks ? locks.request(`labeler-outbox-${user}`, drain) : drain(); // no locks over plain http
    const state = await turn.catch(() => "later");
    running = false;
    report(state);
    if (state === "saved") {
      if (again) {
        again = false;
        wake();
      }
      return;
    }
    again = false;
    const wait = state === "sign-in" ? SIGN_IN_CHECK : DELAYS[Math.min(tries++, DELAYS.length - 1)];
    timer = later(wake, wait * 1000 * (0.9 + 0.2 * Math.random()));
  }

  return {
    wake, // now: the network or the person came back
    added: () => {
      if (timer === null) wake();
    }, // a new answer waits for its turn while the server is away
  };
}
