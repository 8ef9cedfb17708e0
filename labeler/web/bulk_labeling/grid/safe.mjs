/* Where the answers of pages go: to this device in one transaction a page, then to the server, with the same outbox,
   sender
   and words as single answers. Also what happens when this device cannot keep them. */
import { mount_refused } from "../../shared/sending/refused.mjs";
import { mount_saved } from "../../shared/sending/saved.mjs";
import { startSender } from "../../shared/sending/sender.mjs";
import { mount_back } from "./back.mjs";

const AT_ONCE = 100; // answers the server takes in one request

/* outbox: what openOutbox returned, or {error}. Returns {put, take_back, count, slow, online_only}. */
export function mount_safe(root, { outbox, api, user, project, memory, words, describe, outside, locale, sent, late }) {
  const trouble = root.querySelector("[data-part=trouble]");
  let came_late = 0;
  const saved = mount_saved(root, { words, resume: () => sender?.wake(), online: { count: () => 0 }, locale });
  const back = outbox.error ? null : mount_back({ outbox, api, project, user, memory });
  const sender = outbox.error
    ? null
    : startSender({
        outbox,
        api,
        user,
        report(state) {
          saved.report(state);
          if (state === "saved") {
            back.settle_debts();
            sent();
          }
        },
        settled({ sent: count, late: missed }) {
          saved.sent(count);
          came_late += missed.length;
          if (missed.length) {
            saved.late(came_late);
            late(came_late);
          }
          safe.count();
          outside.postMessage({ count: true });
        },
      });

  const safe = {
    slow: false,
    can_take_back: !outbox.error,
    /* Whether all records of a page are safe now. */
    async put(records) {
      if (!records.length) return true;
      const done = safe.slow ? await straight(records) : await store(records);
      trouble.hidden = done;
      if (!done && !safe.slow) saved.stop();
      if (!done) return false;
      for (const { assignment } of records) outside.postMessage({ assignment });
      if (safe.slow) return true;
      saved.kept();
      safe.count().then(sender.added);
      navigator.storage?.persist?.().catch(() => false);
      return true;
    },
    async take_back(id) {
      const taken = await back.take_back(id);
      safe.count();
      return taken;
    },
    async count() {
      if (outbox.error) return;
      const [waiting, refused] = await Promise.all([outbox.waiting(), outbox.refused()]);
      saved.counts({ waiting, refused: refused.length });
    },
    online_only() {
      safe.slow = true;
      trouble.hidden = true;
      saved.start();
    },
  };

  const store = (records) =>
    outbox.error
      ? Promise.resolve(false)
      : outbox.put(...records).then(
          () => true,
          () => false,
        );

  async function straight(records) {
    for (let from = 0; from < records.length; from += AT_ONCE) {
      const { status, data } = await api.post(
        `/${project}/annotations`,
        records.slice(from, from + AT_ONCE).map(({ project: slug, at, ...answer }) => answer),
      );
      if (status !== 200 || data.some((one) => one.status === "rejected")) return false;
    }
    return true;
  }

  if (sender) {
    mount_refused(root, { outbox, describe: (value) => describe(value?.label), words, changed: safe.count });
    window.addEventListener("online", () => sender.wake());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) sender.wake();
    });
    outbox.all().then(saved.found).then(safe.count).then(sender.wake);
  }
  return safe;
}
