/** The built client against a server that answers what it is told to, and remembers what it was asked. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";

import { answerOf, createCustomer360Client, ProblemError } from "../dist/index.js";

const CUSTOMER = "/api/admin/customers/{customer_id}/360";
const NOTES = "/api/admin/customers/{customer_id}/notes";
const NOTE = "/api/admin/customers/{customer_id}/notes/{note_id}";
const PROBLEM = {
  type: "about:blank",
  title: "Bad Request",
  status: 400,
  detail: "content: is empty",
  code: "bad_request",
  message: "content: is empty",
  requestId: "r-1",
  errors: [{ field: "content", message: "is empty" }],
};

let answer, asked, baseUrl;

const server = createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  asked.push({ method: request.method, url: request.url, headers: request.headers, body });
  response.writeHead(answer.status, { "Content-Type": answer.type ?? "application/json", ...answer.headers });
  response.end(answer.body ?? "");
});

before(async () => {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${server.address().port}/prod`;
});
beforeEach(() => (asked = []));
after(() => server.close());

function client(token = () => "one") {
  return createCustomer360Client({ baseUrl, token });
}

test("a read asks with a token and gives the data", async () => {
  answer = { status: 200, body: '{"version":7}', headers: { ETag: '"e"' } };
  const call = client().GET(CUSTOMER, { params: { path: { customer_id: "a b/ü" } } });
  assert.deepEqual(await answerOf(call), { version: 7 });
  assert.equal(asked[0].url, "/prod/api/admin/customers/a%20b%2F%C3%BC/360");
  assert.equal(asked[0].headers.authorization, "Bearer one");
});

test("the token is asked for anew before every request, and may take its time", async () => {
  answer = { status: 200, body: "{}" };
  let count = 0;
  const api = client(async () => `token-${(count += 1)}`);
  await api.GET(CUSTOMER, { params: { path: { customer_id: "c" } } });
  await api.GET(CUSTOMER, { params: { path: { customer_id: "c" } } });
  assert.deepEqual(asked.map(({ headers }) => headers.authorization), ["Bearer token-1", "Bearer token-2"]);
});

test("a token that cannot be had is an error, and nothing is asked", async () => {
  const failing = client(() => Promise.reject(new Error("signed out")));
  await assert.rejects(failing.GET(CUSTOMER, { params: { path: { customer_id: "c" } } }), /signed out/);
  assert.deepEqual(asked, []);
});

test("a write sends JSON and its headers", async () => {
  answer = { status: 201, body: '{"note":{"id":"n"}}' };
  const params = { path: { customer_id: "c" }, header: { "Idempotency-Key": "k" } };
  await answerOf(client().POST(NOTES, { params, body: { content: "é" } }));
  const [{ method, headers, body }] = asked;
  assert.equal(method, "POST");
  assert.equal(headers["content-type"], "application/json");
  assert.equal(headers["idempotency-key"], "k");
  assert.deepEqual(JSON.parse(body), { content: "é" });
});

test("what has no body has no data, and is no error", async () => {
  answer = { status: 204 };
  const call = client().DELETE(NOTE, { params: { path: { customer_id: "c", note_id: "n" } } });
  assert.equal(await answerOf(call), undefined);
});

test("a problem is an error with all it tells", async () => {
  answer = { status: 400, type: "application/problem+json", body: JSON.stringify(PROBLEM) };
  const call = () => client().POST(NOTES, { params: { path: { customer_id: "c" } }, body: { content: "" } });
  await assert.rejects(answerOf(call()), (error) => {
    assert.ok(error instanceof ProblemError);
    assert.equal(error.message, "content: is empty");
    assert.equal(error.status, 400);
    assert.equal(error.messageOf("content"), "is empty");
    assert.equal(error.messageOf("pinned"), undefined);
    assert.deepEqual(error.problem, PROBLEM);
    return true;
  });
  const { data, error } = await call();
  assert.equal(data, undefined);
  assert.deepEqual(error, PROBLEM);
});

for (const [name, type, body] of [
  ["a page of a proxy", "text/html", "<h1>Bad Gateway</h1>"],
  ["JSON in another form", "application/json", '{"message":null}'],
  ["nothing", "text/plain", ""],
]) {
  test(`a failure that answers ${name} is a problem, too`, async () => {
    answer = { status: 502, type, body };
    await assert.rejects(answerOf(client().GET(CUSTOMER, { params: { path: { customer_id: "c" } } })), (error) => {
      assert.ok(error instanceof ProblemError);
      assert.equal(error.status, 502);
      assert.equal(error.message, "502 Bad Gateway");
      return true;
    });
  });
}

test("a server that is not there is an error of fetch itself", async () => {
  const api = createCustomer360Client({ baseUrl: "http://127.0.0.1:1", token: () => "one" });
  await assert.rejects(answerOf(api.GET(CUSTOMER, { params: { path: { customer_id: "c" } } })), TypeError);
});

test("another fetch can be given", async () => {
  const fetch = async (request) => Response.json({ url: request.url });
  const api = createCustomer360Client({ baseUrl: "https://api.example.com", token: () => "one", fetch });
  const data = await answerOf(api.GET(CUSTOMER, { params: { path: { customer_id: "c" } } }));
  assert.equal(data.url, "https://api.example.com/api/admin/customers/c/360");
});
