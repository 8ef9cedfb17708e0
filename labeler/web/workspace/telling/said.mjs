/* Below the answers of an item that was sent back: what this person and leads said about it. What is written in the
   comment goes with the next answer and stands there as the reply. */

export function mount_said(root, { words, locale }) {
  const place = root.querySelector("[data-part=said]");
  const list = place.querySelector("ol");
  const label = root.querySelector("label[for=comment-field]");
  const comment = label.textContent;

  const paragraph = (className, textContent) =>
    Object.assign(document.createElement("p"), { className, textContent, dir: "auto" });

  function word({ by, who, text, at }) {
    const row = document.createElement("li");
    const name = by === "lead" ? words.lead.replace("{name}", who) : words.you;
    const when = new Date(at).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
    row.append(paragraph("by", `${name} · ${when}`), paragraph("text", text));
    return row;
  }

  root.addEventListener("item", ({ detail: { entry } }) => {
    const said = entry?.item.said ?? [];
    place.hidden = !said.length;
    list.replaceChildren(...said.map(word));
    list.scrollTop = list.scrollHeight; // the newest words are seen first
    label.textContent = said.length ? words.reply : comment;
  });
}
