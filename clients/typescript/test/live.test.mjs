/** The live client against real sockets of a server that speaks the protocol, and misbehaves when told to. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { WebSocket } from "ws";

import { createCustomer360Client, ProblemError } from "../dist/index.js";
import { Live, SECTIONS } from "../dist/live/live.js";
import { ManualClock } from "./support/clock.mjs";
import { eventually, LiveServer } from "./support/server.mjs";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

let server, shop, clock, live, statuses;

beforeEach(async () => {
  server = await LiveServer.start();
  ({ shop } = server);
  clock = new ManualClock();
  statuses = [];
  live = made(() => "token");
});

afterEach(() => {
  live.close();
  assert.equal(clock.waiting, 0, "a closed client waits for nothing");
  server.stop();
});

function made(token, options) {
  const api = createCustomer360Client({ baseUrl: server.url, token });
  const onStatus = (status, reason) => statuses.push({ status, reason });
  return new Live({ api, WebSocket, clock, onStatus, ...options });
}

/** A watcher's view of things: what it was told, oldest first. */
function watched(customerId, since) {
  const told = [];
  const stop = live.watch(customerId, ({ cause, sections, version }) => told.push({ cause, sections, version }), since);
  return { told, stop };
}

/** The connection is open and the server has heard so many wishes. */
async function asked(count) {
  await eventually(() => shop.subscriptions.length >= count && live.status === "open");
  await arrived();
}

/** Everything said until now has arrived, in both directions. */
async function arrived() {
  let isTold = false;
  const stop = live.on("notification", ({ kind }) => (isTold ||= kind === "marker"));
  const pings = shop.heard.length;
  live.check();
  await eventually(() => shop.heard.length > pings);
  server.tell({ type: "notification", kind: "marker" });
  await eventually(() => isTold);
  stop();
}

/** A connection that is lost is noticed, and the next is open. */
async function reconnected() {
  await eventually(() => live.status === "waiting");
  const pause = await clock.untilNext();
  await eventually(() => live.status === "open");
  return pause;
}

test("a watcher with a version is told what changed since, and what changes", async () => {
  shop.change("c", ["profile"]);
  shop.change("c", ["orders", "metrics"]);
  const { told } = watched("c", 1);
  live.connect();
  await asked(1);
  assert.deepEqual(shop.subscriptions, [{ action: "subscribe", customerId: "c", since: 1 }]);
  assert.deepEqual(told, [{ cause: "missed", sections: ["orders", "metrics"], version: 2 }]);
  shop.change("c", ["notes"]);
  await arrived();
  assert.deepEqual(told.slice(1), [{ cause: "changed", sections: ["notes"], version: 3 }]);
  assert.deepEqual(server.tokens, ["Bearer token"]);
});

test("a watcher that has missed nothing is told nothing", async () => {
  shop.change("c", ["profile"]);
  const { told } = watched("c", 1);
  live.connect();
  await asked(1);
  assert.deepEqual(told, []);
});

test("a watcher without a version fetches everything once the server has answered", async () => {
  const { told } = watched("c");
  live.connect();
  await asked(1);
  assert.deepEqual(shop.subscriptions, [{ action: "subscribe", customerId: "c" }]);
  assert.deepEqual(told, [{ cause: "gap", sections: SECTIONS, version: 0 }]);
  shop.change("c", ["tags"]);
  await arrived();
  assert.deepEqual(told.slice(1), [{ cause: "changed", sections: ["tags"], version: 1 }]);
});

test("a change says when, and which records", async () => {
  const told = [];
  live.watch("c", (change) => told.push(change), 0);
  live.connect();
  await asked(1);
  shop.change("c", ["orders"], { orders: ["o1"] });
  await arrived();
  const [{ at, ids, customerId }] = told;
  assert.deepEqual({ at, ids, customerId }, { at: "2026-01-01T00:00:00Z", ids: { orders: ["o1"] }, customerId: "c" });
});

test("the watchers of a customer share a subscription, and each is told what it has not", async () => {
  const versions = [0, 1, 2];
  for (const _ of versions) shop.change("c", ["profile"]);
  const first = watched("c", 3);
  live.connect();
  await asked(1);
  const joined = [watched("c"), watched("c", 4)];
  shop.change("c", ["orders"]);
  shop.change("c", ["notes"]);
  await arrived();
  assert.equal(shop.subscriptions.length, 1);
  const both = [["orders"], ["notes"]];
  const told = [first, ...joined].map(({ told }) => told.map(({ sections }) => sections));
  assert.deepEqual(told, [both, [SECTIONS, ...both], [["notes"]]]);
});

