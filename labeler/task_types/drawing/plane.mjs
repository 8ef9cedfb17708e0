/* Plain plane geometry in pixels of the original picture, on a grid of a tenth of a pixel: what is drawn is what is
   stored.
   A point is [x, y], a size {width, height}, bounds {left, top, right, bottom}. No DOM. */

const GRID = 10; // places per pixel

export const round = (value) => Math.round(value * GRID) / GRID;
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
export const far = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
export const same = (a, b) => a[0] === b[0] && a[1] === b[1];
export const clip = ([x, y], size) => [round(clamp(x, 0, size.width)), round(clamp(y, 0, size.height))];

/* Draws a point onto the edge of the picture when it is nearer than reach. */
export function to_edge([x, y], size, reach) {
  const onto = (value, most) => (value <= reach ? 0 : value >= most - reach ? most : value);
  return [onto(x, size.width), onto(y, size.height)];
}

export function bounds_of(points) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  return { left, top, right, bottom };
}

/* How far bounds may move by (dx, dy) without leaving the picture, on the grid. */
export function within({ left, top, right, bottom }, [dx, dy], size) {
  return [round(clamp(dx, -left, size.width - right)), round(clamp(dy, -top, size.height - bottom))];
}

/* The nearest place on the edge a → b, and how far away it is. */
export function nearest_on(a, b, point) {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const along = dx || dy ? clamp(((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / (dx * dx + dy * dy), 0, 1) : 0;
  const place = [a[0] + along * dx, a[1] + along * dy];
  return { place, distance: far(place, point) };
}

/* The sign of the turn a → b → c, exact for points on the grid. */
export function turn(a, b, c) {
  const [ax, ay, bx, by, cx, cy] = [...a, ...b, ...c].map((value) => Math.round(value * GRID));
  return Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));
}
