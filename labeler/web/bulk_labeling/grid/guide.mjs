/* The whole guide over the panel, and the line that says it changed. */
import { mount_new_guide } from "../../shared/new_guide.mjs";

/* Returns {toggle, told, open}. focus(): back to the page. */
export function mount_guide(root, { address, words, focus }) {
  const full = root.querySelector("[data-part=full-guide]");
  const button = () => root.querySelector("[data-do=guide]");

  function show(open) {
    full.hidden = !open;
    button()?.setAttribute("aria-expanded", String(open));
    if (open) full.focus();
    else focus();
  }

  full.addEventListener("keydown", (event) => {
    if (event.key === "Escape") show(false);
  });
  full.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) show(false);
  });
  const changed = mount_new_guide(root, { page: address, words, opened: () => show(true) });
  return { toggle: () => show(full.hidden), told: changed.told, open: changed.open };
}
