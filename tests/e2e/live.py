"""Clients of live sessions over real sockets: what each hears is kept with the moment it came."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Thread
from typing import Any, Self

import pytest
from websockets.sync.client import ClientConnection, connect

from e2e.shop import Shop

Message = dict[str, Any]
WAITING_SECONDS = 30


class Watcher:
    """A page that is open: it knows up to which version it was told, and when it is back it asks for what it missed."""

    def __init__(self, shop: Shop, role: str = "viewer") -> None:
        self.role = role
        self.heard: list[tuple[float, Message]] = []
        self.versions: dict[str, int] = {}
        self._shop = shop
        self._line = ExitStack()
        self._socket: ClientConnection

    def __enter__(self) -> Self:
        """Connects, with a new ticket; whatever comes over the socket from now on is heard."""
        ticket = self._shop.post("/api/admin/realtime/tickets", self.role).json()
        url = f"{ticket['url']}?ticket={ticket['ticket']}"
        self._socket = self._line.enter_context(connect(url, open_timeout=60, proxy=None))
        Thread(target=self._listen, args=(self._socket,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()

    def _listen(self, socket: ClientConnection) -> None:
        for text in socket:
            self._hear(json.loads(text))

    def _hear(self, message: Message) -> None:
        self.heard.append((time.time(), message))
        if message["type"] == "changed":
            self._knows(message["channel"].removeprefix("customers/"), message["version"])

    def _knows(self, customer_id: str, version: int) -> None:
        self.versions[customer_id] = max(self.versions.get(customer_id, 0), version)

    def ask(self, kind: str, **message: Any) -> Message:
        """Says it, and gives the next message of that kind."""
        before = len(self.heard)
        self._socket.send(json.dumps(message))
        return self.hears(lambda told: told["type"] == kind, after=before)

    def watch(self, customer_id: str, **message: Any) -> Message:
        told = self.ask("subscribed", action="subscribe", customerId=customer_id, **message)
        self._knows(customer_id, told["version"])
        return told

    def hears(self, wanted: Callable[[Message], bool], *, after: int = 0) -> Message:
        """The first such message, as soon as it is there; fails at the deadline."""
        deadline = time.monotonic() + WAITING_SECONDS
        while time.monotonic() < deadline:
            for _, message in self.heard[after:]:
                if wanted(message):
                    return message
            time.sleep(0.01)  # between two looks; what decides is the deadline
        pytest.fail(f"not heard within {WAITING_SECONDS} s; heard {[message for _, message in self.heard[after:]]}")

    def changes(self, customer_id: str) -> list[tuple[float, Message]]:
        """What was heard of the customer's changes, and when."""
        channel = f"customers/{customer_id}"
        return [(at, message) for at, message in self.heard if message.get("channel") == channel]


@contextmanager
def watchers(shop: Shop, *roles: str) -> Iterator[list[Watcher]]:
    """One connected watcher for each role named."""
    with ExitStack() as undo:
        yield [undo.enter_context(Watcher(shop, role)) for role in roles]
