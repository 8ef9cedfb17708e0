/* The buttons of the tools, the sentence that says what to do next or why something was refused, and the buttons that a
   finger needs while it draws, where a keyboard has Enter and Esc. */
import { fill } from "./text.mjs";

/* The word for what to do now. */
function hint_of({ mode, hair, rubber, drawing, state: { points, selected, corner } }) {
  if (rubber) return "drag_more";
  if (hair) return points.length ? "hair_more" : "hair";
  if (mode === "select") return corner >= 0 ? "corner" : selected >= 0 ? "selected" : "select";
  return drawing ? `${mode}_more` : mode;
}

export function mount_tool_bar(root, { board, words, hide, focus }) {
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [hint, close, drop, remove] = ["hint", "close-shape", "drop-shape", "delete-shape"].map(part);
  const [say, warning] = [hint.querySelector("[data-text]"), hint.querySelector("svg")];
  const tools = [...root.querySelectorAll("[data-tool]")];
  const hushed = part("hide");
  const select = tools.find((tool) => tool.dataset.tool === "select"); // nothing is selected while something is drawn

  root.addEventListener("click", (event) => {
    const button = event.target.closest(".draw-tools button");
    if (!button) return;
    if (button.dataset.tool) board.use(button.dataset.tool);
    else if (button === close) board.close();
    else if (button === drop) board.cancel();
    else if (button === remove) board.remove();
    else hide(!board.hidden);
    if (button !== hushed) focus();
  });

  return {
    draw() {
      const { points } = board.state;
      for (const tool of tools) tool.setAttribute("aria-pressed", String(tool.dataset.tool === board.mode));
      const word = board.notice?.word ?? hint_of(board);
      const text = fill(words[word] ?? "", {
        ...board.notice,
        count: points.length || board.waiting.length,
        wanted: board.tool.wanted(board.mode),
      });
      if (say.textContent !== text) say.textContent = text;
      warning.toggleAttribute("hidden", !board.notice);
      hint.classList.toggle("refused", Boolean(board.notice));
      [drop.hidden, select.hidden] = [!points.length, points.length > 0];
      remove.disabled = !board.shape || points.length > 0;
      if (close) close.disabled = points.length < board.tool.wanted(board.mode);
      hushed.setAttribute("aria-pressed", String(board.hidden));
    },
  };
}
