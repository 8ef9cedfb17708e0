/* The path of a page: show it, mark it, confirm it, take it back.
   Note: the next page is shown before the write of this one ends. If the write fails the page
   comes back with its marks, and no page is taken until the person chose what to do. */
import { input_of } from "../../shared/keys/listen.mjs";
import { new_key } from "../../shared/sending/new_key.mjs";
import { GridPage } from "./page.mjs";
import { draw_mark } from "./tiles.mjs";

const KEPT = 5; // confirmed pages kept whole, so that taking one back needs no network

export class Flow {
  safe = null; // see safe.mjs; no page is confirmed before it is there
  stopped = false;
  #confirmed = new Map(); // page id → page
  #painted = null; // ms, performance.now() of the page in front

  /* moved(item): another item is in focus, or the one in focus counts as something else. ready(page): makes its tiles.
   */
  constructor({ root, project, words, describe, board, turns, chosen, memory, clock, enlarged, moved, ready }) {
    Object.assign(this, {
      root,
      project,
      words,
      describe,
      board,
      turns,
      chosen,
      memory,
      clock,
      enlarged,
      moved,
      ready,
    });
  }

  get page() {
    return this.turns.current;
  }

  /* More pages came, or none. */
  refresh() {
    if (!this.page) {
      this.show(this.turns.next());
      if (this.page) this.board.came(this.page);
    }
    this.root.dataset.ahead = this.turns.ahead.length;
    if (this.turns.state === "filled") this.turns.refill();
  }

  show(page) {
    this.#painted = null;
    this.root.dataset.ahead = this.turns.ahead.length; // pages that need no network
    this.enlarged.close();
    this.chosen.show(page);
    if (!page) {
      this.board.clear(this.turns.state, this.turns.reason);
      return;
    }
    this.board.page(page);
    this.board.counts(page);
    this.chosen.focus();
    this.clock.start();
    requestAnimationFrame(() => {
      this.#painted = performance.now();
      this.root.dataset.painted = page.id;
    });
  }

  /* change(page, items) marks the chosen items; a key goes on to the next tile, so that odd ones in a row cost a key
     each. */
  mark(change, input) {
    const page = this.page;
    if (!page || this.stopped) return false;
    change(page, this.chosen.items);
    for (const item of this.chosen.items) draw_mark(page, item, this);
    this.board.counts(page);
    this.board.marked(page, this.chosen);
    if (input === "key") this.chosen.advance();
    else this.moved(this.chosen.item);
    return true;
  }

  confirm(event) {
    const page = this.page;
    if (!page || this.stopped || !this.safe) return false;
    const { guard, guidelineVersion } = this.root.dataset;
    if (this.#painted === null || performance.now() - this.#painted < Number(guard)) {
      this.board.say(this.words.too_early);
      return true;
    }
    const records = page.records({
      project: this.project,
      guideline: Number(guidelineVersion),
      seconds: this.clock.seconds(),
      input: input_of(event),
    });
    this.memory.add(
      page,
      page.items_in("out").map((item) => item.item),
    );
    this.#confirmed.set(page.id, page);
    if (this.#confirmed.size > KEPT) this.#confirmed.delete(this.#confirmed.keys().next().value);
    this.show(this.turns.next());
    this.board.confirmed(page, this.page);
    this.#keep(page, records);
    this.turns.refill();
    return true;
  }

  async #keep(page, records) {
    if (await this.safe.put(records)) return;
    this.stopped = !this.safe.slow;
    this.board.progress(-records.length);
    this.#again(page, page.id);
  }

  /* A page that was confirmed is in front again. was: the id under which it was confirmed. */
  #again(page, was) {
    this.memory.back(was);
    this.#confirmed.delete(was);
    this.turns.back(page);
    this.show(page);
  }

  /* The page confirmed last comes back: at once where this tab still has it, else as the server holds it again. */
  async take_back() {
    const id = this.memory.last;
    if (!id || !this.safe?.can_take_back) {
      this.board.say(this.words.nothing_back);
      return;
    }
    const page = this.#confirmed.get(id);
    if (page) await this.#take_back_seen(page, id);
    else await this.#take_back_unseen(id);
  }

  async #take_back_seen(page, id) {
    const { yes, other } = page.counts();
    page.id = new_key(); // what is answered now is another page: the server may hear of the taking back later
    this.#again(page, id);
    this.board.taken_back(yes + other, 0);
    const { there } = await this.safe.take_back(id);
    if (!there) this.board.say(this.words.back_later);
    else if (there.replaced)
      this.board.say(this.board.fill("back_replaced", { count: there.undone, replaced: there.replaced }));
  }

  async #take_back_unseen(id) {
    this.board.say(this.words.taking_back);
    const { here, there } = await this.safe.take_back(id);
    if (there?.items.length) {
      const found = new GridPage(there);
      await this.ready(found);
      this.#again(found, id);
    } else {
      // it was still on this device, or the server cannot be reached: its items come again as a page
      this.memory.back(id);
      this.memory.forget_way();
      this.turns.start_over();
      this.show(null);
      await this.turns.refill({ again: true });
    }
    this.board.taken_back(here + (there?.undone ?? 0), there?.replaced ?? 0);
    if (!there) this.board.say(this.words.back_later);
  }

  /* All items of the page are answered one by one instead, these first. */
  none() {
    const items = this.page?.items.map((item) => item.item);
    if (!items) return false;
    this.memory.set_aside(items);
    location.assign(`${this.root.dataset.single}#items=${items.join(",")}`);
    return true;
  }

  /* Somebody answered an item in another tab. */
  drop(assignment) {
    const page = this.turns.drop(assignment);
    page?.tiles.get(assignment)?.parentElement.remove();
    if (!page || page !== this.page) return;
    if (!page.items.length) {
      this.show(this.turns.next());
      this.turns.refill();
      return;
    }
    this.chosen.clamp();
    this.board.counts(page);
  }
}
