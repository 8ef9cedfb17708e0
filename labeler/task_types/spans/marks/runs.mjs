/* A text cut where any span begins or ends. In each run the same spans cover every letter; each span keeps one lane, so
   its
   underline stays at one height however many others begin or end below it.
   Note: the shortest span of a stack lies nearest to the text, so nested spans read from
   inside out. */

export const LANES = 6; // heights of underlines; deeper stacks share the last

/* Map span → lane, 0 nearest to the text. spans: sorted by start. */
export function lanes_of(spans) {
  const lanes = new Map();
  let stack = [],
    until = -1;
  const settle = () => {
    const rows = [];
    for (const span of stack.sort((a, b) => a.end - a.start - (b.end - b.start))) {
      let lane = rows.findIndex((row) => row.every((one) => one.end <= span.start || one.start >= span.end));
      if (lane < 0) lane = rows.push([]) - 1;
      rows[lane].push(span);
      lanes.set(span, Math.min(lane, LANES - 1));
    }
    stack = [];
  };
  for (const span of spans) {
    if (span.start >= until) settle();
    stack.push(span);
    until = Math.max(until, span.end);
  }
  settle();
  return lanes;
}

/* Runs {start, end, spans, ended} over the whole text, in order. cuts: places where a run ends in any case, ascending,
   the
   last one the length of the text; spans: those covering the run, by lane; ended: those whose last letter is in it. */
export function runs_of(spans, cuts, lanes) {
  const places = [...new Set([...cuts, ...spans.flatMap(({ start, end }) => [start, end])])].sort((a, b) => a - b);
  const runs = [];
  let start = 0,
    next = 0,
    open = [];
  for (const end of places) {
    if (end <= start) continue;
    while (next < spans.length && spans[next].start <= start) open = [...open, spans[next++]];
    open = open.filter((span) => span.end > start).sort((a, b) => lanes.get(a) - lanes.get(b));
    runs.push({ start, end, spans: open, ended: open.filter((span) => span.end === end) });
    start = end;
  }
  return runs;
}
