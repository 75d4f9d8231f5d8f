"""What the scores take from the months kept: the golden cases from real records, weights, windows and borders."""

import json
import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from customer360.ingestion.events import read_event
from customer360.scoring.buyers import buyer_of
from customer360.scoring.churn import churn_risk
from customer360.scoring.health import health_score
from customer360.scoring.inputs import Engagement, Inputs, Purchases
from customer360.scoring.learning import Buyer
from customer360.scoring.months import Months, Signal, by_month, signals_in
from customer360.scoring.parameters import DEFAULT
from customer360.scoring.signals import NEVER, LastYear, Tickets, Touch, first_month, last_year
from customer360.sources.record import Shop
from support.builders import message, order, session, ticket
from support.oracle import Event

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
TODAY = NOW.date()
UTC_SHOP, BERLIN = Shop("EUR", ZoneInfo("UTC")), Shop("EUR", ZoneInfo("Europe/Berlin"))
GOLDEN = {case["case"][:3]: case for case in json.loads((Path(__file__).parent / "golden_scores.json").read_text())}
NOTHING = LastYear(Decimal(0), Engagement(0.0, 0.0), 0.0)
_numbers = count()


def new() -> str:
    return f"n{next(_numbers)}"


def ago(days: float) -> str:
    return (NOW - timedelta(days=days)).isoformat()


def months_of(*events: Event, shop: Shop = UTC_SHOP) -> Months:
    """What the records of different subjects add to the months, where a sum of zero is no entry."""
    months: dict[str, dict[str, Decimal]] = {}
    for event in events:
        for key, entries in read_event(event["type"], event, shop).record.totals(shop).items():
            for name, number in entries.items() if key.startswith("SIGNALS#") else ():
                kept = months.setdefault(key, {})
                kept[name] = kept.get(name, Decimal(0)) + number
    return {key: {name: number for name, number in kept.items() if number} for key, kept in months.items()}


def on(today: date, *events: Event, shop: Shop = UTC_SHOP) -> LastYear:
    return last_year(months_of(*events, shop=shop), today)


def visit(days: float) -> Event:
    return session("c", new(), startedAt=ago(days), endedAt=ago(days))


def bought(days: float, **data: Any) -> Event:
    return order("c", new(), placedAt=ago(days), **data)


def asked(days: float, priority: str = "high", status: str = "open") -> Event:
    return ticket("c", new(), createdAt=ago(days), priority=priority, status=status)


# ---------------------------------------------------------------- the golden cases


@pytest.mark.parametrize("name", ["G01", "G02", "G03", "G04", "G05", "G06", "G07", "G08", "G10"])
def test_reproduces_the_golden_case_from_real_records(name: str) -> None:
    """G10's resolved ticket has the customer's praise, which no source sends: its support is looked at by itself."""
    case, expected = GOLDEN[name]["input"], GOLDEN[name]["output"]
    ages = case["purchase_ages"]
    year = on(
        TODAY,
        *(bought(age, total=400 if age < 365 else 999) for age in ages),
        *(visit(age) for age, _ in case.get("events", [])),
    )
    inputs = Inputs(
        history=Purchases(len(ages), NOW - timedelta(days=max(ages)), NOW - timedelta(days=min(ages))).history(NOW),
        spend_365=year.spend if "spend_365" in case else None,
        engagement=year.engagement if "events" in case else None,
        support_load=year.support_load if "tickets" in case else None,
    )
    health = health_score(inputs, replace(DEFAULT, median_spend=Decimal(300)))
    risk = churn_risk(inputs)
    assert {part.factor: float(part.value) for part in health.contributions if part.weight} == expected[
        "health_factors"
    ]
    assert {part.factor: float(part.points) for part in health.contributions if part.weight} == expected[
        "health_contributions"
    ]
    assert health.score == Decimal(str(expected["health"]))
    assert {step.factor: float(step.points) for step in risk.contributions} == expected["risk_contributions"]
    assert (float(risk.score), risk.level) == (expected["risk"], expected["level"])


def test_the_golden_tickets_but_for_their_ratings() -> None:
    """G09 without the factor 1.5 of the bad rating, G10 with a resolved ticket that nobody rated."""
    assert on(TODAY, asked(0, "urgent"), asked(15, "high")).support_load == round(1.2 + 0.8 * 2**-0.5, 4)
    assert on(TODAY, asked(20, "high", "resolved")).support_load == round(0.8 * 0.3 * 2 ** (-20 / 30), 4)


# ---------------------------------------------------------------- what counts, and for how much