test("a watcher that joins with an older version is told what it missed", async () => {
  shop.change("c", ["profile"]);
  shop.change("c", ["orders"]);
  watched("c", 2);
  live.connect();
  await asked(1);
  const { told } = watched("c", 1);
  await asked(2);
  assert.deepEqual(told, [{ cause: "missed", sections: ["orders"], version: 2 }]);
});

test("one that joins with an older version before the server answered fetches everything", async () => {
  shop.change("c", ["profile"]);
  shop.change("c", ["orders"]);
  shop.isDeaf = true;
  const first = watched("c", 2);
  live.connect();
  await eventually(() => live.status === "open");
  const second = watched("c", 1);
  server.tell({ type: "subscribed", customerId: "c", version: 2, missed: [] });
  await eventually(() => second.told.length > 0);
  assert.deepEqual(second.told, [{ cause: "gap", sections: SECTIONS, version: 2 }]);
  assert.deepEqual(first.told, []);
});

test("when the last watcher has gone, the subscription follows a little later", async () => {
  const [first, second] = [watched("c", 0), watched("c", 0)];
  live.connect();
  await asked(1);
  first.stop();
  await clock.pass(MINUTE);
  assert.equal(shop.subscriptions.length, 1);
  second.stop();
  second.stop();
  await clock.pass(6 * SECOND);
  await asked(2);
  assert.deepEqual(shop.subscriptions[1], { action: "unsubscribe", customerId: "c" });
  shop.change("c", ["orders"]);
  await arrived();
  assert.deepEqual([...first.told, ...second.told], []);
});

test("who leaves and comes again at once keeps the subscription", async () => {
  const before = watched("c", 0);
  live.connect();
  await asked(1);
  before.stop();
  const { told } = watched("c", 0);
  await clock.pass(MINUTE);
  shop.change("c", ["orders"]);
  await arrived();
  assert.equal(shop.subscriptions.length, 1);
  assert.deepEqual(told.map(({ version }) => version), [1]);
});

test("after a dropped network every subscription is back, with a fresh ticket and what was missed", async () => {
  shop.change("a", ["profile"]);
  const [a, b, gone] = [watched("a", 1), watched("b", 0), watched("c", 0)];
  live.connect();
  await asked(3);
  shop.change("a", ["orders"]);
  await arrived();
  gone.stop();
  server.cut();
  shop.change("a", ["notes"]);
  shop.change("a", ["tags"]);
  await reconnected();
  await asked(5);
  assert.deepEqual(shop.subscriptions.slice(3), [
    { action: "subscribe", customerId: "a", since: 2 },
    { action: "subscribe", customerId: "b", since: 0 },
  ]);
  assert.deepEqual(a.told.slice(1), [{ cause: "missed", sections: ["notes", "tags"], version: 4 }]);
  assert.deepEqual(b.told, []);
  assert.equal(server.tokens.length, 2);
});

test("repeats are ignored, also what the view shows already", async () => {
  const { told } = watched("c", 0);
  live.connect();
  await asked(1);
  const change = shop.change("c", ["orders"]);
  server.tell(change);
  shop.change("c", ["notes"]);
  server.tell(change);
  await arrived();
  assert.deepEqual(told.map(({ version }) => version), [1, 2]);
});

test("one message may cover several versions", async () => {
  const { told } = watched("c", 0);
  live.connect();
  await asked(1);
  const change = { ...shop.change("d", ["orders"]), channel: "customers/c" };
  server.tell({ ...change, from: 0, version: 2 });
  server.tell({ ...change, from: 1, version: 3 });
  await arrived();
  assert.deepEqual(told.map(({ cause, version }) => [cause, version]), [["changed", 2], ["changed", 3]]);
});

test("a gap means to fetch everything, and who was overtaken is not heard any more", async () => {
  const { told } = watched("c", 0);
  live.connect();
  await asked(1);
  shop.isMute = true;
  const [first, second] = [shop.change("c", ["orders"]), shop.change("c", ["notes"])];
  server.tell(second);
  server.tell(first);
  await arrived();
  assert.deepEqual(told, [{ cause: "gap", sections: SECTIONS, version: 2 }]);
});

