/* One point on an ordered scale. The buttons are in widget.html; each point is one key and one answer. */
import { mount_choices } from "../../web/shared/choosing/one_choice.mjs";

export function mount(root, { item, value, onChange, words }) {
  const { show, key, focus } = mount_choices(root, { onChange, words });
  show(item, value);
  const describe = (answer) => ({ text: answer?.label ?? "", position: 0 }); // points of a scale have no colours
  return { show, key, focus, describe };
}
