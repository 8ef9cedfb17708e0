/* Answers on this device until the server has them. One database per person, so that a shared computer cannot mix
   people;
   it holds keys, ids, labels and places of drawn parts, never the item.
   Note: `put` settles when the transaction is on disk (durability strict), not when the
   request
   succeeded; an answer leaves only after the server said what became of it; and a draft leaves in the very transaction
   that keeps the answer it became. */

const VERSION = 2;
const WAITING = "waiting"; // in the order given; key: order
const REFUSED = "refused"; // not accepted, kept until the person has seen them; key: order

const DRAFTS = "drafts"; // begun and not submitted; key: assignment
const DRAFT_LIFE = 30 * 24 * 3600 * 1000; // ms

const promised = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const committed = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("The browser dropped the write."));
    transaction.onerror = () => reject(transaction.error);
  });

function open(user) {
  const request = indexedDB.open(`labeler-${user}`, VERSION);
  request.onupgradeneeded = (event) => {
    const database = request.result;
    if (event.oldVersion < 1) {
      database.createObjectStore(WAITING, { keyPath: "order", autoIncrement: true });
      database.createObjectStore(REFUSED, { keyPath: "order" });
    }
    database.createObjectStore(DRAFTS, { keyPath: "assignment" });
  };
  return promised(request);
}

export async function openOutbox(user) {
  const database = await open(user);
  database.onversionchange = () => database.close();
  const change = (stores) => database.transaction(stores, "readwrite", { durability: "strict" });
  const read = (store) => database.transaction(store).objectStore(store);

  return {
    /* record: {key, project, assignment, value, seconds, ...}. Settles when it is on disk; of several all are, or none.
     */
    async put(...records) {
      const transaction = change([WAITING, DRAFTS]);
      const done = committed(transaction);
      for (const record of records) {
        transaction.objectStore(WAITING).add(record);
        transaction.objectStore(DRAFTS).delete(record.assignment ?? record.key);
      }
      transaction.commit();
      await done;
    },
    all: () => promised(read(WAITING).getAll()),
    /* At most `limit` of the oldest records, all of one project. */
    async oldest(limit) {
      const records = await promised(read(WAITING).getAll(null, limit));
      return records.filter((record) => record.project === records[0].project);
    },
    waiting: () => promised(read(WAITING).count()),
    /* sent: orders the server has. refused: [{record, reason}] it will never take. Both or neither. */
    async settle(sent, refused) {
      const transaction = change([WAITING, REFUSED]);
      const done = committed(transaction);
      for (const order of sent) transaction.objectStore(WAITING).delete(order);
      for (const { record, reason } of refused) {
        transaction.objectStore(REFUSED).put({ ...record, reason });
        transaction.objectStore(WAITING).delete(record.order);
      }
      await done;
    },
    refused: () => promised(read(REFUSED).getAll()),
    async forget(orders) {
      const transaction = change([REFUSED]);
      const done = committed(transaction);
      for (const order of orders) transaction.objectStore(REFUSED).delete(order);
      await done;
    },
    /* draft: {assignment, project, value, unsure, comment, at}. gone: assignments whose draft is empty now. */
    async keep_drafts(drafts, gone = []) {
      const transaction = change([DRAFTS]);
      const done = committed(transaction);
      for (const draft of drafts) transaction.objectStore(DRAFTS).put(draft);
      for (const assignment of gone) transaction.objectStore(DRAFTS).delete(assignment);
      transaction.commit(); // so that it ends well even while the page is being closed
      await done;
    },
    /* The drafts of one project; those nobody came back to for a month go. */
    async drafts(project) {
      const every = await promised(read(DRAFTS).getAll());
      const old = every.filter((draft) => Date.now() - Date.parse(draft.at) > DRAFT_LIFE);
      if (old.length)
        await this.keep_drafts(
          [],
          old.map((draft) => draft.assignment),
        );
      return every.filter((draft) => draft.project === project && !old.includes(draft));
    },
    close: () => database.close(),
  };
}
