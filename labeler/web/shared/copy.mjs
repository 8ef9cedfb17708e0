/* A button that copies the field it names. Without this script the field is selected and copied by hand.
   Note: the clipboard exists only on https and on localhost; elsewhere the field is selected.
   */

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const words = button.querySelector("span");
  const before = words.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      words.textContent = button.dataset.done;
      setTimeout(() => {
        words.textContent = before;
      }, 2000);
    } catch {
      field.focus();
    }
  });
}
