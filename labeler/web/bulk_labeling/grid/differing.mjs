/* Which words set a text apart from the others on its page: those that few of the others have, the longest of them
   first,
   because a short word seldom says what a text is about. A calculation, any script.
   Note: this knows nothing of classes. It helps the eye to see how look-alikes differ. */

const FEW = 6; // a word in one of so many texts is rare
const MOST = 5; // words emphasised in one text
const WORD = /[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*/gu;

/* texts: list of strings. Returns for each text its pieces in order: {text, differs}. */
export function differing(texts) {
  const cut = texts.map(pieces);
  const known = new Map(); // word → texts that have it
  for (const parts of cut)
    for (const word of new Set(parts.filter((one) => one.word).map((one) => one.word)))
      known.set(word, (known.get(word) ?? 0) + 1);
  const rare = texts.length > 1 ? Math.max(1, Math.floor(texts.length / FEW)) : 0;
  return cut.map((parts) => {
    const words = [...new Set(parts.filter((one) => one.word && known.get(one.word) <= rare).map((one) => one.word))];
    const chosen = new Set(words.sort((one, other) => other.length - one.length).slice(0, MOST));
    return joined(parts.map(({ text, word }) => ({ text, differs: chosen.has(word) })));
  });
}

function pieces(text) {
  if (globalThis.Intl?.Segmenter) {
    const segments = new Intl.Segmenter(undefined, { granularity: "word" }).segment(text);
    return [...segments].map(({ segment, isWordLike }) => ({
      text: segment,
      word: isWordLike ? segment.toLocaleLowerCase() : "",
    }));
  }
  const found = [];
  let at = 0;
  for (const match of text.matchAll(WORD)) {
    found.push({ text: text.slice(at, match.index), word: "" }, { text: match[0], word: match[0].toLocaleLowerCase() });
    at = match.index + match[0].length;
  }
  return [...found, { text: text.slice(at), word: "" }];
}

/* Neighbours of one kind as one piece, so that a text is a few nodes and not hundreds. */
function joined(parts) {
  const found = [];
  for (const part of parts) {
    const last = found.at(-1);
    if (last && last.differs === part.differs && !part.differs) last.text += part.text;
    else if (part.text) found.push({ ...part });
  }
  return found;
}
