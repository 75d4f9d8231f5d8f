/** Watching customers: whoever shows one is told what to fetch again, whatever the network does meanwhile. */

import { type Clock, Link, type LinkOptions, type Status } from "./link.js";
import {
  type Changed,
  type ChangedIds,
  type ClientMessage,
  type ExportProgress,
  type Notification,
  type Refusal,
  type Section,
  SECTIONS,
  type ServerMessage,
  type Subscribed,
  type Unsubscribed,
} from "./messages.js";
import { type Tell, tellSafely } from "./telling.js";

export type { Clock, LinkOptions, Socket, Status } from "./link.js";
export * from "./messages.js";

export interface LiveOptions extends LinkOptions {
  /** How long a customer nobody watches any more stays subscribed, in milliseconds. */
  linger?: number;
  /** A message of ours had no effect: the customer is not there, or too many are watched. */
  onRefusal?: (refusal: Refusal) => void;
}

/** What a watcher has to fetch again. */
export interface Change {
  customerId: string;
  sections: readonly Section[];
  /** What the sections are at least at, once fetched. */
  version: number;
  /** `missed` while there was no connection; `gap`: nobody knows what was missed, so `sections` are all. */
  cause: "changed" | "missed" | "gap";
  /** When it changed, and which records; only of what was `changed`. */
  at?: string;
  ids?: ChangedIds;
}

/** What the server tells besides changes, by its type. */
interface News {
  notification: Notification;
  export: ExportProgress;
}

interface Watcher {
  tell: Tell<Change>;
  /** What it has, or was told to fetch; not known before the first answer if it did not say. */
  version: number | undefined;
}

/** One customer, however many watch. */
class Subscription {
  readonly watchers = new Set<Watcher>();
  /** The newest the server told of. */
  version: number | undefined;
  /** The `since` that was last sent: what the next answer's `missed` builds on. */
  since: number | undefined;
  /** The server was asked for it, and has not refused. */
  isAsked = false;
  ending: unknown;
}

export class Live {
  readonly #link: Link;
  readonly #linger: number;
  readonly #onRefusal: (refusal: Refusal) => void;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #news: { [Type in keyof News]: Set<Tell<News[Type]>> } = { notification: new Set(), export: new Set() };
  readonly #check = () => this.check();

