/* Puts the annotator's screen together. First what the first item needs, then, once it is painted, everything else.
   The parts know each other only by the events on the root that desk.mjs lists. */
import { connect } from "./api.mjs";
import { Desk } from "./desk.mjs";
import { openOutbox } from "./outbox.mjs";
import { Ready } from "./ready.mjs";
import { Stage } from "./stage.mjs";
import { Timeline } from "./timeline.mjs";

const root = document.querySelector("[data-workspace]");
const { user, project, api: base, page, widget: widget_url } = root.dataset;
const words = Object.fromEntries([...root.querySelector("template[data-words]").content.children].map((one) => [one.dataset.word, one.textContent]));
const token = document.querySelector("meta[name=csrf-token]").content;
const api = connect({ base, page, user, token });
const timeline = new Timeline(Number(root.dataset.done));
const outside = "BroadcastChannel" in globalThis ? new BroadcastChannel(`labeler-${user}`) : { postMessage() {} };

const opening = openOutbox(user).catch((error) => ({ error }));
const ready = new Ready({ claim, timeline, changed: refresh });
const stage = new Stage(root, { picture: (entry) => ready.picture(entry), words });
const desk = new Desk({ root, project, timeline, ready, stage });
let unsent = new Map(); // assignment → record on this device that the server does not know yet
let shown = false;

async function claim(count) {
  const { status, data } = await api.post(`/${project}/assignments`, { count });
  if (status !== 200) return null;
  unsent = new Map(((await (await opening).all?.().catch(() => [])) ?? []).map((record) => [record.assignment, record]));
  return data;
}

/* More items came, or none: answers of an earlier visit that still wait here count as given. */
function refresh() {
  for (const entry of timeline.entries) {
    const record = entry.answer ? null : unsent.get(entry.item.assignment);
    if (record && entry !== desk.entry) timeline.answer(entry, answer_of(record));
  }
  if (!desk.entry) {
    const entry = timeline.next();
    if (entry) desk.show(entry);
    else stage.clear(ready.state, true);
  }
  root.dispatchEvent(new CustomEvent("ready"));
}

const answer_of = ({ value, skip = "", unsure = false, comment = "" }) => ({ value, skip, unsure, comment });

root.addEventListener("item", () => { if (!shown) { shown = true; furnish(); } }, { once: true });
root.addEventListener("ready", () => { if (!shown && ready.state !== "asking" && !desk.entry) { shown = true; furnish(); } });
stage.clear("asking");
ready.refill();

/* Everything that can wait for the first item. */
async function furnish() {
  const [{ ActiveTime }, widget, keys, { mount_panel }, { mount_saved }, { mount_refused }, { startSender }] = await Promise.all([
    import("./active_time.mjs"), import(widget_url), import("./keys.mjs"), import("./panel.mjs"), import("./saved.mjs"),
    import("./refused.mjs"), import("./sender.mjs"),
  ]);
  const [{ mount_view }, { mount_strip }, { mount_announcer }, { mount_progress }, { mount_key_list }] = await Promise.all([
    import("./view.mjs"), import("./strip.mjs"), import("./announce.mjs"), import("./progress.mjs"), import("./key_list.mjs"),
  ]);
  desk.clock = new ActiveTime();
  desk.clock.listen();
  const answers = widget.mount(root, {
    item: desk.entry?.item ?? null, config: JSON.parse(root.dataset.config || "{}"), value: desk.entry?.answer?.value ?? null,
    onChange: (value, { complete }) => { if (complete && desk.answer({ value })) answers.focus(); },
  });
  desk.widget = answers;
  const describe = answers.describe;
  const progress = mount_progress(root, { done: Number(root.dataset.done), total: Number(root.dataset.total), words, locale: document.documentElement.lang });
  ready.changed = () => { refresh(); if (!desk.entry) stage.clear(ready.state, progress.remaining() > 0); saved.ready(); };
  const saved = mount_saved(root, { words, resume: () => sender?.wake(), online: ready });
  const outbox = await opening;
  const sender = outbox.error ? null : startSender({
    outbox, api, user, report: (state) => { saved.report(state); if (state === "saved" && !desk.entry) ready.refill({ again: true }); },
    settled: () => { count(); outside.postMessage({ count: true }); },
  });

  async function count() {
    const [waiting, refused] = await Promise.all([outbox.waiting(), outbox.refused()]);
    saved.counts({ waiting, refused: refused.length });
  }

  keep_safe({ outbox, saved, count, sender });
  const list = mount_key_list(root, { user });
  const panel = mount_panel(root, { desk, focus: answers.focus });
  const acts = {
    ...panel, ...mount_view(root, { timeline }), keys: list.open, find: answers.find ?? (() => false),
    undo: () => desk.undo(), redo: () => desk.redo(), previous: () => desk.browse(-1), next: () => desk.browse(1),
    again: () => ready.refill({ again: true }), "online-only": () => online_only(saved),
  };
  const act = (command) => acts[command]?.();
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button && act(button.dataset.do) !== false && ["undo", "skip", "unsure"].includes(button.dataset.do)) answers.focus();
  });
  document.querySelector("header [data-do=keys]")?.addEventListener("click", list.open);
  keys.listen({ answer: (event) => panel.reason(event) || (!desk.stopped && answers.key(event)), act, on: list.on });
  mount_strip(root, { timeline, describe, go: (entry) => desk.go(entry), words });
  mount_announcer(root, { describe, words });
  if (sender) {
    mount_refused(root, { outbox, describe, words, changed: count });
    outside.onmessage = ({ data }) => { if (data.assignment) timeline.drop(data.assignment); count(); };
    window.addEventListener("online", () => {
      sender.wake();
      if (ready.state === "failed") ready.refill({ again: true });
      if (desk.blind) desk.show(desk.entry);
    });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) sender.wake(); });
    count().then(sender.wake);
  }
  desk.tell("item", { entry: desk.entry, before: null });
  if (document.activeElement === document.body) answers.focus();
  root.dataset.open = "";
  const { data } = await api.get(`/${project}/assignments?state=done&limit=50`);
  timeline.add_answered(data?.data ?? []);
  root.dispatchEvent(new CustomEvent("ready"));
}

/* Where answers go, and what happens when this device cannot keep them. */
function keep_safe({ outbox, saved, count, sender }) {
  const trouble = root.querySelector("[data-part=trouble]");
  desk.outbox = outbox.error ? { put: () => Promise.reject(outbox.error) } : outbox;
  root.addEventListener("trouble", () => { trouble.hidden = false; if (!desk.outbox.slow) saved.stop(); });
  root.addEventListener("kept", ({ detail: { entry } }) => {
    trouble.hidden = true;
    outside.postMessage({ assignment: entry.item.assignment });
    if (desk.outbox.slow) return;
    count().then(sender.added);
    navigator.storage?.persist?.().catch(() => false);
  });
}

/* The person chose to go on without keeping answers here: each one waits for the server. */
function online_only(saved) {
  desk.outbox = {
    slow: true,
    async put({ project: slug, at, ...answer }) {
      const { status, data } = await api.post(`/${slug}/annotations`, [answer]);
      if (status !== 200 || data[0]?.status === "rejected") throw new Error(data?.[0]?.reason ?? String(status));
    },
  };
  desk.stopped = false;
  root.querySelector("[data-part=trouble]").hidden = true;
  saved.start();
}
