"""When DynamoDB throttles, conflicts, answers nothing or the process dies: nothing is half done, and again is safe."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from time import monotonic
from typing import Any

import pytest
from pynamodb.exceptions import PynamoDBException

from customer360.errors import Contended
from customer360.exact_json import dumps
from customer360.ingestion import apply
from customer360.ingestion.intake import take_in
from customer360.storage.base import until_won
from support.builders import customer, new_id, order, points, session, ticket
from support.collection import TABLE, Item, collection, held, totals, version
from support.faults import TRANSACTION, Calls, cancelled, lose_answers, no_answer, refused, watch
from support.gateway import Answer, bus_event, context, handler_of, sqs_event
from support.oracle import Event, Oracle

pytestmark = pytest.mark.engine

FOREVER = 10**9


@pytest.fixture
def calls(engine: str, monkeypatch: pytest.MonkeyPatch) -> Calls:
    take_in("customer.upserted", customer(new_id()))  # the source is marked as connected, once per process
    for event in (order("nobody"), points("nobody", "p", 1), ticket("nobody")):
        take_in(event["type"], event)
    return watch(monkeypatch)


@pytest.fixture
def known(calls: Calls) -> str:
    """The id of a customer with one completed order of 25.00."""
    customer_id = new_id()
    deliver(customer(customer_id), order(customer_id))
    return customer_id


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives up on a busy customer after 50 ms instead of 20 s."""
    monkeypatch.setattr(apply, "until_won", lambda attempt, **_: until_won(attempt, deadline=monotonic() + 0.05))


def deliver(*events: Event) -> list[str]:
    return [take_in(event["type"], event).value for event in events]


def written(customer_id: str) -> dict[str, Item]:
    """All there is of a customer but who has claimed the next turn: that is no change of anything."""
    claim = {"claimedBy", "claimedUntil"}
    return {
        key: {name: item[name] for name in item if name not in claim} for key, item in collection(customer_id).items()
    }


def lifetime_value(items: dict[str, Item]) -> Decimal:
    return totals(items, "HEAD#METRICS")["lifetimeValue"]


# ------------------------------------------------------------------ DynamoDB refuses


@pytest.mark.parametrize(
    "error",
    [
        cancelled("TransactionConflict", "None"),
        cancelled("None", "ProvisionedThroughputExceeded"),
        cancelled("ThrottlingError", "None"),
        cancelled("ConditionalCheckFailed", "TransactionConflict", "ThrottlingError"),
        refused("TransactionInProgressException"),
    ],
    ids=["conflict", "no throughput", "throttled", "all at once", "in progress"],
)
def test_what_may_pass_is_tried_again_and_applied_once(calls: Calls, known: str, error: Exception) -> None:
    calls.fail(TRANSACTION, error, times=3)
    before = calls.made[TRANSACTION]
    assert deliver(order(known, "o2", total=Decimal("0.10"))) == ["applied"]
    assert calls.made[TRANSACTION] == before + 4
    items = collection(known)
    assert (version(items), lifetime_value(items)) == (3, Decimal("25.10"))


@pytest.mark.parametrize(
    "error",
    [
        cancelled("ValidationError", "None"),
        cancelled("TransactionConflict", "ItemCollectionSizeLimitExceeded"),
        refused("AccessDeniedException"),
        refused("ProvisionedThroughputExceededException"),  # after botocore's own attempts
    ],
    ids=["invalid", "conflict and full", "not allowed", "throttled for long"],
)
def test_what_will_not_pass_is_not_tried_again(calls: Calls, known: str, error: Exception) -> None:
    event, before = order(known, "o2"), written(known)
    calls.fail(TRANSACTION, error)
    with pytest.raises(PynamoDBException):
        deliver(event)
    assert written(known) == before
    assert deliver(event) == ["applied"]


@pytest.mark.parametrize("operation", ["GetItem", "BatchGetItem", "Query", TRANSACTION])
@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "InternalServerError"])
def test_a_failed_call_leaves_nothing_behind_and_a_redelivery_makes_it_good(
    calls: Calls, known: str, operation: str, code: str
) -> None:
    event, before = order(known, status="cancelled", updatedAt="2026-03-01T00:00:00Z"), written(known)
    calls.fail(operation, refused(code, operation))
    with pytest.raises(PynamoDBException):
        deliver(event)
    assert written(known) == before
    assert deliver(event, event) == ["applied", "unchanged"]
    items = collection(known)
    assert (version(items), "lifetimeValue" in totals(items, "HEAD#METRICS")) == (3, False)


