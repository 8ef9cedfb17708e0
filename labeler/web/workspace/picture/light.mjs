/* Brightness and contrast of the picture: two sliders and their keys, with a visible word as long as anything is
   changed. */

export function mount_light(root, canvas) {
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [light, adjusted, brightness, contrast] = ["light", "adjusted", "brightness", "contrast"].map(part);

  function shade() {
    const plain = brightness.value === "100" && contrast.value === "100";
    canvas.style.filter = plain ? "" : `brightness(${brightness.value}%) contrast(${contrast.value}%)`;
    adjusted.hidden = plain;
  }

  const turn = (range, by) => {
    range.value = Number(range.value) + by;
    shade();
  };
  for (const range of [brightness, contrast]) range.addEventListener("input", shade);
  return {
    darker: () => turn(brightness, -10),
    brighter: () => turn(brightness, 10),
    "less-contrast": () => turn(contrast, -10),
    "more-contrast": () => turn(contrast, 10),
    reset: () => {
      brightness.value = contrast.value = 100;
      shade();
    },
    light: () => {
      light.hidden = !light.hidden;
      root.querySelector("[data-do=light]").setAttribute("aria-expanded", String(!light.hidden));
    },
  };
}