  constructor({ linger = 5000, onRefusal = () => {}, ...options }: LiveOptions) {
    this.#linger = linger;
    this.#onRefusal = onRefusal;
    this.#link = new Link(options, {
      opened: () => this.#resubscribe(),
      received: (message) => this.#received(message as ServerMessage),
    });
  }

  get status(): Status {
    return this.#link.status;
  }

  get clock(): Clock {
    return this.#link.clock;
  }

  /** Begins, or begins again after `refused`, once somebody has signed in. */
  connect(): this {
    this.#demandUsable();
    this.#link.connect();
    globalThis.addEventListener?.("online", this.#check);
    return this;
  }

  /** Ends it for good. Nobody is told anything any more. */
  close(): void {
    globalThis.removeEventListener?.("online", this.#check);
    for (const { ending, watchers } of this.#subscriptions.values()) {
      this.clock.clearTimeout(ending);
      watchers.clear();
    }
    this.#subscriptions.clear();
    for (const tells of Object.values(this.#news)) tells.clear();
    this.#link.close();
  }

  /** Looks at once whether the connection stands; browsers do so by themselves when the network is back. */
  check(): void {
    this.#link.check();
  }

  /**
   * Tells what to fetch again of a customer, until the returned function is called.
   *
   * `since` is the `version` of the view that is shown. A watcher that does not give it is told to fetch everything
   * once the subscription stands: what it has, or fetched meanwhile, may be from before. An ETag makes that cheap.
   */
  watch(customerId: string, tell: Tell<Change>, since?: number): () => void {
    this.#demandUsable();
    const subscription = this.#subscriptions.get(customerId) ?? new Subscription();
    const watcher: Watcher = { tell, version: since };
    subscription.watchers.add(watcher);
    this.clock.clearTimeout(subscription.ending);
    this.#subscriptions.set(customerId, subscription);
    const version = subscription.version ?? 0;
    // One that has less than the others hears from the server what it missed.
    if (!subscription.isAsked || (since ?? version) < version) this.#subscribe(customerId, subscription);
    else if (since === undefined && subscription.version !== undefined) {
      watcher.version = version;
      queueMicrotask(() => {
        if (subscription.watchers.has(watcher)) tellSafely(tell, everythingOf(customerId, version));
      });
    }
    return () => {
      if (subscription.watchers.delete(watcher) && subscription.watchers.size === 0) this.#end(customerId, subscription);
    };
  }

  /** Tells of notifications, or of the progress of one's exports, until the returned function is called. */
  on<Type extends keyof News>(type: Type, tell: Tell<News[Type]>): () => void {
    const tells = this.#news[type];
    tells.add(tell);
    return () => void tells.delete(tell);
  }

  #subscribe(customerId: string, subscription: Subscription): void {
    const known = [...subscription.watchers].flatMap(({ version }) => version ?? []);
    const since = known.length > 0 ? { since: Math.min(...known) } : {};
    subscription.since = since.since;
    subscription.isAsked = true;
    this.#send({ action: "subscribe", customerId, ...since }, customerId);
  }

  #resubscribe(): void {
    for (const [customerId, subscription] of this.#subscriptions) {
      if (subscription.watchers.size > 0) this.#subscribe(customerId, subscription);
      else this.#forget(customerId, subscription);
    }
  }

  /**
   * Not at once: a page that is left for the next of the same customer would unsubscribe and subscribe in one moment,
   * and the server, which handles each message by itself, might do it in the other order.
   */
  #end(customerId: string, subscription: Subscription): void {
    this.clock.clearTimeout(subscription.ending);
    subscription.ending = this.clock.setTimeout(() => {
      this.#forget(customerId, subscription);
      this.#send({ action: "unsubscribe", customerId });
    }, this.#linger);
  }

  #forget(customerId: string, subscription: Subscription): void {
    this.clock.clearTimeout(subscription.ending);
    this.#subscriptions.delete(customerId);
    this.#link.answered(customerId);
  }

  #demandUsable(): void {
    if (this.status === "closed") throw new Error("the live connection was closed for good");
  }

  #send(message: ClientMessage, answer?: string): void {
    this.#link.send(message, answer);
  }

  #received(message: ServerMessage): void {
    switch (message.type) {
      case "subscribed":
        return this.#subscribed(message);
      case "unsubscribed":
        return this.#unsubscribed(message);
      case "changed":
        return this.#changed(message);
      case "notification":
        return [...this.#news.notification].forEach((tell) => tellSafely(tell, message));
      case "export":
        return [...this.#news.export].forEach((tell) => tellSafely(tell, message));
      case "error":
        return this.#refused(message);
    }
  }

  #subscribed({ customerId, version, missed }: Subscribed): void {
    this.#link.answered(customerId);
    const subscription = this.#subscriptions.get(customerId);
    if (!subscription) return;
    const { since } = subscription;
    const isAnother = version < (since ?? 0); // erased and come again: its versions have begun anew
    const current = (known: number | undefined) => (isAnother ? version : Math.max(known ?? 0, version));
    subscription.version = current(subscription.version);
    for (const watcher of [...subscription.watchers]) {
      const isCovered = !isAnother && since !== undefined && since <= (watcher.version ?? -1);
      watcher.version = current(watcher.version);
      if (!isCovered) tellSafely(watcher.tell, everythingOf(customerId, version));
      else if (missed.length > 0) tellSafely(watcher.tell, { customerId, sections: missed, version, cause: "missed" });
    }
  }

  /** Of one who is watched again meanwhile, it says that the server did the two in the other order. */
  #unsubscribed({ customerId }: Unsubscribed): void {
    const subscription = this.#subscriptions.get(customerId);
    if (subscription) this.#subscribe(customerId, subscription);
  }

  /** The server ends a session that is over by itself; any other refusal of a subscription is final on this connection. */
  #refused(refusal: Refusal): void {
    const { code, action, customerId = "" } = refusal;
    const subscription = this.#subscriptions.get(customerId);
    if (subscription && action === "subscribe" && code !== "unauthorized") {
      this.#link.answered(customerId);
      subscription.isAsked = false;
      // What was shown is no longer, or is not followed: that shows when it is fetched again.
      for (const { tell } of [...subscription.watchers]) {
        tellSafely(tell, everythingOf(customerId, subscription.version ?? 0));
      }
    }
    tellSafely(this.#onRefusal, refusal);
  }

  #changed({ channel, sections, from, version, at, ids = {} }: Changed): void {
    const customerId = channel.slice(channel.indexOf("/") + 1);
    const subscription = this.#subscriptions.get(customerId);
    if (!subscription) return;
    subscription.version = Math.max(subscription.version ?? 0, version);
    for (const watcher of [...subscription.watchers]) {
      const { version: had = from } = watcher;
      if (version <= had) continue; // a repeat, or overtaken by one that was told as a gap
      if (watcher.version !== undefined) watcher.version = version;
      const change: Change = { customerId, sections, version, cause: "changed", at, ids };
      tellSafely(watcher.tell, from > had ? everythingOf(customerId, version) : change);
    }
  }
}

function everythingOf(customerId: string, version: number): Change {
  return { customerId, sections: SECTIONS, version, cause: "gap" };
}
