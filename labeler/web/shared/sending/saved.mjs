/* The state of the answers, always in words: All saved · Saved, n late · Saving · n waiting, kept on this device · Sign
   in again, n kept ·
   Can't save here. Counts come from the outbox, so they hold for all tabs and for answers of earlier visits.
   Note: being "online" as the browser says it means nothing; the last reply does. */

const PATIENCE = 1000; // ms before "Saving" is worth a word
const LOOKS = {
  saved: ["ok", "cloud"],
  late: ["warn", "clock"],
  sending: ["", "refresh"],
  later: ["warn", "alert"],
  "sign-in": ["warn", "alert"],
  stopped: ["bad", "alert"],
};

export function mount_saved(_root, { words, resume, online, locale }) {
  const part = (name) => document.querySelector(`[data-part="${name}"]`);
  const [pill, sign_in, refused] = [part("state"), part("sign-in"), part("refused")];
  const [text, more, icon] = [
    pill.querySelector("[data-text]"),
    pill.querySelector("[data-more]"),
    pill.querySelector("use"),
  ];
  let late = 0; // answers that are kept and do not count, until the person has seen it
  let state = "saved",
    waiting = 0,
    timer = null,
    small = null;
  let earlier = { count: 0, at: "", sent: 0 }; // answers of an earlier visit that waited here when the page opened

  function draw(look) {
    pill.dataset.state = look;
    const [tone, picture] = LOOKS[look === "saved" && late ? "late" : look];
    pill.className = `pill ${tone}`;
    icon.setAttribute("href", `#i-${picture}`);
    pill.hidden = look === "sign-in";
    sign_in.hidden = look !== "sign-in";
    sign_in.lastElementChild.textContent = words.sign_in.replace("{count}", waiting);
    text.textContent =
      {
        saved: late ? words.saved_late : words.saved,
        sending: words.saving,
        later: words.waiting,
        stopped: words.stopped,
      }[look]?.replace("{count}", look === "saved" ? late : waiting) ?? "";
    more.textContent = { saved: aside(), later: words.kept }[look] ?? "";
    more.classList.toggle("hide-s", !(look === "saved" && earlier.sent));
  }

  function aside() {
    if (earlier.sent)
      return words.earlier
        .replace("{count}", earlier.sent)
        .replace("{date}", new Date(earlier.at).toLocaleDateString(locale, { day: "numeric", month: "short" }));
    return online.count() ? words.ready.replace("{count}", online.count()) : "";
  }

  function update(next = state) {
    state = next;
    clearTimeout(timer);
    if (state !== "sending") draw(state === "saved" && waiting ? "sending" : state);
    else if (pill.dataset.state === "saved")
      timer = setTimeout(() => {
        if (state === "sending" && waiting) draw("sending");
      }, PATIENCE);
    else if (pill.dataset.state === "later") draw("later");
  }

  sign_in.addEventListener("click", (event) => {
    small = window.open(sign_in.href, "labeler-sign-in", "popup,width=520,height=680");
    if (small) event.preventDefault(); // a blocked window falls back to the link
  });
  window.addEventListener("focus", () => {
    if (state === "sign-in") resume();
  });
  window.addEventListener("beforeunload", (event) => {
    // not while all goes well
    if (waiting && ["later", "sign-in", "stopped"].includes(pill.dataset.state)) event.preventDefault();
  });

  return {
    report(next) {
      if (next === "saved") small?.close();
      if (next === "sending" && state === "sign-in") return; // a look whether somebody signed in; nothing to say yet
      if (state !== "stopped") update(next);
    },
    counts(now) {
      waiting = now.waiting;
      refused.hidden = !now.refused;
      refused.lastElementChild.textContent = words.refused.replace("{count}", now.refused);
      if (state !== "sending") update();
      else if (!waiting) draw("saved");
    },
    /* records that waited when the page opened; sent(count): the server has so many more; kept(): a new answer. */
    found(records) {
      earlier = { count: records.length, at: records[0]?.at ?? "", sent: 0 };
    },
    sent(count) {
      earlier.sent = Math.min(earlier.sent + count, earlier.count);
    },
    kept() {
      earlier = { count: 0, at: "", sent: 0 };
    },
    /* So many answers came too late to count; 0: the person has seen it. */
    late(count) {
      late = count;
      if (pill.dataset.state === "saved") draw("saved");
    },
    ready: () => {
      if (pill.dataset.state === "saved") draw("saved");
    },
    stop: () => update("stopped"),
    start: () => {
      state = "saved";
      update();
    },
  };
}
