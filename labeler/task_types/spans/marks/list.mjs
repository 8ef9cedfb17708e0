/* The spans as a list beside the text: number, class, the words; select and delete. Rows are kept while their span is.
   Note: Tab stops once at the list, at the selected row; arrows move between rows. */

const CUT = 40; // characters of the words shown

/* act.select(span, event), act.remove(span, event). */
export function mount_list(root, { words, positions, act }) {
  const list = root.querySelector("[data-spans=list]");
  const pattern = root.querySelector("template[data-spans=row]").content.firstElementChild;
  const count = root.querySelector("[data-spans=count]");
  const none = root.querySelector("[data-spans=none]");
  let rows = new Map(); // span → {row, pick, remove, number}
  const spans = new WeakMap(); // row → span
  let stop = null;

  function build(span, facts) {
    const row = pattern.cloneNode(true);
    const position = (positions.get(span.label) - 1) % 24; // NaN without a class
    const [pick, remove] = row.querySelectorAll("button");
    row.classList.add(span.label === null ? "needs" : `c${position + 1}`);
    row.querySelector(".sw").classList.add(span.label === null ? "waits" : `g${Math.floor(position / 8) + 1}`);
    row.querySelector("[data-name]").textContent = facts(span).name;
    row.querySelector("[data-words]").textContent = facts(span).words;
    spans.set(row, span);
    return { row, pick, remove, number: 0 };
  }

  function count_off(one, span, number, facts) {
    if (one.number === number) return;
    one.number = number;
    one.row.querySelector("[data-number]").textContent = number;
    one.pick.setAttribute("aria-label", fill(words.span, { ...facts(span), number }));
    one.remove.setAttribute("aria-label", fill(words.remove, { number }));
  }

  function tab_at(one) {
    if (stop === one) return;
    for (const [row, index] of [
      [stop, -1],
      [one, 0],
    ])
      if (row) row.pick.tabIndex = row.remove.tabIndex = index;
    stop = one;
  }

  function press(event) {
    const row = event.target.closest("li");
    const button = event.target.closest("button");
    if (!row || !button) return;
    const beside = row.nextElementSibling ?? row.previousElementSibling;
    if (button.matches("[data-remove]")) {
      act.remove(spans.get(row), event);
      if (event.detail === 0) beside?.querySelector("[data-remove]").focus();
    } else act.select(spans.get(row), event);
  }

  /* Scrolls the list only; scrollIntoView would scroll the page too, away from the text. */
  function show(row) {
    if (!row) return;
    const [at, box] = [row.getBoundingClientRect(), list.getBoundingClientRect()];
    if (at.top < box.top) list.scrollTop -= box.top - at.top;
    if (at.bottom > box.bottom) list.scrollTop += at.bottom - box.bottom;
  }

  list.addEventListener("click", press);
  list.addEventListener("keydown", (event) => {
    const row = event.target.closest("li");
    const to = {
      ArrowDown: row?.nextElementSibling,
      ArrowUp: row?.previousElementSibling,
      Home: list.firstElementChild,
      End: list.lastElementChild,
    };
    if (!row || !(event.key in to)) return;
    event.preventDefault();
    to[event.key]?.querySelector(event.target.matches("[data-remove]") ? "[data-remove]" : "button").focus();
  });
  list.addEventListener("focusin", (event) => tab_at(rows.get(spans.get(event.target.closest("li")))));

  return {
    /* facts(span) → {name, words, start, end}: the words cut, code points. */
    draw(all, selected, facts) {
      const next = new Map();
      let at = list.firstElementChild;
      for (const span of all) {
        const one = rows.get(span) ?? build(span, facts);
        next.set(span, one);
        rows.delete(span);
        if (one.row === at) at = at.nextElementSibling;
        else list.insertBefore(one.row, at);
        count_off(one, span, next.size, facts);
        const pressed = String(span === selected);
        if (one.pick.getAttribute("aria-pressed") !== pressed) one.pick.setAttribute("aria-pressed", pressed);
      }
      for (const { row } of rows.values()) row.remove();
      rows = next;
      tab_at(next.get(selected) ?? ([...next.values()].includes(stop) ? stop : (next.values().next().value ?? null)));
      show(next.get(selected)?.row);
      count.textContent = all.length || "";
      none.hidden = all.length > 0;
    },
  };
}

/* At most 40 code points of a text, on one line. */
export function cut(text) {
  const shown = [...text.slice(0, 4 * CUT)];
  return (shown.length > CUT ? `${shown.slice(0, CUT - 1).join("")}…` : shown.join("")).replace(/\s+/gu, " ");
}

/* Puts values in the places of a sentence. */
export const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
