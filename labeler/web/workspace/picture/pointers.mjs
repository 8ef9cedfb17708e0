/* Who gets a pointer on the picture: the hand that draws, or the view, which pans and pinches. Moves reach the hand at
   most
   once a frame.
   Note: the second finger turns a stroke into a pinch, so the stroke is cancelled and not
   ended.
   And the press that scrolls or focuses must not happen: the keys stay where they were. */

export function mount_pointers(view, { pans, pan, pinch }) {
  const looking = new Map(); // pointer → its last event, of those that pan or pinch
  let hand = null,
    stroke = null,
    waiting = null,
    frame = 0,
    space = false,
    dragged = false;

  const flush = () => {
    cancelAnimationFrame(frame);
    const event = waiting;
    waiting = null;
    frame = 0;
    if (event && hand) (stroke ? hand.move : hand.hover)(event);
  };
  const queue = (event) => {
    waiting = event;
    frame ||= requestAnimationFrame(flush);
  };
  const drop = () => {
    waiting = null;
    stroke = null;
    hand?.cancel();
  };

  function press(event) {
    if (event.target.closest("a, button")) return;
    const touch = event.pointerType === "touch";
    const second = touch && (looking.size > 0 || stroke?.pointerType === "touch");
    if (second && stroke) {
      looking.set(stroke.pointerId, stroke);
      drop();
    }
    const looks = second || event.button === 1 || space;
    if (!looks && hand && !stroke && event.button === 0 && hand.down(event)) stroke = event;
    else if (looks || (event.button === 0 && !stroke && (pans() || touch))) looking.set(event.pointerId, event);
    else return;
    if (!touch) event.preventDefault();
    view.setPointerCapture(event.pointerId);
  }

  function move(event) {
    if (event.pointerId === stroke?.pointerId) {
      stroke = event;
      queue(event);
    } else if (looking.has(event.pointerId)) {
      look(event);
    } else if (hand && !stroke && event.pointerType !== "touch") {
      queue(event);
    }
  }

  function look(event) {
    const before = looking.get(event.pointerId);
    const other = [...looking.values()].find((one) => one.pointerId !== event.pointerId);
    looking.set(event.pointerId, event);
    dragged = true;
    const span = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
    if (other) pinch(span(event) / Math.max(span(before), 1), other);
    else pan({ x: event.clientX - before.clientX, y: event.clientY - before.clientY }, event.pointerType === "touch");
  }

  function lift(event) {
    looking.delete(event.pointerId);
    if (event.pointerId !== stroke?.pointerId) return;
    if (event.type === "pointercancel") {
      drop();
      return;
    }
    flush();
    stroke = null;
    hand.up(event);
  }

  view.addEventListener("pointerdown", press);
  view.addEventListener("pointermove", move);
  for (const name of ["pointerup", "pointercancel"]) view.addEventListener(name, lift);
  view.addEventListener("pointerleave", () => {
    if (hand && !stroke) {
      waiting = null;
      hand.leave();
    }
  });
  view.addEventListener("mousedown", (event) => {
    if (hand && !event.target.closest("a, button")) event.preventDefault();
  });
  view.addEventListener("contextmenu", (event) => {
    if (hand) event.preventDefault();
  });
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.code !== "Space") return;
      space = true;
      if (!event.repeat) dragged = false;
      // it would scroll
      if (hand && !event.target.closest?.("button, a, input, textarea, select, summary")) event.preventDefault();
    },
    true,
  );
  document.addEventListener(
    "keyup",
    (event) => {
      if (event.code !== "Space") return;
      space = false;
      if (dragged) event.preventDefault(); // a pan is not a press of the focused button
    },
    true,
  );

  return {
    /* hand: {down(event) → whether it takes the pointer, move, up, cancel(), hover(event), leave()}; null lets go. */
    hold(next) {
      if (stroke) drop();
      hand = next;
      view.classList.toggle("drawing", Boolean(next));
    },
  };
}
