/* The slider of "Accept many at once": shows the sentence and the bars of the confidence it stands at. All sentences
   are in
   the page already, since the server counted them. */

export function mount_bulk(form) {
  const slider = form?.querySelector("input[type=range]");
  if (!slider) return;
  const sentences = form.querySelectorAll("p[data-at]");
  const bars = form.querySelectorAll("rect[data-at]");
  const button = form.querySelector("button");
  const is_off = () => button.getAttribute("aria-disabled") === "true";

  function show() {
    const at = Number(slider.value);
    for (const one of sentences) one.hidden = Number(one.dataset.at) !== at;
    const here = [...sentences].find((one) => !one.hidden);
    button.setAttribute("aria-disabled", here?.dataset.allowed === "yes" ? "false" : "true"); // the sentence says why
    for (const bar of bars) bar.classList.toggle("in", Number(bar.dataset.at) >= at);
  }

  slider.addEventListener("input", show);
  form.addEventListener("submit", (event) => is_off() && event.preventDefault());
  show(); // a browser may have kept another value over a reload
}
