/* The tiles of one page: made once, before the page is needed, with their pictures decoded; after that only their marks
   change. A tile is a button: pressed means it does not count as yes. */
import { limit } from "../../shared/picture_size.mjs";
import { differing } from "./differing.mjs";

const LONGEST = 600; // characters of a text on its tile; the whole text comes when it is enlarged

/* describe(label) → {text, position}. Sets page.list (an <ol>) and page.tiles (assignment → tile); settles when
   pictures are there. */
export async function make_tiles(page, { media, words, describe, locale }) {
  const texts = media === "text" ? differing(page.items.map((item) => (item.text ?? "").slice(0, LONGEST))) : [];
  const percent = new Intl.NumberFormat(locale, { style: "percent" });
  page.tiles = new Map();
  page.list = document.createElement("ol");
  page.list.className = `tiles ${media}`;
  const waiting = [];
  for (const [at, item] of page.items.entries()) {
    const tile = document.createElement("button");
    Object.assign(tile, { type: "button", className: "look", tabIndex: -1 });
    tile.dataset.assignment = item.assignment;
    tile.append(media === "text" ? reading(texts[at], item) : picture(item, waiting), caption());
    if (item.odd) tile.append(odd_mark(item, { words, percent }));
    page.tiles.set(item.assignment, tile);
    const place = document.createElement("li");
    place.append(tile);
    page.list.append(place);
    draw_mark(page, item, { words, describe });
  }
  await Promise.all(waiting);
  for (const item of page.items.filter((one) => one.broken && page.state(one) === "yes")) {
    // nobody answers what they cannot see
    page.toggle([item]);
    draw_mark(page, item, { words, describe });
  }
}

/* Shows what an item counts as, in words and by a sign. */
export function draw_mark(page, item, { words, describe }) {
  const tile = page.tiles.get(item.assignment);
  const state = page.state(item);
  const { text, position } = describe(page.label_of(item));
  const [swatch, name] = tile.querySelector(".counts").children;
  tile.dataset.state = state;
  tile.setAttribute("aria-pressed", String(state !== "yes"));
  name.textContent = { yes: words.yes, out: item.broken ? words.missing : words.out, other: text }[state];
  swatch.className =
    state === "other"
      ? `sw c${((position - 1) % 24) + 1} g${Math.floor(((position - 1) % 24) / 8) + 1}`
      : `sign ${state}`;
}

function picture(item, waiting) {
  const image = new Image();
  image.decoding = "sync"; // painted in the frame it is put in
  image.draggable = false;
  image.alt = item.external_id ?? "";
  limit(image, item);
  image.src = item.thumb_url ?? item.image_url;
  waiting.push(
    image.decode().catch(() => {
      item.broken = true;
    }),
  );
  return image;
}

function reading(pieces, item) {
  const text = document.createElement("span");
  text.className = "words";
  text.dir = "auto";
  for (const { text: part, differs } of pieces) {
    if (!differs) {
      text.append(part);
      continue;
    }
    const strong = document.createElement("b");
    strong.textContent = part;
    text.append(strong);
  }
  if ((item.text ?? "").length > LONGEST) text.append("…");
  return text;
}

function caption() {
  const line = document.createElement("span");
  line.className = "counts";
  const swatch = document.createElement("i");
  swatch.setAttribute("aria-hidden", "true");
  const name = document.createElement("span");
  name.dir = "auto";
  line.append(swatch, name);
  return line;
}

function odd_mark(item, { words, percent }) {
  const mark = document.createElement("span");
  mark.className = "odd";
  mark.dir = "auto";
  mark.textContent = (item.rival ? words.odd : words.odd_alone)
    .replace("{rival}", item.rival ?? "")
    .replace("{share}", percent.format(item.probability));
  return mark;
}
