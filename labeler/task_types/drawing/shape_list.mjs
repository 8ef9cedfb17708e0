/* The shapes as a list in the panel: the way to them for who cannot see or point. One line a shape with its class and
   size,
   a button to choose it and one to delete it. Only lines that changed are touched. */
import { fill } from "./text.mjs";

/* Scrolls a list until a line of it is in sight, and nothing around the list. */
export function bring_in(list, line) {
  const [outer, inner] = [list, line].map((one) => one.getBoundingClientRect());
  if (inner.top < outer.top || inner.bottom > outer.bottom)
    list.scrollTop += (inner.top + inner.bottom - outer.top - outer.bottom) / 2;
}

export function mount_shape_list(root, { board, classes, words, name_of, focus }) {
  const list = root.querySelector("[data-part=shapes]");
  const [template, nothing] = [
    root.querySelector("template[data-part=shape-line]"),
    root.querySelector("[data-part=no-shapes]"),
  ];
  const lines = []; // the parts of each line, and the {shape, twin} it shows
  let before = -1; // what was selected when this was drawn last

  function add() {
    const node = template.content.firstElementChild.cloneNode(true);
    const part = (name) => node.querySelector(`[data-${name}]`);
    lines.push({
      node,
      choose: part("choose"),
      remove: part("remove"),
      swatch: part("swatch"),
      number: part("number"),
      name: part("name"),
      size: part("size"),
      same: part("same"),
    });
    list.append(node);
  }

  function fill_line(line, index, twin) {
    const shape = board.state.shapes[index];
    const values = name_of(index);
    const waits = shape.label === null;
    const { position } = classes.get(shape.label) ?? { position: 1 };
    line.node.classList.toggle("needs", waits);
    line.choose.setAttribute(
      "aria-label",
      fill(words.line, values) + (twin >= 0 ? `, ${fill(words.same, { other: twin + 1 })}` : ""),
    );
    line.remove.setAttribute("aria-label", fill(words.remove, values));
    line.swatch.className = waits
      ? "sw waits"
      : `sw c${((position - 1) % 24) + 1} g${Math.floor(((position - 1) % 24) / 8) + 1}`;
    line.number.textContent = index + 1;
    line.name.textContent = values.label;
    line.size.textContent = fill(words.size, values);
    line.same.textContent = twin >= 0 ? fill(words.same, { other: twin + 1 }) : "";
  }

  list.addEventListener("click", (event) => {
    const index = lines.findIndex(({ node }) => node.contains(event.target));
    const button = event.target.closest("button");
    if (index < 0 || !button) return;
    const line = lines[index];
    if (button === line.choose) {
      board.choose(index);
      if (event.detail) focus();
      return;
    }
    if (board.state.corner >= 0) board.model.select(board.state.selected);
    board.remove(index);
    const next = lines[Math.min(index, board.state.shapes.length - 1)];
    if (event.detail || !next) focus();
    else next.remove.focus();
  });

  return {
    draw(twins) {
      const { shapes, selected, chosen } = board.state;
      [nothing.hidden, list.hidden] = [shapes.length > 0, !shapes.length];
      const held = list.contains(document.activeElement);
      while (lines.length < shapes.length) add();
      while (lines.length > shapes.length) lines.pop().node.remove();
      for (const [index, line] of lines.entries()) {
        const twin = twins[index] ?? -1;
        if (line.shape !== shapes[index] || line.twin !== twin) {
          Object.assign(line, { shape: shapes[index], twin });
          fill_line(line, index, twin);
        }
        const pressed = String(index === selected && chosen);
        if (line.choose.getAttribute("aria-pressed") !== pressed) {
          line.choose.setAttribute("aria-pressed", pressed);
        }
        line.node.classList.toggle("current", index === selected);
        if (index === selected && selected !== before) bring_in(list, line.node);
      }
      if (held && chosen && selected !== before && document.activeElement !== lines[selected]?.remove)
        lines[selected]?.choose.focus();
      before = selected;
    },
  };
}
