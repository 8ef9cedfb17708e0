/* Where answers go, and what happens when this device cannot keep them: nothing is answered any more until the person
   chose that each answer waits for the server. */

/* kept(entry): an answer is safe. Returns {online_only}: what the person chose. */
export function keep_safe(root, { desk, api, outbox, saved, kept }) {
  const trouble = root.querySelector("[data-part=trouble]");
  desk.outbox = outbox.error ? { put: () => Promise.reject(outbox.error) } : outbox;
  root.addEventListener("trouble", () => {
    trouble.hidden = false;
    if (!desk.outbox.slow) saved.stop();
  });
  root.addEventListener("kept", ({ detail: { entry } }) => {
    trouble.hidden = true;
    kept(entry);
  });

  async function put({ project, at, ...answer }) {
    const { status, data } = await api.post(`/${project}/annotations`, [answer]);
    if (status !== 200 || data[0]?.status === "rejected") throw new Error(data?.[0]?.reason ?? String(status));
  }

  function online_only() {
    desk.outbox = { slow: true, put };
    desk.stopped = false;
    trouble.hidden = true;
    saved.start();
  }

  return { online_only };
}
