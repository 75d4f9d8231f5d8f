/** Time that passes only when a test says so, and chance that always falls in the middle. */

import { setImmediate } from "node:timers/promises";

export class ManualClock {
  #now = Date.UTC(2026, 0, 1);
  #timers = new Map();
  #count = 0;
  chance = () => 0.5;

  now() {
    return this.#now;
  }

  random() {
    return this.chance();
  }

  setTimeout(call, milliseconds) {
    const timer = (this.#count += 1);
    this.#timers.set(timer, { call, due: this.#now + milliseconds });
    return timer;
  }

  clearTimeout(timer) {
    this.#timers.delete(timer);
  }

  get waiting() {
    return this.#timers.size;
  }

  /** Lets time pass, and everything due happen in its order. */
  async pass(milliseconds) {
    const end = this.#now + milliseconds;
    for (;;) {
      await this.settle();
      const next = this.#next();
      if (!next || next.due > end) break;
      this.#fire(next);
    }
    this.#now = end;
    await this.settle();
  }

  /** Lets time pass until the next thing happens, and answers how long that was. */
  async untilNext() {
    const before = this.#now;
    this.#fire(this.#next());
    await this.settle();
    return this.#now - before;
  }

  #next() {
    const timers = [...this.#timers].map(([timer, { call, due }]) => ({ timer, call, due }));
    return timers.sort((a, b) => a.due - b.due)[0];
  }

  #fire({ timer, call, due }) {
    this.#timers.delete(timer);
    this.#now = Math.max(this.#now, due);
    call();
  }

  /** Lets promises that wait for no network come to their end. */
  async settle() {
    for (let turn = 0; turn < 10; turn += 1) await setImmediate();
  }
}
