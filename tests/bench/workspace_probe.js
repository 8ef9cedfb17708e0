/* Put into every page before its own scripts: notes when things happen and changes nothing. Read by workspace_browser.py.
   Note: a key is "painted" when another item stands there, its picture complete, in a frame that
   was drawn; so the clock runs from the event's own time to a message posted in that frame, not to a promise of the page. */
(() => {
  const note = {
    paints: [], durable: [], shifts: 0, moves: 0, moved: new Set(), taps: new Map(), heard: [], refused: [], shown: null, open: null, wrong: 0,
    full: false, made: 0, alive: 0, most_alive: 0,
  };
  globalThis.__note = note;
  const part = (name) => document.querySelector(`[data-part="${name}"]`);
  const front = () => document.querySelector("[data-grid]")?.dataset.shown ?? part("number")?.textContent;
  const stands = () => {
    if (document.querySelector("[data-grid] .look")) {
      return [...document.querySelectorAll(".look img")].every((one) => one.complete && one.naturalWidth > 0);
    }
    const picture = part("canvas")?.querySelector("img");
    return picture ? picture.complete && picture.naturalWidth > 0 : Boolean(part("reading")?.textContent.trim());
  };
  let latest = null;
  let standing = false; // in the frame that was drawn last
  const drawn = () => new Promise((resolve) => requestAnimationFrame(() => {
    standing = stands();
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve(performance.now());
    channel.port2.postMessage(0);
  }));

  addEventListener("keydown", async (event) => {
    const before = front();
    latest = event;
    for (let tries = 0; tries < 300; tries += 1) {
      const at = await drawn();
      if (latest !== event) return; // a key that only chose a class showed nothing new
      if (front() === before || !standing) continue;
      note.paints.push({ ms: at - event.timeStamp, key: event.key });
      return;
    }
  }, true);

  for (const name of ["add", "put"]) {
    const keep = IDBObjectStore.prototype[name];
    IDBObjectStore.prototype[name] = function (record, ...rest) {
      const answer = this.name === "waiting" && record?.key;
      if (answer && note.full) throw new DOMException("no room", "QuotaExceededError");
      const at = performance.now();
      const request = keep.call(this, record, ...rest);
      if (answer) this.transaction.addEventListener("complete", () => {
        note.durable.push(performance.now() - at);
        globalThis.__kept?.({ key: record.key, assignment: record.assignment, value: record.value });
      });
      return request;
    };
  }

  const [make, revoke] = [URL.createObjectURL, URL.revokeObjectURL];
  URL.createObjectURL = (of) => { note.made += 1; note.alive += 1; note.most_alive = Math.max(note.most_alive, note.alive); return make.call(URL, of); };
  URL.revokeObjectURL = (url) => { if (url.startsWith("blob:")) note.alive -= 1; revoke.call(URL, url); };

  addEventListener("securitypolicyviolation", (event) => note.refused.push(`${event.violatedDirective} ${event.blockedURI}`));
  addEventListener("error", () => { note.wrong += 1; });
  addEventListener("unhandledrejection", () => { note.wrong += 1; });
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) { // moves: also those right after a key, which browsers do not count
      if (!one.hadRecentInput) note.shifts += one.value;
      note.moves += one.value;
      for (const { node } of one.sources) note.moved.add(node?.dataset?.part ?? node?.getAttribute?.("class") ?? node?.nodeName);
    }
  }).observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries()) {
      if (interactionId) note.taps.set(interactionId, Math.max(note.taps.get(interactionId) ?? 0, duration));
    }
  }).observe({ type: "event", durationThreshold: 16, buffered: true });

  document.addEventListener("DOMContentLoaded", async () => {
    const root = document.querySelector("[data-workspace]");
    if (!root) return;
    new MutationObserver(() => note.heard.push({ item: front(), said: part("live").textContent }))
      .observe(part("live"), { childList: true, characterData: true, subtree: true });
    new MutationObserver(() => { note.open ??= performance.now(); }).observe(root, { attributeFilter: ["data-open"] });
    let at = await drawn();
    while (!standing) at = await drawn();
    note.shown = at;
  });
})();
