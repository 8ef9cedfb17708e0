/* What stands around the tiles: the proposed class, the counts, the guideline of the class, the message of the last
   act,
   and why there is no page. */

export function mount_board(root, { words, describe, done, total, locale }) {
  const part = (name) => document.querySelector(`[data-part="${name}"]`);
  const [view, message, empty, live] = ["view", "message", "empty", "live"].map(part);
  const number = new Intl.NumberFormat(locale);
  let answered = done;

  function fill(name, values) {
    return Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), words[name]);
  }

  const next_page = (page) => fill("next_page", { count: page.items.length, label: page.label });

  function draw_progress() {
    const shown = Math.min(answered, total);
    const share = (100 * shown) / Math.max(total, 1);
    part("done").textContent = number.format(shown);
    part("meter").setAttribute("aria-valuenow", Math.round(share));
    part("meter")
      .querySelector(".fill")
      .setAttribute("width", `${share.toFixed(2)}%`);
  }

  return {
    fill,
    /* text: what just happened, seen and heard. */
    say(text) {
      part("said").textContent = text;
      live.textContent = text;
    },
    /* A page came that somebody waited for. Heard only. */
    came(page) {
      live.textContent = next_page(page);
    },
    /* chosen: what was just marked. Heard only: the tile itself shows it. */
    marked(page, chosen) {
      const state = page.tiles.get(chosen.item.assignment).querySelector(".counts").textContent;
      live.textContent = fill("marked", { number: chosen.number, state, ...page.counts() });
    },
    confirmed(page, next) {
      const { yes, other } = page.counts();
      this.progress(yes + other);
      const what = !(yes + other)
        ? words.all_aside
        : other
          ? fill("saved_with_others", { count: yes + other, other })
          : fill("saved_page", { count: yes, label: page.label });
      this.say(next ? `${what} ${next_page(next)}` : what);
    },
    taken_back(count, replaced) {
      this.progress(-count);
      this.say(fill(replaced ? "back_replaced" : "back", { count, replaced }));
    },
    page(page) {
      const { text, position } = describe(page.label);
      view.replaceChildren(page.list);
      view.scrollTop = 0;
      root.dataset.shown = page.id;
      message.hidden = empty.hidden = true;
      for (const place of root.querySelectorAll("[data-class-name]")) place.textContent = text;
      for (const swatch of root.querySelectorAll("[data-class-swatch]")) {
        swatch.className = `sw c${((position - 1) % 24) + 1} g${Math.floor(((position - 1) % 24) / 8) + 1}`;
      }
      part("about").textContent = fill("look_alike", { count: number.format(page.items.length) });
      for (const one of root.querySelectorAll("[data-part=guide] [data-for]"))
        one.hidden = one.dataset.for !== String(position);
      root.classList.remove("without-page");
    },
    counts(page) {
      const { yes, other, out } = page.counts();
      const parts = [fill("count_yes", { count: yes })];
      if (other) parts.push(fill("count_other", { count: other }));
      if (out) parts.push(fill("count_out", { count: out }));
      part("counts").textContent = parts.join(", ");
      part("confirm").textContent = fill("confirm", { count: number.format(yes + other) });
    },
    /* No page: why, and what to do. state, reason: of the turns. */
    clear(state, reason) {
      view.replaceChildren();
      delete root.dataset.shown;
      root.classList.add("without-page");
      part("counts").textContent = part("about").textContent = "";
      const words_of = { asking: "loading", failed: "offline", filled: "loading" };
      message.hidden = !(state in words_of);
      message.textContent = words[words_of[state]] ?? "";
      empty.hidden = !message.hidden;
      const why = state === "refused" ? "off" : reason || "nothing_left";
      for (const one of empty.querySelectorAll("[data-why]")) one.hidden = !one.dataset.why.split(" ").includes(why);
    },
    /* count: answers given (or taken back: below 0). */
    progress(count) {
      answered = Math.max(answered + count, 0);
      draw_progress();
    },
  };
}
