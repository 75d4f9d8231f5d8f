"""`from` and `to`: dates and instants, both inclusive, in the shop's time zone."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer360.api.parameters import instants_between
from customer360.errors import Invalid
from customer360.settings import settings


@pytest.fixture
def shop_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()


def in_zone(patch: pytest.MonkeyPatch, name: str) -> None:
    patch.setitem(os.environ, "SHOP_TIME_ZONE", name)
    settings.cache_clear()


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def test_without_bounds_there_is_no_range() -> None:
    assert instants_between(None, None) == (None, None)


def test_a_range_of_dates_takes_in_both_days() -> None:
    assert instants_between("2026-01-31", "2026-02-01") == (at(2026, 1, 31), at(2026, 2, 1, 23, 59, 59, 999999))


def test_one_day_is_a_range() -> None:
    assert instants_between("2026-01-31", "2026-01-31") == (at(2026, 1, 31), at(2026, 1, 31, 23, 59, 59, 999999))


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        ("2026-01-31", at(2026, 1, 30, 23), at(2026, 1, 31, 22, 59, 59, 999999)),
        ("2026-03-29", at(2026, 3, 28, 23), at(2026, 3, 29, 21, 59, 59, 999999)),  # 23 hours long
        ("2026-10-25", at(2026, 10, 24, 22), at(2026, 10, 25, 22, 59, 59, 999999)),  # 25 hours long
    ],
)
def test_a_day_begins_and_ends_where_the_shop_is(
    shop_in: pytest.MonkeyPatch, day: str, first: datetime, last: datetime
) -> None:
    in_zone(shop_in, "Europe/Paris")
    assert instants_between(day, day) == (first, last)


def test_a_day_that_ends_twice_ends_the_second_time(shop_in: pytest.MonkeyPatch) -> None:
    """Clocks were put back from midnight to eleven."""
    in_zone(shop_in, "America/Sao_Paulo")
    first, last = at(2018, 2, 17, 2), at(2018, 2, 18, 2, 59, 59, 999999)
    assert instants_between("2018-02-17", "2018-02-17") == (first, last)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-31T09:30:00Z", at(2026, 1, 31, 9, 30)),
        ("2026-01-31T09:30:00.25Z", at(2026, 1, 31, 9, 30, 0, 250000)),
        ("2026-01-31T09:30:00+02:00", at(2026, 1, 31, 7, 30)),
        ("2026-01-31T09:30:00 02:00", at(2026, 1, 31, 7, 30)),  # `+` not escaped
        ("2026-01-31T09:30:00-02:00", at(2026, 1, 31, 11, 30)),
    ],
)
def test_an_instant_may_be_in_any_zone(text: str, instant: datetime) -> None:
    assert instants_between(text, None) == (instant, None)


def test_an_end_in_whole_seconds_takes_in_its_second() -> None:
    assert instants_between(None, "2026-01-31T09:30:00Z")[1] == at(2026, 1, 31, 9, 30, 0, 999999)
    assert instants_between(None, "2026-01-31T09:30:00.25Z")[1] == at(2026, 1, 31, 9, 30, 0, 250000)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-02-30", "2026-1-1", "01/02/2026", "2026-01-31T09:30", "1767225600", "2026-13-01T00:00Z"],
)  # fmt: skip
@pytest.mark.parametrize("field", ["from", "to"])
def test_what_is_neither_is_refused_by_name(field: str, text: str) -> None:
    with pytest.raises(Invalid) as error:
        instants_between(*((text, None) if field == "from" else (None, text)))
    assert error.value.field == field


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-02-01", "2026-01-31"),
        ("2026-01-31T10:00:00Z", "2026-01-31T09:59:59Z"),
        ("2026-01-31T09:00:00Z", "2026-01-31T09:00:00+01:00"),
    ],
)
def test_an_inverted_range_is_refused(start: str, end: str) -> None:
    with pytest.raises(Invalid, match="from: is after to"):
        instants_between(start, end)


def test_the_last_day_of_the_calendar_is_a_day() -> None:
    assert instants_between("0001-01-01", "9999-12-31") == (at(1, 1, 1), at(9999, 12, 31, 23, 59, 59, 999999))


@given(st.dates(), st.dates())
def test_any_two_days_in_order_are_a_range_that_holds_them(one: datetime, other: datetime) -> None:
    start, end = min(one, other), max(one, other)
    if end.isoformat() == "9999-12-31":
        return
    first, last = instants_between(start.isoformat(), end.isoformat())
    assert first
    assert last
    assert (first.date(), last.date()) == (start, end)
