/* The keys of this person on this page: what they chose goes into effect, is printed on every hint, and can be changed
   in
   the list of keys. Before the task type is mounted, which reads its keys from here on. */
import { learn_layout, print_hints } from "./hints.mjs";
import { mount_key_list } from "./key_list.mjs";
import { use_keys } from "./keys.mjs";
import { mount_rebind, name_answers } from "./rebind.mjs";

/* Returns {open, on, print}: the list of keys, whether single keys act, and printing the hints anew. */
export function mount_own_keys(root, { user, api, config, words }) {
  const address = root.querySelector("[data-dialog=keys]").dataset.save;
  const { open, on, own, dialog } = mount_key_list(root, { user, save: (choice) => api.save(address, choice) });
  const buttons = [...root.querySelectorAll("[data-choices] [data-key], [data-reason][data-key]")];
  // an answer before a reason
  const names = new Map(buttons.map((button) => [button.dataset.key, name_of(button, words)]).reverse());
  const asked = config.classes.map((one) => one.key).filter(Boolean);

  function print() {
    print_hints(document, { on: own.on });
  }

  function obey() {
    use_keys(own.keys, asked);
    print();
  }

  own.changed(obey);
  name_answers(dialog, names);
  obey();
  mount_rebind(dialog, { own });
  learn_layout().then(print);
  return { open, on, print };
}

function name_of(button, words) {
  const name =
    button.dataset.label ??
    [...button.childNodes]
      .filter((node) => node.nodeName !== "KBD")
      .map((node) => node.textContent)
      .join("")
      .trim();
  return button.dataset.reason ? words.skip_reason.replace("{reason}", name) : name;
}
