"""Live sessions without a network of our own: the gateway that hands messages to sockets, what clients say, and the
stream that tells of commits."""

import json
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Self
from urllib.parse import unquote
from uuid import uuid4

import boto3

from support.builders import new_id
from support.gateway import Answer, claims_of

Item = dict[str, Any]
Message = dict[str, Any]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # as many connections at once as anybody makes


class LiveGateway:
    """The management API of a WebSocket API, spoken over HTTP. Every socket is open unless it is said to be gone."""

    def __init__(self) -> None:
        self.received: dict[str, list[Message]] = defaultdict(list)
        self.closed: list[str] = []
        self.posts = 0
        self.gone: set[str] = set()
        self.slow: dict[str, float] = {}  # seconds it takes the socket to take a message
        self.refusing: dict[str, int] = {}  # how many posts more are refused as too many
        self._lock = Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def post(self, connection_id: str, message: Message) -> int:
        with self._lock:
            self.posts += 1
            if connection_id in self.gone:
                return 410
            if self.refusing.get(connection_id, 0) > 0:
                self.refusing[connection_id] -= 1
                return 429
        time.sleep(self.slow.get(connection_id, 0))  # as a socket would whose client reads slowly
        with self._lock:
            self.received[connection_id].append(message)
        return 200

    def delete(self, connection_id: str) -> int:
        with self._lock:
            self.closed.append(connection_id)
            self.gone.add(connection_id)
        return 204


ERRORS = {410: "GoneException", 429: "LimitExceededException"}


def _handler(gateway: LiveGateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(gateway.post(self._connection_id(), json.loads(body)))

        def do_DELETE(self) -> None:
            self._answer(gateway.delete(self._connection_id()))

        def _connection_id(self) -> str:
            return unquote(self.path.rsplit("/", 1)[1])

        def _answer(self, status: int) -> None:
            self.send_response(status)
            if status in ERRORS:
                self.send_header("x-amzn-ErrorType", ERRORS[status])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

        def handle(self) -> None:
            with suppress(BrokenPipeError, ConnectionResetError):  # who asked has given up
                super().handle()

    return Handler


def ticket_of(call: Callable[..., Answer], role: str = "viewer", seconds: float = 3600) -> str:
    """A ticket of an admin whose token ends in so many seconds."""
    end = int((datetime.now(UTC) + timedelta(seconds=seconds)).timestamp())
    answer = call("create_realtime_ticket", claims=claims_of(role) | {"exp": str(end)})
    assert answer.status == 201, answer.text
    return str(answer.json["ticket"])


def route_event(route: str, connection_id: str, **event: Any) -> dict[str, Any]:
    """What a function is called with for one of the API's routes."""
    context = {"routeKey": route, "connectionId": connection_id, "requestId": str(uuid4()), "stage": "test"}
    return {"requestContext": context, "isBase64Encoded": False, **event}


class Session:
    """A client with a live session: `session.say(action="ping")`, then `session.heard`."""

    def __init__(self, invoke: Callable[..., Any], gateway: LiveGateway, connection_id: str) -> None:
        self._invoke = invoke
        self._gateway = gateway
        self.connection_id = connection_id

    def say(self, text: str | None = None, **message: Any) -> Message:
        """Says it, and gives the answer."""
        body = json.dumps(message) if text is None else text
        before = len(self.heard)
        answer = self._invoke("on_message", route_event("$default", self.connection_id, body=body))
        assert answer == {"statusCode": 200}
        (told,) = self.heard[before:]
        return told

    def watch(self, customer_id: str, **message: Any) -> Message:
        return self.say(action="subscribe", customerId=customer_id, **message)

    @property
    def heard(self) -> list[Message]:
        return self._gateway.received[self.connection_id]

    @property
    def changes(self) -> list[Message]:
        return [message for message in self.heard if message["type"] == "changed"]


def connect(invoke: Callable[..., Any], ticket: str | None, connection_id: str | None = None) -> tuple[int, str]:
    """The status of an attempt to open a socket, and the socket's id."""
    connection_id = connection_id or new_id("socket")
    query = {"ticket": ticket} if ticket is not None else None
    event = route_event("$connect", connection_id, queryStringParameters=query, headers={})
    return invoke("on_connect", event)["statusCode"], connection_id


class Stream:
    """The stream of the customers table: what happened to an item between two looks at it, as a function gets it."""

    def __init__(self) -> None:
        self._seen: dict[str, Item | None] = {}
        self._number = 0

    def look(self, customer_id: str) -> list[dict[str, Any]]:
        """The record of the customer's commit item, if it changed since the last look."""
        key = {"pk": {"S": f"CUSTOMER#{customer_id}"}, "sk": {"S": "HEAD#COMMIT"}}
        dynamodb: Any = boto3.client("dynamodb")
        new = dynamodb.get_item(TableName="CustomersTable", Key=key, ConsistentRead=True).get("Item")
        old, self._seen[customer_id] = self._seen.get(customer_id), new
        return [] if old == new else [self.record(key, old, new)]

    def record(self, key: Item, old: Item | None, new: Item | None) -> dict[str, Any]:
        self._number += 1
        images = {name: image for name, image in (("OldImage", old), ("NewImage", new)) if image}
        return {
            "eventID": uuid4().hex,
            "eventName": "REMOVE" if not new else "MODIFY" if old else "INSERT",
            "eventSource": "aws:dynamodb",
            "eventSourceARN": "arn:aws:dynamodb:eu-west-1:000000000000:table/CustomersTable/stream/1",
            "dynamodb": {
                "ApproximateCreationDateTime": int(time.time()),
                "Keys": key,
                "SequenceNumber": f"{self._number:021}",
                **images,
            },
        }


def items_of(connection_id: str) -> list[Item]:
    """All there is of a socket."""
    scan = boto3.client("dynamodb").get_paginator("scan").paginate(TableName="ConnectionsTable", ConsistentRead=True)
    return [item for page in scan for item in page["Items"] if item["sk"]["S"] == connection_id]


def end_session(connection_id: str) -> None:
    """As if the token had ended a second ago; DynamoDB has not deleted anything yet."""
    for item in items_of(connection_id):
        boto3.client("dynamodb").update_item(
            TableName="ConnectionsTable",
            Key={"pk": item["pk"], "sk": item["sk"]},
            UpdateExpression="SET expiresAt = :ended",
            ExpressionAttributeValues={":ended": {"N": str(int(datetime.now(UTC).timestamp()) - 1)}},
        )
