/** How a front end uses the client; `tsc` says whether the types allow what they should and nothing else. */

import { answerOf, createCustomer360Client, ProblemError, type Schemas } from "../src/index.js";

const api = createCustomer360Client({ baseUrl: "https://api.example.com/prod", token: async () => "token" });
const path = { customer_id: "customer-amelie" };

export async function page(): Promise<string> {
  const view = await answerOf(api.GET("/api/admin/customers/{customer_id}/360", { params: { path } }));
  const days: number | null = view.metrics.daysSinceLastPurchase;
  const name: string = view.profile.name;
  // @ts-expect-error a role without `financials:read` does not get it
  const value: number = view.metrics.lifetimeValue;
  // @ts-expect-error a role without `contact:read` does not get it
  const street: string | undefined = view.profile.addresses[0]?.line1.trim();
  return [name, days, value, street].join();
}

export async function everyOrder(): Promise<Schemas["OrderRow"][]> {
  const orders: Schemas["OrderRow"][] = [];
  let cursor: string | undefined;
  do {
    const query = { status: "shipped" as const, limit: 100, ...(cursor ? { cursor } : {}) };
    const found = await answerOf(
      api.GET("/api/admin/customers/{customer_id}/orders", { params: { path, query } }),
    );
    orders.push(...found.orders);
    cursor = found.nextCursor;
  } while (cursor);
  return orders;
}

export async function note(content: string, key: string): Promise<string | undefined> {
  try {
    const header = { "Idempotency-Key": key };
    const { note } = await answerOf(
      api.POST("/api/admin/customers/{customer_id}/notes", { params: { path, header }, body: { content } }),
    );
    return note.id;
  } catch (problem) {
    if (problem instanceof ProblemError && problem.status === 400) return problem.messageOf("content");
    throw problem;
  }
}

export async function withoutExceptions(): Promise<string> {
  const { data, error } = await api.GET("/api/admin/customers/{customer_id}/orders/{order_id}", {
    params: { path: { ...path, order_id: "o1" } },
  });
  return error ? `${error.detail} (${error.requestId})` : data.orderNumber;
}

export async function savedSearches(): Promise<number> {
  let found = 0;
  const { views } = await answerOf(api.GET("/api/admin/views"));
  for (const { search } of views) {
    const page = await answerOf(api.GET("/api/admin/customers/search", { params: { query: { ...search, limit: 1 } } }));
    await api.POST("/api/admin/exports", { body: { format: "csv", search } });
    found += page.total;
  }
  return found;
}

export function conditionsIn(criteria: Schemas["Criteria"]): Schemas["Condition"][] {
  if ("all" in criteria) return criteria.all.flatMap(conditionsIn);
  if ("any" in criteria) return criteria.any.flatMap(conditionsIn);
  return "not" in criteria ? conditionsIn(criteria.not) : [criteria];
}

export const loyal: Schemas["Criteria"] = {
  all: [
    { field: "lifetimeValue", op: "between", value: [500, 1000] },
    { not: { field: "loyaltyTier", op: "in", value: ["bronze"] } },
    { any: [{ field: "tag", op: "exists", value: true }] },
  ],
};

export async function mistakes(): Promise<void> {
  // @ts-expect-error no such path
  await api.GET("/api/admin/customers/{customer_id}/nothing", { params: { path } });
  // @ts-expect-error an id of the path is missing
  await api.GET("/api/admin/customers/{customer_id}/360", { params: { path: {} } });
  // @ts-expect-error no such status
  await api.GET("/api/admin/customers/{customer_id}/orders", { params: { path, query: { status: "lost" } } });
  // @ts-expect-error a note has content
  await api.POST("/api/admin/customers/{customer_id}/notes", { params: { path }, body: {} });
  // @ts-expect-error no such section
  await api.POST("/api/admin/customers/{customer_id}/exports", { params: { path }, body: { format: "csv", sections: ["shoes"] } });
  // @ts-expect-error a tier is not a number
  const wrong: Schemas["Criteria"] = { field: "loyaltyTier", op: "eq", value: 1 };
  // @ts-expect-error a country comes neither before nor after another
  const unordered: Schemas["Criteria"] = { field: "country", op: "gt", value: "FR" };
  void [wrong, unordered];
  // @ts-expect-error without a token nobody gets in
  createCustomer360Client({ baseUrl: "https://api.example.com/prod" });
}
