/** A live provider for Refine: `<Refine liveProvider={liveProvider(live)} options={{ liveMode: "auto" }}>`. */

import type { LiveEvent, LiveProvider } from "@refinedev/core";

import { coalesced } from "./live/coalescing.js";
import { type Change, type Live, type Section, SECTIONS } from "./live/live.js";

export interface ProviderOptions {
  /** A subscriber is called at most once in so many milliseconds, after a first call at once. */
  window?: number;
  /** What a resource shows, if that is not the section of its name, or everything for a name that is no section. */
  sections?: Record<string, readonly Section[]>;
}

const SHOWN: Record<string, readonly Section[]> = {
  customers: ["profile", "metrics", "health", "churn", "tags", "segments"],
  ...Object.fromEntries(SECTIONS.map((section) => [section, [section]])),
};

type Subscription = Parameters<LiveProvider["subscribe"]>[0];

/** The payload of an event: what changed. Without `ids` it may have been any record. */
interface Told {
  customerIds: string[];
  sections: Section[];
  ids?: string[];
}

/**
 * Which customer, a hook says by `meta.customerId`, or by the id of a record of `customers`; which `version` it has,
 * by `liveParams.since`. The resources `notifications` and `exports` are told of the signed-in admin's own.
 */
export function liveProvider(live: Live, { window = 1000, sections = {} }: ProviderOptions = {}): LiveProvider {
  const shown = { ...SHOWN, ...sections };

  function subscribe({ channel, types, params, meta, callback }: Subscription): () => void {
    const resource = channel.replace(/^resources\//, "");
    const tell = (type: string, payload: LiveEvent["payload"]) => {
      if (!types.includes("*") && !types.includes(type)) return;
      callback({ channel, type, payload, date: new Date(live.clock.now()) });
    };
    if (resource === "notifications") {
      return live.on("notification", (notification) => tell("created", { ...notification }));
    }
    if (resource === "exports") {
      return live.on("export", (progress) => {
        const asked = params?.ids ?? [];
        if (asked.length > 0 && !asked.includes(progress.exportId)) return;
        tell("updated", { ...progress, ids: [progress.exportId] });
      });
    }
    const asked: readonly Section[] = shown[resource] ?? SECTIONS;
    const told = coalesced((payload: Told) => tell("updated", { ...payload }), merged, window, live.clock);
    const stops = customersOf(resource, params, meta).map((customerId) =>
      live.watch(
        customerId,
        (change) => {
          const touched = asked.filter((section) => change.sections.includes(section));
          if (touched.length > 0) told.push(toldOf(resource, change, touched));
        },
        params?.["since"] as number | undefined,
      ),
    );
    return () => {
      stops.forEach((stop) => stop());
      told.cancel();
    };
  }

  return { subscribe, unsubscribe: (stop: () => void) => stop() };
}

function customersOf(resource: string, params: Subscription["params"], meta: Subscription["meta"]): string[] {
  const named: unknown = params?.["customerId"] ?? params?.meta?.["customerId"] ?? meta?.["customerId"];
  if (named !== undefined) return [String(named)];
  return resource === "customers" ? (params?.ids ?? []).map(String) : [];
}

function toldOf(resource: string, { customerId, ids, cause }: Change, sections: Section[]): Told {
  const told = { customerIds: [customerId], sections };
  if (resource === "customers") return { ...told, ids: [customerId] };
  const listed = sections.map((section) => ids?.[section]);
  const isWhole = cause === "changed" && listed.every((found) => found !== undefined);
  return isWhole ? { ...told, ids: union(listed.flat()) } : told;
}

function merged(earlier: Told, later: Told): Told {
  return {
    customerIds: union([...earlier.customerIds, ...later.customerIds]),
    sections: union([...earlier.sections, ...later.sections]),
    ...(earlier.ids && later.ids && { ids: union([...earlier.ids, ...later.ids]) }),
  };
}

function union<Value>(values: Value[]): Value[] {
  return [...new Set(values)];
}
