/* The parts beside the answers: comment, unsure, why an item was skipped, the guideline of the class in focus and the
   whole guide. All of them open inside the panel or the strip; none covers the item. */
import { answer_of } from "../shared/keys/keys.mjs";
import { input_of } from "../shared/keys/listen.mjs";

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

  function close_comment() {
    form.hidden = true;
    button("comment").setAttribute("aria-expanded", "false");
    focus();
  }

  /* position: of a class; undefined for an answer that is no class, which leaves the guide as it is. */
  function guideline(position) {
    if (!guide.querySelector(`[data-for="${position}"]`)) return;
    for (const one of guide.querySelectorAll("[data-for]")) one.hidden = one.dataset.for !== position;
  }

  function show_full(open) {
    full.hidden = !open;
    button("guide").setAttribute("aria-expanded", String(open));
    if (open) full.focus();
    else focus();
  }

  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey))) {
      event.preventDefault();
      close_comment();
    }
  });
  // so that nothing typed is ever lost
  field.addEventListener("input", () => desk.change({ comment: field.value.trim() }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    close_comment();
  });
  full.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      show_full(false);
    }
  });
  full.addEventListener("click", ({ target }) => {
    if (target.closest("[data-close]")) show_full(false);
  });
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
    skip: (event) => desk.answer({ value: null, skip: "other", input: input_of(event) }),
    unsure: () => desk.change({ unsure: !desk.draft.unsure }),
    comment() {
      field.value = desk.draft.comment;
      form.hidden = false;
      button("comment").setAttribute("aria-expanded", "true");
      field.focus();
    },
    guide: (open) => show_full(open === true || full.hidden),
    guideline,
    /* Shift+1 to Shift+4 while the reasons stand in the strip; the answers 21 to 24 wait as long. */
    reason(event) {
      const key = reasons.hidden ? null : answer_of(event);
      const chosen = key && reasons.querySelector(`[data-reason][data-key="${key}"]`);
      if (chosen) give(chosen);
      return Boolean(chosen);
    },
  };
}
