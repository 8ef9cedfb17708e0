/* Puts the annotator's screen together. First what shows the first item, then, once it is there, everything else.
   The parts know each other only by the events on the root that desk.mjs lists. */
import { command_of } from "../shared/keys/keys.mjs";
import { input_of, listen } from "../shared/keys/listen.mjs";
import { mount_own_keys } from "../shared/keys/page_keys.mjs";
import { mount_new_guide } from "../shared/new_guide.mjs";
import { ActiveTime } from "../shared/sending/active_time.mjs";
import { connect } from "../shared/sending/api.mjs";
import { Holding, begun } from "../shared/sending/holding.mjs";
import { openOutbox } from "../shared/sending/outbox.mjs";
import { mount_refused } from "../shared/sending/refused.mjs";
import { mount_saved } from "../shared/sending/saved.mjs";
import { startSender } from "../shared/sending/sender.mjs";
import { Desk } from "./desk/desk.mjs";
import { Drafts, load_suggestions } from "./desk/drafts.mjs";
import { keep_safe } from "./desk/keep_safe.mjs";
import { Ready } from "./desk/ready.mjs";
import { Timeline } from "./desk/timeline.mjs";
import { mount_favourites } from "./favourites.mjs";
import { mount_panel } from "./panel.mjs";
import { mount_view } from "./picture/view.mjs";
import { Remembered } from "./remembered.mjs";
import { mount_rest } from "./rest.mjs";
import { Stage } from "./stage.mjs";
import { mount_submit } from "./submit.mjs";
import { mount_suggestion } from "./suggestion.mjs";
import { mount_announcer } from "./telling/announce.mjs";
import { mount_band } from "./telling/band.mjs";
import { mount_empty } from "./telling/empty_desk.mjs";
import { mount_progress } from "./telling/progress.mjs";
import { mount_said } from "./telling/said.mjs";
import { mount_strip } from "./telling/strip.mjs";

const root = document.querySelector("[data-workspace]");
const { user, project, api: base, page, widget: widget_url } = root.dataset;
const config = JSON.parse(root.dataset.config);
const words_in = (template) =>
  Object.fromEntries(
    [...(template?.content.querySelectorAll("[data-word]") ?? [])].map((one) => [one.dataset.word, one.textContent]),
  );
const words = {
  ...words_in(root.querySelector("template[data-words]")),
  ...words_in(root.querySelector("template[data-widget-words]")),
};
const token = document.querySelector("meta[name=csrf-token]").content;
const api = connect({ base, page, user, token });
const timeline = new Timeline(Number(root.dataset.done) + Number(root.dataset.skipped));
const outside = "BroadcastChannel" in globalThis ? new BroadcastChannel(`labeler-${user}`) : { postMessage() {} };

const counted = {
  done: Number(root.dataset.done),
  skipped: Number(root.dataset.skipped),
  total: Number(root.dataset.total),
};
let newest_guide = 0;
let load_widget = () => import(widget_url);

/* For a bundle, which brings its widget along. */
export function use_widget(widget) {
  load_widget = async () => widget;
}

const opening = openOutbox(user).catch((error) => ({ error }));
const ready = new Ready({ claim, timeline, changed: refresh });
const tools = new Remembered({ user, project });
const stage = new Stage(root, { picture: (entry) => ready.picture(entry), words, tools });
const drafts = new Drafts({ user, project });
const desk = new Desk({ root, project, timeline, ready, stage, drafts });
let unsent = new Map(); // assignment → record on this device that the server does not know yet
let shown = false;
let looks = root.dataset.looks === "1"; // a lead's look holds nothing until they answer
const BACK_TO_THE_QUESTION = new Set([
  "undo",
  "undo-answer",
  "redo",
  "skip",
  "skipped",
  "unsure",
  "rest",
  "online-only",
]); // where focus goes after these buttons

/* The next items; while some of a page are asked for (the bulk grid leaves them in the address), those and no others.
 */
