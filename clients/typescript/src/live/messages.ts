/** What crosses the live socket; the OpenAPI document describes HTTP only. */

/** The parts of a customer that change by themselves. */
export const SECTIONS = [
  "profile",
  "metrics",
  "health",
  "churn",
  "orders",
  "loyalty",
  "marketing",
  "support",
  "payments",
  "analytics",
  "notes",
  "tags",
  "segments",
] as const;
export type Section = (typeof SECTIONS)[number];

/** The records of a section that changed; a section is absent if there are too many, or the role may not read it. */
export type ChangedIds = { [S in Section]?: string[] };

/** What a client says. With `since`, the version it has, it is told what changed after. */
export type ClientMessage =
  | { action: "subscribe"; customerId: string; since?: number }
  | { action: "unsubscribe"; customerId: string }
  | { action: "ping" };

/** Changes of the customer are told from now on. `version` is current; `missed` changed after `since`. */
export interface Subscribed {
  type: "subscribed";
  customerId: string;
  version: number;
  missed: Section[];
}

/** What led from version `from` to `version`: where it is, never what it says. */
export interface Changed {
  type: "changed";
  channel: `customers/${string}`;
  sections: Section[];
  from: number;
  version: number;
  at: string;
  ids?: ChangedIds;
}

/** Nothing of the customer is told any more. */
export interface Unsubscribed {
  type: "unsubscribed";
  customerId: string;
}

/** News of a customer: `kind` is what became another, such as `churn-level-changed`. One that is repeated has its `id`. */
export interface Notification {
  type: "notification";
  id: string;
  kind: string;
  customerId: string;
  from: unknown;
  to: unknown;
  at: string;
}

/** How far an export has come; told to who asked for it. */
export interface ExportProgress {
  type: "export";
  exportId: string;
  status: "queued" | "running" | "ready" | "failed";
  progress: number;
}

/** Why a message had no effect, and what of it tells which one it was. */
export interface Refusal {
  type: "error";
  code: string;
  message: string;
  action?: string;
  customerId?: string;
}

export type ServerMessage =
  | Subscribed
  | Unsubscribed
  | Changed
  | Notification
  | ExportProgress
  | Refusal
  | { type: "pong" };