test("a change that comes before the answer is told, and is no gap afterwards", async () => {
  shop.isDeaf = true;
  const { told } = watched("c", 0);
  live.connect();
  await eventually(() => live.status === "open");
  server.tell({ type: "changed", channel: "customers/c", sections: ["orders"], from: 0, version: 1, at: "" });
  server.tell({ type: "subscribed", customerId: "c", version: 0, missed: [] });
  server.tell({ type: "changed", channel: "customers/c", sections: ["notes"], from: 1, version: 2, at: "" });
  await eventually(() => told.length > 1);
  assert.deepEqual(told.map(({ cause, sections }) => [cause, ...sections]), [["changed", "orders"], ["changed", "notes"]]);
});

test("a customer who was erased and came again is fetched whole, and followed from there", async () => {
  for (let version = 0; version < 3; version += 1) shop.change("c", ["orders"]);
  const { told } = watched("c", 3);
  live.connect();
  await asked(1);
  server.cut();
  shop.erase("c");
  shop.change("c", ["profile"]);
  await reconnected();
  await asked(2);
  shop.change("c", ["notes"]);
  await arrived();
  assert.deepEqual(told, [
    { cause: "gap", sections: SECTIONS, version: 1 },
    { cause: "changed", sections: ["notes"], version: 2 },
  ]);
});