async function claim(count) {
  const asked = /^#items=([\d,]+)$/.exec(location.hash)?.[1].split(",").map(Number);
  const { status, data, guideline, more } = await api.post(
    `/${project}/assignments`,
    asked ? { count, items: asked } : { count, hold: looks ? "none" : "share" },
  );
  if (status !== 200) return null;
  if (asked && !data.length) {
    history.replaceState(null, "", location.pathname);
    return claim(count);
  }
  newest_guide = Math.max(newest_guide, guideline);
  desk.tell("guideline", newest_guide);
  const outbox = await opening;
  unsent = new Map(((await outbox.all?.().catch(() => [])) ?? []).map((record) => [record.assignment, record]));
  await drafts.open(outbox);
  return { items: data, more };
}

/* More items came, or none: answers of an earlier visit that still wait here count as given. */
function refresh() {
  drafts.restore(timeline.entries);
  if (config.submits) load_suggestions(timeline.entries);
  for (const entry of timeline.entries) {
    const record = entry.answer ? null : unsent.get(entry.item.assignment);
    if (record && entry !== desk.entry) timeline.answer(entry, answer_of(record));
  }
  if (!desk.entry) {
    const entry = timeline.next();
    if (entry) desk.show(entry);
    else stage.clear(ready.state);
  }
  root.dispatchEvent(new CustomEvent("ready"));
}

const answer_of = ({ value, skip = "", unsure = false, comment = "" }) => ({ value, skip, unsure, comment });

root.addEventListener(
  "item",
  () => {
    if (!shown) {
      shown = true;
      furnish();
    }
  },
  { once: true },
);
root.addEventListener("ready", () => {
  if (!shown && ready.state !== "asking" && !desk.entry) {
    shown = true;
    furnish();
  }
});
stage.clear("asking");
ready.refill();

