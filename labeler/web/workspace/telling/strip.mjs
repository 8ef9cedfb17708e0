/* The line under the item: the last four answers, now, the next three, and the last answer with Undo. The places are in
   the page from the start and only change their content, so nothing moves. */

const SNIPPET = 60; // characters of a text

export function mount_strip(root, { timeline, describe, go, words }) {
  const list = root.querySelector("[data-part=strip]");
  const places = [...list.querySelectorAll("[data-place]")].map((place) => ({
    place,
    button: place.querySelector("button, [data-tile]"),
    image: place.querySelector("img"),
    snippet: place.querySelector("[data-snippet]"),
    swatch: place.querySelector(".sw"),
    name: place.querySelector("[data-name]"),
  }));
  const last = root.querySelector("[data-part=last]");
  const shown = new Map();

  function picture(image, { item, url }) {
    const source = item.thumb_url ?? url ?? "";
    image.hidden = !source;
    if (!source || image.getAttribute("src") === source) return;
    image.onerror = () => {
      if (url && image.getAttribute("src") !== url) image.src = url;
    };
    image.src = source;
  }

  function fill({ place, button, image, snippet, swatch, name }, entry, kind) {
    place.classList.toggle("vacant", !entry);
    shown.set(button, entry);
    if ("disabled" in button) button.disabled = !entry;
    if (!entry) return;
    if (entry.item.image_url) picture(image, entry);
    else snippet.textContent = (entry.item.text ?? "").slice(0, SNIPPET);
    if (kind !== "done") return;
    const { text, position } = entry.answer.skip ? { text: words.skipped, position: 0 } : describe(entry.answer.value);
    name.textContent = entry.late ? words.tile_late.replace("{answer}", text) : text;
    swatch.hidden = !position;
    swatch.className = `sw c${((position - 1) % 24) + 1} g${Math.floor(((position - 1) % 24) / 8) + 1}`;
    button.setAttribute("aria-label", words.tile.replace("{number}", entry.number).replace("{answer}", text));
  }

  function draw() {
    const kinds = places.map(({ place }) => place.dataset.place);
    const done = timeline.behind(4);
    const next = timeline.ahead(3);
    for (const [at, place] of places.entries()) {
      const kind = kinds[at];
      const entry = kind === "done" ? done[at - 4 + done.length] : kind === "now" ? timeline.current : next[at - 5];
      fill(place, entry ?? null, kind);
    }
    const entry = done.at(-1);
    last.classList.toggle("vacant", !entry);
    last.classList.toggle("warn", Boolean(entry?.late));
    if (entry) last.querySelector("[data-said]").textContent = said(entry, { describe, words });
  }

  list.addEventListener("click", (event) => {
    const entry = shown.get(event.target.closest("button"));
    if (entry && entry !== timeline.current) go(entry);
  });
  root.addEventListener("item", draw);
  root.addEventListener("ready", draw);
  draw();
}

/* "412 is Glass". */
export function said(entry, { describe, words }) {
  if (entry.late) return words.was_late.replace("{number}", entry.number);
  if (entry.answer.skip) return words.was_skipped.replace("{number}", entry.number);
  return words.was.replace("{number}", entry.number).replace("{answer}", describe(entry.answer.value).text);
}
