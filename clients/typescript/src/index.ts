/** The Customer 360 API, typed by its OpenAPI document. */

import createClient, { type Client } from "openapi-fetch";

import type { components, paths } from "./schema.js";

export type { components, operations, paths } from "./schema.js";

/** What crosses the wire, by name: `Schemas["Order"]`. */
export type Schemas = components["schemas"];
export type Problem = Schemas["Problem"];
export type Customer360Client = Client<paths>;

export interface Options {
  /** The stack's output `ApiUrl`: ends before `/api/admin`. */
  baseUrl: string;
  /** The Cognito ID token (not the access token); asked for before every request, so it may renew it. */
  token: () => string | Promise<string>;
  /** Instead of the global `fetch`. */
  fetch?: (request: Request) => Promise<Response>;
}

/** `GET`, `POST`, `PATCH` and `DELETE` of every path; each answers `{data, error, response}`, `error` being a Problem. */
export function createCustomer360Client({ token, ...options }: Options): Customer360Client {
  const client = createClient<paths>(options);
  client.use({
    async onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${await token()}`);
      return request;
    },
  });
  return client;
}

/** Anything but success, thrown by `answerOf`: `status`, `code`, `errors` and `requestId` are in `problem`. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";

  constructor(
    readonly problem: Problem,
    readonly response: Response,
  ) {
    super(problem.detail);
  }

  get status(): number {
    return this.problem.status;
  }

  /** What is wrong with a field of the request, if something is. */
  messageOf(field: string): string | undefined {
    return this.problem.errors?.find((error) => error.field === field)?.message;
  }
}

/** The data of a call; throws ProblemError if there is none: `const order = await answerOf(client.GET(…))`. */
export async function answerOf<Data>(
  call: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  const { data, error, response } = await call;
  if (!response.ok) {
    throw new ProblemError(isProblem(error) ? error : problemOf(response), response);
  }
  return data as Data;
}

function isProblem(error: unknown): error is Problem {
  return typeof error === "object" && error !== null && "code" in error && "detail" in error;
}

/** For an answer that somebody on the way gave, in a form of their own. */
function problemOf({ status, statusText }: Response): Problem {
  const detail = `${status} ${statusText}`.trim();
  return { type: "about:blank", title: statusText, status, detail, code: "", message: detail, requestId: "" };
}