/* Everything that can wait for the first item. */
async function furnish() {
  const widget = await load_widget();
  desk.clock = new ActiveTime();
  desk.clock.listen();
  mount_favourites(root, { config, name: `labeler-used-${user}-${project}` });
  const list = mount_own_keys(root, { user, api, config, words });
  const view = mount_view(root, { timeline, tools });
  const answers = widget.mount(root, {
    item: desk.entry?.item ?? null,
    config,
    value: desk.value,
    view,
    words,
    tools,
    command: command_of,
    onChange(value, { complete, input = "" }) {
      if (!complete) desk.change({ value });
      else if (desk.answer({ value, input })) answers.focus();
    },
  });
  desk.widget = answers;
  const describe = answers.describe;
  const locale = document.documentElement.lang;
  const progress = mount_progress(root, { ...counted, words, locale });
  const saved = mount_saved(root, { words, resume: () => sender?.wake(), online: ready, locale });
  const band = mount_band(root, { words, desk, timeline, saved });
  const empty = mount_empty(root, { api, project, words, ready, desk, locale, counts: progress.counts });
  const holding = new Holding({
    api,
    project,
    user,
    timeline,
    desk,
    lease: Number(root.dataset.lease),
    passed_on,
    unsent: (assignment) => unsent.has(assignment),
    looks: () => looks,
  });
  ready.changed = () => {
    refresh();
    left();
    empty.update();
    saved.ready();
  };

  function left() {
    if (ready.state !== "asking" && ready.state !== "failed")
      progress.left(timeline.open(), { all: ready.state === "dry" });
  }

  /* Others have an item by now. Nothing begun, and nobody away: the next one takes its place before a look is wasted.
   */
  function passed_on(entry, { away, gone }) {
    const front = entry === desk.entry;
    timeline.lose(entry, { keep: begun(entry) || (front && away) });
    if (front && (gone || !away) && !begun(entry)) desk.show(timeline.next());
    else if (front) band.passed_on(entry);
    left();
  }

  const outbox = await opening;
  const sender = outbox.error
    ? null
    : startSender({
        outbox,
        api,
        user,
        report: (state) => {
          saved.report(state);
          if (state === "saved" && !desk.entry) ready.refill({ again: true });
        },
        settled({ sent, late }) {
          saved.sent(sent);
          count();
          if (late.length) band.came_late(late);
          outside.postMessage({ count: true, late });
        },
      });

  async function count() {
    const [waiting, refused] = await Promise.all([outbox.waiting(), outbox.refused()]);
    saved.counts({ waiting, refused: refused.length });
  }

  function kept(entry) {
    if (looks) {
      looks = false;
      ready.refill({ again: true });
    }
    unsent.delete(entry.item.assignment);
    outside.postMessage({ assignment: entry.item.assignment });
    if (desk.outbox.slow) return;
    saved.kept();
    count().then(sender.added);
    navigator.storage?.persist?.().catch(() => false);
  }

  const { online_only } = keep_safe(root, { desk, api, outbox, saved, kept });
  const panel = mount_panel(root, { desk, focus: answers.focus });
  const guide = mount_new_guide(root, {
    page,
    words,
    opened(position) {
      panel.guideline(position);
      panel.guide(true);
      list.print();
    },
  });
  root.addEventListener("guideline", ({ detail }) => guide.told(detail));
  guide.told(newest_guide);
  const acts = {
    ...panel,
    ...(view.acts ?? view),
    keys: list.open,
    find: answers.find ?? (() => false),
    undo: () => answers.undo?.() || desk.undo(),
    redo: () => answers.redo?.() || desk.redo(),
    "undo-answer": () => desk.undo(),
    previous: () => desk.browse(-1),
    skipped: () => desk.go(timeline.skipped()),
    next: () => desk.browse(1),
    rest: mount_rest(root, { clock: desk.clock }),
    "new-guide": guide.open,
    accept: mount_suggestion(root, { desk, widget: answers, config, locale }),
    again: () => ready.refill({ again: true }),
    "online-only": online_only,
    "band-act": band.act,
    "band-hide": band.hide,
  };
  if (config.submits) {
    const submit = mount_submit(root, { desk, widget: answers });
    acts.submit = (event) => submit(input_of(event));
  }
  const act = (command, event) => (acts[command] ? acts[command](event) : false);
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button && act(button.dataset.do, event) !== false && BACK_TO_THE_QUESTION.has(button.dataset.do))
      answers.focus();
  });
  document.querySelector("header [data-do=keys]")?.addEventListener("click", list.open);
  document.querySelector("header [data-do=skipped]")?.addEventListener("click", () => {
    if (acts.skipped()) answers.focus();
  });
  listen({
    answer: (event) => panel.reason(event) || (!desk.stopped && desk.entry !== null && answers.key(event)),
    release: (event) => answers.release?.(event),
    act,
    on: list.on,
    submits: config.submits,
  });
  mount_strip(root, { timeline, describe, go: (entry) => desk.go(entry), words });
  mount_announcer(root, { describe, words });
  mount_said(root, { words, locale });
  if (sender) {
    mount_refused(root, { outbox, describe, words, changed: count });
    outside.onmessage = ({ data }) => {
      if (data.assignment) timeline.drop(data.assignment);
      if (data.late?.length) band.came_late(data.late);
      count();
    };
    window.addEventListener("online", () => {
      sender.wake();
      if (ready.state === "failed") ready.refill({ again: true });
      if (desk.blind) desk.show(desk.entry);
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) sender.wake();
    });
    saved.found(await outbox.all());
    count().then(sender.wake);
  }
  holding.listen(root);
  root.addEventListener("item", ({ detail }) => {
    band.moved_on(detail.entry);
    if (!detail.entry) empty.update();
  });
  ready.changed();
  desk.tell("item", { entry: desk.entry, before: null });
  if (document.activeElement === document.body) answers.focus();
  root.dataset.open = "";
  const { data } = await api.get(`/${project}/assignments?state=done&limit=50`);
  timeline.add_answered(data?.data ?? []);
  if (counted.skipped > timeline.count_skipped()) {
    // some are older than the answers one can undo
    const older = await api.get(`/${project}/assignments?state=skipped&limit=200`);
    timeline.add_answered(older.data?.data ?? []);
  }
  await reopen();
  drafts.restore(timeline.entries);
  root.dispatchEvent(new CustomEvent("ready"));
}

/* The answer that the address asks for (#answer=item), loaded to be changed. */
async function reopen() {
  const asked = Number(/^#answer=(\d+)$/.exec(location.hash)?.[1]);
  if (!asked) return;
  history.replaceState(null, "", location.pathname);
  const { data } = await api.get(`/${project}/assignments?item=${asked}`);
  timeline.add_answered(data?.data ?? []);
  desk.go(timeline.entries.find((entry) => entry.answer && entry.item.item === asked));
}
