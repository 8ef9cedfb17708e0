/* The item in focus, as large as the stage: while a key is held, or until the button is pressed again. */
import { limit } from "../../shared/picture_size.mjs";

export function mount_enlarge(root, { item }) {
  const box = root.querySelector("[data-part=large]");
  const button = root.querySelector("[data-do=hide]");
  let by_key = false;

  function show() {
    const shown = item();
    if (!shown) return;
    box.replaceChildren(shown.image_url ? picture(shown) : reading(shown));
    box.hidden = false;
    button.setAttribute("aria-pressed", "true");
  }

  function close() {
    if (box.hidden) return false;
    box.hidden = true;
    box.replaceChildren();
    button.setAttribute("aria-pressed", "false");
    by_key = false;
    return true;
  }

  return {
    /* The command of the key (held: until it comes up) or of the button. */
    enlarge(event) {
      if (event.type === "keydown") {
        by_key = true;
        show();
      } else if (!close()) show();
    },
    release() {
      if (by_key) close();
    },
    close,
    /* Another item is in focus. */
    follow() {
      if (!box.hidden) show();
    },
  };
}

function picture(item) {
  const image = new Image();
  image.alt = item.external_id ?? "";
  limit(image, item);
  image.src = item.image_url;
  return image;
}

function reading(item) {
  const text = document.createElement("p");
  text.dir = "auto";
  text.textContent = item.text ?? "";
  return text;
}
