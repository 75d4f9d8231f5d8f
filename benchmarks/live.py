"""`make bench-live`: from commit to message at the client, over real sockets on a stack deployed for it.

Opens the connections once. Of them one watches the first customer, 200 the second, all the third; then changes come one
by one, each when everybody has heard of the one before. Clients, engine and functions share this machine's cores.
"""

import argparse
import asyncio
import json
import time
from collections import defaultdict
from datetime import datetime
from itertools import pairwise
from statistics import median, quantiles
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.bench import table
from e2e.shop import Shop, eventually
from stack.testing import running_stack
from support.builders import customer, new_id, order

OPENING_AT_ONCE = 8  # the engine starts a worker for each more
BURST = 50


class Crowd:
    """Connected clients; what each message of a customer said, and when whoever watches heard it."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.sockets: list[ClientConnection] = []
        self.heard: defaultdict[str, list[tuple[float, dict[str, Any]]]] = defaultdict(list)
        self.subscribed: defaultdict[str, int] = defaultdict(int)
        self._listening: list[asyncio.Task[None]] = []
        self._limit = asyncio.Semaphore(OPENING_AT_ONCE)

    async def open(self, count: int) -> None:
        async with httpx.AsyncClient(timeout=120) as http:
            headers = {"Authorization": f"Bearer {self.shop.token('viewer')}"}
            await asyncio.gather(*(self._dial(http, headers) for _ in range(count)))

    async def _dial(self, http: httpx.AsyncClient, headers: dict[str, str]) -> None:
        async with self._limit:
            path = f"{self.shop.stack.api_url}/api/admin/realtime/tickets"
            ticket = (await http.post(path, headers=headers)).raise_for_status().json()
            url = f"{ticket['url']}?ticket={ticket['ticket']}"
            socket = await connect(url, open_timeout=120, ping_interval=None, proxy=None)
        self.sockets.append(socket)
        self._listening.append(asyncio.create_task(self._listen(socket)))

    async def _listen(self, socket: ClientConnection) -> None:
        async for text in socket:
            heard_at, told = time.time(), json.loads(text)
            if told["type"] == "changed":
                self.heard[told["channel"].removeprefix("customers/")].append((heard_at, told))
            elif told["type"] == "subscribed":
                self.subscribed[told["customerId"]] += 1

    async def watch(self, customer_id: str, watchers: int) -> None:
        for socket in self.sockets[:watchers]:
            await socket.send(json.dumps({"action": "subscribe", "customerId": customer_id}))
        await until(lambda: self.subscribed[customer_id] == watchers)

    async def hears(self, customer_id: str, version: int, watchers: int) -> list[float]:
        """When each watcher had heard of the version."""

        def moments() -> list[float]:
            return [at for at, told in self.heard[customer_id] if told["from"] < version <= told["version"]]

        await until(lambda: len(moments()) >= watchers)
        return moments()

    async def close(self) -> None:
        await asyncio.gather(*(socket.close() for socket in self.sockets))
        await asyncio.gather(*self._listening)


async def until(condition: Any, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not heard in time"
        await asyncio.sleep(0.02)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--changes", type=int, default=20)
    options = parser.parse_args()
    with running_stack() as stack, httpx.Client(timeout=120) as http:
        asyncio.run(measured(Shop(stack, http), options.connections, options.changes))


async def measured(shop: Shop, connections: int, changes: int) -> None:
    crowd = Crowd(shop)
    began = time.monotonic()
    await crowd.open(connections)
    print(f"{connections:,} connections opened in {time.monotonic() - began:.0f} s\n")
    rows = [await latency(crowd, watchers, changes) for watchers in (1, connections // 5, connections)]
    header = ["watchers", "changes", "p50 ms", "p95 ms", "max ms", "to the last, p50 ms", "messages/s"]
    print(table(header, rows))
    print()
    print(table(["burst", "watchers", "messages each", "all heard after, s"], [await burst(crowd, connections // 5)]))
    await crowd.close()


async def latency(crowd: Crowd, watchers: int, changes: int) -> list[object]:
    """From commit to each watcher, change by change."""
    customer_id = await a_customer(crowd.shop)
    await crowd.watch(customer_id, watchers)
    latencies, to_the_last = [], []
    for _ in range(changes):
        version, committed_at = await asyncio.to_thread(change, crowd.shop, customer_id)
        heard = [at - committed_at for at in await crowd.hears(customer_id, version, watchers)]
        latencies += heard
        to_the_last.append(max(heard))
        await asyncio.sleep(0.5)  # so that each is the first message of its own
    p95 = quantiles(latencies, n=20)[-1]
    figures = [median(latencies), p95, max(latencies), median(to_the_last)]
    return [
        f"{watchers:,}", changes, *(f"{1000 * seconds:,.0f}" for seconds in figures),
        f"{watchers / median(to_the_last):,.0f}",
    ]  # fmt: skip


async def burst(crowd: Crowd, watchers: int) -> list[object]:
    """Many source events of one customer at once."""
    customer_id = await a_customer(crowd.shop)
    await crowd.watch(customer_id, watchers)
    began = time.time()
    await asyncio.to_thread(crowd.shop.send, *(order(customer_id, f"b{number}") for number in range(BURST)))
    await asyncio.to_thread(crowd.shop.view, customer_id, orders=BURST + 1)
    version, _ = await asyncio.to_thread(standing, crowd.shop, customer_id)
    heard = await crowd.hears(customer_id, version, watchers)
    told = sorted({(told["from"], told["version"]) for _, told in crowd.heard[customer_id]})
    assert all(one[1] == another[0] for one, another in pairwise(told)), "a version was lost"
    return [f"{BURST} events", f"{watchers:,}", len(told), f"{max(heard) - began:.1f}"]


async def a_customer(shop: Shop) -> str:
    """Somebody whose scores have settled, so that nothing but a change of ours is told."""

    def made() -> str:
        customer_id = new_id()
        shop.send(customer(customer_id), order(customer_id))
        shop.view(customer_id, orders=1)
        seen: list[int] = []

        def settled() -> bool:
            seen.append(standing(shop, customer_id)[0])
            return len(seen) > 15 and len(set(seen[-15:])) == 1

        eventually(settled)
        return customer_id

    return await asyncio.to_thread(made)


def change(shop: Shop, customer_id: str) -> tuple[int, float]:
    """A note: one commit, of which nothing else follows. Gives its version and when it was committed."""
    before, _ = standing(shop, customer_id)
    answer = shop.post(f"/api/admin/customers/{customer_id}/notes", "support", {"content": "Called."})
    assert answer.status_code == httpx.codes.CREATED, answer.text
    version, committed_at = standing(shop, customer_id)
    assert version == before + 1
    return version, committed_at


def standing(shop: Shop, customer_id: str) -> tuple[int, float]:
    """The customer's version, and when it was committed."""
    dynamodb = shop.stack.client("dynamodb")
    name = next(name for name in dynamodb.list_tables()["TableNames"] if "-CustomersTable-" in name)
    key = {"pk": {"S": f"CUSTOMER#{customer_id}"}, "sk": {"S": "HEAD#COMMIT"}}
    item = dynamodb.get_item(TableName=name, Key=key, ConsistentRead=True)["Item"]
    return int(item["version"]["N"]), datetime.fromisoformat(item["committedAt"]["S"]).timestamp()


if __name__ == "__main__":
    main()
