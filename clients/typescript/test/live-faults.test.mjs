/** Whatever the network does, in the end every watcher shows what is: the live client against chance. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createCustomer360Client } from "../dist/index.js";
import { Live, SECTIONS } from "../dist/live/live.js";
import { BadNetwork, chanceOf } from "./support/bad-network.mjs";
import { ManualClock } from "./support/clock.mjs";
import { Shop } from "./support/shop.mjs";

const CUSTOMERS = ["a", "b"];
const HOUR = 3_600_000;

/** A part of a page: has fetched everything at first, or nothing, and then fetches what it is told to. */
class Page {
  #stop;

  constructor(live, shop, customerId, givesVersion) {
    this.shop = shop;
    this.customerId = customerId;
    this.shown = givesVersion ? shop.sections(customerId) : {};
    const since = givesVersion ? shop.version(customerId) : undefined;
    this.#stop = live.watch(customerId, ({ sections }) => this.#fetch(sections), since);
  }

  #fetch(sections) {
    assert.ok(!this.isGone, "told after it had gone");
    for (const section of sections) this.shown[section] = this.shop.sections(this.customerId)[section];
  }

  leave() {
    this.isGone = true;
    this.#stop();
  }
}

test("every page shows what is, after all that went wrong", async () => {
  for (let seed = 1; seed <= 100; seed += 1) {
    const [clock, shop, chance] = [new ManualClock(), new Shop(), chanceOf(seed)];
    const one = (values) => values[Math.floor(chance() * values.length)];
    clock.chance = chance;
    const network = new BadNetwork(shop, clock, chance);
    network.loses = seed % 2 === 0;
    const api = createCustomer360Client({ baseUrl: "http://network", token: () => "token", fetch: network.fetch });
    const live = new Live({ api, WebSocket: network.WebSocket, clock }).connect();
    const steps = {
      change: () => shop.change(one(CUSTOMERS), [one(SECTIONS), one(SECTIONS)]),
      open: () => pages.push(new Page(live, shop, one(CUSTOMERS), chance() < 0.5)),
      leave: () => pages.splice(Math.floor(chance() * pages.length), 1)[0]?.leave(),
      cut: () => network.cut(),
    };
    const pages = [];
    for (let step = 0; step < 60; step += 1) {
      steps[one(["change", "change", "change", "change", "open", "open", "leave", "cut"])]();
      await clock.pass(chance() * 4000);
    }
    pages.push(new Page(live, shop, "a", true));
    network.isBad = false;
    await clock.pass(60_000);
    if (network.loses) network.cut(); // what was lost last shows with the next change, or the next connection
    await clock.pass(60_000);
    const compare = () => {
      for (const { shown, customerId } of pages) assert.deepEqual({ seed, shown }, { seed, shown: shop.sections(customerId) });
    };
    assert.equal(live.status, "open");
    compare();
    for (const customerId of CUSTOMERS) shop.change(customerId, ["notes"]);
    await clock.pass(HOUR);
    compare();
    live.close();
  }
});
