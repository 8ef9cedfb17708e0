/* Workshop: on a case 1 and 2 say which class it is, M that it is ambiguous, arrows move to the next case. The keys act
   only where the focus is on a case. The address after a decision names the next case, and the browser focuses it. */
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 };
const cases = [...document.querySelectorAll("[data-case]")];

function focus(one) {
  one?.querySelector(".segments button")?.focus();
}

document.querySelector("[data-part=cases]")?.addEventListener("keydown", (event) => {
  const here = event.target.closest("[data-case]");
  if (!here || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key in STEPS) {
    const mirrored =
      document.documentElement.dir === "rtl" && event.key !== "ArrowUp" && event.key !== "ArrowDown" ? -1 : 1;
    focus(cases[cases.indexOf(here) + STEPS[event.key] * mirrored]);
    event.preventDefault();
    return;
  }
  const button = here.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (button) {
    button.click();
    event.preventDefault();
  }
});
