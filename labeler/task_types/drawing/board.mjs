/* What can be done to the shapes of one item, whoever asks for it: a pointer, a key, a button or the list. Each
   function
   is one step that can be undone, or is refused in words. No DOM.
   Note: a shape that was just drawn is selected but not chosen. It can be moved and resized at
   once, while the class keys already mean the next shape. One drawn without a class (label null) is chosen: it waits
   for
   its class, and is let go when it has it (the rule: ../next_class.mjs). */
import { NextClass } from "../../web/shared/choosing/next_class.mjs";
import { Model } from "./model.mjs";

export const SELECT = "select";
const NONE = { points: [], selected: -1, corner: -1, chosen: false };

export class Board {
  hair = null; // [x, y] of the crosshair that keys move
  cursor = null; // [x, y] under the pointer
  rubber = null; // [x, y] where a drag that draws began
  mark = null; // where an outline crosses itself
  notice = null; // {word, …values}: why something was refused
  hidden = false;
  #fresh = null; // the series of steps of a shape that waits for its class: both are taken back at once

  empty = false; // "Nothing here" was the answer, and nothing was done since

  /* tool: box_tool or polygon_tool; classes: the names of all; draw(): show the state; draft(): keep it;
     say(word, number): tell it to a screen reader. */
  constructor({ tool, classes, draw, draft, say }) {
    Object.assign(this, { tool, draw, say, next: new NextClass(classes), size: null });
    [this.mode, this.ways] = [tool.modes[0], tool.modes[0]];
    this.model = new Model((step) => {
      if (step) this.empty = false;
      this.#calm();
      if (step) draft();
    });
  }

  get state() {
    return this.model.state;
  }
  get shape() {
    return this.model.shape;
  }
  get label() {
    return this.next.label;
  }
  /* The shapes that wait for a class, by their place. */
  get waiting() {
    return this.state.shapes.flatMap(({ label }, index) => (label === null ? [index] : []));
  }
  get drawing() {
    return this.state.points.length > 0 || this.rubber !== null;
  }

  /* label: the class that waits for the shape of these points; empty: whether the answer so far is that there is
     nothing. */
  load(size, shapes, points, { label = null, empty = false } = {}) {
    Object.assign(this, { size, empty, hair: null, rubber: null });
    this.next.renew(label);
    if (points.length && this.mode === SELECT) this.mode = this.ways;
    this.model.load({ shapes, points });
  }

  use(mode) {
    if (this.drawing) return this.refuse("unfinished");
    this.mode = mode;
    if (mode === SELECT) this.hair = null;
    else {
      this.ways = mode;
      this.model.select(-1);
    }
    return this.#calm();
  }

  place(point, { reach = 0, again = false } = {}) {
    const { points } = this.state;
    const found = this.tool.place({ points, mode: this.mode }, point, { label: this.label, reach, again });
    if (found.points && found.points !== points) this.model.commit({ ...NONE, points: found.points });
    return this.#settle(found);
  }

  /* A shape between two places, as one step. */
  span(from, to) {
    const found = this.tool.place({ points: [from], mode: "drag" }, to, { label: this.label });
    return this.#settle(found.shape ? found : { refused: "small" });
  }

  close() {
    return this.#settle(this.tool.close({ points: this.state.points }, { label: this.label }));
  }

  #settle({ shape, refused, mark }) {
    if (refused) return this.refuse(refused, mark);
    if (!shape) return true;
    const { shapes } = this.state;
    if (shapes.length >= this.tool.most) return this.refuse("too_many");
    this.hair = null;
    const twin = shapes.findIndex((one) => JSON.stringify(one) === JSON.stringify(shape));
    if (twin >= 0) return this.#repeated(twin);
    const waits = shape.label === null;
    this.#fresh = waits ? {} : null;
    this.model.commit({ ...NONE, shapes: [...shapes, shape], selected: shapes.length, chosen: waits }, this.#fresh);
    this.next.used();
    this.say(waits ? "waits" : "line", shapes.length);
    return true;
  }

