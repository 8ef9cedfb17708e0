/* How large a picture is shown that is smaller than its place. People recognise a small one when it is some 4 times as
   large and smooth; 20 times as large it falls apart into blocks, and 8 pixels stay a dot even when they are enlarged 4
   times. A picture that fills its place without all this is shown as large as fits. */

const TIMES = 4;
const LEAST = 96; // px of the screen, the longer side of the smallest pictures
export const SIZES = ["usual", "fit"];

/* The most px of the screen per pixel of a picture. size: one of SIZES. */
export function most_scale({ width, height }, size = "usual") {
  if (size === "fit" || !width || !height) return Infinity;
  return Math.max(TIMES, LEAST / Math.max(width, height));
}

/* Makes the place of a picture as narrow as the picture may get; object-fit does the rest, before the first paint. */
export function limit(image, item, size) {
  const most = most_scale(item, size);
  image.style.maxInlineSize = Number.isFinite(most) ? `${item.width * most}px` : "";
}
