"""What the scores take from a customer is what the whole set of events says, in any shop's time zone."""

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer360.customers.recount import verify
from customer360.ingestion.apply import ingest
from customer360.ingestion.events import read_event
from customer360.scores.facts import all_months_of
from customer360.scoring.buyers import buyer_of
from customer360.scoring.inputs import Engagement
from customer360.scoring.learning import Buyer
from customer360.scoring.months import Months
from customer360.scoring.signals import LastYear, first_month, last_year
from customer360.sources.record import Shop
from support import histories
from support.builders import customer, new_id
from support.histories import deliveries
from support.oracle import Event, Happened, Oracle

WEIGHTS = {"opens": 0.5, "clicks": 1.0, "sessions": 1.0}
PRIORITIES = {"low": 0.2, "medium": 0.4, "high": 0.8, "urgent": 1.2}
DATED = ("placedAt", "openedAt", "clickedAt", "startedAt", "createdAt")

# Midnights, ends of months, leap days and changes of the clock somewhere, and any hour of two years.
borders = st.sampled_from(
    [
        "2023-12-31T22:59:59.999999Z",
        "2023-12-31T23:00:00Z",
        "2024-01-01T00:00:00Z",
        "2024-02-28T18:29:59Z",
        "2024-02-28T18:30:00Z",
        "2024-02-29T12:00:00+14:00",
        "2024-02-29T23:59:59-11:00",
        "2024-03-01T00:00:00Z",
        "2024-03-31T01:00:00Z",
        "2024-10-27T00:30:00Z",
        "2024-12-31T23:30:00Z",
    ]
)
hours = st.integers(0, 2 * 366 * 24).map(lambda hour: datetime(2023, 6, 1, tzinfo=UTC) + timedelta(hours=hour))
moments = borders | hours.map(datetime.isoformat)
zones = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
todays = st.sampled_from(
    [date(2023, 1, 1), date(2024, 2, 29), date(2024, 3, 1), date(2024, 12, 31), date(2025, 2, 28), date(2025, 3, 1)]
) | st.dates(date(2023, 6, 1), date(2025, 12, 31))


@st.composite
def events(draw: st.DrawFn) -> Event:
    """One version of one of a few orders, messages, visits or tickets, on days of its own."""
    kinds = (histories.orders, histories.messages, histories.sessions, histories.tickets)
    event: Event = draw(st.one_of(*(kind("c") for kind in kinds)))
    data = event["data"]
    data |= {name: draw(moments) for name in DATED if data.get(name)}
    if "startedAt" in data:
        data["endedAt"] = data["startedAt"]
    return event


@pytest.mark.engine
@settings(max_examples=150)
@given(
    data=st.data(),
    happened=st.lists(events(), max_size=12, unique_by=lambda event: event["eventId"]),
    zone=zones,
    today=todays,
)
def test_any_delivery_of_the_events_gives_what_the_set_of_them_says(
    engine: str, data: st.DataObject, happened: list[Event], zone: str, today: date
) -> None:
    shop, customer_id = Shop("EUR", ZoneInfo(zone)), new_id()
    delivered = [customer(customer_id, event_id="customer"), *data.draw(deliveries(happened))]
    for event in delivered:
        ingest(read_event(event["type"], event | {"customerId": customer_id}, shop), shop)

    months, expected = all_months_of(customer_id), Oracle(delivered, time_zone=zone)

    assert months == expected.months
    assert_agree(last_year(months, today), brute_force(expected.happened, today))
    found = buyer_of(months)
    assert (found and (found.days, found.spending)) == buyer(expected.happened)
    if found:
        assert_as_of(found, expected.happened, today)
    assert verify(customer_id, shop) == []


happenings = st.lists(
    st.builds(
        lambda day, what: Happened(day, *what),
        st.dates(date(2022, 12, 1), date(2026, 1, 31)),
        st.one_of(
            st.tuples(st.sampled_from(["purchases", "opens", "clicks", "sessions"])),
            st.tuples(st.just("spend"), st.decimals(-999, 99_999, places=2)),
            st.tuples(
                st.just("tickets"),
                st.just(Decimal(1)),
                st.builds(
                    "{}:{}".format,
                    st.sampled_from(sorted(PRIORITIES)),
                    st.sampled_from(["open", "resolved", "resolved:2024-02-29", "resolved:2099-01-01"]),
                ),
            ),
        ),
    ),
    max_size=60,
)


