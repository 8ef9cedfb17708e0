/* Takes a whole page back: what still waits on this device leaves in one transaction, what the server has it takes
   back.
   Note: an answer may have reached the server although no reply came, so the server is always
   asked too, later if it cannot be reached now. The order does not matter: a newer answer to the same item replaces the
   older one, and only what still stands of the page is taken back. */

export function mount_back({ outbox, api, project, user, memory, locks = navigator.locks }) {
  const path = (id) => `/${encodeURIComponent(project)}/pages/${encodeURIComponent(id)}`;

  /* While this runs nobody sends, in no tab: the sender holds the same lock while it does. */
  const alone = (work) => (locks ? locks.request(`labeler-outbox-${user}`, work) : work());

  async function take_here(id) {
    const mine = (await outbox.all()).filter((record) => record.page === id);
    await outbox.settle(
      mine.map((record) => record.order),
      [],
    );
    return mine.length;
  }

  /* The page as the server holds it again ({undone, late, replaced, page, class, items}), or null without a reply. */
  async function take_there(id) {
    let { status, data } = await api.remove(path(id));
    if ((status === 400 || status === 403) && (await api.renew()) === "same")
      ({ status, data } = await api.remove(path(id)));
    // not a member any more: nothing left to do
    if (status === 200 || status === 403 || status === 404) memory.paid(id);
    return status === 200 ? data : null;
  }

  return {
    /* Returns {here: records removed on this device, there: the server's reply or null}. */
    async take_back(id) {
      memory.owe(id);
      const here = await alone(() => take_here(id));
      return { here, there: await take_there(id) };
    },
    /* Take-backs the server has not heard of. */
    async settle_debts() {
      for (const id of memory.owed) if (!(await take_there(id))) return;
    },
  };
}
