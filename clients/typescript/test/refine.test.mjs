/** The live provider as Refine's hooks use it, over a live client whose messages come from the test. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { SECTIONS } from "../dist/live/live.js";
import { liveProvider } from "../dist/refine.js";
import { ManualClock } from "./support/clock.mjs";

let clock, live, provider, events;

/** What the provider uses of the live client. */
class TestLive {
  watching = [];
  listening = { notification: [], export: [] };

  constructor(clock) {
    this.clock = clock;
  }

  watch(customerId, tell, since) {
    return this.#added(this.watching, { customerId, tell, since });
  }

  on(type, tell) {
    return this.#added(this.listening[type], { tell });
  }

  change(customerId, sections, { cause = "changed", ids = {} } = {}) {
    const change = { customerId, sections, cause, version: 1, ...(cause === "changed" && { ids }) };
    for (const watcher of this.watching.filter((watcher) => watcher.customerId === customerId)) watcher.tell(change);
  }

  #added(list, entry) {
    list.push(entry);
    return () => list.splice(list.indexOf(entry), 1);
  }
}

beforeEach(() => {
  clock = new ManualClock();
  live = new TestLive(clock);
  provider = liveProvider(live, { window: 1000 });
  events = [];
});

/** As a hook subscribes; `useOne` gives the id, every hook of a part of a customer `meta.customerId`. */
function subscribed(resource, { params, meta, types = ["*"] } = {}) {
  const callback = (event) => events.push(event);
  return provider.subscribe({ channel: `resources/${resource}`, types, callback, params, meta });
}

const sections = () => events.map(({ payload }) => payload.sections);

test("a list of a customer's records is told of its own section", () => {
  subscribed("orders", { meta: { customerId: "c" } });
  live.change("c", ["notes", "tags"]);
  live.change("d", ["orders"]);
  live.change("c", ["orders", "metrics"], { ids: { orders: ["o1"], metrics: [] } });
  assert.deepEqual(events, [
    {
      channel: "resources/orders",
      type: "updated",
      payload: { customerIds: ["c"], sections: ["orders"], ids: ["o1"] },
      date: new Date(clock.now()),
    },
  ]);
});

test("ids are told only if they are all that changed", async () => {
  subscribed("orders", { meta: { customerId: "c" } });
  live.change("c", ["orders"]);
  await clock.pass(1000);
  live.change("c", SECTIONS, { cause: "gap" });
  await clock.pass(1000);
  live.change("c", ["orders"], { ids: { orders: ["o1"] } });
  live.change("c", ["orders"], { ids: { orders: ["o2"] } });
  live.change("c", ["orders"], { ids: { orders: ["o3", "o2"] } });
  await clock.pass(1000);
  live.change("c", ["orders"], { ids: { orders: ["o4"] } });
  live.change("c", ["orders"]);
  await clock.pass(1000);
  const ids = events.map(({ payload }) => payload.ids);
  assert.deepEqual(ids, [undefined, undefined, ["o1"], ["o2", "o3"], undefined]);
});

test("a customer is told of what its view shows, by its id", async () => {
  subscribed("customers", { params: { id: "c", ids: ["c"] } });
  for (const section of SECTIONS) {
    live.change("c", [section]);
    await clock.pass(1000);
  }
  assert.deepEqual(sections(), [["profile"], ["metrics"], ["health"], ["churn"], ["tags"], ["segments"]]);
  assert.ok(events.every(({ payload }) => payload.ids[0] === "c"));
});

test("several customers are watched by their ids, numbers among them", () => {
  subscribed("customers", { params: { ids: ["c", 7] } });
  live.change("7", ["tags"]);
  assert.deepEqual(live.watching.map(({ customerId }) => customerId), ["c", "7"]);
  assert.deepEqual(events[0].payload.customerIds, ["7"]);
});

for (const [where, asked] of [
  ["meta", { meta: { customerId: "c" } }],
  ["the meta among the parameters", { params: { ids: ["o1"], meta: { customerId: "c" } } }],
  ["liveParams", { params: { ids: ["o1"], customerId: "c" } }],
]) {
  test(`the customer is named by ${where}`, () => {
    subscribed("orders", asked);
    assert.deepEqual(live.watching.map(({ customerId }) => customerId), ["c"]);
  });
}

