/* Answers on this device until the server has them. One database per person, so that a shared computer cannot mix people;
   it holds keys, ids and labels, never the item.
   What a reader would get wrong: `put` settles when the transaction is on disk (durability strict), not when the request
   succeeded; and an answer leaves only after the server said what became of it. */

const VERSION = 1;
const WAITING = "waiting"; // in the order given; key: order
const REFUSED = "refused"; // not accepted, kept until the person has seen them; key: order

const promised = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const committed = (transaction) => new Promise((resolve, reject) => {
  transaction.oncomplete = () => resolve();
  transaction.onabort = () => reject(transaction.error ?? new Error("The browser dropped the write."));
  transaction.onerror = () => reject(transaction.error);
});

function open(user) {
  const request = indexedDB.open(`labeler-${user}`, VERSION);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(WAITING, { keyPath: "order", autoIncrement: true });
    request.result.createObjectStore(REFUSED, { keyPath: "order" });
  };
  return promised(request);
}

export async function openOutbox(user) {
  const database = await open(user);
  database.onversionchange = () => database.close();
  const change = (stores) => database.transaction(stores, "readwrite", { durability: "strict" });
  const read = (store) => database.transaction(store).objectStore(store);

  return {
    /* record: {key, project, assignment, value, seconds, ...}. Settles when it is on disk. */
    async put(record) {
      const transaction = change([WAITING]);
      const done = committed(transaction);
      transaction.objectStore(WAITING).add(record);
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
    close: () => database.close(),
  };
}
