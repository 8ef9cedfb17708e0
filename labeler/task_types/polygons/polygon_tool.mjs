/* How corners become a polygon: one after the other, until the first is met again or somebody says so. */
import { polygons } from "./polygons.mjs";
import { far, same } from "../drawing/plane.mjs";

const FEWEST = 3; // corners
const MOST = 2000;

/* One more corner: {points} so far, the finished {shape}, or {refused: word, mark}. reach: px within which the first
   corner
   is meant and the last one is meant again; again: the last one again closes. */
function place({ points }, point, { label, reach, again }) {
  if (points.length >= FEWEST && far(point, points[0]) <= reach) return close({ points }, { label });
  if (points.length && (same(point, points.at(-1)) || far(point, points.at(-1)) < reach / 4))
    return again ? close({ points }, { label }) : { points };
  return points.length < MOST ? { points: [...points, point] } : { refused: "most_corners" };
}

function close({ points }, { label }) {
  if (points.length < FEWEST) return { refused: "few" };
  const shape = { label, points };
  const mark = polygons.crossing(shape);
  if (mark) return { refused: "crosses", mark };
  return polygons.too_small(shape) ? { refused: "small" } : { shape };
}

function live({ points }, at) {
  const all = at && points.length ? [...points, at] : points;
  const path = all.map((point) => point.join(" ")).join("L");
  const loose = all.length > 2 ? `M${all.at(-1).join(" ")}L${all[0].join(" ")}` : "";
  return { outline: all.length > 1 ? `M${path}` : "", loose, dots: points };
}

export const polygon_tool = {
  ...polygons,
  modes: ["corners"],
  command: "polygon",
  most: 1000,
  place,
  close,
  live,
  wanted: () => FEWEST,
  tag_at: ({ points }) => points.reduce((top, point) => (point[1] < top[1] ? point : top)),
};
