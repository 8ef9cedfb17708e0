/* The one place for messages about items: passed on to others, came too late to count. One at a time; it goes when it
   is
   hidden or followed, never by itself. */

export function mount_band(root, { words, desk, timeline, saved }) {
  const band = root.querySelector("[data-part=band]");
  const [text, rest, act] = [
    band.querySelector("b"),
    band.querySelector("[data-rest]"),
    band.querySelector("[data-do=band-act]"),
  ];
  let follow = null;
  let late = [];

  function say(head, tail, button, then) {
    text.textContent = head;
    rest.textContent = tail;
    act.textContent = button;
    act.hidden = !button;
    follow = then;
    band.hidden = false;
  }

  function hide() {
    band.hidden = true;
    follow = null;
  }

  const name = (entry) => entry.item.external_id ?? words.item.replace("{number}", entry.number);

  return {
    hide() {
      hide();
      late = [];
      saved.late(0);
    },
    act() {
      follow?.();
      hide();
      late = [];
      saved.late(0);
    },
    /* An item in front belongs to others now. */
    passed_on(entry) {
      say(words.passed_on.replace("{item}", name(entry)), words.passed_on_what, words.next_item, () =>
        desk.show(timeline.next()),
      );
    },
    moved_on(entry) {
      if (desk.entry !== entry && follow && !late.length) hide();
    },
    /* Answers the server has kept and does not count. assignments: of them. */
    came_late(assignments) {
      const known = new Map(timeline.entries.map((entry) => [entry.item.assignment, entry]));
      late = [...new Set([...late, ...assignments])];
      for (const one of assignments) if (known.has(one)) known.get(one).late = true;
      saved.late(late.length);
      const entry = known.get(late.at(-1)) ?? null;
      const head =
        late.length > 1 || !entry
          ? words.late_many.replace("{count}", late.length)
          : words.late.replace("{item}", name(entry));
      say(head, words.late_what, entry ? words.show_it : "", () => desk.go(entry));
      root.dispatchEvent(new CustomEvent("ready")); // the strip draws it anew
    },
  };
}
