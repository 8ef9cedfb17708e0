/* Files dropped on the page, or pasted, join those that were chosen, and each is named and can be taken out before it
   is sent. Without this script the field takes several files by itself.
   Note: the list of a file field cannot be changed, only replaced by another one.
   */

const units = ["B", "kB", "MB", "GB"];

export function size_of(bytes, language) {
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const digits = { maximumFractionDigits: step > 1 ? 1 : 0 };
  return `${(bytes / 1000 ** step).toLocaleString(language, digits)} ${units[step]}`;
}

export function together(before, more) {
  const known = new Set(before.map((file) => `${file.name} ${file.size} ${file.lastModified}`));
  return [...before, ...more.filter((file) => !known.has(`${file.name} ${file.size} ${file.lastModified}`))];
}

function listed(files) {
  const found = new DataTransfer();
  for (const file of files) found.items.add(file);
  return found.files;
}

function mount(zone) {
  const field = zone.querySelector("input[type=file]");
  const list = zone.querySelector(".chosen");
  const said = zone.querySelector("[role=status]");
  const card = zone.closest("section") ?? zone;
  let chosen = [];

  function row(file) {
    const entry = document.createElement("li");
    const name = document.createElement("span");
    const size = document.createElement("span");
    const remove = document.createElement("button");
    name.className = "grow";
    name.dir = "auto";
    name.textContent = file.name;
    size.className = "note num";
    size.textContent = size_of(file.size, document.documentElement.lang);
    remove.type = "button";
    remove.className = "btn quiet icon";
    remove.textContent = "×";
    remove.setAttribute("aria-label", zone.dataset.remove.replace("{name}", file.name));
    remove.addEventListener("click", () => {
      const place = chosen.indexOf(file);
      use(chosen.filter((one) => one !== file));
      (list.querySelectorAll("button")[Math.min(place, chosen.length - 1)] ?? field).focus();
    });
    entry.append(name, size, remove);
    return entry;
  }

  function use(files) {
    chosen = files;
    field.files = listed(files);
    list.replaceChildren(...files.map(row));
    list.hidden = files.length === 0;
    said.textContent =
      files.length === 1 ? zone.dataset.one : zone.dataset.many.replace("{n}", files.length.toLocaleString());
  }

  function over(event, is_over) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    card.classList.toggle("dropping", is_over);
  }

  zone.querySelector(".drop-here").hidden = false;
  field.addEventListener("change", () => use(together(chosen, [...field.files])));
  document.addEventListener("dragover", (event) => over(event, true));
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) over(event, false);
  });
  document.addEventListener("drop", (event) => {
    over(event, false);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length) use(together(chosen, files));
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    use(together(chosen, files));
  });
  if (field.files.length) use([...field.files]);
}

if (typeof document !== "undefined") for (const zone of document.querySelectorAll("[data-drop]")) mount(zone);
