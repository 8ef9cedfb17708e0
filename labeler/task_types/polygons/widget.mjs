/* Outlines of things in a picture. */
import { mount_drawing } from "../drawing/drawing.mjs";
import { polygon_tool } from "./polygon_tool.mjs";

export function mount(root, options) {
  return mount_drawing(root, options, polygon_tool);
}
