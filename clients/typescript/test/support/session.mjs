/**
 * A front end for the end-to-end tests: obeys JSON lines to their end, and prints as such what it is told.
 *
 * Its sockets go through a proxy of its own, so that the network can be cut: `{"do": "cut"}`, `{"do": "mend"}`.
 */

import { once } from "node:events";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";

import { WebSocket } from "ws";

import { createCustomer360Client } from "../../dist/index.js";
import { Live } from "../../dist/live/live.js";
import { liveProvider } from "../../dist/refine.js";

const { C360_API_URL: baseUrl, C360_TOKEN: token } = process.env;
const say = (line) => console.log(JSON.stringify(line));

let target;
let isCut = false;
const through = new Set();
const proxy = createServer((near) => {
  if (isCut) return near.destroy();
  const far = connect(target);
  for (const [one, other] of [[near, far], [far, near]]) {
    through.add(one);
    one.on("error", () => one.destroy()).on("close", () => through.delete(one) && other.destroy());
    one.pipe(other);
  }
});
await once(proxy.listen(0, "127.0.0.1"), "listening");

class ProxiedWebSocket extends WebSocket {
  constructor(url) {
    const address = new URL(url);
    target = { host: address.hostname, port: Number(address.port) };
    address.hostname = "127.0.0.1";
    address.port = String(proxy.address().port);
    super(address.href);
  }
}

const live = new Live({
  api: createCustomer360Client({ baseUrl, token: () => token }),
  WebSocket: ProxiedWebSocket,
  heartbeat: 1000,
  deadline: 30_000,
  backoff: { first: 100, longest: 1000 },
  onStatus: (status, reason) => say({ status, reason: reason === undefined ? undefined : String(reason) }),
  onRefusal: (refusal) => say({ refusal }),
});

const obeyed = {
  connect: () => live.connect(),
  watch: ({ customerId, since }) => live.watch(customerId, (change) => say({ change }), since),
  show({ resource, customerId }) {
    const callback = (event) => say({ event });
    const channel = `resources/${resource}`;
    liveProvider(live).subscribe({ channel, types: ["*"], callback, meta: { customerId } });
  },
  cut() {
    isCut = true;
    for (const socket of through) socket.destroy();
  },
  mend: () => (isCut = false),
};

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  obeyed[order.do](order);
}
live.close();
proxy.close();