def test_keys_that_a_batch_left_unread_are_read_again(calls: Calls, known: str) -> None:
    """Else the kept totals would begin again from nothing."""
    nothing: dict[str, list[Item]] = {TABLE: []}
    calls.answer("BatchGetItem", lambda asked: {"Responses": nothing, "UnprocessedKeys": asked["RequestItems"]})
    assert deliver(order(known, "o2")) == ["applied"]
    assert lifetime_value(collection(known)) == Decimal("50.00")


@pytest.mark.usefixtures("impatient")
def test_a_customer_who_stays_busy_is_given_up_with_nothing_written(calls: Calls, known: str) -> None:
    event, before = order(known, "o2"), written(known)
    calls.fail(TRANSACTION, cancelled("TransactionConflict"), times=FOREVER)
    with pytest.raises(Contended):
        deliver(event)
    assert calls.made[TRANSACTION] > 3
    assert written(known) == before


@pytest.mark.usefixtures("impatient")
def test_who_gave_up_keeps_nobody_waiting(calls: Calls, known: str) -> None:
    calls.fail(TRANSACTION, cancelled("TransactionConflict"), times=FOREVER, about="o2")
    with pytest.raises(Contended):
        deliver(order(known, "o2"))
    assert deliver(order(known, "o3")) == ["applied"]


@pytest.mark.usefixtures("impatient")
def test_an_event_that_could_not_be_held_is_given_up_with_nothing_written(calls: Calls) -> None:
    customer_id = new_id()
    calls.fail(TRANSACTION, cancelled("TransactionConflict"), times=FOREVER)
    with pytest.raises(Contended):
        deliver(order(customer_id))
    assert collection(customer_id) == {}


# ------------------------------------------------------------------ nobody knows whether it was done


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(no_answer(), id="timeout"),
        pytest.param(refused("InternalServerError"), id="server error"),
    ],
)
def test_a_redelivery_after_an_unknown_end_changes_nothing(calls: Calls, known: str, error: Exception) -> None:
    event = order(known, "o2")
    calls.fail(TRANSACTION, error, late=True)
    with pytest.raises(PynamoDBException):
        deliver(event)
    written = collection(known)
    assert (version(written), lifetime_value(written)) == (3, Decimal("50.00"))
    assert deliver(event) == ["unchanged"]
    assert collection(known) == written


def test_an_import_counts_a_line_whose_end_was_unknown_as_applied(calls: Calls, known: str) -> None:
    event = order(known, "o2")
    calls.fail(TRANSACTION, refused("InternalServerError"), late=True)
    with pytest.raises(PynamoDBException):
        take_in(event["type"], event, "import-1:7")
    assert take_in(event["type"], event, "import-1:7").value == "applied"
    assert take_in(event["type"], event, "import-2:7").value == "unchanged"
    assert version(collection(known)) == 3


def test_an_import_counts_its_line_also_after_an_older_version_slipped_in(calls: Calls, known: str) -> None:
    newer = order(known, "o2", updatedAt="2026-03-01T00:00:00Z")
    older = order(known, "o2", status="pending", updatedAt="2026-02-01T00:00:00Z")
    assert take_in(newer["type"], newer, "import-1:7").value == "applied"
    assert deliver(older) == ["applied"]
    assert take_in(newer["type"], newer, "import-1:7").value == "applied"
    assert version(collection(known)) == 4


