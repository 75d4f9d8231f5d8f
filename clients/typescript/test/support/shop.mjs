/** The server's side of the live protocol: customers with versions, who watches them, and what went wrong on the way. */

import { SECTIONS } from "../../dist/live/live.js";

export class Shop {
  #changes = new Map();
  #watching = new Map();
  /** Everything clients said. */
  heard = [];
  /** Customers nobody may watch: they are not there. */
  missing = new Set();
  /** What a client says is neither heard nor answered. */
  isDeaf = false;
  /** Changes are told to nobody. */
  isMute = false;

  version(customerId) {
    return this.#changesOf(customerId).length;
  }

  /** The version at which each section last changed. */
  sections(customerId) {
    const last = Object.fromEntries(SECTIONS.map((section) => [section, 0]));
    this.#changesOf(customerId).forEach((sections, index) => sections.forEach((name) => (last[name] = index + 1)));
    return last;
  }

  /** One change, told to everybody who watches; answers what was told. */
  change(customerId, sections, ids) {
    const version = this.#changesOf(customerId).push(sections);
    const message = {
      type: "changed",
      channel: `customers/${customerId}`,
      sections,
      from: version - 1,
      version,
      at: "2026-01-01T00:00:00Z",
      ...(ids && { ids }),
    };
    for (const [connection, customers] of this.#watching) {
      if (customers.has(customerId) && !this.isMute) connection.tell(message);
    }
    return message;
  }

  /** The customer goes, and is again with a history that begins anew. */
  erase(customerId) {
    this.#changes.delete(customerId);
  }

  hear(connection, message) {
    if (this.isDeaf) return;
    this.heard.push(message);
    const customers = this.#watching.get(connection) ?? new Set();
    this.#watching.set(connection, customers);
    const { action, customerId, since } = message;
    if (action === "ping") connection.tell({ type: "pong" });
    if (action === "unsubscribe") {
      customers.delete(customerId);
      connection.tell({ type: "unsubscribed", customerId });
    }
    if (action === "subscribe" && this.missing.has(customerId)) {
      connection.tell({ type: "error", code: "not_found", message: "no such customer", action, customerId });
    } else if (action === "subscribe") {
      customers.add(customerId);
      const missed = since === undefined ? [] : [...new Set(this.#changesOf(customerId).slice(since).flat())];
      connection.tell({ type: "subscribed", customerId, version: this.version(customerId), missed });
    }
  }

  gone(connection) {
    this.#watching.delete(connection);
  }

  /** What clients asked for, but for pings. */
  get subscriptions() {
    return this.heard.filter(({ action }) => action !== "ping");
  }

  #changesOf(customerId) {
    if (!this.#changes.has(customerId)) this.#changes.set(customerId, []);
    return this.#changes.get(customerId);
  }
}
