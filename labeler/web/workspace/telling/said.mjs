/* Below the answers of an item that was sent back: what this person and leads said about it. What is written in the
   comment goes with the next answer and stands there as the reply. */

export function mount_said(root, { words, locale }) {
  const place = root.querySelector("[data-part=said]");
  const list = place.querySelector("ol");
  const label = root.querySelector("label[for=comment-field]");
  const comment = label.textContent;
  const written = new Intl.DateTimeFormat(locale || undefined, { dateStyle: "medium", timeStyle: "short" });

  function word({ by, who, text, at }) {
    const row = document.createElement("li");
    row.className = by;
    const head = document.createElement("p");
    head.className = "by";
    const name = document.createElement("b");
    name.dir = "auto";
    name.textContent = by === "lead" ? words.lead.replace("{name}", who) : words.you;
    head.append(name, ` · ${written.format(new Date(at))}`);
    const said = document.createElement("p");
    said.className = "text";
    said.dir = "auto";
    said.textContent = text;
    row.append(head, said);
    return row;
  }

  function show(entry) {
    const said = entry?.item.said ?? [];
    place.hidden = !said.length;
    list.replaceChildren(...said.map(word));
    label.textContent = said.length ? words.reply : comment;
    list.scrollTop = list.scrollHeight; // the newest words are seen first
  }

  root.addEventListener("item", ({ detail: { entry } }) => show(entry));
}
