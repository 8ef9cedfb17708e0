/* No item is in front: what is true then. All is answered, or some was skipped, or others hold what is left and when
   that may change, or there
   is nothing yet. While others hold something this page looks again by itself. */

const LOOK = 20; // seconds between two looks while others hold items

export function mount_empty(root, { api, project, words, ready, desk, locale, counts }) {
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [title, why] = [part("empty-title"), part("empty-why")];
  const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
  let timer = null,
    asking = false;

  function say(head, tail) {
    title.textContent = head;
    why.textContent = tail;
    part("empty").hidden = false;
  }

  function look_later(seconds) {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (desk.entry || ready.state !== "dry") return;
      if (document.hidden) look_later(LOOK);
      else ready.refill({ again: true });
    }, seconds * 1000);
  }

  async function update() {
    if (desk.entry || ready.state !== "dry" || asking) return;
    asking = true;
    const { status, data } = await api.get(`/${project}/assignments/others`);
    asking = false;
    if (desk.entry || ready.state !== "dry") return;
    if (status === 200 && data.held) {
      const free = new Date(data.free_by);
      const words_held = data.held === 1 ? words.held_one : words.held_many;
      say(words.nothing_free, words_held.replace("{count}", data.held).replace("{time}", clock.format(free)));
      look_later(Math.min(LOOK, Math.max(1, (free - Date.now()) / 1000 + 1)));
    } else if (status === 200) {
      const { done, skipped } = counts();
      if (skipped) say(words.some_skipped.replace("{done}", done).replace("{count}", skipped), words.come_back);
      else say(done ? words.all_answered : words.nothing_here, words.more_comes);
    } else {
      look_later(LOOK);
    }
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && !desk.entry && ready.state === "dry") ready.refill({ again: true });
  });
  return { update };
}