def test_an_answer_lost_on_the_wire_is_asked_for_again_and_counts_once(
    calls: Calls, known: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """botocore repeats the transaction with the same token, so DynamoDB knows it."""
    lost = lose_answers(monkeypatch, TRANSACTION)
    assert deliver(points(known, "p1", 5)) == ["applied"]
    items = collection(known)
    assert (len(lost), version(items), totals(items, "HEAD#POINTS")["recorded"]) == (1, 3, Decimal(5))


# ------------------------------------------------------------------ the process dies


class Killed(BaseException):
    """The process is gone: nothing catches this."""


@pytest.mark.parametrize("applied_first", [0, 1, 3])
@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_what_is_held_survives_a_crash_between_the_customer_and_it(
    calls: Calls, applied_first: int, late: bool
) -> None:
    customer_id = new_id()
    first, early = customer(customer_id), [order(customer_id, f"o{number}") for number in range(5)]
    assert deliver(*early) == ["held"] * 5
    calls.fail(TRANSACTION, Killed(), skip=1 + applied_first, late=late)
    with pytest.raises(Killed):
        deliver(first)
    assert len(held(collection(customer_id))) == 5 - applied_first - late

    assert deliver(first, *early) == ["unchanged"] * 6
    items = collection(customer_id)
    assert not held(items)
    assert version(items) == 6
    assert totals(items, "HEAD#METRICS") == Oracle([first, *early]).orders


def test_what_is_held_survives_a_crash_before_it_was_looked_for(calls: Calls) -> None:
    customer_id = new_id()
    first = customer(customer_id)
    assert deliver(order(customer_id)) == ["held"]
    calls.fail("Query", Killed(), about="HELD#")
    with pytest.raises(Killed):
        deliver(first)
    assert deliver(first) == ["unchanged"]
    assert version(collection(customer_id)) == 2


def test_what_is_held_is_applied_as_far_as_time_allows_and_the_rest_next_time(calls: Calls) -> None:
    customer_id = new_id()
    first, early = customer(customer_id), [order(customer_id, f"o{number}") for number in range(5)]
    deliver(*early)
    with pytest.raises(Contended):
        take_in(first["type"], first, seconds=0)
    assert len(held(collection(customer_id))) == 4
    assert deliver(first) == ["unchanged"]
    items = collection(customer_id)
    assert (version(items), held(items)) == (6, [])


def test_a_held_event_that_cannot_be_applied_stops_neither_its_customer_nor_the_others(calls: Calls) -> None:
    """An event within 240 KB whose items do not fit into 400 KB: its description stands in two attributes."""
    customer_id = new_id()
    too_large = points(customer_id, "p0", 5, event_id="a", description="x" * 210_000)
    assert deliver(too_large, points(customer_id, "p1", 7, event_id="b")) == ["held", "held"]
    assert deliver(customer(customer_id)) == ["applied"]
    items = collection(customer_id)
    assert not held(items)
    assert totals(items, "HEAD#POINTS")["recorded"] == 7


# ------------------------------------------------------------------ another writer comes in between


@pytest.mark.parametrize("operation", ["BatchGetItem", "Query", TRANSACTION])
def test_a_write_between_reading_and_writing_is_not_lost(calls: Calls, known: str, operation: str) -> None:
    later = order(known, status="refunded", updatedAt="2026-03-01T00:00:00Z")
    other = order(known, "o2", total=Decimal("0.10"))
    calls.before(operation, lambda: deliver(other))
    assert deliver(later) == ["applied"]
    items = collection(known)
    assert (version(items), lifetime_value(items)) == (4, Decimal("0.10"))


def test_a_newer_version_in_between_stays_the_current_one(calls: Calls, known: str) -> None:
    older = order(known, status="shipped", updatedAt="2026-02-01T00:00:00Z")
    newer = order(known, status="delivered", total=Decimal("30.00"), updatedAt="2026-03-01T00:00:00Z")
    calls.before(TRANSACTION, lambda: deliver(newer))
    assert deliver(older) == ["applied"]
    items = collection(known)
    assert items["ORDER#o1"]["eventId"]["S"] == newer["eventId"]
    assert lifetime_value(items) == Decimal("30.00")


def test_an_event_whose_customer_comes_while_it_is_being_held_is_applied(calls: Calls) -> None:
    customer_id = new_id()
    calls.before(TRANSACTION, lambda: deliver(customer(customer_id)))
    assert deliver(order(customer_id)) == ["applied"]
    items = collection(customer_id)
    assert (version(items), held(items)) == (2, [])


@pytest.mark.parametrize("operation", ["GetItem", "BatchGetItem", TRANSACTION, "Query"])
def test_an_event_that_comes_while_its_customer_does_is_applied(calls: Calls, operation: str) -> None:
    customer_id = new_id()
    calls.before(operation, lambda: deliver(order(customer_id)))
    assert deliver(customer(customer_id)) == ["applied"]
    items = collection(customer_id)
    assert (version(items), held(items)) == (2, [])


# ------------------------------------------------------------------ a batch of the queue


def ingest(*bodies: str) -> list[int]:
    """Hands the queue's function a batch; the positions of the messages it wants again."""
    batch = sqs_event(*bodies)
    for record in batch["Records"]:
        record["attributes"]["SentTimestamp"] = str(int(datetime.now(UTC).timestamp() * 1000))
    answer = handler_of("ingest_events").lambda_handler(batch, context())
    failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
    return [position for position, record in enumerate(batch["Records"]) if record["messageId"] in failed]


def body(event: Event) -> str:
    return dumps(bus_event(event))


def batch_of_ten(customer_id: str, poison: str) -> list[str]:
    """A customer and eight orders, and the poison in the middle."""
    good = [body(event) for event in (customer(customer_id), *(order(customer_id, f"o{n}") for n in range(8)))]
    return [*good[:4], poison, *good[4:]]


def rejected(call: Callable[..., Answer]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = call("list_rejected_events", query={"limit": "100"}).json["rejected"]
    return rows


POISON = {
    "text for a number": (body(order("c", total="25.00")), "invalid"),
    "no exchange rate": (body(order("c", currency="USD")), "invalid"),
    "no such type": (body(order("c") | {"type": "order.deleted"}), "unknown_type"),
    "card number": (body(ticket("c", subject="4242 4242 4242 4242")), "card_number"),
    "too large": (body(ticket("c", description="x" * 250_000)), "too_large"),
    "half a character": (body(ticket("c", subject="\ud83d")), "invalid"),
    "astronomical number": (
        body(session("c", pageViews=1)).replace('"pageViews":1', '"pageViews":1e999999999'),
        "invalid",
    ),
    "no detail": ('{"detail-type": "order.upserted"}', "invalid"),
    "no JSON": ("not JSON", "invalid"),
    "nested too deeply": ("[" * 50_000, "invalid"),
    "null": ("null", "invalid"),
    "wrong shape": ('{"detail-type": ["order.upserted"], "detail": 7}', "unknown_type"),
}


@pytest.mark.parametrize(("poison", "reason"), POISON.values(), ids=POISON)
def test_poison_is_kept_as_rejected_and_stops_nothing_else(
    calls: Calls, call: Callable[..., Answer], poison: str, reason: str
) -> None:
    customer_id, known_before = new_id(), {row["id"] for row in rejected(call)}
    assert ingest(*batch_of_ten(customer_id, poison)) == []
    assert version(collection(customer_id)) == 9
    assert [row["reason"] for row in rejected(call) if row["id"] not in known_before] == [reason]


@pytest.mark.parametrize(
    "error",
    [cancelled("TransactionConflict"), refused("InternalServerError"), no_answer()],
    ids=["busy", "server error", "timeout"],
)
@pytest.mark.usefixtures("impatient")
def test_a_message_that_could_not_be_applied_yet_comes_again_alone(
    calls: Calls, call: Callable[..., Answer], error: Exception
) -> None:
    customer_id, unlucky, known_before = new_id(), new_id(), len(rejected(call))
    bodies = batch_of_ten(customer_id, body(customer(unlucky)))
    calls.fail(TRANSACTION, error, times=50, about=unlucky)
    assert ingest(*bodies) == [4]
    assert version(collection(customer_id)) == 9
    assert collection(unlucky) == {}
    assert len(rejected(call)) == known_before


@pytest.mark.filterwarnings("ignore:No application metrics")
def test_a_batch_that_fails_whole_comes_again_whole(calls: Calls) -> None:
    customer_id = new_id()
    bodies = [body(order(customer_id, f"o{number}")) for number in range(3)]
    calls.fail(TRANSACTION, refused("InternalServerError"), times=3)
    assert ingest(*bodies) == [0, 1, 2]
    assert collection(customer_id) == {}
    assert ingest(*bodies) == []
    assert len(held(collection(customer_id))) == 3


def test_poison_that_cannot_be_kept_comes_again(calls: Calls) -> None:
    customer_id = new_id()
    calls.fail("PutItem", refused("InternalServerError", "PutItem"))
    assert ingest(*batch_of_ten(customer_id, "not JSON")) == [4]
    assert version(collection(customer_id)) == 9


def test_duplicates_in_a_batch_and_of_a_batch_count_once(calls: Calls) -> None:
    customer_id = new_id()
    first, early = customer(customer_id), order(customer_id)
    bodies = [body(event) for event in (early, first, early, first, *[order(customer_id, "o2")] * 3)]
    assert ingest(*bodies) == []
    once = collection(customer_id)
    assert (version(once), lifetime_value(once)) == (3, Decimal("50.00"))
    assert ingest(*bodies) == []
    assert collection(customer_id) == once


def test_half_a_character_in_the_type_is_kept_as_rejected(calls: Calls) -> None:
    assert ingest(body(customer(new_id())), body(order("c") | {"type": "order\ud83d"})) == []
