/* What is changed between two texts, as diff.py says it: by words, inside a word by letters, white space not compared.
   What is the same at the beginning and the end is put aside first; the rest is aligned unless it is very long. */

const MOST = 4_000_000; // pairs of tokens that are aligned; beyond it all between is one change
const REFINED = 0.5; // the likeness of two words from which their letters are compared
const JOINED = /[\u0600-\u06ff\u0700-\u08ff\u1800-\u18af\ufb50-\ufdff\ufe70-\ufeff]/; // letters that change their form
const RIGHT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/* Runs {kind: "same" | "removed" | "added", text}; no two neighbours are of one kind. */
export function differences(older, newer) {
  const [before, after] = [older, newer].map((text) => text.trim().match(/\s+|\S+/g) ?? []);
  return merged(align(before, after, key, refined));
}

/* "rtl" or "ltr": how the first letter runs, as dir="auto" has it. */
export function direction(text) {
  return RIGHT.test(/\p{L}/u.exec(text)?.[0] ?? "") ? "rtl" : "ltr";
}

const key = (token) => (/^\s/.test(token) ? " " : token.normalize("NFC"));
const replaced = (old, fresh) => [
  { kind: "removed", text: old },
  { kind: "added", text: fresh },
];

function refined(old, fresh) {
  if (JOINED.test(old + fresh)) return replaced(old, fresh);
  const [before, after] = [old, fresh].map(letters);
  const runs = align(before, after, (letter) => letter, replaced);
  const changed = Math.max(...["added", "removed"].map((kind) => runs.filter((run) => run.kind === kind).length));
  return changed > (1 - REFINED) * Math.max(before.length, after.length) ? replaced(old, fresh) : runs;
}

function letters(word) {
  const plain = word.normalize("NFC");
  if (!Intl.Segmenter) return [...plain];
  return [...new Intl.Segmenter().segment(plain)].map(({ segment }) => segment);
}

/* Aligns two lists with the fewest changes. name(token): what it is compared by; swap(old, fresh): runs of one that
   stands in the place of another. */
function align(before, after, name, swap) {
  const [old, fresh] = [before.map(name), after.map(name)];
  let start = 0,
    end = 0;
  const shorter = Math.min(old.length, fresh.length);
  while (start < shorter && old[start] === fresh[start]) start++;
  while (end < shorter - start && old.at(-1 - end) === fresh.at(-1 - end)) end++;
  const same = (list) => list.map((text) => ({ kind: "same", text }));
  const [rows, columns] = [old.length - end, fresh.length - end];
  const between =
    (rows - start) * (columns - start) > MOST
      ? replaced(before.slice(start, rows).join(""), after.slice(start, columns).join(""))
      : edited({ old, fresh, before, after, start, rows, columns, swap });
  return [...same(after.slice(0, start)), ...between, ...same(after.slice(columns))];
}

function edited({ old, fresh, before, after, start, rows, columns, swap }) {
  const [height, width] = [rows - start, columns - start];
  const cost = costs(old.slice(start, rows), fresh.slice(start, columns));
  const at = (i, j) => cost[i * (width + 1) + j];
  const runs = []; // from the end
  let i = height,
    j = width;
  while (i || j) {
    const [one, other] = [start + i - 1, start + j - 1];
    if (i && j && old[one] === fresh[other] && at(i, j) === at(i - 1, j - 1)) {
      runs.push({ kind: "same", text: after[other] });
      i--;
      j--;
    } else if (i && j && at(i, j) === at(i - 1, j - 1) + 1) {
      runs.push(...swap(before[one], after[other]).reverse());
      i--;
      j--;
    } else if (i && at(i, j) === at(i - 1, j) + 1) runs.push({ kind: "removed", text: before[start + --i] });
    else runs.push({ kind: "added", text: after[start + --j] });
  }
  return runs.reverse();
}

/* How many changes the beginnings of two lists are apart, row by row. */
function costs(old, fresh) {
  const width = fresh.length + 1;
  const cost = new Uint16Array((old.length + 1) * width);
  for (let j = 0; j < width; j++) cost[j] = j;
  for (let i = 1; i <= old.length; i++) {
    cost[i * width] = i;
    for (let j = 1; j < width; j++) {
      const place = i * width + j;
      const swap = cost[place - width - 1] + (old[i - 1] === fresh[j - 1] ? 0 : 1);
      cost[place] = Math.min(swap, cost[place - width] + 1, cost[place - 1] + 1);
    }
  }
  return cost;
}

/* Neighbours of one kind become one run; of a stretch of changes first what was removed. */
function merged(runs) {
  const found = [];
  let stretch = { removed: "", added: "" };
  const close = () => {
    for (const kind of ["removed", "added"]) if (stretch[kind]) found.push({ kind, text: stretch[kind] });
    stretch = { removed: "", added: "" };
  };
  for (const { kind, text } of runs) {
    if (kind !== "same") stretch[kind] += text;
    else if (text) {
      close();
      if (found.at(-1)?.kind === "same") found.at(-1).text += text;
      else found.push({ kind, text });
    }
  }
  close();
  return found;
}
