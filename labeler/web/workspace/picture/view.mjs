/* How the item is looked at: zoom, pan, brightness, contrast. Nothing of it is ever part of an answer.
   Note: the zoom is relative to the usual size, which is "fits the stage" but for small
   pictures (picture_size.mjs), while `scale()` and the percent shown are screen pixels per pixel of the original
   picture. Text is not scaled as a picture: its letters grow and the lines break anew. Brightness changes the picture
   and never what is drawn over it. */
import { mount_light } from "./light.mjs";
import { mount_overlay } from "./overlay.mjs";
import { SIZES, limit, most_scale } from "../../shared/picture_size.mjs";
import { mount_pointers } from "./pointers.mjs";
import { mount_sharp } from "./sharp.mjs";

const STEP = 1.25;
const MOST = 20;
const SQUARES = 8; // screen px per pixel from which pixels are seen as squares, in what is larger than the stage
const LETTERS = [1, 2.5]; // smallest and largest size of text
const MARGIN = 24; // px of the screen kept around a point that is brought into view
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/* Returns the commands of the view, and for what draws over a picture: `overlay` (an <svg> that covers the picture, in
   pixels of the original), `to_item(event)` → {x, y} in those pixels, not clipped, `scale()`, `visible()` → the part in
   sight, `reveal({x, y})`, `changed(callback)` on zoom, pan, resize and item, and `hold(hand)` (see pointers.mjs).
   For text, `reading` is the element that holds its paragraph. */
export function mount_view(root, { timeline, tools }) {
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [view, canvas, reading, percent] = ["view", "canvas", "reading", "percent"].map(part);
  const number = new Intl.NumberFormat(document.documentElement.lang || undefined, { style: "percent" });
  const listeners = [];
  let zoomed = 1,
    x = 0,
    y = 0,
    box = { width: 1, height: 1 };

  const item = () => {
    const { width, height } = timeline.current?.item ?? {};
    return width && height ? { width, height } : null;
  };
  const size_chosen = () => tools.get("size", ...SIZES);
  const fitting = () => {
    const size = item();
    return size ? Math.min(box.width / size.width, box.height / size.height) : 1;
  };
  const usual = () => (canvas ? Math.min(fitting(), most_scale(item() ?? {}, size_chosen())) : 1);
  const scale = () => zoomed * usual();
  const over = () => scale() > (canvas ? fitting() : 1) * 1.001; // there is more than the stage shows
  const overlay = canvas && mount_overlay(canvas);
  const sharpen = canvas && mount_sharp({ root, timeline });

  function draw() {
    if (reading) reading.style.fontSize = zoomed === 1 ? "" : `${zoomed}em`;
    view.classList.toggle("zoomed", over());
    percent.textContent = number.format(scale());
    if (!canvas) return;
    canvas.classList.toggle("squares", over() && scale() >= SQUARES);
    canvas.style.transform = zoomed === 1 && !x && !y ? "" : `translate(${x}px, ${y}px) scale(${zoomed})`;
    overlay.place(item(), { scale: scale(), x: box.width / 2 + x, y: box.height / 2 + y });
    sharpen(scale());
    for (const callback of listeners) callback();
  }

  /* Zooms by a factor so that the point (px from the middle of the view) stays where it is. */
  function zoom(factor, at = { x: 0, y: 0 }) {
    const limits = reading ? LETTERS : [Math.min(1, 1 / usual()), Math.max(MOST, 1 / usual())];
    const next = clamp(zoomed * factor, ...limits);
    x = at.x - ((at.x - x) * next) / zoomed;
    y = at.y - ((at.y - y) * next) / zoomed;
    zoomed = next;
    if (!over()) x = y = 0;
    draw();
  }

  function move(by) {
    x += by.x;
    y += by.y;
    draw();
  }

  const home = () => {
    zoomed = 1;
    x = y = 0;
    draw();
  };

  /* As large as fits. Small pictures stay so until the same key is pressed again; any other zoom leaves with its item.
   */
  function fit() {
    if (canvas && item() && most_scale(item()) < fitting()) {
      tools.set("size", size_chosen() === "fit" && zoomed === 1 ? "usual" : "fit");
      for (const picture of canvas.querySelectorAll("img")) limit(picture, item(), size_chosen());
    }
    home();
  }

  const middle = (event) => {
    const edge = view.getBoundingClientRect();
    return { x: event.clientX - edge.x - edge.width / 2, y: event.clientY - edge.y - edge.height / 2 };
  };
  const from_middle = (at) => {
    const { width, height } = item() ?? { width: 0, height: 0 };
    return { x: (at.x - x) / scale() + width / 2, y: (at.y - y) / scale() + height / 2 };
  };

  function visible() {
    const { width, height } = item() ?? { width: 0, height: 0 };
    const [low, high] = [-1, 1].map((side) => from_middle({ x: (side * box.width) / 2, y: (side * box.height) / 2 }));
    const [left, top] = [clamp(low.x, 0, width), clamp(low.y, 0, height)];
    return { x: left, y: top, width: clamp(high.x, 0, width) - left, height: clamp(high.y, 0, height) - top };
  }

  function reveal(point) {
    const { width, height } = item() ?? { width: 0, height: 0 };
    const at = { x: (point.x - width / 2) * scale() + x, y: (point.y - height / 2) * scale() + y };
    const inside = { x: Math.max(box.width / 2 - MARGIN, 0), y: Math.max(box.height / 2 - MARGIN, 0) };
    const by = { x: clamp(at.x, -inside.x, inside.x) - at.x, y: clamp(at.y, -inside.y, inside.y) - at.y };
    if (over() && (by.x || by.y)) move(by);
  }

  const acts = {
    "zoom-in": () => zoom(STEP),
    "zoom-out": () => zoom(1 / STEP),
    fit,
    actual: () => zoom(1 / scale()),
  };
  const drawing = { reading, scale, home, changed: (callback) => listeners.push(callback), hold: () => null };
  if (canvas) {
    const pointers = mount_pointers(view, {
      pans: over,
      pan: (by, touch) => {
        if (over() || !touch) move(by);
      },
      pinch: (factor, event) => zoom(factor, middle(event)),
    });
    Object.assign(acts, mount_light(root, canvas));
    Object.assign(drawing, {
      overlay: overlay.svg,
      hold: pointers.hold,
      visible,
      reveal,
      to_item: (event) => from_middle(middle(event)),
    });
    new ResizeObserver(([{ contentRect }]) => {
      box = contentRect;
      draw();
    }).observe(view);
    view.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        zoom(event.deltaY < 0 ? STEP : 1 / STEP, middle(event));
      },
      { passive: false },
    );
  }
  root.addEventListener("item", () => {
    if (zoomed !== 1 || x || y) home();
    else draw();
  });
  draw();
  return { ...acts, ...drawing };
}
