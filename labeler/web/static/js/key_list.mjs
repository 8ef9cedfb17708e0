/* The list of all keys, and the switch that turns single keys off for this person on this device. */

export function mount_key_list(root, { user }) {
  const dialog = root.querySelector("[data-dialog=keys]");
  const box = dialog.querySelector("input[type=checkbox]");
  const name = `labeler-keys-${user}`;
  box.checked = read(name) !== "off";
  box.addEventListener("change", () => {
    try { localStorage.setItem(name, box.checked ? "on" : "off"); } catch { /* stays for this page */ }
  });
  return { open: () => dialog.showModal(), on: () => box.checked };
}

function read(name) {
  try { return localStorage.getItem(name); } catch { return null; }
}
