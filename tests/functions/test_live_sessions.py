"""Live sessions: how one is opened, what its client can say, and what ends it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from support.builders import customer, new_id, order
from support.faults import watch
from support.gateway import Answer, claims_of, context, handler_of
from support.live import LiveGateway, Session, connect, end_session, items_of, route_event, ticket_of
from support.parallel import all_at_once
from support.tables import everything_kept

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
Invoke = Callable[..., Any]
Opened = Callable[..., Session]
READABLE_BY_VIEWERS = [
    "profile", "metrics", "health", "churn", "orders", "loyalty", "support", "analytics", "tags", "segments",
]  # fmt: skip


# ---------------------------------------------------------------- Tickets


def test_a_ticket_says_where_to_connect_and_is_good_for_a_minute(call: Call) -> None:
    before = datetime.now(UTC)
    answer = call("create_realtime_ticket", role="viewer")
    assert (answer.status, answer.json.keys()) == (201, {"ticket", "url", "expiresAt"})
    assert answer.json["url"] == "wss://live.example.com/test"
    until = datetime.fromisoformat(answer.json["expiresAt"])
    assert timedelta(seconds=58) < until - before <= timedelta(seconds=61)


def test_a_ticket_opens_one_socket_and_no_other(call: Call, invoke: Invoke) -> None:
    ticket = ticket_of(call)
    assert [connect(invoke, ticket)[0] for _ in range(3)] == [200, 401, 401]


def test_of_many_who_bring_the_same_ticket_at_once_one_gets_in(call: Call, invoke: Invoke) -> None:
    from functools import partial

    ticket, handler = ticket_of(call), handler_of("on_connect").lambda_handler

    def attempt(connection_id: str) -> int:
        event = route_event("$connect", connection_id, queryStringParameters={"ticket": ticket})
        return int(handler(event, context())["statusCode"])

    statuses = all_at_once([partial(attempt, new_id("socket")) for _ in range(8)])
    assert sorted(map(str, statuses)) == ["200", *["401"] * 7]


@pytest.mark.parametrize("ticket", [None, "", "unknown", "TICKET", "x" * 2000])
def test_without_a_good_ticket_the_socket_is_refused(invoke: Invoke, ticket: str | None) -> None:
    status, connection_id = connect(invoke, ticket)
    assert status == 401
    assert not items_of(connection_id)


def test_a_ticket_that_is_too_old_is_refused_though_it_is_not_deleted_yet(call: Call, invoke: Invoke) -> None:
    assert connect(invoke, ticket_of(call, seconds=-1))[0] == 401


def test_a_ticket_ends_with_the_token_it_was_bought_with(call: Call) -> None:
    end = int((datetime.now(UTC) + timedelta(seconds=10)).timestamp())
    answer = call("create_realtime_ticket", claims=claims_of("viewer") | {"exp": str(end)})
    assert datetime.fromisoformat(answer.json["expiresAt"]).timestamp() == end


def test_a_repeated_request_with_a_key_gets_another_ticket(call: Call) -> None:
    tickets = {call("create_realtime_ticket", headers={"Idempotency-Key": "k"}).json["ticket"] for _ in range(2)}
    assert len(tickets) == 2


def test_neither_a_ticket_nor_who_it_names_is_kept(call: Call) -> None:
    ticket = ticket_of(call, "manager")
    kept = everything_kept()
    assert ticket not in kept
    connections = json.dumps(boto3.client("dynamodb").scan(TableName="ConnectionsTable")["Items"])
    assert "manager@example.com" not in connections


# ---------------------------------------------------------------- What a client says


def test_subscribing_tells_the_version_the_customer_is_at(opened: Opened, take_in: Any, known_customer: str) -> None:
    take_in(order(known_customer))
    assert opened().watch(known_customer) == {
        "type": "subscribed",
        "customerId": known_customer,
        "version": 2,
        "missed": [],
    }


def test_since_tells_what_was_missed(opened: Opened, take_in: Any, known_customer: str) -> None:
    session = opened()
    take_in(order(known_customer))
    told = session.watch(known_customer, since=1)
    assert (told["version"], told["missed"]) == (2, ["metrics", "orders", "analytics"])
    assert session.watch(known_customer, since=2)["missed"] == []


@pytest.mark.parametrize("since", [7, 10**30])
def test_since_a_version_there_never_was_everything_is_missed(opened: Opened, known_customer: str, since: int) -> None:
    assert opened().watch(known_customer, since=since)["missed"] == READABLE_BY_VIEWERS


def test_only_sections_one_may_read_are_missed(opened: Opened, known_customer: str) -> None:
    assert opened("support").watch(known_customer, since=9)["missed"] == [
        "profile", "metrics", "health", "churn", "orders", "loyalty", "marketing",
        "support", "payments", "analytics", "notes", "tags", "segments",
    ]  # fmt: skip


def test_after_a_day_everything_is_missed_for_time_alone_changes_things_too(
    opened: Opened, take_in: Any, known_customer: str
) -> None:
    take_in(order(known_customer))
    session = opened()
    long_ago = {"S": "2026-01-01T00:00:00.000000Z"}
    boto3.client("dynamodb").update_item(
        TableName="CustomersTable",
        Key={"pk": {"S": f"CUSTOMER#{known_customer}"}, "sk": {"S": "HEAD#COMMIT"}},
        UpdateExpression="SET committedAt = :at, marks = :marks",
        ExpressionAttributeValues={":at": long_ago, ":marks": {"M": {"1": long_ago}}},
    )
    assert [session.watch(known_customer, since=since)["missed"] for since in (1, 2)] == [READABLE_BY_VIEWERS] * 2
    take_in(order(known_customer, "o2"))
    assert session.watch(known_customer, since=2)["missed"] == READABLE_BY_VIEWERS
    assert session.watch(known_customer, since=3)["missed"] == []


def test_ping_and_unsubscribe_are_answered(opened: Opened, known_customer: str) -> None:
    session = opened()
    assert session.say(action="ping") == {"type": "pong"}
    gone = {"type": "unsubscribed", "customerId": known_customer}
    assert session.say(action="unsubscribe", customerId=known_customer) == gone
    session.watch(known_customer)
    assert session.say(action="unsubscribe", customerId=known_customer) == gone
    assert [item["pk"]["S"][:11] for item in items_of(session.connection_id)] == ["ADMIN#sub-v", "CONNECTIONS"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("", "bad_request"),
        ("subscribe", "bad_request"),
        ("[]", "bad_request"),
        ("null", "bad_request"),
        ("{}", "bad_request"),
        ('{"action":"delete"}', "bad_request"),
        ('{"action":["ping"]}', "bad_request"),
        ('{"action":"subscribe"}', "bad_request"),
        ('{"action":"subscribe","customerId":""}', "bad_request"),
        ('{"action":"subscribe","customerId":7}', "bad_request"),
        ('{"action":"subscribe","customerId":"%s"}' % ("x" * 65), "bad_request"),
        ('{"action":"subscribe","customerId":"a/b"}', "bad_request"),
        ('{"action":"subscribe","customerId":"\\ud800"}', "bad_request"),
        ('{"action":"\\ud800","customerId":"\\ud800"}', "bad_request"),
        ('{"action":"unsubscribe"}', "bad_request"),
        ('{"action":"subscribe","customerId":"no-such-id"}', "not_found"),
        ('{"action":"subscribe","customerId":"no-such-id","since":"3"}', "bad_request"),
        ('{"action":"subscribe","customerId":"no-such-id","since":-1}', "bad_request"),
        ('{"action":"subscribe","customerId":"no-such-id","since":1.5}', "bad_request"),
        ('{"action":"subscribe","customerId":"no-such-id","since":true}', "bad_request"),
        ('{"action":"ping","more":"%s"}' % ("x" * 1000), "bad_request"),
        ('{"action":"ping","more":1e999999999}', "bad_request"),
        ("[" * 900, "bad_request"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_and_the_session_goes_on(opened: Opened, said: str, code: str) -> None:
    session = opened()
    told = session.say(said)
    assert (told["type"], told["code"]) == ("error", code)
    assert told["message"]
    assert session.say(action="ping") == {"type": "pong"}


def test_an_error_names_the_customer_it_is_about(opened: Opened) -> None:
    told = opened().watch("no-such-id")
    assert (told["action"], told["customerId"], told["message"]) == ("subscribe", "no-such-id", "no such customer")


def test_a_refused_subscription_leaves_no_watcher(opened: Opened) -> None:
    session, nobody = opened(), new_id()
    before = items_of(session.connection_id)
    session.watch(nobody)
    assert len(items_of(session.connection_id)) == len(before)


def test_who_lost_their_permission_may_not_watch(
    opened: Opened, known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from customer360.access.policy import ROLES

    session = opened("viewer")
    monkeypatch.setitem(ROLES, "viewer", frozenset())
    assert session.watch(known_customer)["code"] == session.watch("no-such-id")["code"] == "forbidden"


def test_a_session_watches_fifty_customers_and_no_more(
    opened: Opened, known_customer: str, monkeypatch: pytest.MonkeyPatch, take_in: Any
) -> None:
    from customer360.realtime import conversation

    monkeypatch.setattr(conversation, "MOST_CUSTOMERS", 1)
    session, other = opened(), new_id()
    take_in(customer(other))
    session.watch(known_customer)
    assert session.watch(other)["code"] == "conflict"
    assert session.watch(known_customer)["type"] == "subscribed"
    session.say(action="unsubscribe", customerId=known_customer)
    assert session.watch(other)["type"] == "subscribed"


def test_no_commit_falls_between_the_answer_and_the_first_message(
    opened: Opened, take_in: Any, known_customer: str, live_gateway: LiveGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def called(name: str, event: dict[str, Any]) -> Any:  # whatever the commit in between may do
        return handler_of(name).lambda_handler(event, context())

    session = Session(called, live_gateway, opened().connection_id)
    calls = watch(monkeypatch)
    # Its broadcast finds no watcher yet: it has to be in the version that is answered.
    calls.before("PutItem", lambda: take_in(order(known_customer)), about="WATCHERS")
    told = session.watch(known_customer, since=1)
    assert (told["version"], told["missed"]) == (2, ["metrics", "orders", "analytics"])


def test_who_disconnects_while_subscribing_leaves_nothing_that_counts_for_long(
    opened: Opened, known_customer: str, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = opened()
    calls = watch(monkeypatch)
    gone = route_event("$disconnect", session.connection_id)
    calls.before("UpdateItem", lambda: invoke("on_disconnect", gone), about="CONNECTIONS")
    assert session.watch(known_customer)["code"] == "unauthorized"
    assert not items_of(session.connection_id)


# ---------------------------------------------------------------- The end


def test_with_the_token_the_session_ends(opened: Opened, known_customer: str, live_gateway: LiveGateway) -> None:
    session = opened()
    session.watch(known_customer)
    end_session(session.connection_id)
    assert session.watch(known_customer)["code"] == "unauthorized"
    assert session.connection_id in live_gateway.closed
    assert not items_of(session.connection_id)


def test_who_is_not_known_is_sent_away(invoke: Invoke, live_gateway: LiveGateway) -> None:
    session = Session(invoke, live_gateway, new_id("socket"))
    assert session.say(action="ping")["code"] == "unauthorized"
    assert session.connection_id in live_gateway.closed


def test_after_a_disconnect_nothing_is_left(opened: Opened, invoke: Invoke, known_customer: str, take_in: Any) -> None:
    session, other = opened(), new_id()
    take_in(customer(other))
    session.watch(known_customer)
    session.watch(other)
    assert len(items_of(session.connection_id)) == 4
    for _ in range(2):
        assert invoke("on_disconnect", route_event("$disconnect", session.connection_id)) == {"statusCode": 200}
    assert not items_of(session.connection_id)


def test_everything_expires_with_the_token(opened: Opened, known_customer: str) -> None:
    session = opened()
    session.watch(known_customer)
    ends = {int(item["expiresAt"]["N"]) for item in items_of(session.connection_id)}
    assert len(ends) == 1
    assert abs(ends.pop() - datetime.now(UTC).timestamp() - 3600) < 60


def test_a_failure_inside_is_told_without_its_reason(
    opened: Opened, known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from customer360.storage.items import CommitItem

    def fail(_: str) -> None:
        raise TimeoutError("secret-7421")

    session = opened()
    monkeypatch.setattr(CommitItem, "find", fail)
    told = session.watch(known_customer)
    assert told["code"] == "internal_server_error"
    assert "secret" not in json.dumps(told)
