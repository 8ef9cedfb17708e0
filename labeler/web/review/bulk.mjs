/* The slider of "Accept many at once": shows the sentence and the bars of the confidence it stands at. All sentences
   are in
   the page already, since the server counted them. */

export function mount_bulk(form) {
  const slider = form?.querySelector("input[type=range]");
  if (!slider) return;
  const sentences = form.querySelectorAll("p[data-at]");
  const bars = form.querySelectorAll("rect[data-at]");

  function show() {
    const at = Number(slider.value);
    for (const one of sentences) one.hidden = Number(one.dataset.at) !== at;
    for (const bar of bars) bar.classList.toggle("in", Number(bar.dataset.at) >= at);
  }

  slider.addEventListener("input", show);
  show(); // a browser may have kept another value over a reload
}
