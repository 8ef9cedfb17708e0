/* Draws the shapes into the <svg> over the picture. Only what changed is touched: a state shares its unchanged shapes
   with
   the state before, so a comparison of references is enough.
   Note: lengths here are pixels of the original, but lines, handles and letters keep their
   size on
   the screen (vector-effect, and `--unit` in draw.css). */
import { fill as say } from "./text.mjs";

const SVG = "http://www.w3.org/2000/svg";
const MANY = 30; // shapes from which only the selected one shows its class name
const LONG = 24; // letters of a class name on the picture
const ROOM = 20; // px of the screen a name needs above a shape
const LETTER = 6.6; // px of the screen a letter of a name takes, about
let numbered = 0;

function make(name, parent, attributes = {}) {
  const node = parent.appendChild(document.createElementNS(SVG, name));
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

/* Sets an attribute only when it is another one. */
function put(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/* Three lines, one on the other: black outside, white inside, the class between them. */
function make_lines(parent) {
  const inside = `shape-${++numbered}`;
  const paths = [
    make("path", make("clipPath", parent, { id: inside })),
    make("path", parent, { class: "dark" }),
    make("path", parent, { class: "light", "clip-path": `url(#${inside})` }),
    make("path", parent, { class: "line" }),
  ];
  return (outline) => {
    for (const path of paths) put(path, "d", outline || "M0 0");
  };
}

const point_at = ([x, y]) => `translate(${x} ${y})`;

export function mount_layer({ svg, tool, view, classes, words }) {
  const [shapes, live, marks, handles, cross] = ["shapes", "live", "marks", "handles", "cross"].map((name) =>
    make("g", svg, { class: name }),
  );
  const drawn = []; // {node, lines, tag, shape} by index
  const live_lines = make_lines(live);
  const [loose, dots, rest] = [make("path", live, { class: "loose" }), make("g", live), { handles: [], dots: [] }];
  const hairs = ["dark", "light"].map((name) => make("path", cross, { class: name }));

  function shape_node() {
    const node = make("g", shapes);
    return { node, lines: make_lines(node), tag: make("text", make("g", node), { class: "tag" }), shape: null };
  }

  function look_of({ label }) {
    if (label === null) return "needs";
    const { position } = classes.get(label) ?? { position: 1 };
    return `c${((position - 1) % 24) + 1} g${Math.floor(((position - 1) % 24) / 8) + 1}`;
  }

  function fill(one, shape, { index, selected, twin, many }) {
    put(one.node, "class", `shape ${look_of(shape)}${selected ? " selected" : ""}`);
    const label = shape.label ?? words.needs;
    const name = label.length > LONG && !selected ? `${label.slice(0, LONG)}…` : label;
    const text = `${index + 1} ${name}${twin >= 0 ? ` · ${say(words.same, { other: twin + 1 })}` : ""}`;
    const brief = selected || shape.label === null ? text : many ? String(index + 1) : "";
    if (one.shape !== shape) one.lines(tool.outline(shape));
    if (one.shape === shape && one.text === text && one.brief === brief) return;
    Object.assign(one, { shape, text, brief, number: String(index + 1) });
    place_tag(one);
  }

  /* The name stands above the shape, or inside where there is no room, and never past the right edge of the picture;
     where
     it is wider than the shape, the number alone. */
  function place_tag({ shape, tag, text, brief, number }) {
    const { left, right } = tool.bounds(shape);
    const fits = (right - left) * view.scale() >= text.length * LETTER;
    const said = brief || (fits ? text : number);
    if (tag.textContent !== said) tag.textContent = said;
    const flip = tool.tag_at(shape)[0] + (said.length * LETTER) / view.scale() > svg.viewBox.baseVal.width;
    const at = tool.tag_at(shape, flip);
    const inside = at[1] * view.scale() < ROOM;
    put(tag.parentNode, "transform", point_at(at));
    put(tag, "text-anchor", flip ? "end" : "start");
    put(tag, "x", inside ? (flip ? "-6" : "6") : "0");
    put(tag, "y", inside ? "16" : "-6");
  }

  function spots(parent, known, places, { name, chosen = -1 }) {
    while (known.length < places.length) {
      const node = make("g", parent);
      known.push({
        node,
        spot:
          name === "handle"
            ? make("rect", node, { x: -5, y: -5, width: 10, height: 10 })
            : make("circle", node, { r: 4 }),
      });
    }
    while (known.length > places.length) known.pop().node.remove();
    for (const [index, place] of places.entries()) {
      put(known[index].node, "transform", point_at(place));
      put(known[index].spot, "class", index === chosen ? `${name} chosen` : name);
    }
  }

  function draw_handles(shape, corner) {
    const roomy = shape && tool.roomy?.(shape, view.scale());
    spots(handles, rest.handles, shape ? tool.handles(shape) : [], { name: "handle", chosen: corner });
    if (roomy) for (const [index, { node }] of rest.handles.entries()) node.toggleAttribute("hidden", !roomy[index]);
  }

  function mark_crossing(mark) {
    marks.replaceChildren();
    if (!mark) return;
    for (const [a, b] of mark.edges)
      for (const name of ["dark", "wrong"]) make("path", marks, { class: name, d: `M${a.join(" ")}L${b.join(" ")}` });
    const sign = make("g", make("g", marks, { transform: point_at(mark.at) }), { class: "sign" });
    make("circle", sign, { r: 9 });
    make("path", sign, { d: "M-4-4 4 4M4-4-4 4" });
  }

  function draw_live({ points, mode, at, position }) {
    const drawing = points.length > 0;
    put(live, "class", position ? `live c${((position - 1) % 24) + 1}` : "live needs");
    const {
      outline,
      loose: open,
      dots: places,
    } = drawing ? tool.live({ points, mode }, at) : { outline: "", loose: "", dots: [] };
    live_lines(outline);
    put(loose, "d", open || "M0 0");
    spots(dots, rest.dots, places, { name: "dot" });
  }

  return {
    /* twins: for each shape the index of one it may repeat, or -1. */
    draw(board, twins, position) {
      const { shapes: list, selected, corner, points } = board.state;
      while (drawn.length < list.length) drawn.push(shape_node());
      while (drawn.length > list.length) drawn.pop().node.remove();
      for (const [index, shape] of list.entries()) {
        fill(drawn[index], shape, {
          index,
          selected: index === selected,
          twin: twins[index] ?? -1,
          many: list.length > MANY,
        });
      }
      draw_handles(board.drawing ? null : board.shape, corner);
      draw_live({
        points: board.rubber ? [board.rubber] : points,
        mode: board.rubber ? "drag" : board.mode,
        at: board.hair ?? board.cursor,
        position,
      });
      mark_crossing(board.mark);
      const [x, y] = board.hair ?? [];
      for (const hair of hairs)
        put(hair, "d", board.hair ? `M0 ${y}H${board.size.width}M${x} 0V${board.size.height}` : "M0 0");
      svg.classList.toggle("hushed", board.hidden);
    },
    /* The view has another scale. */
    rescale() {
      for (const one of drawn) if (one.shape) place_tag(one);
    },
  };
}