@pytest.mark.parametrize(
    ("event", "activity"),
    [
        (visit(0), 1.0),
        (visit(30), 0.5),
        (visit(119), round(2 ** (-119 / 30), 4)),
        (visit(120), 0.0),
        (message("c", sentAt=ago(0)), 0.0),
        (message("c", sentAt=ago(9), openedAt=ago(0)), 0.5),
        (message("c", sentAt=ago(9), openedAt=ago(30), clickedAt=ago(0)), 1.25),
        (message("c", channel="sms", clickedAt=ago(0)), 1.0),
    ],
    ids=["visit", "month", "last day", "too long ago", "sent", "opened", "opened, clicked", "clicked only"],
)
def test_what_the_customer_does_is_activity_that_fades(event: Event, activity: float) -> None:
    assert on(TODAY, event).engagement.activity == activity


@pytest.mark.parametrize(
    ("recent", "before", "trend"),
    [
        (0, 0, 0.0),
        (1, 3, 0.0),
        (4, 12, 0.0),
        (0, 12, -1.0),
        (9, 0, 1.0),
        (3, 3, round(math.log(4 / 2) / 1.5, 4)),
        (1, 9, round(math.log(2 / 4) / 1.5, 4)),
    ],
)
def test_the_trend_compares_thirty_days_with_the_ninety_before(recent: int, before: int, trend: float) -> None:
    """On the first and the last day of either."""
    events = [visit(29 if n % 2 else 0) for n in range(recent)] + [visit(119 if n % 2 else 30) for n in range(before)]
    assert on(TODAY, *events).engagement.trend == trend


@pytest.mark.parametrize(("priority", "weight"), [("low", 0.2), ("medium", 0.4), ("high", 0.8), ("urgent", 1.2)])
def test_a_ticket_weighs_by_priority_and_less_once_it_is_resolved(priority: str, weight: float) -> None:
    for status in ("open", "in_progress", "waiting"):
        assert on(TODAY, asked(0, priority, status)).support_load == weight
    for status in ("resolved", "closed"):
        assert on(TODAY, asked(0, priority, status)).support_load == round(0.3 * weight, 4)
    assert on(TODAY, asked(60, priority)).support_load == weight / 4


@pytest.mark.parametrize("days", [365, 366, 400, 20_000])
def test_what_is_a_year_old_is_over(days: int) -> None:
    assert on(TODAY, bought(days), visit(days), asked(days, "urgent")) == NOTHING
    last = on(TODAY, bought(364, total=7), asked(364, "urgent"))
    assert (last.spend, last.support_load) == (Decimal(7), 0.0003)


def test_what_is_dated_ahead_counts_as_of_today() -> None:
    ahead = [bought(-900, total=7), visit(-1), asked(-900, "urgent")]
    assert on(TODAY, *ahead) == on(TODAY, bought(0, total=7), visit(0), asked(0, "urgent"))


def test_spend_is_exact_less_what_was_refunded_and_of_completed_orders_only() -> None:
    foreign: dict[str, Any] = {"currency": "JPY", "exchangeRate": Decimal("0.005")}
    year = on(
        TODAY,
        bought(1, total=Decimal("0.10")),
        bought(1, total=Decimal("0.20"), refundedAmount=Decimal("0.05")),
        bought(2, total=1, **foreign),  # half a cent goes up
        *(bought(3, total=50, status=status) for status in ("pending", "shipped", "cancelled", "refunded")),
    )
    assert year.spend == Decimal("0.26")
    assert on(TODAY, bought(1, total=10, refundedAmount=12)).spend == -2


def test_values_have_at_most_four_decimals_and_no_negative_zero() -> None:
    year = on(TODAY, visit(7), visit(31), visit(100), asked(11), asked(13, "low"))
    for value in (*year.engagement, year.support_load):
        assert value == round(value, 4)
    assert math.copysign(1, on(TODAY).engagement.trend) == math.copysign(1, NOTHING.support_load) == 1


# ---------------------------------------------------------------- days of the shop's calendar


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2023-12-31T22:59:59.999999Z", date(2023, 12, 31)),
        ("2023-12-31T23:00:00Z", date(2024, 1, 1)),
        ("2024-02-28T23:30:00Z", date(2024, 2, 29)),
        ("2024-02-29T22:59:59Z", date(2024, 2, 29)),
        ("2024-02-29T23:00:00Z", date(2024, 3, 1)),
        ("2024-03-31T21:59:59Z", date(2024, 3, 31)),  # summer time has begun
        ("2024-03-31T22:00:00Z", date(2024, 4, 1)),
        ("1000-01-01T00:00:00Z", date(1000, 1, 1)),
        ("9998-12-31T23:59:59Z", date(9999, 1, 1)),
    ],
)
def test_a_day_begins_at_the_shops_midnight(at: str, day: date) -> None:
    events = [
        order("c", placedAt=at),
        message("c", openedAt=at, clickedAt=at),
        session("c", startedAt=at, endedAt="9998-12-31T23:59:59Z"),
        ticket("c", createdAt=at),
    ]
    found = list(signals_in(months_of(*events, shop=BERLIN)))
    assert {signal.day for signal in found} == {day}
    assert sorted(signal.kind for signal in found) == [
        "clicks", "opens", "purchases", "sessions", "spend", "tickets",
    ]  # fmt: skip