  /* The very same shape with the same class again is no second thing. */
  #repeated(twin) {
    if (this.state.points.length) this.model.commit({ points: [] });
    this.model.select(twin, { chosen: false });
    return this.refuse("repeated", null, twin);
  }

  /* Shows the selected shape as it would become; edges: those that may cross others now. */
  preview(shape, edges) {
    this.model.preview({ shapes: this.state.shapes.with(this.state.selected, shape) });
    this.mark = this.tool.crossing?.(shape, edges) ?? null;
    this.notice = this.mark && { word: "crosses" };
  }

  /* Ends a preview: a step, or refused and as before. corner: the one that is selected then. */
  finish(corner = this.state.corner) {
    const shape = this.shape;
    this.model.cancel();
    return this.edit(shape, { corner });
  }

  edit(shape, { series = null, corner = this.state.corner } = {}) {
    const mark = this.tool.crossing?.(shape);
    if (mark) return this.refuse("crosses", mark);
    if (this.tool.too_small(shape)) return this.refuse("small");
    const { shapes, selected } = this.state;
    if (JSON.stringify(shape) !== JSON.stringify(this.shape))
      this.model.commit({ shapes: shapes.with(selected, shape), corner }, series);
    return true;
  }

  nudge([dx, dy], series) {
    const { corner } = this.state;
    if (corner < 0) return this.edit(this.tool.move(this.shape, [dx, dy], this.size), { series });
    const [x, y] = this.tool.handles(this.shape)[corner];
    return this.edit(this.tool.pull(this.shape, corner, [x + dx, y + dy], this.size), { series });
  }

  stretch(by, series) {
    return this.edit(this.tool.stretch(this.shape, by, this.size), { series });
  }

  /* A new corner on an edge of the selected polygon. */
  insert(edge, place) {
    return this.edit(this.tool.insert(this.shape, edge, place, this.size), { corner: edge + 1 });
  }

  /* The corner that is selected, else the shape. */
  remove(index = this.state.selected) {
    const { shapes, corner, selected } = this.state;
    if (index < 0) return false;
    if (index === selected && corner >= 0) {
      if (shapes[index].points.length <= this.tool.wanted()) return this.refuse("fewest");
      return this.edit(this.tool.without(shapes[index], corner), { corner: -1 });
    }
    this.say("deleted", index);
    this.model.commit({ ...NONE, points: this.state.points, shapes: shapes.toSpliced(index, 1) });
    return true;
  }

  /* A class was named: for the shape that waits or was chosen, else for the next ones. */
  take(label) {
    const { chosen, selected, shapes } = this.state;
    if (!chosen || this.drawing) {
      this.next.press(label);
      return this.#calm();
    }
    const waited = this.shape.label === null;
    const change = { shapes: shapes.with(selected, { ...this.shape, label }), chosen: !waited };
    if (this.shape.label !== label) this.model.commit(change, this.#fresh);
    this.#fresh = null;
    this.say("line", selected);
    return true;
  }

  /* Goes to the first shape that waits for a class. */
  to_waiting() {
    this.choose(this.waiting[0]);
    return this.refuse(this.waiting.length > 1 ? "needs_many" : "needs_one", null, this.waiting[0]);
  }

  choose(index, corner = -1) {
    if (this.drawing) return this.refuse("unfinished");
    this.hair = null;
    this.model.select(index, { corner });
    if (index >= 0) this.say("line", index);
    return true;
  }

  /* The next shape or, by -1, the one before; first of all the one just drawn. */
  step(by) {
    const { shapes, selected, chosen } = this.state;
    if (!shapes.length) return false;
    if (selected >= 0 && !chosen) return this.choose(selected);
    return this.choose(selected < 0 && by < 0 ? shapes.length - 1 : (selected + by + shapes.length) % shapes.length);
  }

  step_corner(by) {
    const { selected, corner } = this.state;
    const count = this.tool.handles(this.shape).length;
    return this.choose(selected, corner < 0 ? (by > 0 ? 0 : count - 1) : (corner + by + count) % count);
  }

  /* Takes the last point back. */
  back() {
    const { points } = this.state;
    if (points.length) this.model.commit({ points: points.slice(0, -1) });
    return points.length > 0;
  }

  /* Drops what is being drawn, else the crosshair, lets go what is selected, puts down the class; one at a time. */
  cancel() {
    if (this.state.points.length) this.model.commit({ points: [] });
    else if (this.hair) {
      this.hair = null;
      this.#calm();
    } else if (this.state.corner >= 0) this.model.select(this.state.selected);
    else if (this.state.selected >= 0) this.model.select(-1);
    else if (this.next.drop()) this.#calm();
    else return false;
    return true;
  }

  refuse(word, mark = null, index = -1) {
    Object.assign(this, { mark, notice: { word, number: index + 1 } });
    this.draw();
    this.say(word, index);
    return true;
  }

  #calm() {
    this.mark = this.notice = null;
    this.draw();
    return true;
  }
}
