/** A shop behind HTTP, for tickets, and real WebSockets. */

import { createServer } from "node:http";

import { WebSocketServer } from "ws";

import { Shop } from "./shop.mjs";

export class LiveServer {
  shop = new Shop();
  /** Sockets that are open, oldest first. */
  connections = [];
  /** The tokens tickets were asked for with. */
  tokens = [];
  /** How the next tickets are answered, if not by a ticket: `{status, headers}`, or `"never"`. */
  answers = [];
  #tickets = new Set();
  #sockets = new WebSocketServer({ noServer: true });
  #http = createServer((request, response) => this.#ticket(request, response));

  static async start() {
    const server = new LiveServer();
    server.#http.on("upgrade", (...upgrade) => server.#upgrade(...upgrade));
    await new Promise((resolve) => server.#http.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url() {
    return `http://127.0.0.1:${this.#http.address().port}`;
  }

  stop() {
    this.cut();
    this.#http.closeAllConnections();
    this.#http.close();
  }

  /** Ends every connection without a word. */
  cut() {
    for (const { socket } of this.connections.splice(0)) socket.terminate();
  }

  tell(message) {
    for (const connection of this.connections) connection.tell(message);
  }

  #ticket(request, response) {
    this.tokens.push(request.headers.authorization);
    const answer = this.answers.shift() ?? { status: 201 };
    if (answer === "never") return;
    const ticket = `${answer.status}-${this.tokens.length}`;
    if (answer.status === 201) this.#tickets.add(ticket);
    response.writeHead(answer.status, { "Content-Type": "application/json", ...answer.headers });
    const url = this.url.replace("http", "ws");
    const problem = { status: answer.status, code: "code", detail: "no" };
    const made = { ticket, url, expiresAt: "2026-01-01T00:01:00Z" };
    response.end(JSON.stringify(answer.status === 201 ? made : problem));
  }

  #upgrade(request, socket, head) {
    const ticket = new URL(request.url, this.url).searchParams.get("ticket");
    if (!this.#tickets.delete(ticket)) return socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    this.#sockets.handleUpgrade(request, socket, head, (opened) => this.#opened(opened));
  }

  #opened(socket) {
    const tell = (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message));
    const connection = { socket, tell };
    this.connections.push(connection);
    socket.on("message", (data) => this.shop.hear(connection, JSON.parse(data)));
    socket.on("close", () => {
      this.shop.gone(connection);
      this.connections = this.connections.filter((other) => other !== connection);
    });
  }
}

/** What `look` gives once it gives anything. */
export async function eventually(look) {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const found = look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`not within ten seconds: ${look}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