def test_a_year_before_the_year_1000_can_be_told() -> None:
    at = "1000-01-01T00:00:00Z"
    months = months_of(session("c", startedAt=at, endedAt=at), shop=Shop("EUR", ZoneInfo("America/Lima")))
    assert list(months) == ["SIGNALS#0999-12"]
    assert [signal.day for signal in signals_in(months)] == [date(999, 12, 31)]


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (date(2026, 3, 31), "SIGNALS#2025-04"),
        (date(2026, 3, 15), "SIGNALS#2025-03"),
        (date(2024, 2, 29), "SIGNALS#2023-03"),
        (date(2025, 2, 27), "SIGNALS#2024-02"),
        (date(2025, 2, 28), "SIGNALS#2024-03"),
        (date(2024, 12, 31), "SIGNALS#2024-01"),
        (date(2023, 12, 31), "SIGNALS#2023-01"),
    ],
)
def test_the_first_month_holds_the_first_day_of_the_year_that_counts(today: date, first: str) -> None:
    assert first_month(today) == first
    counts, does_not = (by_month(Signal(today - timedelta(days), "spend", Decimal(1))) for days in (364, 365))
    assert last_year(counts, today).spend == 1
    assert list(counts) == [first]
    assert last_year(does_not, today).spend == 0


# ---------------------------------------------------------------- for learning


def test_a_buyer_is_every_day_of_purchase_and_what_was_spent_on_it() -> None:
    months = months_of(
        bought(400, total=Decimal("0.10")),
        bought(400, total=Decimal("0.20")),
        bought(30, total=0),
        bought(1, total=5, refundedAmount=9),
        bought(0, status="cancelled"),
        visit(3),
    )
    first, free, last = (TODAY.toordinal() - age for age in (400, 30, 1))
    spending = [(first, Decimal("0.30")), (free, Decimal(0)), (last, Decimal(-4))]
    assert buyer_of(months) == Buyer([first, free, last], spending, [Touch(TODAY.toordinal() - 3, 1.0)], [])


def test_a_buyers_touches_are_a_days_weight_and_tickets_know_when_they_were_resolved() -> None:
    at = TODAY.toordinal()
    months = months_of(
        bought(500),
        visit(3),
        visit(3),
        message("c", sentAt=ago(9), openedAt=ago(3), clickedAt=ago(-2)),
        asked(5),
        asked(9, "urgent", "resolved"),
        ticket("c", new(), createdAt=ago(9), priority="low", status="closed", resolvedAt=ago(4)),
        ticket("c", new(), createdAt=ago(9), priority="high", status="open", resolvedAt=ago(4)),
    )
    found = buyer_of(months)
    assert found
    assert found.touches == [Touch(at - 3, 2.5), Touch(at + 2, 1.0)]
    assert found.tickets == [
        Tickets(at - 9, 0.2, at - 4),
        Tickets(at - 9, 0.8, NEVER),
        Tickets(at - 9, 1.2, at - 9),  # nobody said when
        Tickets(at - 5, 0.8, NEVER),
    ]


@pytest.mark.parametrize("days", [0, 1, 4, 5, 30, 90, 300, 400])
def test_the_signals_of_a_past_day_are_what_the_score_had_on_it(days: int) -> None:
    """A ticket resolved five days ago weighed as an open one on the days before."""
    dated = [(500, visit), (121, visit), (95, visit), (33, visit), (5, visit), (0, visit), (-3, visit)]
    resolved = {"status": "resolved", "resolvedAt": ago(5)}
    found = buyer_of(
        months_of(
            bought(500),
            *(what(age) for age, what in dated),
            asked(100, "urgent"),
            ticket("c", new(), createdAt=ago(40), priority="medium", **resolved),
        )
    )
    assert found
    then = TODAY - timedelta(days=days)
    year = on(
        then,
        *(what(age) for age, what in dated if age >= days),
        *([asked(100, "urgent")] if days <= 100 else []),
        *([asked(40, "medium", "resolved" if days <= 5 else "open")] if days <= 40 else []),
    )
    assert (found.trend(then.toordinal()), found.support_load(then.toordinal())) == (
        year.engagement.trend,
        year.support_load,
    )


def test_who_never_bought_is_no_buyer() -> None:
    assert buyer_of({}) is None
    assert buyer_of(months_of(visit(1), bought(1, status="pending"))) is None
