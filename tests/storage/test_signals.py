"""What is kept of a customer for the scores: when it moves, what that costs, and how it is read."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import pytest

from customer360 import shop_time
from customer360.customers.recount import verify
from customer360.ingestion.intake import take_in, this_shop
from customer360.scores import facts
from customer360.scores.facts import all_months_of, inputs_of, months_of
from customer360.scoring.inputs import Engagement, Inputs
from customer360.sources.record import Shop
from customer360.storage.heads import heads_of
from customer360.storage.keys import partition
from support.builders import customer, instant, message, new_id, order, session, ticket
from support.collection import TABLE, collection, months
from support.oracle import Event
from support.rights import recorded

pytestmark = pytest.mark.engine

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
EVERY = frozenset({"orders", "marketing", "analytics", "support"})


def deliver(*events: Event) -> None:
    for event in events:
        assert take_in(event["type"], event).value == "applied"


@pytest.fixture
def known(engine: str) -> str:
    customer_id = new_id()
    deliver(customer(customer_id))
    return customer_id


def changed(customer_id: str) -> set[str]:
    """The sections of the page that the latest commit changed."""
    from customer360.storage.items import CommitItem

    commit = CommitItem.find(customer_id)
    assert commit
    return set(commit.changed)


def calls_of(event: Event) -> tuple[list[str], list[str]]:
    """The calls that apply an event, and the sort keys it writes."""
    with recorded() as calls:
        deliver(event)
    (transaction,) = [arguments for name, arguments in calls if "TransactWrite" in name]
    keys = [item["Put"]["Item"]["sk"]["S"] for item in transaction["TransactItems"] if "Put" in item]
    return sorted(name.split(":")[1] for name, _ in calls), keys


# ------------------------------------------------------------------ what moves


def test_every_kind_is_kept_by_the_day_it_happened(known: str) -> None:
    deliver(
        order(known, total=Decimal("25.00"), refundedAmount=Decimal("5.00"), placedAt=instant(0)),
        message(known, sentAt=instant(0), openedAt=instant(30), clickedAt=instant(31)),
        session(known, startedAt=instant(31.5), endedAt=instant(31.6)),
        ticket(known, createdAt=instant(4)),
    )
    assert months(collection(known)) == {
        "SIGNALS#2026-01": {"purchases:01": 1, "spend:01": 20, "opens:31": 1, "tickets:05:high:open": 1},
        "SIGNALS#2026-02": {"clicks:01": 1, "sessions:01": 1},
    }


def test_an_order_refunded_then_cancelled_takes_back_what_it_said(known: str) -> None:
    deliver(order(known), order(known, refundedAmount=10, updatedAt=instant(1)))
    assert months(collection(known)) == {"SIGNALS#2026-01": {"purchases:01": 1, "spend:01": 15}}
    deliver(order(known, status="cancelled", refundedAmount=25, updatedAt=instant(2)))
    assert months(collection(known)) == {}
    assert not [key for key in collection(known) if key.startswith("SIGNALS#")]


def test_a_late_version_changes_nothing_and_a_moved_order_changes_month(known: str) -> None:
    deliver(order(known, placedAt=instant(40), updatedAt=instant(41)), order(known, total=9, updatedAt=instant(1)))
    assert months(collection(known)) == {"SIGNALS#2026-02": {"purchases:10": 1, "spend:10": 25}}
    deliver(order(known, placedAt=instant(0), updatedAt=instant(42)))
    assert months(collection(known)) == {"SIGNALS#2026-01": {"purchases:01": 1, "spend:01": 25}}


def test_a_ticket_weighs_as_what_it_is_now(known: str) -> None:
    deliver(ticket(known), ticket(known, priority="urgent", updatedAt=instant(1)))
    assert months(collection(known)) == {"SIGNALS#2026-01": {"tickets:01:urgent:open": 1}}
    deliver(ticket(known, priority="urgent", status="closed", updatedAt=instant(2)))
    assert months(collection(known)) == {"SIGNALS#2026-01": {"tickets:01:urgent:resolved": 1}}
    deliver(ticket(known, priority="urgent", status="closed", resolvedAt=instant(2), updatedAt=instant(3)))
    assert months(collection(known)) == {"SIGNALS#2026-01": {"tickets:01:urgent:resolved:2026-01-03": 1}}


@pytest.mark.parametrize(
    ("event", "sections"),
    [
        (order, {"orders", "metrics", "analytics"}),
        (session, {"analytics"}),
        (ticket, {"support"}),
        (lambda customer_id: message(customer_id, openedAt=instant(), clickedAt=instant()), {"marketing"}),
    ],
    ids=["order", "session", "ticket", "message"],
)
def test_a_commit_names_no_section_for_what_only_the_scores_use(known: str, event: Any, sections: set[str]) -> None:
    deliver(event(known))
    assert months(collection(known))
    assert changed(known) == sections


def test_a_recount_finds_a_month_that_is_not_right(known: str) -> None:
    deliver(order(known), session(known))
    assert verify(known, this_shop()) == []
    key = "SIGNALS#2026-01"
    wrong = collection(known)[key] | {"pk": {"S": partition(known)}, "sk": {"S": key}}
    wrong["totals"] = {"M": wrong["totals"]["M"] | {"spend:01": {"N": "24.99"}, "clicks:02": {"N": "1"}}}
    boto3.client("dynamodb").put_item(TableName=TABLE, Item=wrong)
    assert [each.what for each in verify(known, this_shop())] == [f"{key} totals clicks:02", f"{key} totals spend:01"]


# ------------------------------------------------------------------ what it costs


def test_a_message_that_nobody_opened_costs_nothing_more(known: str) -> None:
    calls, written = calls_of(message(known))
    assert calls == ["BatchGetItem", "GetItem", "TransactWriteItems"]
    assert not [key for key in written if key.startswith("SIGNALS#")]


def test_a_pending_order_costs_nothing_more(known: str) -> None:
    _, written = calls_of(order(known, status="pending"))
    assert not [key for key in written if key.startswith("SIGNALS#")]


@pytest.mark.parametrize("event", [order, session, ticket], ids=["order", "session", "ticket"])
def test_a_signal_costs_one_item_more_and_no_call(known: str, event: Any) -> None:
    deliver(event(known, "first"))
    calls, written = calls_of(event(known, "second"))
    assert len([key for key in written if key.startswith("SIGNALS#")]) == 1
    assert [name for name in calls if name != "Query"] == ["BatchGetItem", "GetItem", "TransactWriteItems"]


def test_the_largest_order_stays_well_within_a_transaction(known: str) -> None:
    """Hundreds of categories, and an order that moves from one month to another."""
    lines = [{"name": "Tea", "category": f"c{n}", "quantity": 1, "unitPrice": 1} for n in range(300)]
    deliver(order(known, lines=lines))
    change: dict[str, Any] = {"status": "delivered", "total": 9, "refundedAmount": 1, "lines": lines[:150]}
    _, written = calls_of(order(known, placedAt=instant(60), updatedAt=instant(61), **change))
    assert len(written) <= 20


# ------------------------------------------------------------------ how it is read


def test_a_score_reads_thirteen_months_and_what_is_dated_ahead(known: str) -> None:
    placed = ["2025-01-31", "2025-02-01", "2025-02-28", "2026-01-31", "2026-02-01", "9998-12-31"]
    deliver(*(order(known, f"o{day}", placedAt=f"{day}T12:00:00Z") for day in placed))
    with recorded() as calls:
        recent = months_of(known, NOW)
    ((name, query),) = calls
    assert (name, query["ConsistentRead"]) == ("dynamodb:Query", True)
    assert list(recent) == ["SIGNALS#2025-02", "SIGNALS#2026-01", "SIGNALS#2026-02", "SIGNALS#9998-12"]
    assert list(all_months_of(known)) == ["SIGNALS#2025-01", *recent]
    assert months_of(new_id(), NOW) == all_months_of(new_id()) == {}


@pytest.fixture
def lively(known: str) -> str:
    deliver(
        order(known), session(known, startedAt=instant(30), endedAt=instant(30)), ticket(known, createdAt=instant(30))
    )
    return known


NOTHING_DONE = Engagement(0.0, 0.0)


@pytest.mark.parametrize(
    ("connected", "spend", "engagement", "load"),
    [
        (EVERY - {"orders"}, None, NOTHING_DONE, 0.0),
        (EVERY - {"marketing"}, Decimal(0), NOTHING_DONE, 0.0),
        (EVERY - {"marketing", "analytics"}, Decimal(0), None, 0.0),
        (EVERY - {"support"}, Decimal(0), NOTHING_DONE, None),
        (frozenset({"profile"}), None, None, None),
    ],
    ids=["no orders", "no marketing", "nobody watches", "no support", "none"],
)
def test_a_source_that_is_not_connected_is_not_known(
    known: str,
    monkeypatch: pytest.MonkeyPatch,
    connected: frozenset[str],
    spend: Decimal | None,
    engagement: Engagement | None,
    load: float | None,
) -> None:
    monkeypatch.setattr(facts, "connected_sources", lambda: connected)
    inputs = inputs_of(heads_of(known), months_of(known, NOW), NOW)
    assert inputs == Inputs(None, spend, engagement, load, "orders" in connected)


@pytest.mark.parametrize("connected", [EVERY, frozenset({"profile"})], ids=["remembered", "not remembered yet"])
def test_a_source_a_customer_has_something_of_is_connected(
    lively: str, monkeypatch: pytest.MonkeyPatch, connected: frozenset[str]
) -> None:
    monkeypatch.setattr(facts, "connected_sources", lambda: connected)
    inputs = inputs_of(heads_of(lively), months_of(lively, NOW), NOW)
    assert inputs == Inputs(inputs.history, Decimal(25), Engagement(1.0, 0.4621), 0.8)
    assert inputs.history == (0, 0, 30)


def test_who_has_done_nothing_is_known_to_have_done_nothing(known: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "connected_sources", lambda: EVERY)
    inputs = inputs_of(heads_of(known), months_of(known, NOW), NOW)
    assert inputs == Inputs(None, Decimal(0), Engagement(0.0, 0.0), 0.0)


def test_today_is_the_shops(known: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 23:30 UTC of the 30th it is the 31st in Berlin; 365 days with the 31st begin on the first of February."""
    shop = Shop("EUR", ZoneInfo("Europe/Berlin"))
    monkeypatch.setattr("customer360.ingestion.intake.this_shop", lambda: shop)
    deliver(order(known, placedAt="2025-01-31T22:59:00Z", total=7), order(known, "o2", placedAt="2025-01-31T23:01:00Z"))
    monkeypatch.setattr(facts, "connected_sources", lambda: EVERY)
    monkeypatch.setattr(shop_time, "settings", lambda: type("Berlin", (), {"shop_time_zone": "Europe/Berlin"}))
    before, after = (datetime(2026, 1, 30, 22, 59, tzinfo=UTC), datetime(2026, 1, 30, 23, 30, tzinfo=UTC))
    assert inputs_of(heads_of(known), months_of(known, before), before).spend_365 == 32
    assert inputs_of(heads_of(known), months_of(known, after), after).spend_365 == 25