@settings(max_examples=400)
@given(happened=happenings, today=todays)
def test_a_year_is_the_sum_of_what_happened_in_it_whichever_earlier_months_are_looked_at(
    happened: list[Happened], today: date
) -> None:
    months = kept(happened)
    recent = {key: entries for key, entries in months.items() if key >= first_month(today)}
    assert last_year(months, today) == last_year(recent, today)
    assert_agree(last_year(months, today), brute_force(happened, today))


@settings(max_examples=200)
@given(happened=happenings, day=todays)
def test_a_buyer_has_the_signals_of_any_past_day(happened: list[Happened], day: date) -> None:
    found = buyer_of(kept([*happened, Happened(date(2022, 12, 1), "purchases")]))
    assert found
    assert_as_of(found, happened, day)


@given(happened=happenings, today=todays, weeks=st.integers(0, 60))
def test_without_news_activity_and_load_fade(happened: list[Happened], today: date, weeks: int) -> None:
    """From the day on which nothing is dated ahead any more."""
    months = kept([each for each in happened if each.day <= today])
    now, later = last_year(months, today), last_year(months, today + timedelta(weeks=weeks))
    assert later.engagement.activity <= now.engagement.activity
    assert later.support_load <= now.support_load


def kept(happened: list[Happened]) -> Months:
    months: dict[str, dict[str, Decimal]] = {}
    for day, kind, number, detail in happened:
        entries = months.setdefault(f"SIGNALS#{day:%Y-%m}", {})
        name = ":".join([kind, f"{day:%d}", *([detail] if detail else [])])
        entries[name] = entries.get(name, Decimal(0)) + number
    return months


def assert_agree(found: LastYear, expected: LastYear) -> None:
    """To the cent, and to four decimals: on whichever side of a half the last bit has it."""
    assert found.spend == expected.spend
    for value, exact in zip(
        (*found.engagement, found.support_load), (*expected.engagement, expected.support_load), strict=True
    ):
        assert value == round(value, 4)
        assert abs(value - exact) < 0.000_051


def brute_force(happened: list[Happened], today: date) -> LastYear:
    """The formulas of the scores, over what happened one by one."""
    ages = [(max(0, today.toordinal() - each.day.toordinal()), each) for each in happened]
    touches = [(age, WEIGHTS[each.kind]) for age, each in ages if each.kind in WEIGHTS and age < 120]
    recent = sum(weight for age, weight in touches if age < 30)
    base = sum(weight for age, weight in touches if age >= 30)
    trend = max(-1.0, min(1.0, math.log((recent + 1) / (base / 3 + 1)) / 1.5))
    load = 0.0
    for age, each in ages:
        if each.kind == "tickets" and age < 365:
            priority, state, *_ = each.detail.split(":")
            load += PRIORITIES[priority] * 2 ** (-age / 30) * (0.3 if state == "resolved" else 1)
    with localcontext(prec=80):
        spend = sum((each.number for age, each in ages if each.kind == "spend" and age < 365), Decimal(0))
    activity = sum(weight * 2 ** (-age / 30) for age, weight in touches)
    return LastYear(spend, Engagement(activity, trend), load)


def assert_as_of(found: Buyer, happened: list[Happened], day: date) -> None:
    """What was known by then: a ticket resolved later was open."""
    known = [each for each in happened if each.day <= day]
    for index, each in enumerate(known):
        _, _, *resolved = each.detail.split(":") if each.kind == "tickets" else ("", "")
        if resolved and date.fromisoformat(resolved[0]) > day:
            known[index] = each._replace(detail=each.detail.replace("resolved", "open"))
    expected = brute_force(known, day)
    assert abs(found.trend(day.toordinal()) - expected.engagement.trend) < 0.000_051
    assert abs(found.support_load(day.toordinal()) - expected.support_load) < 0.000_051


def buyer(happened: list[Happened]) -> tuple[list[int], list[tuple[int, Decimal]]] | None:
    days = sorted({each.day for each in happened if each.kind == "purchases"})
    with localcontext(prec=80):
        spent = [
            sum((each.number for each in happened if each.kind == "spend" and each.day == day), Decimal(0))
            for day in days
        ]
    ordinals = [day.toordinal() for day in days]
    return (ordinals, list(zip(ordinals, spent, strict=True))) if days else None
