/* One class for the item. The buttons are in widget.html; this binds them and adds finding a class by typing. */
import { mount_choices } from "../../web/shared/choosing/one_choice.mjs";
import { mount_find } from "../../web/shared/choosing/find_class.mjs";

export function mount(root, { item, value, onChange, words }) {
  const choices = mount_choices(root, { onChange, words });
  const find = mount_find(root, choices);
  choices.show(item, value);
  return { show: choices.show, key: choices.key, focus: choices.focus, describe: choices.describe, find };
}
