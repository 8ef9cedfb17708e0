/* The guidelines changed while somebody answers: one line says so until they open the new text, which replaces the old
   one
   in the panel. Answers carry the version the person could see, so opening it is what moves the version on.
   Note: the new text is this page fetched again, read as a document and never as a string of
   markup, because scripts may not turn strings into markup here. */

export function mount_new_guide(root, { page, words, opened, fetch_page = fetch_document }) {
  const line = root.querySelector("[data-part=guide-changed]");
  const said = line.querySelector("span");
  const seen = () => Number(root.dataset.guidelineVersion);

  function told(version) {
    if (version <= seen()) return;
    said.textContent = words.guide_changed;
    line.hidden = false;
  }

  async function open() {
    const found = await fetch_page(page).catch(() => null);
    const fresh = found?.querySelector("[data-workspace]");
    if (!fresh) {
      said.textContent = words.guide_later;
      return;
    }
    const shown = root.querySelector("[data-part=guide] [data-for]:not([hidden])")?.dataset.for;
    for (const name of ["guide", "full-guide"]) {
      root
        .querySelector(`[data-part=${name}]`)
        .replaceChildren(...fresh.querySelector(`[data-part=${name}]`).childNodes);
    }
    root.dataset.guidelineVersion = fresh.dataset.guidelineVersion;
    line.hidden = true;
    opened(shown);
  }

  return { told, open };
}

function fetch_document(address) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.timeout = 20_000; // ms
    request.onload = () =>
      request.status === 200 ? resolve(request.response) : reject(new Error(String(request.status)));
    request.onerror = request.ontimeout = () => reject(new Error("no reply"));
    request.send();
  });
}
