"""The broadcast: who is told of which change, in a burst, to many at once, and whatever fails."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import boto3
import pytest

from support.builders import customer, new_id, order, payment
from support.faults import refused, watch
from support.live import LiveGateway, Message, Session, Stream, end_session, items_of
from support.makers import a_note, a_tag, give_tag

pytestmark = pytest.mark.engine

Opened = Callable[..., Session]
Invoke = Callable[..., Any]
TakeIn = Callable[..., list[str]]


@pytest.fixture
def stream(known_customer: str) -> Stream:
    """The stream from now on."""
    stream = Stream()
    stream.look(known_customer)
    return stream


@pytest.fixture
def broadcast(invoke: Invoke, broadcast_failures: str, live_gateway: LiveGateway) -> Iterator[Callable[..., None]]:
    """Calls the function with these records."""
    from customer360.realtime import broadcast as module

    module._told_at.clear()

    def called(*records: dict[str, Any], milliseconds: int = 30_000) -> None:
        assert invoke("broadcast", {"Records": list(records)}, milliseconds) is None

    yield called
    module._told_at.clear()


@pytest.fixture
def set_aside(broadcast_failures: str) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What was put into the failure queue during the test."""
    sqs = boto3.client("sqs")

    def taken() -> list[dict[str, Any]]:
        found = []
        while messages := sqs.receive_message(QueueUrl=broadcast_failures, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                sqs.delete_message(QueueUrl=broadcast_failures, ReceiptHandle=message["ReceiptHandle"])
                found.append(json.loads(message["Body"]))
        return found

    taken()
    yield taken
    taken()


def ranges(session: Session) -> list[tuple[int, int]]:
    return [(told["from"], told["version"]) for told in session.changes]


def watchers_in(customer_id: str, gateway: LiveGateway, count: int, role: str = "viewer") -> list[str]:
    """So many sockets that watch the customer, kept without anybody connecting."""
    from customer360.realtime.table import ConnectionItem

    end = int((datetime.now(UTC) + timedelta(hours=1)).timestamp())
    sockets = []
    for _ in range(count):
        socket = ConnectionItem.of(new_id("socket"))
        socket.admin, socket.role, socket.opened_at, socket.expires_at = "a", role, 0, end
        socket.save()
        assert socket.watch(customer_id)
        sockets.append(socket.sk)
    return sockets


# ---------------------------------------------------------------- Who is told what


def test_who_watches_is_told_and_nobody_else(
    opened: Opened, broadcast: Callable[..., None], stream: Stream, take_in: TakeIn, known_customer: str
) -> None:
    watching, idle, elsewhere, other = opened(), opened(), opened(), new_id()
    take_in(customer(other))
    stream.look(other)
    watching.watch(known_customer)
    elsewhere.watch(other)
    take_in(order(known_customer))
    broadcast(*stream.look(known_customer))
    (told,) = watching.changes
    assert told["channel"] == f"customers/{known_customer}"
    assert told["sections"] == ["metrics", "orders", "analytics"]
    assert (told["from"], told["version"], told["ids"]) == (1, 2, {"orders": ["o1"]})
    assert datetime.now(UTC) - datetime.fromisoformat(told["at"]) < timedelta(seconds=60)
    assert not idle.heard
    assert not elsewhere.changes


def test_a_new_customer_is_told_of_from_nothing(
    opened: Opened, broadcast: Callable[..., None], take_in: TakeIn
) -> None:
    stream, session, customer_id = Stream(), opened(), new_id()
    take_in(customer(customer_id))
    session.watch(customer_id)
    broadcast(*stream.look(customer_id))
    assert ranges(session) == [(0, 1)]


def test_ids_are_told_to_who_may_read_the_section_and_its_name_to_everybody(
    opened: Opened, broadcast: Callable[..., None], stream: Stream, take_in: TakeIn, known_customer: str
) -> None:
    viewer, support, manager = opened("viewer"), opened("support"), opened("manager")
    for session in (viewer, support, manager):
        session.watch(known_customer)
    take_in(payment(known_customer, "p-7"))
    records = stream.look(known_customer)
    note_id = a_note(known_customer)
    records += stream.look(known_customer)
    broadcast(*records)
    for session in (viewer, support, manager):
        assert session.changes[0]["sections"] == ["payments", "notes"]
    assert viewer.changes[0]["ids"] == {}
    assert support.changes[0]["ids"] == manager.changes[0]["ids"] == {"payments": ["p-7"], "notes": [note_id]}


def test_the_id_of_a_note_for_managers_is_told_to_nobody(
    opened: Opened, broadcast: Callable[..., None], stream: Stream, known_customer: str
) -> None:
    session = opened("support")
    session.watch(known_customer)
    note_id = a_note(known_customer, "managers")
    broadcast(*stream.look(known_customer))
    (told,) = session.changes
    assert (told["sections"], told["ids"]) == (["notes"], {})
    assert note_id not in json.dumps(session.heard)


def test_every_kind_of_change_is_covered_once_in_order(
    opened: Opened, broadcast: Callable[..., None], stream: Stream, take_in: TakeIn, known_customer: str
) -> None:
    session = opened("admin")
    version = session.watch(known_customer)["version"]
    records = []
    for change in (
        lambda: take_in(order(known_customer)),
        lambda: a_note(known_customer),
        lambda: give_tag(known_customer, a_tag()),
        lambda: take_in(payment(known_customer)),
    ):
        change()
        records.append(stream.look(known_customer))
    broadcast(*records[0])
    broadcast(*records[1], *records[2])
    broadcast(*records[3])
    assert ranges(session) == [(version, version + 1), (version + 1, version + 3), (version + 3, version + 4)]


def test_a_claim_is_no_change(
    opened: Opened, broadcast: Callable[..., None], stream: Stream, known_customer: str
) -> None:
    from customer360.storage.items import CommitItem

    session = opened()
    session.watch(known_customer)
    commit = CommitItem.find(known_customer)
    assert commit
    commit.update(actions=[CommitItem.claimed_by.set("somebody")])
    records = stream.look(known_customer)
    assert records
    broadcast(*records)
    assert not session.changes


def test_of_somebody_erased_every_section_has_changed(
    opened: Opened, broadcast: Callable[..., None], stream: Stream, known_customer: str
) -> None:
    session = opened("admin")
    session.watch(known_customer)
    key = {"pk": {"S": f"CUSTOMER#{known_customer}"}, "sk": {"S": "HEAD#COMMIT"}}
    boto3.client("dynamodb").delete_item(TableName="CustomersTable", Key=key)
    broadcast(*stream.look(known_customer))
    (told,) = session.changes
    assert (len(told["sections"]), told["from"], told["version"], told["ids"]) == (13, 1, 2, {})


def test_after_unsubscribing_nothing_is_told(
    opened: Opened, broadcast: Callable[..., None], stream: Stream, take_in: TakeIn, known_customer: str
) -> None:
    session = opened()
    session.watch(known_customer)
    session.say(action="unsubscribe", customerId=known_customer)
    take_in(order(known_customer))
    broadcast(*stream.look(known_customer))
    assert not session.changes


def test_who_comes_back_is_told_what_was_missed_in_between(
    opened: Opened, broadcast: Callable[..., None], stream: Stream, take_in: TakeIn, known_customer: str
) -> None:
    first = opened()
    first.watch(known_customer)
    take_in(order(known_customer))
    broadcast(*stream.look(known_customer))
    take_in(order(known_customer, "o2"))
    missed_record = stream.look(known_customer)
    again = opened()
    told = again.watch(known_customer, since=first.changes[-1]["version"])
    assert (told["version"], told["missed"]) == (3, ["metrics", "orders", "analytics"])
    broadcast(*missed_record)
    take_in(order(known_customer, "o3"))
    broadcast(*stream.look(known_customer))
    assert [end for _, end in ranges(again)] == [3, 4]


# ---------------------------------------------------------------- News


def notice_record(stream: Stream, customer_id: str, kind: str = "churn-level-changed") -> dict[str, Any]:
    notice = {
        "customerId": customer_id,
        "title": "Churn risk rose to high",
        "description": "",
        "at": "2026-01-01T00:00:00Z",
        "churn": {"before": {"score": 20.0, "level": "low"}, "after": {"score": 80.0, "level": "high"}},
        "health": {"before": {"score": 70, "level": "good"}, "after": {"score": 50, "level": "fair"}},
    }
    key = {"pk": {"S": f"CUSTOMER#{customer_id}"}, "sk": {"S": "NOTICE#000000000007"}}
    item = key | {"type": {"S": "notice"}, "kind": {"S": kind}, "notice": {"S": json.dumps(notice)}}
    return stream.record(key, None, item)


def news(session: Session) -> list[Message]:
    return [message for message in session.heard if message["type"] == "notification"]


@pytest.mark.parametrize(("kind", "change"), [("churn-level-changed", ("low", "high")), ("health-changed", (70, 50))])
def test_news_of_scores_go_to_everybody_who_may_see_customers(
    opened: Opened,
    broadcast: Callable[..., None],
    stream: Stream,
    known_customer: str,
    kind: str,
    change: tuple[Any, Any],
) -> None:
    sessions = [opened("viewer"), opened("admin")]
    record = notice_record(stream, known_customer, kind)
    broadcast(record)
    broadcast(record)
    for session in sessions:
        told, again = news(session)
        assert (
            told
            == again
            == {
                "type": "notification",
                "id": f"{known_customer}/NOTICE#000000000007",
                "kind": kind,
                "customerId": known_customer,
                "from": change[0],
                "to": change[1],
                "at": "2026-01-01T00:00:00Z",
            }
        )


def test_news_go_to_nobody_without_the_permission(
    opened: Opened,
    broadcast: Callable[..., None],
    stream: Stream,
    known_customer: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from customer360.access.policy import ROLES

    session = opened("viewer")
    monkeypatch.setitem(ROLES, "viewer", frozenset())
    broadcast(notice_record(stream, known_customer))
    assert not news(session)


def test_a_socket_that_is_just_being_opened_is_not_taken_for_gone(
    opened: Opened, broadcast: Callable[..., None], stream: Stream, known_customer: str, live_gateway: LiveGateway
) -> None:
    session = opened()
    live_gateway.gone.add(session.connection_id)
    broadcast(notice_record(stream, known_customer))
    assert items_of(session.connection_id)


# ---------------------------------------------------------------- Bursts and crowds


def test_a_burst_is_a_few_messages_and_the_first_comes_at_once(
    opened: Opened, broadcast: Callable[..., None], stream: Stream, take_in: TakeIn, known_customer: str
) -> None:
    from customer360.realtime.broadcast import APART_SECONDS

    session = opened()
    session.watch(known_customer)
    records = []
    for number in range(10):
        take_in(order(known_customer, f"o{number}"))
        records += stream.look(known_customer)
    began = time.monotonic()
    broadcast(records[0])
    assert len(session.changes) == 1
    for record in records[1:5]:
        broadcast(record)
    elapsed = time.monotonic() - began
    broadcast(*records[5:])
    assert elapsed >= 4 * APART_SECONDS  # what came meanwhile would be told by one message
    assert ranges(session) == [(1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 11)]
    assert all(one[1] == next_one[0] for one, next_one in pairwise(ranges(session)))


def test_a_burst_of_one_customer_does_not_delay_another_of_the_batch(
    opened: Opened, broadcast: Callable[..., None], stream: Stream, take_in: TakeIn, known_customer: str
) -> None:
    session, other = opened(), new_id()
    take_in(customer(other))
    stream.look(other)
    session.watch(known_customer)
    session.watch(other)
    take_in(order(known_customer))
    broadcast(*stream.look(known_customer))
    take_in(order(known_customer, "o2"), order(other))
    broadcast(*stream.look(known_customer), *stream.look(other))
    told = [message["channel"] for message in session.changes]
    assert told == [f"customers/{each}" for each in (known_customer, other, known_customer)]


def test_two_hundred_watchers_are_told_and_one_who_reads_slowly_delays_no_other(
    broadcast: Callable[..., None], stream: Stream, take_in: TakeIn, known_customer: str, live_gateway: LiveGateway
) -> None:
    sockets = watchers_in(known_customer, live_gateway, 200)
    live_gateway.slow[sockets[0]] = 8
    take_in(order(known_customer))
    broadcast(*stream.look(known_customer))
    assert all(len(live_gateway.received[socket]) == 1 for socket in sockets[1:])
    # The slow one has been let go: it connects again, and asks for what it missed.
    assert sockets[0] in live_gateway.closed
    assert not items_of(sockets[0])
    assert sum(len(items_of(socket)) for socket in sockets[1:3]) == 4


def test_what_is_not_posted_in_time_is_let_go_and_the_batch_ends(
    broadcast: Callable[..., None], stream: Stream, take_in: TakeIn, known_customer: str, live_gateway: LiveGateway
) -> None:
    sockets = watchers_in(known_customer, live_gateway, 3)
    take_in(order(known_customer))
    broadcast(*stream.look(known_customer), milliseconds=10_000)
    assert not any(live_gateway.received[socket] or items_of(socket) for socket in sockets)


# ---------------------------------------------------------------- What fails


def test_who_is_gone_is_forgotten_with_all_it_watched(
    opened: Opened,
    broadcast: Callable[..., None],
    stream: Stream,
    take_in: TakeIn,
    known_customer: str,
    live_gateway: LiveGateway,
) -> None:
    gone, there, other = opened(), opened(), new_id()
    take_in(customer(other))
    for session in (gone, there):
        session.watch(known_customer)
        session.watch(other)
    live_gateway.gone.add(gone.connection_id)
    take_in(order(known_customer))
    broadcast(*stream.look(known_customer))
    assert not items_of(gone.connection_id)
    assert (len(items_of(there.connection_id)), len(there.changes)) == (4, 1)


def test_a_watcher_left_behind_is_deleted_when_its_socket_is_found_gone(
    opened: Opened,
    broadcast: Callable[..., None],
    stream: Stream,
    take_in: TakeIn,
    known_customer: str,
    live_gateway: LiveGateway,
) -> None:
    session = opened()
    session.watch(known_customer)
    (socket,) = [item for item in items_of(session.connection_id) if item["pk"]["S"].startswith("CONNECTIONS")]
    key = {"pk": socket["pk"], "sk": socket["sk"]}
    boto3.client("dynamodb").delete_item(TableName="ConnectionsTable", Key=key)
    live_gateway.gone.add(session.connection_id)
    take_in(order(known_customer))
    broadcast(*stream.look(known_customer))
    # Whose socket it was cannot be known any more: that entry, which names no customer, expires by itself.
    assert [item["pk"]["S"].split("#")[0] for item in items_of(session.connection_id)] == ["ADMIN"]


def test_who_is_throttled_for_a_moment_is_told_once(
    opened: Opened,
    broadcast: Callable[..., None],
    stream: Stream,
    take_in: TakeIn,
    known_customer: str,
    live_gateway: LiveGateway,
) -> None:
    session = opened()
    session.watch(known_customer)
    live_gateway.refusing[session.connection_id] = 2
    take_in(order(known_customer))
    broadcast(*stream.look(known_customer))
    assert ranges(session) == [(1, 2)]


def test_who_is_throttled_for_long_is_let_go_and_others_are_told_once(
    opened: Opened,
    broadcast: Callable[..., None],
    stream: Stream,
    take_in: TakeIn,
    known_customer: str,
    live_gateway: LiveGateway,
) -> None:
    throttled, other = opened(), opened()
    throttled.watch(known_customer)
    other.watch(known_customer)
    live_gateway.refusing[throttled.connection_id] = 99
    take_in(order(known_customer))
    broadcast(*stream.look(known_customer))
    assert throttled.connection_id in live_gateway.closed
    assert ranges(other) == [(1, 2)]


def test_who_may_not_be_told_any_more_is_sent_away(
    opened: Opened,
    broadcast: Callable[..., None],
    stream: Stream,
    take_in: TakeIn,
    known_customer: str,
    live_gateway: LiveGateway,
) -> None:
    ended, other = opened(), opened()
    ended.watch(known_customer)
    other.watch(known_customer)
    end_session(ended.connection_id)
    take_in(order(known_customer))
    broadcast(*stream.look(known_customer), notice_record(stream, known_customer))
    assert (ended.changes, news(ended), len(other.changes)) == ([], [], 1)
    assert ended.connection_id in live_gateway.closed
    assert not items_of(ended.connection_id)


def test_a_record_that_comes_again_says_the_same_again(
    opened: Opened, broadcast: Callable[..., None], stream: Stream, take_in: TakeIn, known_customer: str
) -> None:
    session = opened()
    session.watch(known_customer)
    take_in(order(known_customer))
    records = stream.look(known_customer)
    broadcast(*records)
    broadcast(*records)
    first, again = session.changes
    assert first == again


POISON = [
    {"type": {"S": "no such type"}},
    {"type": {"S": "commit"}, "version": {"N": "7"}},
    {"type": {"S": "commit"}, "version": {"S": "seven"}},
    {},
]


@pytest.mark.parametrize("attributes", POISON, ids=["type", "incomplete", "ill-typed", "empty"])
def test_a_record_that_cannot_be_read_is_set_aside_and_the_others_are_told(
    opened: Opened,
    broadcast: Callable[..., None],
    stream: Stream,
    take_in: TakeIn,
    known_customer: str,
    set_aside: Callable[[], list[dict[str, Any]]],
    attributes: dict[str, Any],
) -> None:
    session = opened()
    session.watch(known_customer)
    key = {"pk": {"S": "CUSTOMER#poison"}, "sk": {"S": "HEAD#COMMIT"}}
    poison = stream.record(key, None, key | attributes)
    take_in(order(known_customer))
    broadcast(poison, *stream.look(known_customer), poison)
    assert ranges(session) == [(1, 2)]
    first, second = set_aside()
    assert (
        first["records"]
        == second["records"]
        == [
            {
                "eventId": poison["eventID"],
                "sequenceNumber": poison["dynamodb"]["SequenceNumber"],
                "keys": {"pk": "CUSTOMER#poison", "sk": "HEAD#COMMIT"},
            }
        ]
    )
    assert first["error"]
    assert first["stream"] == poison["eventSourceARN"]


def test_what_fails_for_one_customer_is_tried_again_set_aside_and_holds_up_no_other(
    opened: Opened,
    broadcast: Callable[..., None],
    stream: Stream,
    take_in: TakeIn,
    known_customer: str,
    set_aside: Callable[[], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session, other = opened(), new_id()
    take_in(customer(other))
    stream.look(other)
    session.watch(known_customer)
    session.watch(other)
    take_in(order(known_customer), order(other))
    calls = watch(monkeypatch)
    calls.fail("Query", refused("InternalServerError", "Query"), times=99, about=other)
    broadcast(*stream.look(other), *stream.look(known_customer))
    assert [told["channel"] for told in session.changes] == [f"customers/{known_customer}"]
    (failure,) = set_aside()
    assert failure["records"][0]["keys"]["pk"] == f"CUSTOMER#{other}"
    take_in(order(other, "o2"))
    monkeypatch.undo()
    broadcast(*stream.look(other))
    assert session.changes[-1]["from"] == 2  # greater than what the page has: it sees the gap, and fetches anew


def test_what_fails_for_a_moment_is_told_once(
    opened: Opened,
    broadcast: Callable[..., None],
    stream: Stream,
    take_in: TakeIn,
    known_customer: str,
    set_aside: Callable[[], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = opened()
    session.watch(known_customer)
    take_in(order(known_customer))
    watch(monkeypatch).fail("Query", refused("InternalServerError", "Query"), times=2)
    broadcast(*stream.look(known_customer))
    assert ranges(session) == [(1, 2)]
    assert not set_aside()


def test_a_failed_clean_up_repeats_no_message(
    opened: Opened,
    broadcast: Callable[..., None],
    stream: Stream,
    take_in: TakeIn,
    known_customer: str,
    live_gateway: LiveGateway,
    set_aside: Callable[[], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone, there = opened(), opened()
    gone.watch(known_customer)
    there.watch(known_customer)
    live_gateway.gone.add(gone.connection_id)
    take_in(order(known_customer))
    watch(monkeypatch).fail("GetItem", refused("InternalServerError", "GetItem"), times=99, about="CONNECTIONS")
    broadcast(*stream.look(known_customer))
    assert ranges(there) == [(1, 2)]
    assert not set_aside()


@pytest.mark.filterwarnings("ignore:No application metrics")
def test_if_nothing_can_be_set_aside_the_batch_comes_again(
    broadcast: Callable[..., None], stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = {"pk": {"S": "CUSTOMER#poison"}, "sk": {"S": "HEAD#COMMIT"}}
    watch(monkeypatch).fail("SendMessage", refused("InternalError", "SendMessage"), times=99)
    with pytest.raises(Exception, match="InternalError"):
        broadcast(stream.record(key, None, key))


# ---------------------------------------------------------------- What is measured


def test_latency_messages_and_losses_are_measured_and_nothing_personal_is_logged(
    opened: Opened,
    broadcast: Callable[..., None],
    stream: Stream,
    take_in: TakeIn,
    known_customer: str,
    live_gateway: LiveGateway,
    capsys: pytest.CaptureFixture[str],
) -> None:
    there, gone = opened(), opened()
    there.watch(known_customer)
    gone.watch(known_customer)
    live_gateway.gone.add(gone.connection_id)
    take_in(order(known_customer))
    records = stream.look(known_customer)
    capsys.readouterr()
    broadcast(*records)
    out = capsys.readouterr().out
    (measured,) = [json.loads(line) for line in out.splitlines() if "_aws" in line]
    assert (measured["LiveMessages"], measured["LiveGone"], measured["LiveDropped"]) == ([1], [1], [0])
    assert 0 < measured["LiveLatency"][0] < 60_000
    units = {metric["Name"]: metric["Unit"] for metric in measured["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
    assert units["LiveLatency"] == "Milliseconds"
    assert measured["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]
    for personal in ("Ada", "ada@example.com", "Tea"):
        assert personal not in out
