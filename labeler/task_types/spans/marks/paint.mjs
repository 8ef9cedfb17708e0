/* The text of an item with its spans: blocks of whole lines, in them runs, in a run one element for each span that
   covers
   it, and after a span a chip with its class. Only blocks whose spans changed are built again.
   Note: the text nodes together are the text, unchanged, so a place in them is a place in the
   text. Chips have no text (their words are drawn from an attribute), so they are neither counted nor copied. */
import { lanes_of, runs_of } from "./runs.mjs";

const BLOCK = 400; // letters at least, in whole lines

export class Paint {
  #blocks = []; // {start, end, element, runs}; a run has start, end, key, text (its node) and nodes
  #starts = new WeakMap(); // text node → its place
  #chips = new WeakMap(); // chip → its span

  /* positions: place of each class by its name, from 1; needs: what a span says that waits for its class. */
  constructor(paragraph, positions, needs) {
    Object.assign(this, { paragraph, positions, needs });
  }

  show(text) {
    this.text = text;
    this.#blocks = [];
    for (let start = 0; start < text.length || !start; ) {
      const line = text.indexOf("\n", start + BLOCK);
      const end = line < 0 ? text.length : line + 1;
      const element = document.createElement("span");
      element.className = "span-line";
      this.#blocks.push({ start, end, element, runs: [] });
      start = Math.max(end, 1);
    }
    this.paragraph.replaceChildren(...this.#blocks.map(({ element }) => element));
  }

  draw(spans, selected) {
    const lanes = lanes_of(spans);
    const runs = runs_of(
      spans,
      this.#blocks.map(({ end }) => end),
      lanes,
    );
    const deepest = Math.max(-1, ...lanes.values());
    this.paragraph.classList.toggle("deep", deepest > 2);
    let at = 0;
    for (const block of this.#blocks) {
      const from = at;
      while (at < runs.length && runs[at].end <= block.end) at += 1;
      this.#fill(
        block,
        runs.slice(from, at).map((run) => ({ ...run, key: key_of(run, lanes, selected) })),
        { lanes, selected },
      );
    }
  }

  /* Puts new runs in place of those that differ, between the first and the last difference. */
  #fill(block, runs, look) {
    const old = block.runs;
    const equal = (a, b) => a && b && a.start === b.start && a.end === b.end && a.key === b.key;
    let head = 0,
      tail = 0;
    while (equal(old[head], runs[head])) head += 1;
    while (tail < Math.min(old.length, runs.length) - head && equal(old.at(-1 - tail), runs.at(-1 - tail))) tail += 1;
    const next = old[old.length - tail]?.nodes[0] ?? null;
    for (const { nodes } of old.slice(head, old.length - tail)) for (const node of nodes) node.remove();
    const fresh = runs.slice(head, runs.length - tail).map((run) => this.#build(run, look));
    for (const { nodes } of fresh) for (const node of nodes) block.element.insertBefore(node, next);
    block.runs = [...old.slice(0, head), ...fresh, ...old.slice(old.length - tail)];
    for (const [n, run] of runs.entries()) if (n < head || n >= runs.length - tail) this.#hand_on(block.runs[n], run);
  }

  /* A run that stays as it is may belong to new spans that look the same. */
  #hand_on(run, { spans, ended }) {
    for (const [n, chip] of run.chips.entries()) this.#chips.set(chip, ended[n]);
    Object.assign(run, { spans, ended });
  }

  #build(run, { lanes, selected }) {
    const text = document.createTextNode(this.text.slice(run.start, run.end));
    this.#starts.set(text, run.start);
    const inside = (node, spans) =>
      spans.reduce((inner, span) => {
        const mark = document.createElement("span");
        mark.className = `span-mark u${lanes.get(span)} ${this.#look(span)}${span === selected ? " on" : ""}`;
        mark.append(inner);
        return mark;
      }, node);
    const chips = run.ended.map((span) => this.#chip(span, span === selected));
    const going_on = run.spans.filter((span) => !run.ended.includes(span));
    return { ...run, text, chips, nodes: [inside(text, run.spans), ...chips.map((chip) => inside(chip, going_on))] };
  }

  #chip(span, on) {
    const chip = document.createElement("i");
    chip.className = `span-chip ${this.#look(span)}${on ? " on" : ""}`;
    chip.dataset.name = span.label ?? this.needs;
    chip.setAttribute("aria-hidden", "true");
    this.#chips.set(chip, span);
    return chip;
  }

  #look({ label }) {
    if (label === null) return "needs";
    const position = (this.positions.get(label) - 1) % 24;
    return `c${position + 1} g${Math.floor(position / 8) + 1}`;
  }

  /* The span whose chip this is, or null. */
  owner(element) {
    return this.#chips.get(element) ?? null;
  }

  /* The place in the text of a place in the page; null outside of the text. */
  place(node, offset) {
    if (!this.paragraph.contains(node)) return null;
    if (this.#starts.has(node)) return this.#starts.get(node) + offset;
    const walker = document.createTreeWalker(this.paragraph, NodeFilter.SHOW_TEXT);
    walker.currentNode = node.childNodes[offset] ?? last_within(node);
    const text =
      walker.currentNode.nodeType === Node.TEXT_NODE && node.childNodes[offset]
        ? walker.currentNode
        : walker.nextNode();
    return text ? this.#starts.get(text) : this.text.length;
  }

  /* The place in the text under a point of the screen, or null. */
  under(x, y) {
    const { offsetNode, offset } = document.caretPositionFromPoint?.(x, y) ?? {};
    if (offsetNode) return this.place(offsetNode, offset);
    const range = document.caretRangeFromPoint?.(x, y);
    return range ? this.place(range.startContainer, range.startOffset) : null;
  }

  /* [node, offset] of a place. ends: where a run ends there, in that one instead of the next. */
  point(place, ends = false) {
    const inside = (list) => list.find(({ end }) => (ends ? place <= end : place < end)) ?? list.at(-1);
    const run = inside(inside(this.#blocks).runs);
    if (!run) return [this.paragraph, 0]; // an empty text
    return [run.text, Math.min(Math.max(place - run.start, 0), run.end - run.start)];
  }

  range(start, end) {
    const range = new Range();
    range.setStart(...this.point(start));
    range.setEnd(...this.point(end, end > start));
    return range;
  }

  /* Where a caret stands: a rectangle on the screen. */
  rectangle(place) {
    const range = this.range(place, place);
    const [own] = range.getClientRects();
    if (own?.height) return own;
    const [node, offset] = this.point(place);
    if (offset < node.length) range.setEnd(node, offset + 1);
    return range.getBoundingClientRect();
  }
}

const key_of = ({ spans, ended }, lanes, selected) =>
  spans.map((span) => `${lanes.get(span)}${span === selected ? "+" : ":"}${span.label}`).join("\n") +
  `\n\n${ended.map((span) => (span === selected ? "+" : ":") + span.label).join("\n")}`;

function last_within(node) {
  while (node.lastChild) node = node.lastChild;
  return node;
}
