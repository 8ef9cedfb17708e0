/* Drawing without a pointer: arrows move a crosshair and Enter sets a point where it stands, or arrows move what is
   selected. `command(event)` says which command a key is for this person.
   Note: Enter submits only when nothing is being drawn and no crosshair is shown; and arrows
   held
   down are one step, not fifty. */
import { clip } from "./plane.mjs";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FAR = 10; // px of a step with Shift
const SELECT = "select";

export function make_keyboard({ board, view, command, hide }) {
  const { tool } = board;
  let last = null; // where the crosshair was
  let series = null; // one for each press of an arrow, kept while it is held
  let hushed = false; // the key that hides is down
  const hush = (on) => {
    if (on !== hushed) hide(on);
    hushed = on;
    return true;
  };

  function start() {
    const { x, y, width, height } = view.visible();
    return clip(board.cursor ?? board.state.points.at(-1) ?? last ?? [x + width / 2, y + height / 2], board.size);
  }

  function stand(at) {
    board.hair = last = at;
    view.reveal({ x: at[0], y: at[1] });
    board.draw();
    return true;
  }

  /* Back to drawing. Pressed again it takes the next way of drawing; without a pointer on the picture a crosshair
     shows. */
  function draw() {
    if (board.state.corner >= 0 && tool.insert) return halve();
    if (board.drawing) return board.refuse("unfinished");
    const pointing = board.cursor !== null;
    const again = board.mode !== SELECT && !board.state.chosen && (pointing || board.hair !== null);
    board.use(again ? tool.modes[(tool.modes.indexOf(board.mode) + 1) % tool.modes.length] : board.ways);
    return pointing || stand(board.hair ?? start());
  }

  /* A new corner in the middle of the edge that follows the selected one. */
  function halve() {
    const corners = tool.handles(board.shape);
    const { corner } = board.state;
    const [[ax, ay], [bx, by]] = [corners[corner], corners[(corner + 1) % corners.length]];
    return board.insert(corner, [(ax + bx) / 2, (ay + by) / 2]);
  }

  /* To selecting; then the next shape, or the next corner of the polygon that is selected. */
  function select(by) {
    if (board.drawing) return board.refuse("unfinished");
    if (board.mode === SELECT && board.shape && tool.insert) return board.step_corner(by);
    const already = board.mode !== SELECT && board.state.chosen;
    board.use(SELECT);
    return already || board.step(by) || true;
  }

  function arrow(event) {
    const [dx, dy] = ARROWS[event.key].map((value) => value * (event.shiftKey ? FAR : 1));
    if (!event.repeat || !series) series = {};
    if (board.shape && !board.drawing && !board.hair) {
      if (event.altKey) board.stretch([dx, dy], series);
      else board.nudge([dx, dy], series);
      return true;
    }
    if (event.altKey || board.mode === SELECT) return false;
    const [x, y] = board.hair ?? start();
    return stand(clip([x + dx, y + dy], board.size));
  }

  function enter() {
    if (board.hair) return board.place(board.hair, { again: true });
    return Boolean(tool.close) && board.state.points.length > 0 && board.close();
  }

  const reveal = (done) => {
    const bounds = board.shape && tool.bounds(board.shape);
    if (bounds) view.reveal({ x: (bounds.left + bounds.right) / 2, y: (bounds.top + bounds.bottom) / 2 });
    return done;
  };
  const acts = {
    [tool.command]: draw,
    select: () => select(1),
    delete: () => board.remove(),
    hide: () => hush(true),
    "next-shape": () => reveal(board.step(1)),
    "previous-shape": () => reveal(board.step(-1)),
  };
  /* The other way round: Shift with the key that selects. */
  const back = ({ key, code, shiftKey }) =>
    shiftKey && command({ key: key.toLowerCase(), code, shiftKey: false }) === "select" && select(-1);

  window.addEventListener("blur", () => hush(false));
  return {
    /* Whether the key was one of these. */
    key(event) {
      if (!board.size) return false;
      if (event.key in ARROWS) return arrow(event);
      if (event.altKey) return false;
      if (event.key === "Backspace") return board.back();
      if (event.repeat) return false;
      if (event.key === "Enter") return !event.shiftKey && enter();
      if (event.key === "Escape") return board.cancel();
      if (event.key === "Delete") return board.remove();
      return acts[command(event)]?.() ?? back(event);
    },
    release(event) {
      if (command(event) === "hide") hush(false);
    },
  };
}
