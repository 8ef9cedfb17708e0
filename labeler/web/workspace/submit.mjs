/* Handing in an answer: Enter or the Submit button, which names what is handed in ("Submit ↵ 3 boxes"), or
   what
   is not finished yet ("1 mark needs a class"): then it leads there and hands in nothing.
   It is filled once there is something to hand in: nothing is before.
   Note: the task type may refuse (nothing chosen, a shape half drawn) and says why itself, so
   it
   is asked only when an answer would be taken: not within the guard after a paint, not for a picture that is missing.
   */

export function mount_submit(root, { desk, widget }) {
  const said = root.querySelector("[data-part=submitted]");
  const [button, word] = [said.closest("button"), said.closest("button").querySelector("[data-word]")];
  const submit = word.textContent;

  function tell() {
    const value = desk.entry && desk.value;
    const pending = value ? (widget.pending?.() ?? "") : "";
    button.classList.toggle("needs", Boolean(pending));
    button.classList.toggle("primary", Boolean(value && !pending && widget.describe(value).text));
    word.textContent = pending || submit;
    if (pending) button.setAttribute("aria-label", `${submit}: ${pending}`);
    else button.removeAttribute("aria-label");
    said.textContent = value && !pending ? widget.describe(value).text : "";
  }

  root.addEventListener("item", tell);
  root.addEventListener("draft", tell);
  return (input) => {
    if (!desk.answerable) return;
    const value = widget.submit();
    if (value && desk.answer({ value, input })) widget.focus();
  };
}
