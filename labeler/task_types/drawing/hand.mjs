/* What a pointer does on the picture. A press that stays within SLOP is a click, any other a drag.
   Note: while one draws, only a drag takes hold of a handle; a click there is the first point
   of the
   next shape, since things touch each other. */
import { clip, far, to_edge } from "./plane.mjs";

const SLOP = 3; // all in px of the screen
const SURE = 10; // a drag while points are clicked; less is a click with an unsteady hand
const GRIP = 12; // half the hit area of a handle
const GRIP_TOUCH = 22;
const NEAR = 6; // an outline, an edge, a corner of another shape
const EDGE = 4; // of the picture

export function make_hand({ board, view, focus }) {
  const { tool } = board;
  let stroke = null; // {act, start: [x, y], event, moved, handle?, edge?, base?}
  const px = (length) => length / view.scale();
  const at = (event) => {
    const { x, y } = view.to_item(event);
    return [x, y];
  };
  const grip = (event) => px(event.pointerType === "touch" ? GRIP_TOUCH : GRIP);

  /* On the edge of the picture or on a corner of another polygon, when near; Alt: exactly there. */
  function snapped(point, event) {
    if (event.altKey) return clip(point, board.size);
    const own = stroke && stroke.act !== "draw" ? board.state.selected : -1;
    // only polygons share corners
    const others = tool.crossing ? board.state.shapes.filter((_, index) => index !== own) : [];
    const near = others.flatMap(tool.handles).filter((corner) => far(corner, point) <= px(NEAR));
    if (near.length) return near.reduce((best, corner) => (far(corner, point) < far(best, point) ? corner : best));
    return clip(to_edge(point, board.size, px(EDGE)), board.size);
  }

  /* The handle of the selected shape under the pointer, or -1. Inside a small shape handles leave room to take it
     whole. */
  function handle_at(event, point) {
    if (!board.shape || board.drawing) return -1;
    const { left, top, right, bottom } = tool.bounds(board.shape);
    const side = Math.min(right - left, bottom - top) / 3;
    const reach = tool.holds(board.shape, point) ? Math.min(grip(event), side) : grip(event);
    const shown = tool.roomy?.(board.shape, view.scale());
    let [best, found] = [reach, -1];
    for (const [index, [x, y]] of tool.handles(board.shape).entries()) {
      if (shown && !shown[index]) continue;
      const away = Math.max(Math.abs(x - point[0]), Math.abs(y - point[1]));
      if (away <= best) [best, found] = [away, index];
    }
    return found;
  }

  const edge_at = (point) => {
    const found = board.shape && tool.nearest?.(board.shape, point);
    return found && found.distance <= px(NEAR) ? found : null;
  };

  /* The shape under the pointer: the one whose outline is near, else the smallest around it. */
  function shape_at(point) {
    const area = ({ left, top, right, bottom }) => (right - left) * (bottom - top);
    const ranked = board.state.shapes.map((shape, index) => ({
      index,
      away: tool.distance(shape, point),
      inside: tool.holds(shape, point),
      area: area(tool.bounds(shape)),
    }));
    const near = ranked.filter(({ away }) => away <= px(NEAR)).sort((a, b) => a.away - b.away);
    const around = ranked.filter(({ inside }) => inside).sort((a, b) => a.area - b.area);
    return (near[0] ?? around[0])?.index ?? -1;
  }

  function begin(event, point) {
    const handle = handle_at(event, point);
    if (handle >= 0) return { act: "pull", handle };
    if (board.mode !== "select") return { act: "draw" };
    const edge = edge_at(point);
    if (edge) return { act: "insert", edge };
    const index = shape_at(point);
    if (index < 0) {
      board.model.select(-1);
      return null;
    }
    if (index !== board.state.selected || !board.state.chosen || board.state.corner >= 0) board.choose(index);
    return { act: "move" };
  }

  /* Whether the drag draws a whole shape: also where points are clicked, since that is what is meant by it. */
  function drags({ clientX, clientY }) {
    if (!tool.modes.includes("drag") || board.state.points.length) return false;
    const { event } = stroke;
    return board.mode === "drag" || board.rubber || far([clientX, clientY], [event.clientX, event.clientY]) >= SURE;
  }

  function drag(event, point) {
    const { act, start, base, handle } = stroke;
    if (act === "draw") {
      if (drags(event)) board.rubber ??= snapped(start, event);
    } else if (act === "move") {
      board.preview(tool.move(base, [point[0] - start[0], point[1] - start[1]], board.size), []);
    } else {
      const next = tool.pull(
        base,
        handle,
        snapped([point[0] + stroke.off[0], point[1] + stroke.off[1]], event),
        board.size,
      );
      board.preview(next, tool.edges_at?.(next, handle));
    }
  }

  /* A drag of an edge pulls a new corner out of it. */
  function first_move() {
    stroke.moved = true;
    if (stroke.act === "insert") {
      const { edge, place } = stroke.edge;
      Object.assign(stroke, { base: tool.insert(stroke.base, edge, place, board.size), handle: edge + 1 });
    }
    if (stroke.handle !== undefined) {
      const [x, y] = tool.handles(stroke.base)[stroke.handle];
      stroke.off = [x - stroke.start[0], y - stroke.start[1]];
    }
  }

  function click(event, { act, start, handle, edge, moved }) {
    const place = snapped(moved ? at(event) : start, event);
    if (act === "insert") board.insert(edge.edge, edge.place);
    else if (board.mode === "select") {
      if (act === "pull" && tool.insert) board.choose(board.state.selected, handle);
    } else if (board.mode === "drag" && !board.state.points.length) board.refuse("drag");
    else board.place(place, { reach: grip(event) });
  }

  function look(event, point) {
    const handle = stroke ? (stroke.handle ?? -1) : handle_at(event, point);
    const drawing = board.mode !== "select";
    const over =
      handle >= 0
        ? (tool.cursor_at?.(handle) ?? "move")
        : drawing
          ? "crosshair"
          : edge_at(point)
            ? "copy"
            : shape_at(point) >= 0
              ? "move"
              : "";
    const { style } = view.overlay.parentElement;
    if (style.cursor !== over) style.cursor = over;
  }

  return {
    down(event) {
      if (!board.size) return false;
      focus();
      const point = at(event);
      board.hair = null;
      stroke = begin(event, point);
      board.draw();
      if (stroke) Object.assign(stroke, { start: point, event, moved: false, base: board.shape });
      return Boolean(stroke);
    },
    move(event) {
      if (!stroke) return; // the item changed under the pointer
      const point = at(event);
      board.cursor = snapped(point, event);
      const { clientX, clientY } = stroke.event;
      if (!stroke.moved && Math.hypot(event.clientX - clientX, event.clientY - clientY) >= SLOP) first_move();
      if (stroke.moved) drag(event, point);
      board.draw();
    },
    up(event) {
      const done = stroke;
      if (!done) return;
      stroke = null;
      const from = board.rubber;
      board.rubber = null;
      if (done.moved && from) board.span(from, snapped(at(event), event));
      else if (done.moved && done.act !== "draw") board.finish(tool.insert && done.act !== "move" ? done.handle : -1);
      else click(event, done);
      if (event.pointerType === "touch") board.cursor = null;
      board.draw();
    },
    cancel() {
      stroke = null;
      board.rubber = board.cursor = null;
      board.model.cancel();
      board.draw();
    },
    hover(event) {
      if (!board.size) return;
      const point = at(event);
      board.cursor = snapped(point, event);
      look(event, point);
      if (board.state.points.length) board.draw();
    },
    leave() {
      board.cursor = null;
      board.draw();
    },
  };
}
