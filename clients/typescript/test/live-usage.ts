/** How a front end uses the live client and Refine; `tsc` says whether the types allow what they should. */

import type { LiveProvider } from "@refinedev/core";
import { WebSocket as NodeWebSocket } from "ws";

import { createCustomer360Client } from "../src/index.js";
import { type Change, Live, type Section, type Status } from "../src/live/live.js";
import { liveProvider } from "../src/refine.js";

const api = createCustomer360Client({ baseUrl: "https://api.example.com/prod", token: () => "token" });

export const inBrowsers = new Live({ api, onStatus: (status: Status) => console.log(status) }).connect();
export const inNode20 = new Live({ api, WebSocket: NodeWebSocket }).connect();
export const givenByBrowsers = new Live({ api, WebSocket });

export const provider: LiveProvider = liveProvider(inBrowsers, { window: 500, sections: { parcels: ["orders"] } });

export function show(fetch: (section: Section) => void): () => void {
  return inBrowsers.watch("customer-amelie", ({ sections }: Change) => sections.forEach(fetch), 7);
}

export function news(show: (title: string) => void): void {
  inBrowsers.on("notification", ({ kind, customerId }) => show(`${kind}: ${customerId}`));
  inBrowsers.on("export", ({ status, progress }) => show(`${status}, ${progress} %`));
}

export function mistakes(): void {
  // @ts-expect-error without a client there are no tickets
  new Live({});
  // @ts-expect-error nothing of that type is told
  inBrowsers.on("weather", () => {});
  // @ts-expect-error no such section
  liveProvider(inBrowsers, { sections: { parcels: ["parcels"] } });
}
