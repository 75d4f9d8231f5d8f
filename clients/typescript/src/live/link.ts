/** One socket to the live endpoint that is always there again: tickets, heartbeat, reconnection. */

import { answerOf, type Customer360Client, ProblemError } from "../index.js";
import { tellSafely } from "./telling.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** `refused`: there is no token, or it may not; nothing is tried again until somebody calls `connect`. */
export type Status = "idle" | "connecting" | "open" | "waiting" | "refused" | "closed";

/** What is used of a WebSocket: the one of browsers and of Node 22, or that of the package `ws`. */
export interface Socket {
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "close", listener: (event: { code: number }) => void): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  send(data: string): void;
  close(): void;
}

/** Time and chance, so that tests decide on both. */
export interface Clock {
  now(): number;
  setTimeout(call: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
  random(): number;
}

/** All durations in milliseconds. */
export interface LinkOptions {
  api: Customer360Client;
  /** Instead of the global one, which Node has from version 22. */
  WebSocket?: new (url: string) => Socket;
  /** Told of every change; `reason` is the error, or the close code, that led to `waiting` or `refused`. */
  onStatus?: (status: Status, reason?: unknown) => void;
  /** Between two pings. API Gateway ends a connection that was idle for ten minutes. */
  heartbeat?: number;
  /** How long an answer may take before the connection counts as dead. */
  deadline?: number;
  /** A connection is replaced at this age at the latest. API Gateway ends it after two hours. */
  lifetime?: number;
  /** The first and the longest pause between two attempts; each is a random part of one that doubles. */
  backoff?: { first: number; longest: number };
  clock?: Clock;
}

export interface Listener {
  opened(): void;
  received(message: object): void;
}

export class Link {
  readonly #options: Required<Omit<LinkOptions, "WebSocket">> & Pick<LinkOptions, "WebSocket">;
  readonly #listener: Listener;
  #status: Status = "idle";
  #socket: Socket | undefined;
  /** Aborted once the connection it stands for is given up, from its ticket on. */
  #attempt = new AbortController();
  #failures = 0;
  /** When the token that asked for the ticket expires. */
  #tokenExpiry = Infinity;
  readonly #timers = new Map<string, unknown>();

  constructor(options: LinkOptions, listener: Listener) {
    this.#options = {
      onStatus: () => {},
      heartbeat: 5 * MINUTE,
      deadline: 15 * SECOND,
      lifetime: 115 * MINUTE,
      backoff: { first: SECOND, longest: 30 * SECOND },
      clock: SYSTEM_CLOCK,
      ...options,
    };
    this.#listener = listener;
  }