test("the version that is shown is handed on", () => {
  subscribed("orders", { params: { customerId: "c", since: 7 } });
  assert.equal(live.watching[0].since, 7);
});

test("what is no section is told of everything, unless it is said what it shows", async () => {
  provider = liveProvider(live, { sections: { "open-tickets": ["support"], orders: ["orders", "metrics"] } });
  for (const resource of ["timeline", "open-tickets", "orders"]) subscribed(resource, { meta: { customerId: "c" } });
  live.change("c", ["metrics"]);
  await clock.pass(1000);
  live.change("c", ["support"]);
  const told = events.map(({ channel, payload }) => [channel, ...payload.sections]);
  assert.deepEqual(told, [
    ["resources/timeline", "metrics"],
    ["resources/orders", "metrics"],
    ["resources/timeline", "support"],
    ["resources/open-tickets", "support"],
  ]);
});

test("a list of all customers is not live", () => {
  subscribed("customers", { params: { filters: [] } });
  subscribed("tags");
  assert.deepEqual(live.watching, []);
});

test("many changes in a moment are told once at once, and once at its end with everything", async () => {
  subscribed("timeline", { meta: { customerId: "c" } });
  for (let change = 0; change < 100; change += 1) live.change("c", [change === 0 ? "profile" : "orders"]);
  live.change("c", ["notes"]);
  assert.deepEqual(sections(), [["profile"]]);
  await clock.pass(999);
  assert.equal(events.length, 1);
  await clock.pass(1);
  assert.deepEqual(sections(), [["profile"], ["orders", "notes"]]);
  live.change("c", ["tags"]);
  assert.equal(events.length, 2);
  await clock.pass(1000);
  assert.deepEqual(sections()[2], ["tags"]);
  await clock.pass(10_000);
  live.change("c", ["payments"]);
  assert.equal(events.length, 4);
});

test("each subscriber is told at most once in a moment, and nothing is lost, whatever the pace", async () => {
  subscribed("timeline", { meta: { customerId: "c" } });
  const told = [];
  for (let change = 0; change < 200; change += 1) {
    events.length = 0;
    live.change("c", [SECTIONS[change % SECTIONS.length]]);
    await clock.pass((change * 37) % 450);
    told.push(...events.map(({ date }) => date.getTime()));
  }
  const pauses = told.slice(1).map((at, index) => at - told[index]);
  assert.ok(pauses.every((pause) => pause >= 1000));
  events.length = 0;
  live.change("c", ["churn"]);
  await clock.pass(1000);
  assert.ok(sections().flat().includes("churn"));
});

test("who does not want to know of updates is not told", () => {
  subscribed("orders", { meta: { customerId: "c" }, types: ["created"] });
  live.change("c", ["orders"]);
  assert.deepEqual(events, []);
});

test("who unsubscribes is told nothing more, not even what was held back", async () => {
  const subscription = subscribed("customers", { params: { ids: ["c", "d"] } });
  live.change("c", ["tags"]);
  live.change("d", ["tags"]);
  provider.unsubscribe(subscription);
  await clock.pass(10_000);
  assert.equal(events.length, 1);
  assert.deepEqual(live.watching, []);
  assert.equal(clock.waiting, 0);
});

test("notifications are told one by one, as created", () => {
  const notification = { type: "notification", kind: "churn-level-changed", customerId: "c" };
  const subscription = subscribed("notifications", { types: ["created"] });
  for (let count = 0; count < 2; count += 1) live.listening.notification[0].tell(notification);
  assert.deepEqual(events.map(({ type, payload }) => [type, payload]), Array(2).fill(["created", notification]));
  provider.unsubscribe(subscription);
  assert.deepEqual(live.listening.notification, []);
});

test("an export is told how far it has come, by its id or as one of all", () => {
  subscribed("exports", { params: { ids: ["e1"] } });
  subscribed("exports");
  const progress = { type: "export", exportId: "e2", status: "ready", progress: 100 };
  for (const { tell } of live.listening.export) tell(progress);
  assert.deepEqual(events.map(({ payload }) => payload), [{ ...progress, ids: ["e2"] }]);
  for (const { tell } of live.listening.export) tell({ ...progress, exportId: "e1" });
  assert.equal(events.length, 3);
});