test("pauses between attempts double up to a limit, by chance, and a connection that lasts ends them", async () => {
  server.answers = Array(8).fill({ status: 503 });
  live.connect();
  const pauses = [];
  for (let attempt = 1; attempt <= 8; attempt += 1) {
    await eventually(() => server.tokens.length === attempt && live.status === "waiting");
    pauses.push(await clock.untilNext());
  }
  assert.deepEqual(pauses, [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  await eventually(() => live.status === "open");
  await clock.pass(20 * SECOND);
  server.cut();
  assert.equal(await reconnected(), 15_000);
  await clock.pass(31 * SECOND);
  server.cut();
  assert.equal(await reconnected(), 500);
});

test("by chance, an attempt may come at once", async () => {
  clock.chance = () => 0;
  server.answers = [{ status: 500 }];
  live.connect();
  assert.equal(await reconnected(), 0);
});

test("the pause a busy server asks for is kept", async () => {
  server.answers = [{ status: 429, headers: { "Retry-After": "60" } }];
  live.connect();
  assert.equal(await reconnected(), 60 * SECOND);
});

for (const status of [401, 403]) {
  test(`who gets ${status} for a ticket has to sign in, and is not tried again until then`, async () => {
    server.answers = [{ status }];
    const { told } = watched("c", 0);
    live.connect();
    await eventually(() => live.status === "refused");
    const { reason } = statuses.at(-1);
    assert.ok(reason instanceof ProblemError && reason.status === status);
    await clock.pass(60 * MINUTE);
    live.check();
    assert.equal(server.tokens.length, 1);
    live.connect();
    await asked(1);
    shop.change("c", ["orders"]);
    await arrived();
    assert.equal(told.length, 1);
  });
}

test("a token that cannot be had now is asked for again", async () => {
  let isThere = false;
  live = made(() => (isThere ? "token" : Promise.reject(new Error("no network"))));
  live.connect();
  await eventually(() => live.status === "waiting");
  assert.match(String(statuses.at(-1).reason), /no network/);
  isThere = true;
  await clock.pass(SECOND);
  await eventually(() => live.status === "open");
});

test("a refused upgrade is tried again with another ticket", async () => {
  server.answers = [{ status: 202 }]; // a ticket that opens nothing
  live.connect();
  await reconnected();
  assert.equal(server.tokens.length, 2);
});

test("a ticket that does not come in time is asked for again", async () => {
  server.answers = ["never"];
  live.connect();
  await eventually(() => server.tokens.length === 1);
  await clock.pass(15 * SECOND);
  assert.equal(live.status, "waiting");
  await clock.pass(SECOND);
  await eventually(() => live.status === "open");
});

test("a heartbeat keeps the connection, as long as it is answered", async () => {
  live.connect();
  await eventually(() => live.status === "open");
  for (let count = 1; count <= 3; count += 1) {
    await clock.pass(5 * MINUTE);
    await eventually(() => shop.heard.length === count);
    await arrived();
    shop.heard.length = count;
  }
  await clock.pass(4 * MINUTE);
  assert.deepEqual(shop.heard, Array(3).fill({ action: "ping" }));
  assert.equal(server.tokens.length, 1);
});

test("a connection that has gone silent is replaced", async () => {
  const { told } = watched("c", 0);
  live.connect();
  await asked(1);
  const [old] = server.connections;
  shop.isDeaf = shop.isMute = true;
  const lost = shop.change("c", ["orders"]);
  await clock.pass(5 * MINUTE + 14 * SECOND);
  assert.equal(live.status, "open");
  shop.isDeaf = shop.isMute = false;
  await clock.pass(SECOND);
  assert.equal(live.status, "waiting");
  old.tell(lost); // too late: it was given up
  await clock.pass(SECOND);
  await asked(2);
  assert.deepEqual(told, [{ cause: "missed", sections: ["orders"], version: 1 }]);
});

test("a subscription that is not answered is asked for again over another connection", async () => {
  shop.isDeaf = true;
  const { told } = watched("c", 0);
  live.connect();
  await eventually(() => live.status === "open");
  server.tell({ message: "Internal server error", connectionId: "x", requestId: "y" });
  await clock.pass(15 * SECOND);
  assert.equal(live.status, "waiting");
  shop.isDeaf = false;
  shop.change("c", ["orders"]);
  await clock.pass(SECOND);
  await asked(1);
  assert.deepEqual(told.map(({ cause }) => cause), ["missed"]);
});

test("a connection is replaced before the two hours of the gateway end it, and nothing is told twice", async () => {
  const { told } = watched("c", 0);
  live.connect();
  await asked(1);
  shop.change("c", ["orders"]);
  for (let passed = 0; passed < 109; passed += 1) {
    await arrived();
    await clock.pass(MINUTE);
  }
  assert.equal(server.tokens.length, 1);
  await clock.pass(MINUTE);
  await asked(2);
  assert.equal(server.tokens.length, 2);
  await eventually(() => server.connections.length === 1);
  assert.deepEqual(shop.subscriptions[1], { action: "subscribe", customerId: "c", since: 1 });
  assert.equal(told.length, 1);
  assert.ok(statuses.every(({ status }) => status !== "waiting"));
});

test("a connection is replaced before the token expires it was opened with", async () => {
  const tokenOf = (exp) => `header.${Buffer.from(JSON.stringify({ exp, name: "Ünü?>" })).toString("base64url")}.signature`;
  live = made(() => tokenOf(clock.now() / SECOND + 3600));
  live.connect();
  await eventually(() => live.status === "open");
  for (let passed = 0; passed < 58; passed += 1) {
    await arrived();
    await clock.pass(MINUTE);
  }
  assert.equal(server.tokens.length, 1);
  await clock.pass(MINUTE);
  await eventually(() => server.tokens.length === 2 && live.status === "open");
  assert.notEqual(server.tokens[1], server.tokens[0]);
});

test("when the network is back, nobody waits", async () => {
  server.answers = Array(7).fill({ status: 503 });
  live.connect();
  for (let attempt = 1; attempt <= 7; attempt += 1) {
    await eventually(() => server.tokens.length === attempt && live.status === "waiting");
    live.check();
  }
  await eventually(() => live.status === "open");
});

test("closed is closed", async () => {
  const { told, stop } = watched("c", 0);
  live.connect();
  await asked(1);
  live.close();
  await eventually(() => server.connections.length === 0);
  await clock.pass(180 * MINUTE);
  live.check();
  stop();
  assert.equal(live.status, "closed");
  assert.equal(server.tokens.length, 1);
  assert.deepEqual(told, []);
  assert.throws(() => live.connect(), /closed for good/);
  assert.throws(() => live.watch("c", () => {}), /closed for good/);
});

for (const moment of ["connecting", "open", "waiting"]) {
  test(`who closes it on hearing that it is ${moment} is obeyed`, async () => {
    const api = createCustomer360Client({ baseUrl: server.url, token: () => "token" });
    server.answers = moment === "waiting" ? [{ status: 500 }] : [];
    let closing;
    closing = new Live({ api, WebSocket, clock, onStatus: (status) => status === moment && closing.close() });
    closing.watch("c", () => {}, 0);
    closing.connect();
    await eventually(() => closing.status === "closed");
    await clock.settle();
    await eventually(() => server.connections.length === 0);
    assert.equal(clock.waiting, 0);
  });
}

test("closed while the ticket is on its way opens nothing", async () => {
  live.connect();
  await clock.settle();
  live.close();
  await eventually(() => server.tokens.length === 1);
  await clock.pass(MINUTE);
  assert.equal(live.status, "closed");
  assert.deepEqual(server.connections, []);
});

test("a customer who is not there is fetched again, so that it shows, and asked for on the next connection", async () => {
  const refusals = [];
  live = made(() => "token", { onRefusal: (refusal) => refusals.push(refusal) });
  shop.missing.add("c");
  const { told } = watched("c", 4);
  live.connect();
  await asked(1);
  await clock.pass(MINUTE);
  assert.deepEqual(told, [{ cause: "gap", sections: SECTIONS, version: 0 }]);
  assert.deepEqual(refusals.map(({ code, customerId }) => [code, customerId]), [["not_found", "c"]]);
  shop.missing.clear();
  const other = watched("c", 0); // it asks by itself: nobody is subscribed
  await asked(2);
  shop.change("c", ["profile"]);
  server.cut();
  await reconnected();
  await asked(3);
  assert.equal(other.told.at(-1).version, 1);
});

test("a session the server has ended goes on with a new ticket", async () => {
  const { told } = watched("c", 0);
  live.connect();
  await asked(1);
  server.tell({ type: "error", code: "unauthorized", message: "ended", action: "subscribe", customerId: "c" });
  server.connections[0].socket.close(1008);
  shop.change("c", ["orders"]);
  await reconnected();
  await asked(2);
  assert.deepEqual(told.map(({ cause, version }) => [cause, version]), [["missed", 1]]);
});

test("a server that subscribed and unsubscribed in the other order is asked once more", async () => {
  const { told } = watched("c", 0);
  live.connect();
  await asked(1);
  server.tell({ type: "unsubscribed", customerId: "c" });
  await asked(2);
  assert.deepEqual(shop.subscriptions[1], { action: "subscribe", customerId: "c", since: 0 });
  assert.deepEqual(told, []);
});

test("an error of who is told of the status changes nothing", async (t) => {
  const api = createCustomer360Client({ baseUrl: server.url, token: () => "token" });
  const onStatus = () => { throw new Error("mine"); };
  live = new Live({ api, WebSocket, clock, onStatus });
  const microtask = queueMicrotask;
  t.mock.method(globalThis, "queueMicrotask", (act) => microtask(() => { try { act(); } catch (error) { assert.equal(error.message, "mine"); } }));
  live.connect();
  await eventually(() => live.status === "open");
});

test("what it does not know is ignored", async () => {
  const { told } = watched("c", 0);
  live.connect();
  await asked(1);
  const known = { type: "changed", sections: ["orders"], from: 0, version: 1, at: "" };
  for (const frame of ["", "{not json", "null", "7", '{"type":"weather"}', JSON.stringify({ ...known, channel: "customers/d" })]) {
    server.tell(frame);
  }
  server.tell({ type: "subscribed", customerId: "d", version: 9, missed: ["orders"] });
  shop.change("c", ["notes"]);
  await arrived();
  assert.deepEqual(told.map(({ sections }) => sections), [["notes"]]);
  assert.equal(server.tokens.length, 1);
});

test("an error of one watcher is told as uncaught and keeps nothing from the others", async (t) => {
  live.watch("c", () => { throw new Error("mine"); }, 0);
  const { told } = watched("c", 0);
  live.connect();
  await asked(1);
  const uncaught = [];
  t.mock.method(globalThis, "queueMicrotask", (throws) => uncaught.push(throws));
  shop.change("c", ["orders"]);
  await arrived();
  t.mock.restoreAll();
  assert.equal(told.length, 1);
  assert.equal(uncaught.length, 1);
  assert.throws(uncaught[0], /mine/);
});

test("notifications and the progress of exports are told to who asked for them", async () => {
  const told = [];
  const stop = live.on("export", (message) => told.push(message));
  live.on("notification", (message) => message.kind !== "marker" && told.push(message));
  live.connect();
  await eventually(() => live.status === "open");
  const progress = { type: "export", exportId: "e", status: "running", progress: 40 };
  const notification = { type: "notification", kind: "churn-level-changed", customerId: "c" };
  server.tell(progress);
  server.tell(notification);
  await arrived();
  stop();
  server.tell(progress);
  await arrived();
  assert.deepEqual(told, [progress, notification]);
});
