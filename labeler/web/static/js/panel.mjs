/* The parts beside the answers: comment, unsure, why an item was skipped, the guideline of the class in focus and the
   whole guide. All of them open inside the panel or the strip; none covers the item. */

export function mount_panel(root, { desk, focus }) {
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const button = (name) => root.querySelector(`[data-do="${name}"]`);
  const [form, reasons, guide, full] = [part("comment"), part("reasons"), part("guide"), part("full-guide")];
  const field = form.querySelector("textarea");
  let skipped = null;

  function draft({ unsure, comment }) {
    button("unsure").setAttribute("aria-pressed", String(unsure));
    button("comment").setAttribute("aria-pressed", String(Boolean(comment)));
  }

  function close_comment(save) {
    if (save) desk.change({ comment: field.value.trim() });
    form.hidden = true;
    button("comment").setAttribute("aria-expanded", "false");
    focus();
  }

  function guideline(position) {
    for (const one of guide.querySelectorAll("[data-for]")) one.hidden = one.dataset.for !== position;
  }

  function show_full(open) {
    full.hidden = !open;
    button("guide").setAttribute("aria-expanded", String(open));
    if (open) full.focus(); else focus();
  }

  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey))) {
      event.preventDefault();
      close_comment(event.key === "Enter");
    }
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); close_comment(true); });
  full.addEventListener("keydown", (event) => { if (event.key === "Escape") show_full(false); });
  full.querySelector("[data-close]").addEventListener("click", () => show_full(false));
  reasons.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-reason]");
    if (chosen) give(chosen);
  });
  root.addEventListener("class", ({ detail }) => guideline(detail));
  root.addEventListener("draft", ({ detail }) => draft(detail));
  root.addEventListener("item", ({ detail: { before } }) => {
    draft(desk.draft);
    form.hidden = true;
    skipped = before?.answer?.skip ? before : null;
    reasons.hidden = !skipped;
    part("last").hidden = !reasons.hidden;
  });

  function give(chosen) {
    desk.amend(skipped, { skip: chosen.dataset.reason });
    reasons.hidden = true;
    part("last").hidden = false;
    focus();
  }

  return {
    skip: () => desk.answer({ value: null, skip: "other" }),
    unsure: () => desk.change({ unsure: !desk.draft.unsure }),
    comment() {
      field.value = desk.draft.comment;
      form.hidden = false;
      button("comment").setAttribute("aria-expanded", "true");
      field.focus();
    },
    guide: () => show_full(full.hidden),
    /* Shift+1 to Shift+4 while the reasons stand in the strip. */
    reason(event) {
      const chosen = !reasons.hidden && event.shiftKey && reasons.querySelector(`[data-reason][data-key="${event.code.replace("Digit", "")}"]`);
      if (chosen) give(chosen);
      return Boolean(chosen);
    },
  };
}
