"""What is kept of points: the balance a commit builds on, what a recount finds, what applying a transaction costs."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from time import monotonic
from typing import Any

import boto3
import pytest

from customer360.customers.recount import Difference, verify
from customer360.ingestion.apply import items_of, put_event
from customer360.ingestion.events import read_event
from customer360.ingestion.intake import take_in, this_shop
from customer360.loyalty import service
from customer360.loyalty.kept import read_balance
from customer360.storage.base import Turn, until_won
from customer360.storage.commit import Commit
from customer360.storage.keys import partition
from support.builders import account, customer, instant, new_id, points
from support.collection import TABLE, collection, ledger
from support.faults import watch
from support.oracle import Event
from support.rights import recorded

pytestmark = pytest.mark.engine


def deliver(*events: Event) -> None:
    for event in events:
        assert take_in(event["type"], event).value == "applied"


@pytest.fixture
def known(engine: str) -> str:
    customer_id = new_id()
    deliver(customer(customer_id))
    return customer_id


# ------------------------------------------------------------------ the balance within a commit


def spend(customer_id: str, amount: int) -> bool:
    """Takes points unless that would leave less than none."""

    def attempt(turn: Turn) -> bool:
        commit = Commit.of(customer_id, turn)
        now = datetime.now(UTC)
        if read_balance(commit.pk, now) < amount:
            commit.abandon()
            return False
        written = points(customer_id, new_id("p"), -amount, type="adjusted", at=now.isoformat())
        event = read_event(written["type"], written, this_shop())
        put_event(commit, event, this_shop(), items_of(event, this_shop()))
        commit.write()
        return True

    return until_won(attempt, deadline=monotonic() + 60)


def test_fifty_at_once_never_spend_more_than_there_is(known: str) -> None:
    """Points that have lapsed by themselves are not there, those that have not are."""
    deliver(
        points(known, "lapsed", 1000, expiresAt=instant(1)),
        points(known, "lasting", 100),
        points(known, "lapsing", 105, expiresAt="2999-01-01T00:00:00Z"),
    )
    start = Barrier(50)

    def writer(_: int) -> bool:
        start.wait()
        return spend(known, 10)

    with ThreadPoolExecutor(50) as threads:
        done = list(threads.map(writer, range(50)))
    assert done.count(True) == 20
    assert read_balance(partition(known), datetime.now(UTC)) == 5
    assert verify(known, this_shop()) == []


def test_a_balance_below_zero_lets_nobody_spend(known: str) -> None:
    deliver(points(known, "p1", -5, type="redeemed"))
    assert not spend(known, 1)
    deliver(points(known, "p2", 6))
    assert spend(known, 1)
    assert not spend(known, 1)


def test_nobody_has_points_before_they_get_some(known: str) -> None:
    assert read_balance(partition(known), datetime.now(UTC)) == 0


def test_what_lapses_ahead_of_a_transaction_dated_ahead_can_still_be_spent(known: str) -> None:
    deliver(
        points(known, "p1", 70, expiresAt="2990-01-01T00:00:00Z"),
        points(known, "p2", 30, at="2999-01-01T00:00:00Z"),
    )
    assert read_balance(partition(known), datetime.now(UTC)) == 100
    assert spend(known, 100)
    assert not spend(known, 1)


def test_a_lapse_that_is_written_while_somebody_reads_is_shown_once(
    known: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(points(known, "p1", 70, expiresAt=instant(5)))
    calls = watch(monkeypatch)
    calls.before("Query", lambda: deliver(points(known, "p2", 30, at=instant(9))), about="LAPSES#")
    answer = service.get(known, datetime.now(UTC))
    assert [row.points for row in answer.recent_transactions if row.type == "expired"] == [-70]
    assert ledger(collection(known))["lapses"]


# ------------------------------------------------------------------ recounting


@pytest.fixture
def varied(known: str) -> str:
    """Lapses of two years, settled and not, open lots, late transactions, tiers reached with and without account."""
    deliver(
        points(known, "p1", 900, at=instant(0), expiresAt=instant(10)),
        points(known, "p2", 4200, at=instant(1), expiresAt=instant(400)),
        points(known, "p3", 30, at=instant(500)),
        account(known, tier="gold", updatedAt=instant(2)),
        points(known, "p4", 5000, at=instant(3), expiresAt=instant(11)),
        points(known, "p5", -200, type="expired", at=instant(20)),
    )
    assert verify(known, this_shop()) == []
    return known


def tamper(customer_id: str, key: str, **attributes: Any) -> None:
    """Puts other attributes into an item, or deletes it."""
    dynamodb = boto3.client("dynamodb")
    where = {"pk": {"S": partition(customer_id)}, "sk": {"S": key}}
    if attributes:
        dynamodb.put_item(TableName=TABLE, Item=where | collection(customer_id)[key] | attributes)
    else:
        dynamodb.delete_item(TableName=TABLE, Key=where)


@pytest.mark.parametrize(
    ("key", "attributes", "found"),
    [
        ("LEDGER", {"debt": {"N": "1"}}, "stale"),
        ("LEDGER", {"lots": {"S": "[]"}}, "stale"),
        ("LEDGER", {}, "missing"),
        ("LAPSES#2026", {"lapses": {"S": "{}"}}, "stale"),
        ("LAPSES#2027", {}, "missing"),
        ("EVENT#~tier-p2", {}, "missing"),
    ],
    ids=str,
)
def test_a_recount_finds_what_is_not_right(varied: str, key: str, attributes: dict[str, Any], found: str) -> None:
    assert {"LEDGER", "LAPSES#2026", "LAPSES#2027", "EVENT#~tier-p2"} <= collection(varied).keys()
    tamper(varied, key, **attributes)
    assert [(each.what, each.kept) for each in verify(varied, this_shop())] == [(key, found)]


def test_a_recount_finds_what_should_not_be_there(varied: str) -> None:
    entry = collection(varied)["EVENT#~tier-p2"]
    dynamodb = boto3.client("dynamodb")
    pk = {"S": partition(varied)}
    dynamodb.put_item(TableName=TABLE, Item=entry | {"pk": pk, "sk": {"S": "EVENT#~tier-p4"}})
    lapses = collection(varied)["LAPSES#2026"]
    dynamodb.put_item(TableName=TABLE, Item=lapses | {"pk": pk, "sk": {"S": "LAPSES#2030"}})
    assert verify(varied, this_shop()) == [
        Difference("LAPSES#2030", "there", "none"),
        Difference("EVENT#~tier-p4", "Tier changed", "missing"),
    ]


# ------------------------------------------------------------------ what it costs


def calls_of(event: Event) -> tuple[list[str], int]:
    """The calls that apply an event, and how many items they write."""
    with recorded() as calls:
        deliver(event)
    (transaction,) = [arguments for name, arguments in calls if "TransactWrite" in name]
    return sorted(name.split(":")[1] for name, _ in calls), len(transaction["TransactItems"])


IN_ORDER = ["BatchGetItem", "GetItem", "TransactWriteItems"]


def test_a_transaction_in_order_costs_one_item_however_long_the_history(known: str) -> None:
    """Commit, record, event, totals, and the ledger's item; with the latest lapses, if some are new, one more."""
    deliver(*(points(known, f"h{n:03}", 10, at=instant(n), expiresAt=instant(n + 30)) for n in range(100)))
    assert calls_of(points(known, "i1", 10, at=instant(99.5))) == (IN_ORDER, 5)
    assert calls_of(points(known, "i2", -10, type="redeemed", at=instant(99.6))) == (IN_ORDER, 5)
    assert calls_of(points(known, "i3", 10, at=instant(103))) == (sorted([*IN_ORDER, "Query"]), 6)


def test_one_settlement_of_twenty_years_of_lapses_fits_a_transaction(known: str) -> None:
    deliver(
        *(
            points(known, f"h{n:03}", 10, at=instant(365 * (n - 20)), expiresAt=instant(365 * (n - 19.5)))
            for n in range(20)
        )
    )
    assert len(ledger(collection(known))["lapses"]) == 19
    deliver(points(known, "settled", -200, type="expired", at=instant(300)))
    assert not [key for key in collection(known) if key.startswith("LAPSES#")]
    assert verify(known, this_shop()) == []


def test_a_text_changed_moves_no_ledger(known: str) -> None:
    deliver(points(known, "p1", 10), points(known, "p2", 10, at=instant(1)))
    before = ledger(collection(known))
    calls, _ = calls_of(points(known, "p1", 10, description="Order 7") | {"occurredAt": instant(2)})
    assert calls == IN_ORDER
    assert ledger(collection(known)) == before
