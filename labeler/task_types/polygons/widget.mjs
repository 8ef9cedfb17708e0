/* Outlines of things in a picture. */
import { mount_drawing } from "../../js/draw/drawing.mjs";
import { polygon_tool } from "../../js/draw/polygon_tool.mjs";

export function mount(root, options) {
  return mount_drawing(root, options, polygon_tool);
}
