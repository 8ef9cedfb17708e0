/* How points become a box: the top, left, bottom and right-most ones in any order, or two opposite corners. */
import { boxes } from "./boxes.mjs";
import { same } from "../drawing/plane.mjs";

const WANTED = { points: 4, drag: 2 }; // points of a box, by mode

/* One more point: {points} so far, the finished {shape}, or {refused: word}. */
function place({ points, mode }, point, { label }) {
  if (points.length && same(point, points.at(-1))) return { points };
  const all = [...points, point];
  if (all.length < WANTED[mode]) return { points: all };
  const shape = boxes.around(label, all);
  return boxes.too_small(shape) ? { refused: "small" } : { shape };
}

/* What is seen of the box that is being drawn while the pointer or the crosshair is at a place. */
function live({ points, mode }, at) {
  const all = at ? [...points, at] : points;
  const enough = all.length >= (mode === "points" ? 3 : 2) || points.length > 1;
  return { outline: enough ? boxes.outline(boxes.around("", all)) : "", loose: "", dots: points };
}

export const box_tool = {
  ...boxes,
  modes: ["points", "drag"],
  command: "box",
  most: 1000,
  place,
  live,
  wanted: (mode) => WANTED[mode],
  tag_at: ({ left, top, right }, flip) => [flip ? right : left, top],
};
