/* Puts the bulk grid together: a page of look-alikes with one proposed class, all of them yes until marked, one key for
   the
   page and one to take it back. */
import { ActiveTime } from "../shared/sending/active_time.mjs";
import { connect } from "../shared/sending/api.mjs";
import { mount_buttons } from "../shared/choosing/choices.mjs";
import { mount_board } from "./grid/board.mjs";
import { Chosen } from "./grid/chosen.mjs";
import { mount_enlarge } from "./grid/enlarge.mjs";
import { Flow } from "./grid/flow.mjs";
import { mount_guide } from "./grid/guide.mjs";
import { Memory } from "./grid/memory.mjs";
import { mount_safe } from "./grid/safe.mjs";
import { make_tiles } from "./grid/tiles.mjs";
import { Turns } from "./grid/turns.mjs";
import { Holding } from "../shared/sending/holding.mjs";
import { input_of, listen } from "../shared/keys/listen.mjs";
import { openOutbox } from "../shared/sending/outbox.mjs";
import { mount_own_keys } from "../shared/keys/page_keys.mjs";

const root = document.querySelector("[data-grid]");
const { user, project, api: base, page: address, done, total } = root.dataset;
const config = JSON.parse(root.dataset.config);
const words = Object.fromEntries(
  [...root.querySelector("template[data-words]").content.querySelectorAll("[data-word]")].map((one) => [
    one.dataset.word,
    one.textContent,
  ]),
);
const locale = document.documentElement.lang;
const token = document.querySelector("meta[name=csrf-token]").content;
const api = connect({ base, page: address, user, token });
const outside = "BroadcastChannel" in globalThis ? new BroadcastChannel(`labeler-${user}`) : { postMessage() {} };
const positions = new Map(config.classes.map((one) => [one.name, one.position]));
const describe = (label) => ({ text: label ?? "", position: positions.get(label) ?? 1 });
const opening = openOutbox(user).catch((error) => ({ error }));

const memory = new Memory({ user, project });
const clock = new ActiveTime();
const board = mount_board(root, { words, describe, done: Number(done), total: Number(total), locale });
const ready = (page) => make_tiles(page, { media: config.media, words, describe, locale });
const turns = new Turns({ ask, memory, prepare: ready, changed: () => flow.refresh() });
const chosen = new Chosen({ moved });
const enlarged = mount_enlarge(root, { item: () => chosen.item });
const guide = mount_guide(root, { address, words, focus: () => chosen.focus() });
const flow = new Flow({ root, project, words, describe, board, turns, chosen, memory, clock, enlarged, moved, ready });
const classes = mount_buttons(root, { pick });
const holding = new Holding({
  api,
  project,
  user,
  lease: Number(root.dataset.lease),
  desk: {},
  unsent: () => false,
  looks: () => false,
  shown: () => true,
  timeline: {
    get entries() {
      return turns.pages.flatMap((page) => page.items.map((item) => ({ item })));
    },
  },
  passed_on: ({ item }) => flow.drop(item.assignment), // nobody should mark what others have by now
});

/* The next page, with one more try where only the form token was old. */
async function ask(body) {
  const send = () => api.post(`/${project}/pages`, body);
  let reply = await send();
  if ((reply.status === 400 || reply.status === 403) && (await api.renew()) === "same") reply = await send();
  guide.told(reply.guideline ?? 0);
  return reply.status === 200 ? without_unsent(reply, body) : reply;
}

/* Leaves out what was answered on this device (in an earlier visit, say) and the server does not know yet. */
async function without_unsent(reply, body) {
  const unsent = new Set(((await (await opening).all?.().catch(() => [])) ?? []).map((record) => record.assignment));
  const [given, open] = [
    reply.data.items.filter((item) => unsent.has(item.assignment)),
    reply.data.items.filter((item) => !unsent.has(item.assignment)),
  ];
  if (given.length && !open.length) {
    memory.answer(given.map((item) => item.item));
    return ask({ ...body, without: [...body.without, ...given.map((item) => item.item)].slice(-2000) });
  }
  reply.data.items = open;
  return reply;
}

function moved(item) {
  enlarged.follow();
  const label = item ? flow.page?.label_of(item) : null;
  for (const button of classes.buttons) button.setAttribute("aria-pressed", String(button.dataset.label === label));
}

function pick(button, input) {
  flow.mark((page, items) => page.give(items, button.dataset.label), input);
  if (input !== "key") chosen.focus();
}

const toggle = (event) => flow.mark((page, items) => page.toggle(items), input_of(event));

/* Keys that are no commands: moving, classes, Shift with Enter, Esc. */
function answer(event) {
  const in_classes = event.target.closest?.("[data-choices]") ?? null;
  if (event.key === "Escape") return enlarged.close();
  if (event.key === "Enter" && event.target.dataset.label) {
    pick(event.target, "key");
    return true;
  }
  if (event.key === "Enter" && event.shiftKey) return flow.none();
  if (!in_classes && !event.altKey && chosen.key(event)) return true;
  return !event.repeat && classes.key(event);
}

function mount_keys() {
  const list = mount_own_keys(root, { user, api, config, words });
  const acts = {
    submit: (event) => flow.confirm(event),
    delete: toggle,
    hide: enlarged.enlarge,
    undo: () => {
      flow.take_back();
    },
    none() {
      holding.stays = true;
      return flow.none();
    },
    guide: guide.toggle,
    "new-guide": guide.open,
    keys: list.open,
    again() {
      memory.forget_way();
      turns.refill({ again: true });
    },
    "online-only"() {
      flow.stopped = false;
      flow.safe.online_only();
      chosen.focus();
    },
  };
  const act = (command, event) => (acts[command] ? acts[command](event) : false);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button && act(button.dataset.do, event) !== false && ["submit", "delete", "undo"].includes(button.dataset.do))
      chosen.focus();
  });
  listen({ answer, release: enlarged.release, act, on: list.on, submits: true });
}

root.querySelector("[data-part=view]").addEventListener("click", (event) => {
  const extend = event.shiftKey;
  if (chosen.point(event, { extend }) && !extend) toggle(event);
});
outside.onmessage = ({ data }) => {
  if (data.assignment) flow.drop(data.assignment);
  flow.safe?.count();
};
window.addEventListener("online", () => {
  if (turns.state === "failed") turns.refill({ again: true });
});
mount_keys();
clock.listen();
holding.listen(root);
board.clear("asking", "");
turns.refill({ again: true });
opening.then((outbox) => {
  const sent = () => {
    if (turns.state === "failed" || turns.state === "dry") turns.refill({ again: true });
  };
  flow.safe = mount_safe(root, {
    outbox,
    api,
    user,
    project,
    memory,
    words,
    describe,
    outside,
    locale,
    sent,
    late: (count) => board.say(board.fill("late_many", { count })),
  });
  root.dataset.open = "";
});
