/* Boxes around things in a picture. */
import { box_tool } from "./box_tool.mjs";
import { mount_drawing } from "../drawing/drawing.mjs";

export function mount(root, options) {
  return mount_drawing(root, options, box_tool);
}
