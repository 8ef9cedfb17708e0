/* Polygons as plain values {label, points: [[x, y], …]}, in pixels of the original, the last corner joined to the
   first.
   No DOM. Every function returns a new polygon within the picture.
   Note: an outline that touches itself is refused like one that crosses itself, since neither
   says what is inside. Turns are exact on the grid of plane.mjs, so a touch is told from a near miss. */
import { bounds_of, clamp, clip, nearest_on, round, same, turn, within } from "../drawing/plane.mjs";

const LEAST = 1; // square px, the smallest area

const bounds = ({ points }) => bounds_of(points);
const handles = ({ points }) => points;
const outline = ({ points }) => `M${points.map((point) => point.join(" ")).join("L")}Z`;
const read = ({ label, points }) => ({ label, points: points.map(([x, y]) => [round(x), round(y)]) });
const write = ({ label, points }) => ({ label, points: points.map((point) => [...point]) });
const edge_of = ({ points }, edge) => [points[edge], points[(edge + 1) % points.length]];

/* The nearest place on the outline: {edge, place, distance}. Edge n leads from corner n to the next. */
function nearest(polygon, point) {
  const found = polygon.points.map((_, edge) => ({ edge, ...nearest_on(...edge_of(polygon, edge), point) }));
  return found.reduce((best, one) => (one.distance < best.distance ? one : best));
}
const distance = (polygon, point) => nearest(polygon, point).distance;

/* Whether a point is inside: a line from it to the right cuts the outline an odd number of times. */
function holds({ points }, [x, y]) {
  let inside = false;
  for (const [at, [ax, ay]] of points.entries()) {
    const [bx, by] = points.at(at - 1);
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

function too_small({ points }) {
  const [ox, oy] = points[0];
  const twice = points.reduce((sum, [x, y], at) => {
    const [nx, ny] = points[(at + 1) % points.length];
    return sum + (x - ox) * (ny - oy) - (nx - ox) * (y - oy);
  }, 0);
  return Math.abs(twice) < 2 * LEAST;
}

const with_points = ({ label }, points) => ({ label, points });
const pull = (polygon, corner, point, size) => with_points(polygon, polygon.points.with(corner, clip(point, size)));
const insert = (polygon, edge, point, size) =>
  with_points(polygon, polygon.points.toSpliced(edge + 1, 0, clip(point, size)));
const without = (polygon, corner) => with_points(polygon, polygon.points.toSpliced(corner, 1));

function move(polygon, by, size) {
  const [dx, dy] = within(bounds(polygon), by, size);
  return with_points(
    polygon,
    polygon.points.map(([x, y]) => [round(x + dx), round(y + dy)]),
  );
}

/* Moves the right and the bottom end, and everything between in proportion. */
function stretch(polygon, [dx, dy], size) {
  const { left, top, right, bottom } = bounds(polygon);
  const wide = (clamp(right + dx, left + 1, size.width) - left) / (right - left);
  const high = (clamp(bottom + dy, top + 1, size.height) - top) / (bottom - top);
  return with_points(
    polygon,
    polygon.points.map(([x, y]) => clip([left + (x - left) * wide, top + (y - top) * high], size)),
  );
}

/* Where the outline crosses or touches itself: {at, edges: [[a, b], [c, d]]}, or null. edges: look at these alone. */
function crossing(polygon, edges = polygon.points.keys()) {
  const { points } = polygon;
  for (const one of edges) {
    for (const two of points.keys()) {
      const at = two === one ? null : meet(points, one, two);
      if (at) return { at, edges: [edge_of(polygon, one), edge_of(polygon, two)] };
    }
  }
  return null;
}

/* The edges that begin or end at a corner. */
const edges_at = ({ points }, corner) => [(corner + points.length - 1) % points.length, corner];

function meet(points, one, two) {
  const count = points.length;
  const [a, b, c, d] = [points[one], points[(one + 1) % count], points[two], points[(two + 1) % count]];
  if ((one + 1) % count === two) return folds(a, b, d) ? b : null;
  if ((two + 1) % count === one) return folds(c, a, b) ? a : null;
  if (Math.max(a[0], b[0]) < Math.min(c[0], d[0]) || Math.max(c[0], d[0]) < Math.min(a[0], b[0])) return null;
  if (Math.max(a[1], b[1]) < Math.min(c[1], d[1]) || Math.max(c[1], d[1]) < Math.min(a[1], b[1])) return null;
  const [tc, td, ta, tb] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  if (tc * td > 0 || ta * tb > 0) return null;
  if (tc * td < 0 && ta * tb < 0) return middle(a, b, c, d);
  return [tc ? null : c, td ? null : d, ta ? null : a, tb ? null : b].find(Boolean);
}

/* Whether the path a → b → c turns back on itself, or stays on one place. */
function folds(a, b, c) {
  if (same(a, b) || same(b, c)) return true;
  return turn(a, b, c) === 0 && (a[0] - b[0]) * (c[0] - b[0]) + (a[1] - b[1]) * (c[1] - b[1]) > 0;
}

function middle([ax, ay], [bx, by], [cx, cy], [dx, dy]) {
  const along = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / ((bx - ax) * (dy - cy) - (by - ay) * (dx - cx));
  return [ax + along * (bx - ax), ay + along * (by - ay)];
}

export const polygons = {
  field: "polygons",
  bounds,
  handles,
  outline,
  holds,
  too_small,
  read,
  write,
  distance,
  nearest,
  pull,
  insert,
  without,
  move,
  stretch,
  crossing,
  edges_at,
};
