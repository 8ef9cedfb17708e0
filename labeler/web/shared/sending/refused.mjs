/* Answers the server did not take: listed with the reason, to be downloaded, and put away only when the person says so.
 */

export function mount_refused(root, { outbox, describe, words, changed }) {
  const dialog = root.querySelector("[data-dialog=refused]");
  const list = dialog.querySelector("ol");
  const link = dialog.querySelector("[data-part=download]");
  let records = [];

  async function open() {
    records = await outbox.refused();
    list.replaceChildren(
      ...records.map((record) => {
        const line = document.createElement("li");
        const answer = record.skip ? words.skipped : describe(record.value).text;
        line.textContent = [
          new Date(record.at).toLocaleString(document.documentElement.lang || undefined),
          answer,
          record.reason,
        ]
          .filter(Boolean)
          .join(" · ");
        return line;
      }),
    );
    const file = new Blob([JSON.stringify(records, null, 2)], { type: "application/json" });
    URL.revokeObjectURL(link.href);
    link.href = URL.createObjectURL(file);
    dialog.showModal();
  }

  document.querySelector("[data-part=refused]").addEventListener("click", open);
  dialog.querySelector("[data-do=forget]").addEventListener("click", async () => {
    await outbox.forget(records.map((record) => record.order));
    dialog.close();
    changed();
  });
}