  get status(): Status {
    return this.#status;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  /** Begins, or begins again after a refusal; while waiting it waits no longer. */
  connect(): void {
    if (this.#status !== "connecting" && this.#status !== "open") void this.#connect();
  }

  /** For ever. */
  close(): void {
    this.#drop();
    this.#become("closed");
  }

  /** Whether it could be sent; with `answer` the connection counts as dead if `answered(answer)` is not called in time. */
  send(message: object, answer?: string): boolean {
    if (this.#status !== "open" || !this.#socket) return false;
    this.#socket.send(JSON.stringify(message));
    if (answer) this.#expect(answer);
    return true;
  }

  answered(answer: string): void {
    this.#clear(`answer ${answer}`);
  }

  /** Finds out now whether the connection still stands, or tries now to have one: the network is back, the tab awake. */
  check(): void {
    if (this.#status === "waiting") this.connect();
    else if (this.#status === "open") this.#ping();
  }

  async #connect(): Promise<void> {
    this.#drop();
    const attempt = this.#attempt;
    this.#expect("open");
    this.#become("connecting");
    try {
      const ticket = await answerOf(
        this.#options.api.POST("/api/admin/realtime/tickets", {
          signal: attempt.signal,
          middleware: [{ onRequest: ({ request }) => void (this.#tokenExpiry = expiryOf(request)) }],
        }),
      );
      if (!attempt.signal.aborted) this.#listen(ticket, attempt.signal);
    } catch (error) {
      if (attempt.signal.aborted) return;
      if (error instanceof ProblemError && [401, 403].includes(error.status)) this.#refuse(error);
      else this.#retry(error);
    }
  }

  #listen({ url, ticket }: { url: string; ticket: string }, givenUp: AbortSignal): void {
    const address = new URL(url);
    address.searchParams.set("ticket", ticket);
    const socket: Socket = new (this.#options.WebSocket ?? WebSocket)(address.href);
    this.#socket = socket;
    // A socket that was given up may speak long after: a dead network ends it late.
    const ours = () => !givenUp.aborted;
    socket.addEventListener("open", () => ours() && this.#opened());
    socket.addEventListener("message", ({ data }) => ours() && this.#received(data));
    socket.addEventListener("close", ({ code }) => ours() && this.#retry(code));
    socket.addEventListener("error", () => {}); // `close` follows; without a listener Node would end the process
  }

  #opened(): void {
    this.answered("open");
    this.#set("heartbeat", this.#options.heartbeat, () => this.#ping());
    this.#set("renewal", this.#remaining(), () => void this.#connect());
    // Not at once: an endpoint that accepts and then drops everybody is not to be stormed.
    this.#set("settled", this.#options.backoff.longest, () => (this.#failures = 0));
    this.#become("open");
    this.#listener.opened();
  }

  /** Up to a tenth earlier by chance, or all that were opened by one event would be renewed in one moment. */
  #remaining(): number {
    const lifetime = this.#options.lifetime * (1 - this.clock.random() / 10);
    return Math.max(MINUTE, Math.min(lifetime, this.#tokenExpiry - this.clock.now() - MINUTE));
  }

  #received(data: unknown): void {
    this.answered("ping");
    this.#listener.received(parsed(data));
  }

  #ping(): void {
    this.send({ action: "ping" }, "ping");
    this.#set("heartbeat", this.#options.heartbeat, () => this.#ping());
  }

  #refuse(problem: ProblemError): void {
    this.#drop();
    this.#become("refused", problem);
  }

  #retry(reason: unknown): void {
    const { first, longest } = this.#options.backoff;
    const pause = this.clock.random() * Math.min(longest, first * 2 ** this.#failures);
    this.#failures += 1;
    this.#drop();
    this.#set("retry", Math.max(pause, askedPause(reason)), () => void this.#connect());
    this.#become("waiting", reason);
  }

  /** Gives up what there is. It is not waited for: the other side may be gone. */
  #drop(): void {
    for (const timer of [...this.#timers.keys()]) this.#clear(timer);
    this.#attempt.abort();
    this.#attempt = new AbortController();
    this.#socket?.close();
    this.#socket = undefined;
  }

  #become(status: Status, reason?: unknown): void {
    this.#status = status;
    tellSafely(this.#options.onStatus, status, reason);
  }

  #expect(answer: string): void {
    const name = `answer ${answer}`;
    if (!this.#timers.has(name)) {
      this.#set(name, this.#options.deadline, () => this.#retry(new Error(`no ${name} in time`)));
    }
  }

  #set(name: string, milliseconds: number, call: () => void): void {
    this.#clear(name);
    const fire = () => {
      this.#timers.delete(name);
      call();
    };
    this.#timers.set(name, this.clock.setTimeout(fire, milliseconds));
  }

  #clear(name: string): void {
    this.clock.clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }
}

const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  setTimeout: (call, milliseconds) => setTimeout(call, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer as number | undefined),
  random: () => Math.random(),
};

/** What was sent; without a `type` if it is none of ours. */
function parsed(data: unknown): object {
  try {
    return Object(JSON.parse(String(data)));
  } catch {
    return {};
  }
}

/** When the request's token expires, in milliseconds; never, as far as can be seen, if it is no JWT. */
function expiryOf(request: Request): number {
  const claims = request.headers.get("Authorization")?.split(".")[1] ?? "";
  try {
    const { exp } = JSON.parse(atob(claims.replace(/-/g, "+").replace(/_/g, "/")));
    return Number(exp) * SECOND || Infinity;
  } catch {
    return Infinity;
  }
}

/** The pause the server asked for, in milliseconds. */
function askedPause(reason: unknown): number {
  const seconds = reason instanceof ProblemError ? Number(reason.response.headers.get("Retry-After")) : 0;
  return seconds > 0 ? seconds * SECOND : 0;
}
