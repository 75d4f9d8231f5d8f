"""Live sessions over real sockets: who is told what of which change, and how soon."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect

from customer360.exact_json import dumps, loads
from customer360.realtime.broadcast import APART_SECONDS
from e2e.live import Message, watchers
from e2e.shop import Event, Shop, eventually
from support.builders import (
    account,
    customer,
    message,
    method,
    new_id,
    order,
    payment,
    points,
    session,
    ticket,
)

pytestmark = pytest.mark.e2e

WITHIN_SECONDS = 5
HIDDEN_FROM_VIEWERS = {"marketing", "payments", "notes"}


@pytest.fixture
def customer_id(shop: Shop) -> str:
    identifier = new_id()
    shop.send(customer(identifier), order(identifier))
    shop.view(identifier, orders=1)
    return identifier


def table(shop: Shop, name: str) -> str:
    names = shop.stack.client("dynamodb").list_tables()["TableNames"]
    return next(str(each) for each in names if f"-{name}-" in each)


def settled_version(shop: Shop, customer_id: str, least: int = 0) -> int:
    """The version the customer has, `least` or more, once nothing has changed for a while: scores follow what they are
    worked out of."""
    key = {"pk": {"S": f"CUSTOMER#{customer_id}"}, "sk": {"S": "HEAD#COMMIT"}}
    seen: list[int] = []

    def settled() -> int:
        item = shop.stack.client("dynamodb").get_item(TableName=table(shop, "CustomersTable"), Key=key)["Item"]
        seen.append(int(item["version"]["N"]))
        is_quiet = len(seen) > 10 and len(set(seen[-10:])) == 1  # for two seconds
        return seen[-1] if is_quiet and seen[-1] >= least else 0

    return int(eventually(settled))


def mixed_events(customer_id: str, count: int) -> list[Event]:
    """Source events of every kind, no two about the same thing."""
    makers: list[Callable[..., Event]] = [order, ticket, message, payment, session, method]
    made = [makers[n % len(makers)](customer_id, f"x{n}") for n in range(count - 6)]
    more = [points(customer_id, f"p{n}", 10 + n) for n in range(4)]
    renamed = customer(customer_id, name="Grace Hopper", updatedAt="2026-03-01T00:00:00Z")
    return [*made, *more, account(customer_id), renamed]


def admins_work(shop: Shop, customer_id: str, count: int) -> None:
    """Notes, tags and segments, one after the other, as staff would."""
    path = f"/api/admin/customers/{customer_id}"
    for number in range(0, count, 4):
        tag = shop.post("/api/admin/tags", "manager", {"name": new_id("tag"), "color": "#112233"}).json()["id"]
        segment = shop.post("/api/admin/segments", "manager", {"name": new_id(), "isAutomatic": False}).json()["id"]
        visibility = "managers" if number % 8 else "team"
        for answer in (
            shop.post(f"{path}/tags", "manager", {"tagId": tag}),
            shop.post(f"{path}/segments", "manager", {"segmentId": segment}),
            shop.post(f"{path}/notes", "manager", {"content": "Secret-7421", "visibility": visibility}),
        ):
            assert answer.status_code == 201, answer.text
        assert shop.request("DELETE", f"{path}/tags/{tag}", "manager").status_code == 204


def covered(changes: list[tuple[float, Message]]) -> list[int]:
    """The versions the messages tell of, in the order they came."""
    return [version for _, told in changes for version in range(told["from"] + 1, told["version"] + 1)]


def test_a_hundred_changes_reach_five_watchers_in_time_none_lost_and_none_leaking(shop: Shop, customer_id: str) -> None:
    """P6: a hundred changes of every kind, five watchers: five hundred deliveries, across one reconnect."""
    others_id = new_id()
    shop.send(customer(others_id), order(others_id))
    shop.view(others_id, orders=1)
    start = settled_version(shop, customer_id)
    with watchers(shop, "viewer", "support", "manager", "admin", "viewer") as five, watchers(shop, "admin") as (idle,):
        for watcher in five:
            assert watcher.watch(customer_id, since=start)["missed"] == []
        events = mixed_events(customer_id, 60)
        with ThreadPoolExecutor(2) as pool:
            admins = pool.submit(admins_work, shop, customer_id, 40)
            shop.send(*events[:30], *[order(others_id, f"y{n}") for n in range(10)])
            back = five[4]
            back.hears(lambda told: told["type"] == "changed")
            back.__exit__()
            shop.send(*events[30:])
            admins.result()
            since = back.versions[customer_id]
            back.__enter__()
            caught_up = back.watch(customer_id, since=since)
        end = settled_version(shop, customer_id, least=start + 100)
        for watcher in five:
            watcher.hears(lambda told: told.get("version", 0) >= end)

        for watcher in five[:4]:
            # Each version by one message and no other, in order.
            versions = covered(watcher.changes(customer_id))
            assert versions == list(range(start + 1, versions[-1] + 1))
        told_on_return = range(since + 1, caught_up["version"] + 1)
        assert set(range(start + 1, end + 1)) <= {*covered(back.changes(customer_id)), *told_on_return}
        meanwhile = [
            told for _, told in five[0].changes(customer_id) if since < told["version"] <= caught_up["version"]
        ]
        missed = {section for told in meanwhile for section in told["sections"]}
        assert missed - HIDDEN_FROM_VIEWERS <= set(caught_up["missed"])
        for watcher in five:
            for heard_at, told in watcher.changes(customer_id):
                # `at` has no fraction of a second: the change is up to one second younger.
                assert heard_at - datetime.fromisoformat(told["at"]).timestamp() < WITHIN_SECONDS + 1
                assert watcher.role != "viewer" or not HIDDEN_FROM_VIEWERS & told["ids"].keys()
            assert not watcher.changes(others_id)
            everything = dumps([told for _, told in watcher.heard])
            for content in ("Secret-7421", "Grace", "ada@example.com", "12.50", "parcel"):
                assert content not in everything
        assert not idle.changes(customer_id)


def test_a_burst_is_told_by_a_few_messages_that_cover_all_of_it(shop: Shop, customer_id: str) -> None:
    start = settled_version(shop, customer_id)
    with watchers(shop, "viewer") as (watcher,):
        watcher.watch(customer_id)
        shop.send(*(order(customer_id, f"b{number}") for number in range(50)))
        shop.view(customer_id, orders=51)
        end = settled_version(shop, customer_id, least=start + 50)
        watcher.hears(lambda told: told.get("version", 0) >= end)
        changes = watcher.changes(customer_id)
        took = changes[-1][0] - changes[0][0]
        assert len(changes) <= took / APART_SECONDS + 2
        assert len(changes) < (end - start) / 2
        versions = covered(changes)
        assert versions == list(range(start + 1, versions[-1] + 1))


def test_without_a_good_ticket_there_is_no_socket(shop: Shop) -> None:
    issued = shop.post("/api/admin/realtime/tickets", "viewer").json()
    assert issued["url"] == shop.stack.outputs["WebSocketUrl"]
    used = f"{issued['url']}?ticket={issued['ticket']}"
    with connect(used, open_timeout=60, proxy=None):
        for url in (used, issued["url"], f"{issued['url']}?ticket=", f"{issued['url']}?ticket=unknown"):
            with pytest.raises(InvalidHandshake), connect(url, open_timeout=60, proxy=None):
                pass
    assert shop.post("/api/admin/realtime/tickets", None).status_code == 401


def test_nonsense_is_answered_and_the_session_goes_on(shop: Shop) -> None:
    with watchers(shop, "viewer") as (watcher,):
        assert watcher.ask("error", action="shout")["code"] == "bad_request"
        unknown = watcher.ask("error", action="subscribe", customerId=new_id())
        assert unknown["code"] == "not_found"
        assert watcher.ask("pong", action="ping") == {"type": "pong"}


def test_a_session_ends_with_the_token_it_was_opened_with(shop: Shop, customer_id: str) -> None:
    cognito = shop.stack.client("cognito-idp")
    seconds = 12  # AWS: no less than five minutes
    client_id = cognito.create_user_pool_client(
        UserPoolId=shop.stack.outputs["UserPoolId"],
        ClientName=new_id("client"),
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        IdTokenValidity=seconds,
        TokenValidityUnits={"IdToken": "seconds"},
    )["UserPoolClient"]["ClientId"]
    signed_in = cognito.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=client_id,
        AuthParameters={"USERNAME": "viewer@example.com", "PASSWORD": shop.stack.passwords["viewer"]},
    )
    end = time.time() + seconds
    headers = {"Authorization": f"Bearer {signed_in['AuthenticationResult']['IdToken']}"}
    issued = shop.http.post(f"{shop.stack.api_url}/api/admin/realtime/tickets", headers=headers).json()
    with connect(f"{issued['url']}?ticket={issued['ticket']}", open_timeout=60, proxy=None) as socket:
        socket.send(dumps({"action": "subscribe", "customerId": customer_id}))
        while loads(socket.recv(timeout=30))["type"] != "subscribed":
            pass  # what everybody is told, of others, may come first
        with suppress(TimeoutError, ConnectionClosed):
            while (left := end + 1 - time.time()) > 0:
                socket.recv(timeout=left)
        shop.send(order(customer_id, "after"))
        shop.view(customer_id, orders=2)
        # Nothing is told of it any more: the socket ends. What everybody was told before may still be on its way.
        assert {loads(text)["type"] for text in socket} <= {"notification"}


def test_news_of_scores_reach_whoever_is_there(shop: Shop, customer_id: str) -> None:
    levels: dict[str, Any] = {"before": {"score": 10, "level": "low"}, "after": {"score": 90, "level": "high"}}
    notice = {"customerId": customer_id, "at": "2026-01-01T00:00:00Z", "title": "", "churn": levels, "health": levels}
    item = {"pk": f"CUSTOMER#{customer_id}", "sk": "NOTICE#1", "type": "notice", "kind": "churn-level-changed"}
    with watchers(shop, "viewer", "admin") as both:
        for watcher in both:
            watcher.ask("pong", action="ping")  # the socket is open on both sides
        shop.stack.client("dynamodb").put_item(
            TableName=table(shop, "CustomersTable"),
            Item={name: {"S": text} for name, text in (item | {"notice": dumps(notice)}).items()},
        )
        for watcher in both:
            told = watcher.hears(lambda told: told["type"] == "notification" and told["customerId"] == customer_id)
            assert (told["kind"], told["from"], told["to"]) == ("churn-level-changed", "low", "high")


def test_a_record_that_cannot_be_told_is_set_aside_and_the_stream_goes_on(shop: Shop, customer_id: str) -> None:
    sqs, poison = shop.stack.client("sqs"), new_id("poison")
    (queue,) = sqs.list_queues(QueueNamePrefix="customer360-local-BroadcastFailureQueue")["QueueUrls"]
    with watchers(shop, "viewer") as (watcher,):
        watcher.watch(customer_id)
        item = {"pk": f"CUSTOMER#{poison}", "sk": "HEAD#COMMIT", "type": "no such type"}
        shop.stack.client("dynamodb").put_item(
            TableName=table(shop, "CustomersTable"), Item={name: {"S": text} for name, text in item.items()}
        )
        shop.send(order(customer_id, "behind"))
        watcher.hears(lambda told: told["type"] == "changed" and "behind" in told["ids"].get("orders", []))

    def kept() -> Any:
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        return [message["Body"] for message in messages if poison in message["Body"]]

    (failure,) = eventually(kept)
    assert loads(failure)["records"][0]["keys"] == {"pk": f"CUSTOMER#{poison}", "sk": "HEAD#COMMIT"}
