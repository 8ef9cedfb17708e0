/* The <svg> that lies over the picture, whose unit is one pixel of the original. It is not part of what is zoomed as a
   picture, so lines stay sharp. `--unit` is one pixel of the screen in its units: things of constant size scale by it.
   A screen reader does not meet it: what is drawn stands in the panel as a list. */

const SVG = "http://www.w3.org/2000/svg";

export function mount_overlay(canvas) {
  const svg = document.createElementNS(SVG, "svg");
  svg.classList.add("overlay");
  svg.setAttribute("aria-hidden", "true");
  canvas.after(svg);
  let [shown, sized] = [null, null];

  return {
    svg,
    /* size: of the original, or null without an item; x, y: where its middle is, px of the view. */
    place(size, { scale, x, y }) {
      svg.toggleAttribute("hidden", !size);
      if (!size) return;
      const [width, height] = [size.width * scale, size.height * scale];
      if (shown?.width !== size.width || shown.height !== size.height)
        svg.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
      if (sized !== `${width} ${height}`) {
        sized = `${width} ${height}`;
        Object.assign(svg.style, { width: `${width}px`, height: `${height}px` });
        svg.style.setProperty("--unit", 1 / scale);
      }
      svg.style.transform = `translate(${x - width / 2}px, ${y - height / 2}px)`;
      shown = size;
    },
  };
}
