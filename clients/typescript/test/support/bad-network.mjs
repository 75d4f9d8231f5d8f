/** A network in memory that delays, overtakes, repeats and loses what a shop tells, and breaks off, all by chance. */

export class BadNetwork {
  isBad = true;
  loses = true;
  #connections = new Set();

  constructor(shop, clock, chance) {
    const network = this;
    this.fetch = async () => {
      if (network.#happens(0.2)) return Response.json({ code: "busy", detail: "busy" }, { status: 503 });
      return Response.json({ ticket: "t", url: "ws://network", expiresAt: "" }, { status: 201 });
    };
    this.#happens = (share) => network.isBad && chance() < share;
    this.WebSocket = class {
      #listeners = {};
      #isOpen = false;

      constructor() {
        this.#later(() => this.#open());
      }

      addEventListener(type, listener) {
        this.#listeners[type] = listener;
      }

      send(data) {
        if (!network.loses || !network.#happens(0.1)) this.#later(() => this.#isOpen && shop.hear(this, JSON.parse(data)));
      }

      /** What the shop says on its way to the client. */
      tell(message) {
        if (network.loses && network.#happens(0.15)) return;
        const copies = network.#happens(0.15) ? 2 : 1;
        for (let copy = 0; copy < copies; copy += 1) {
          this.#later(() => this.#isOpen && this.#listeners.message({ data: JSON.stringify(message) }));
        }
      }

      close() {
        this.cut();
      }

      cut() {
        if (!this.#isOpen) return;
        this.#isOpen = false;
        shop.gone(this);
        network.#connections.delete(this);
        this.#later(() => this.#listeners.close({ code: 1006 }));
      }

      #open() {
        this.#isOpen = true;
        network.#connections.add(this);
        this.#listeners.open();
      }

      #later(act) {
        clock.setTimeout(act, network.isBad ? chance() * 3000 : 1);
      }
    };
  }

  #happens;

  cut() {
    for (const connection of [...this.#connections]) connection.cut();
  }
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function chanceOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
