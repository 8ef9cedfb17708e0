/* Finding a class by typing: what begins like the letters first, then what has them inside, then what has them in
   order.
   Enter takes the first. */

/* How well a name fits: 0 best, 3 worst, -1 not at all. */
export function fit(name, typed) {
  const [whole, part] = [name.toLocaleLowerCase(), typed.trim().toLocaleLowerCase()];
  if (whole.startsWith(part)) return 0;
  if (whole.split(/[\s_-]+/).some((word) => word.startsWith(part))) return 1;
  if (whole.includes(part)) return 2;
  let at = -1;
  for (const letter of part) {
    at = whole.indexOf(letter, at + 1);
    if (at < 0) return -1;
  }
  return 3;
}

export function mount_find(root, { buttons, choose, activate, focus }) {
  const field = root.querySelector("[data-part=find]");
  let first = null;

  function narrow() {
    first = null;
    let best = 4;
    for (const button of buttons) {
      const rank = field.value.trim() ? fit(button.dataset.label ?? button.textContent.trim(), field.value) : 4;
      button.hidden = rank < 0;
      if (rank >= 0 && rank < best) [best, first] = [rank, button];
    }
    if (first) activate(first);
  }

  function done() {
    field.value = "";
    narrow();
    focus();
  }

  field.addEventListener("input", narrow);
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    const chosen = event.key === "Enter" ? first : null;
    if (event.key === "Enter" && !chosen) return;
    done();
    if (chosen) choose(chosen, "key");
  });
  return () => {
    field.focus();
    field.select();
  };
}
