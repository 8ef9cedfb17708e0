/* How the item is looked at: zoom, pan, brightness, contrast. Nothing of it is ever part of an answer.
   What a reader would get wrong: the scale is relative to "fits the stage"; the percent shown is screen pixels per
   picture pixel. Text is not scaled as a picture: its letters grow and the lines break anew. */

const STEP = 1.25;
const MOST = 20;
const LETTERS = [1, 2.5]; // smallest and largest size of text
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

export function mount_view(root, { timeline }) {
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [view, canvas, reading, percent, light, adjusted] = ["view", "canvas", "reading", "percent", "light", "adjusted"].map(part);
  const [brightness, contrast] = [part("brightness"), part("contrast")];
  const pointers = new Map();
  let scale = 1, x = 0, y = 0, box = { width: 1, height: 1 }, space = false, dragged = false;

  /* Screen pixels per picture pixel when the picture fits. */
  const fitting = () => {
    const { width, height } = timeline.current?.item ?? {};
    return width && height ? Math.min(box.width / width, box.height / height) : 1;
  };

  function draw() {
    if (reading) reading.style.fontSize = scale === 1 ? "" : `${scale}em`;
    if (canvas) canvas.style.transform = scale === 1 && !x && !y ? "" : `translate(${x}px, ${y}px) scale(${scale})`;
    view.classList.toggle("zoomed", scale > 1);
    percent.textContent = `${Math.round(100 * scale * (canvas ? fitting() : 1))}%`;
  }

  /* Zooms by a factor so that the point (px from the middle of the view) stays where it is. */
  function zoom(factor, at = { x: 0, y: 0 }) {
    const next = reading ? clamp(scale * factor, ...LETTERS) : clamp(scale * factor, Math.min(1, 1 / fitting()), Math.max(MOST, 1 / fitting()));
    x = at.x - (at.x - x) * next / scale;
    y = at.y - (at.y - y) * next / scale;
    scale = next;
    if (scale <= 1) x = y = 0;
    draw();
  }

  const fit = () => { scale = 1; x = y = 0; draw(); };
  const shade = () => {
    const plain = brightness.value === "100" && contrast.value === "100";
    canvas.style.filter = plain ? "" : `brightness(${brightness.value}%) contrast(${contrast.value}%)`;
    adjusted.hidden = plain;
  };
  const turn = (range, by) => { range.value = Number(range.value) + by; shade(); };
  const middle = (event) => {
    const edge = view.getBoundingClientRect();
    return { x: event.clientX - edge.x - edge.width / 2, y: event.clientY - edge.y - edge.height / 2 };
  };

  const acts = {
    "zoom-in": () => zoom(STEP), "zoom-out": () => zoom(1 / STEP), fit, actual: () => zoom(1 / (canvas ? fitting() : 1) / scale),
  };
  if (canvas) {
    Object.assign(acts, {
      darker: () => turn(brightness, -10), brighter: () => turn(brightness, 10),
      "less-contrast": () => turn(contrast, -10), "more-contrast": () => turn(contrast, 10),
      reset: () => { brightness.value = contrast.value = 100; shade(); },
      light: () => { light.hidden = !light.hidden; root.querySelector("[data-do=light]").setAttribute("aria-expanded", String(!light.hidden)); },
    });
    for (const range of [brightness, contrast]) range.addEventListener("input", shade);
    new ResizeObserver(([{ contentRect }]) => { box = contentRect; draw(); }).observe(view);
    view.addEventListener("wheel", (event) => { event.preventDefault(); zoom(event.deltaY < 0 ? STEP : 1 / STEP, middle(event)); }, { passive: false });
    view.addEventListener("pointerdown", grab);
    view.addEventListener("pointermove", drag);
    for (const name of ["pointerup", "pointercancel"]) view.addEventListener(name, (event) => pointers.delete(event.pointerId));
    document.addEventListener("keydown", (event) => { if (event.code === "Space") { space = true; dragged = false; } }, true);
    document.addEventListener("keyup", (event) => {
      if (event.code !== "Space") return;
      space = false;
      if (dragged) event.preventDefault(); // a pan is not a press of the focused button
    }, true);
  }

  function grab(event) {
    const hand = event.button === 1 || space || scale > 1 || event.pointerType === "touch";
    if (!hand) return;
    if (event.pointerType !== "touch") event.preventDefault();
    view.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event);
  }

  function drag(event) {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const other = [...pointers.values()].find((one) => one.pointerId !== event.pointerId);
    pointers.set(event.pointerId, event);
    dragged = true;
    if (other) {
      const span = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
      zoom(span(event) / Math.max(span(before), 1), middle(other));
    } else if (scale > 1 || event.pointerType !== "touch") {
      x += event.clientX - before.clientX;
      y += event.clientY - before.clientY;
      draw();
    }
  }

  root.addEventListener("item", () => { if (scale !== 1 || x || y) fit(); else percent.textContent = `${Math.round(100 * (canvas ? fitting() : 1))}%`; });
  draw();
  return acts;
}
