/* Boxes as plain values {label, left, top, right, bottom}, in pixels of the original. No DOM. Every function returns a
   new
   box that lies within the picture; a stored box has x, y, width and height instead. */
import { bounds_of, clamp, clip, round, within } from "../drawing/plane.mjs";

const LEAST = 1; // px, the shortest side
const ROOM = 36; // px of the screen a side needs for three handles
const SAME = 0.95; // intersection over union from which two boxes of one class are taken for one thing
/* What each of the eight handles holds: -1 the left or top edge, 1 the right or bottom one, 0 neither. */
const HOLDS = [
  [-1, -1],
  [0, -1],
  [1, -1],
  [1, 0],
  [1, 1],
  [0, 1],
  [-1, 1],
  [-1, 0],
];
const CURSORS = ["nwse-resize", "ns-resize", "nesw-resize", "ew-resize"]; // of a handle and the one opposite

const bounds = (box) => box;
const handles = ({ left, top, right, bottom }) =>
  HOLDS.map(([x, y]) => [
    x < 0 ? left : x > 0 ? right : (left + right) / 2,
    y < 0 ? top : y > 0 ? bottom : (top + bottom) / 2,
  ]);
/* The handles there is room for, when the sides are so many px of the screen; those in the middle of a side go first.
 */
const roomy = ({ left, top, right, bottom }, scale) =>
  HOLDS.map(([x, y]) => (x || (right - left) * scale >= ROOM) && (y || (bottom - top) * scale >= ROOM));
const cursor_at = (handle) => CURSORS[handle % CURSORS.length];
const outline = ({ left, top, right, bottom }) => `M${left} ${top}H${right}V${bottom}H${left}Z`;
const holds = ({ left, top, right, bottom }, [x, y]) => x >= left && x <= right && y >= top && y <= bottom;
const around = (label, points) => ({ label, ...bounds_of(points) });
const too_small = ({ left, top, right, bottom }) => right - left < LEAST || bottom - top < LEAST;

const read = ({ label, x, y, width, height }) => ({
  label,
  left: round(x),
  top: round(y),
  right: round(x + width),
  bottom: round(y + height),
});
const write = ({ label, left, top, right, bottom }) => ({
  label,
  x: left,
  y: top,
  width: round(right - left),
  height: round(bottom - top),
});

/* How far a point is from the outline, px. */
function distance({ left, top, right, bottom }, [x, y]) {
  const outside = Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
  return outside || Math.min(x - left, right - x, y - top, bottom - y);
}

/* The box with one handle at a point. Past the opposite edge it turns over. */
function pull(box, handle, point, size) {
  const [across, down] = HOLDS[handle];
  const [x, y] = clip(point, size);
  const [left, right] = span(across < 0 ? x : box.left, across > 0 ? x : box.right, size.width);
  const [top, bottom] = span(down < 0 ? y : box.top, down > 0 ? y : box.bottom, size.height);
  return { label: box.label, left, top, right, bottom };
}

function span(one, other, most) {
  const [low, high] = [Math.min(one, other), Math.max(one, other)];
  if (high - low >= LEAST) return [low, high];
  const end = clamp(round(low + LEAST), 0, most);
  return [Math.max(round(end - LEAST), 0), end];
}

function move({ label, left, top, right, bottom }, by, size) {
  const [dx, dy] = within({ left, top, right, bottom }, by, size);
  return { label, left: round(left + dx), top: round(top + dy), right: round(right + dx), bottom: round(bottom + dy) };
}

/* Moves the right and the bottom edge. */
function stretch({ label, left, top, right, bottom }, [dx, dy], size) {
  const end = (start, value, most) => round(clamp(value, Math.min(start + LEAST, most), most));
  return { label, left, top, right: end(left, right + dx, size.width), bottom: end(top, bottom + dy, size.height) };
}

/* Intersection over union of two boxes, 0 to 1. */
function overlap(one, two) {
  const width = Math.min(one.right, two.right) - Math.max(one.left, two.left);
  const height = Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top);
  if (width <= 0 || height <= 0) return 0;
  const area = (box) => (box.right - box.left) * (box.bottom - box.top);
  return (width * height) / (area(one) + area(two) - width * height);
}

/* For each box the index of an earlier one of the same class that is nearly the same, or -1. */
function twins(boxes) {
  return boxes.map((box, at) =>
    boxes.findIndex((other, before) => before < at && other.label === box.label && overlap(box, other) >= SAME),
  );
}

export const boxes = {
  field: "boxes",
  bounds,
  handles,
  roomy,
  cursor_at,
  outline,
  holds,
  around,
  too_small,
  read,
  write,
  distance,
  pull,
  move,
  stretch,
  overlap,
  twins,
};
