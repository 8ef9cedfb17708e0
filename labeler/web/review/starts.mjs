/* What a lead's own answer starts from: the label, the suggestion or nothing. One's own changes are kept as a fourth,
   so that a look at another start loses nothing, and leaving the page with changes asks first. */

export function mount_starts(root, { put, changed }) {
  const known = new Map(Object.entries({ ...JSON.parse(root.dataset.starts), nothing: null }));
  const buttons = [...root.querySelectorAll("[data-start]")];
  let now = known.keys().next().value;
  let value = known.get(now);
  let edited = false;
  let leaving = false;

  function draw() {
    for (const button of buttons) {
      const { start } = button.dataset;
      button.hidden = start === "mine" && !known.has("mine");
      button.setAttribute("aria-pressed", String(start === (edited ? "mine" : now)));
    }
    changed();
  }

  function go(name) {
    if (edited) known.set("mine", value);
    now = name;
    edited = name === "mine";
    value = known.get(name);
    put(value);
    draw();
  }

  for (const button of buttons) button.addEventListener("click", () => go(button.dataset.start));
  window.addEventListener("beforeunload", (event) => {
    if (edited && !leaving) event.preventDefault();
  });
  queueMicrotask(draw);
  return {
    get value() {
      return value;
    },
    change(next) {
      if (JSON.stringify(next) === JSON.stringify(value)) return;
      value = next;
      edited = true;
      known.set("mine", value);
      draw();
    },
    differs: () => edited,
    done() {
      leaving = true;
    },
  };
}
