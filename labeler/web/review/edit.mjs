/* A lead's own answer to one item: the widget of its task type on the annotator's stage. It is saved by one request and
   leads on to where the server says; whatever fails is said here, and what was drawn stays. */
import { command_of } from "../shared/keys/keys.mjs";
import { input_of, listen } from "../shared/keys/listen.mjs";
import { mount_own_keys } from "../shared/keys/page_keys.mjs";
import { connect } from "../shared/sending/api.mjs";
import { mount_view } from "../workspace/picture/view.mjs";
import { Remembered } from "../workspace/remembered.mjs";
import { Stage } from "../workspace/stage.mjs";
import { mount_submit } from "../workspace/submit.mjs";
import { mount_starts } from "./starts.mjs";

const root = document.querySelector("[data-workspace]");
const { user, project, page, widget: widget_url, save: address } = root.dataset;
const [config, item, decision] = ["config", "entry", "decision"].map((name) => JSON.parse(root.dataset[name]));
const words = Object.fromEntries(
  [...root.querySelectorAll("template[data-words], template[data-widget-words]")]
    .flatMap((template) => [...template.content.querySelectorAll("[data-word]")])
    .map((one) => [one.dataset.word, one.textContent]),
);
const token = document.querySelector("meta[name=csrf-token]").content;
const api = connect({ base: "", page, user, token });
const trouble = root.querySelector("[data-part=trouble]");
const comment = root.querySelector("[data-part=comment]");
let load_widget = () => import(widget_url);

/* For a bundle, which brings its widget along. */
export function use_widget(widget) {
  load_widget = async () => widget;
}

queueMicrotask(open); // after a bundle has said which widget

async function open() {
  const widget = await load_widget();
  const tools = new Remembered({ user, project });
  const entry = { item, number: item.item, picture: null };
  const stage = new Stage(root, { picture: (one) => picture_of(one), words, tools });
  let saving = false;

  const keys = mount_own_keys(root, { user, api, config, words });
  const view = mount_view(root, { timeline: { current: entry }, tools });
  const starts = mount_starts(root, { put: (value) => answers.show(item, value), changed: tell });
  const answers = widget.mount(root, {
    item,
    config,
    value: starts.value,
    view,
    words,
    tools,
    command: command_of,
    onChange(value, { complete }) {
      starts.change(value);
      if (complete) save(value);
    },
  });
  const desk = {
    entry,
    get value() {
      return starts.value;
    },
    get answerable() {
      return !saving;
    },
    answer({ value }) {
      save(value);
      return true;
    },
  };
  const submit = mount_submit(root, { desk, widget: answers });

  function tell() {
    root.dispatchEvent(new CustomEvent("draft"));
  }

  function say(text) {
    trouble.lastElementChild.textContent = text;
    trouble.hidden = !text;
  }

  async function save(value) {
    if (saving) return;
    saving = true;
    say("");
    const sent = { ...decision, reason: comment.querySelector("textarea").value, value };
    const { status, data } = await send(sent);
    saving = false;
    if (status === 200 && data?.to) {
      starts.done();
      location.assign(data.to);
    } else say(data?.error ?? words[status === 401 ? "signed_out" : status === 404 ? "gone" : "offline"]);
  }

  /* Once more where only the token was old. */
  async function send(sent) {
    const reply = await api.post(address, sent);
    const stale = (reply.status === 400 || reply.status === 403) && !reply.data?.error;
    if (!stale) return reply;
    const renewed = await api.renew();
    if (renewed === "same") return api.post(address, sent);
    return { status: renewed === "gone" ? 404 : 401, data: null };
  }

  function write_reason() {
    comment.hidden = !comment.hidden;
    root.querySelector("[data-do=comment]").setAttribute("aria-expanded", String(!comment.hidden));
    if (comment.hidden) answers.focus();
    else comment.querySelector("textarea").focus();
  }

  const acts = {
    ...(view.acts ?? view),
    keys: keys.open,
    find: answers.find ?? (() => false),
    undo: () => answers.undo?.(),
    redo: () => answers.redo?.(),
    comment: write_reason,
    submit: (event) => submit(input_of(event)),
  };
  const act = (command, event) => (Object.hasOwn(acts, command) ? acts[command](event) : false);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button?.dataset.do === "cancel") starts.done();
    else if (button) act(button.dataset.do, event);
  });
  listen({
    answer: (event) => !saving && answers.key(event),
    release: (event) => answers.release?.(event),
    act,
    on: keys.on,
    submits: true,
  });
  document.addEventListener("keydown", (event) => {
    const free = !event.defaultPrevented && !document.querySelector("dialog[open]");
    if (event.key !== "Escape" || !free) return;
    if (event.target.closest("[data-part=comment]")) write_reason();
    else if (!starts.differs()) root.querySelector("[data-do=cancel]").click();
  });
  await stage.show(entry);
  root.dispatchEvent(new CustomEvent("item", { detail: { entry } }));
  tell();
  if (document.activeElement === document.body) answers.focus();
  root.dataset.open = "";
}

async function picture_of(entry) {
  if (!entry.item.image_url) return null;
  const image = new Image();
  image.draggable = false;
  image.src = entry.item.image_url;
  await image.decode();
  entry.picture = image;
  return image;
}
