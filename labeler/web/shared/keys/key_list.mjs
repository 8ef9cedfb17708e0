/* The list of all keys, and the switch that turns single keys off. Where the list has rows that name an action, each
   key
   can be changed (rebind.mjs). */
import { OwnKeys } from "./own_keys.mjs";

/* Returns {open, on, own}. save(choice): see OwnKeys; without it the choice stays on this device. */
export function mount_key_list(root, { user, save = null }) {
  const dialog = root.querySelector("[data-dialog=keys]");
  const box = dialog.querySelector("input[type=checkbox]");
  const own = new OwnKeys({ user, save, known: JSON.parse(dialog.dataset.own ?? "null") });
  box.checked = own.on;
  box.addEventListener("change", () => own.change({ single_keys: box.checked }));
  own.changed(() => {
    box.checked = own.on;
  });
  return { open: () => dialog.showModal(), on: () => own.on, own, dialog };
}
