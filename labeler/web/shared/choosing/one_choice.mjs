/* Answers that are one of the buttons: a class, a point of a scale. The picked button is the answer. */
import { mount_buttons } from "./choices.mjs";
import { input_of } from "../keys/listen.mjs";

/* An answer given before is filled; Enter on the group, or the button under it, gives the same one again. */
export function mount_choices(root, { onChange, words }) {
  const choose = (button, input) => onChange({ label: button.dataset.label }, { complete: true, input });
  const group = mount_buttons(root, { pick: choose });
  const by_label = new Map(group.buttons.map((button) => [button.dataset.label, button]));
  const keep = root.querySelector("[data-part=keep]");
  const place = root.querySelector("[data-choices]");
  let pressed = null;

  keep.addEventListener("click", (event) => choose(pressed, input_of(event)));
  return {
    ...group,
    choose,
    show(_item, value) {
      const next = by_label.get(value?.label) ?? null;
      if (pressed === next) return;
      pressed = next;
      group.fill(next?.dataset.label ?? null, words.your_answer);
      if (next) group.activate(next);
      keep.hidden = !next;
      keep.firstElementChild.textContent = next ? words.keep.replace("{answer}", next.dataset.label) : "";
    },
    key(event) {
      const again = pressed && event.key === "Enter" && !event.shiftKey && !event.altKey && event.target === place;
      if (again) choose(pressed, "key");
      return Boolean(again) || group.key(event);
    },
    /* {text, position} of a value, for the strip and the messages. */
    describe(value) {
      const position = Number(by_label.get(value?.label)?.dataset.position ?? 0);
      return { text: value?.label ?? "", position };
    },
  };
}
