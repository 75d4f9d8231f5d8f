"""P3: the timeline is told newest first, each event once: any filters, pages and role, and whatever comes meanwhile."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer360.ingestion.intake import take_in
from customer360.instants import sortable
from support.builders import customer, new_id
from support.gateway import Answer
from support.histories import INSTANTS, deliveries, histories
from support.oracle import Event, Oracle, answered, parsed
from support.pages import pages
from support.timeline import HIDDEN, TYPES, at_day, erase, write

pytestmark = pytest.mark.engine

LIST = "list_timeline_events"
Call = Callable[..., Answer]
Place = tuple[datetime, str]

roles = st.sampled_from(sorted(HIDDEN))
limits = st.integers(1, 20)
bounds = st.sampled_from([parsed(text) for text in INSTANTS]) | st.datetimes(
    *(at.replace(tzinfo=None) for at in (at_day(-120), at_day(60))), timezones=st.just(UTC)
)

# Instants that collide, and some that differ by less than an answer shows.
near = [at_day(0), at_day(0) + timedelta(microseconds=1), at_day(0) + timedelta(seconds=1), at_day(1), at_day(2)]
kinds = st.sampled_from(["order", "tag", "account", "payment", "marketing", "note:team", "note:managers"])
filters = st.sampled_from([None, {"order", "tag", "payment"}, {"note", "tag", "account"}])
arrivals = st.lists(st.tuples(kinds, st.sampled_from(near)), max_size=12)


class Meantime:
    """The entries of one customer, of which some come and go while somebody reads."""

    def __init__(self) -> None:
        self.customer_id = new_id()
        self.entries: dict[str, tuple[str, datetime]] = {}
        self.gone: set[str] = set()
        self.read: list[Place] = []
        # What came where the reader had been already.
        self.missed: set[str] = set()
        first = customer(self.customer_id)
        assert take_in(first["type"], first).value == "applied"

    def place(self, identifier: str) -> Place:
        return self.entries[identifier][1], identifier

    def come(self, arrivals: list[tuple[str, datetime]]) -> None:
        for kind, at in arrivals:
            # Ids that do not sort as they come, and are the same whenever Hypothesis tries this again.
            identifier = write(self.customer_id, kind, at, f"a{len(self.entries) * 37 % 101:03}")
            self.entries[identifier] = kind, at
            if self.read and self.place(identifier) > self.read[-1]:
                self.missed.add(identifier)

    def go(self, identifier: str) -> None:
        erase(self.customer_id, identifier)
        self.gone.add(identifier)

    def are_read(self, events: list[dict[str, Any]]) -> None:
        ours = [event for event in events if event["id"] in self.entries]
        assert [event["timestamp"] for event in ours] == [answered(self.place(event["id"])[0]) for event in ours]
        self.read += [self.place(event["id"]) for event in ours]

    def expected(self, role: str, types: set[str] | None) -> set[str]:
        """The entries that nobody may miss."""
        return {
            identifier
            for identifier, (kind, _) in self.entries.items()
            if kind not in HIDDEN[role] and (types is None or kind.partition(":")[0] in types)
        } - (self.gone | self.missed)


@settings(max_examples=150)
@given(data=st.data(), types=filters, role=roles, limit=st.integers(1, 5))
def test_every_event_comes_once_while_others_come_and_go(
    call: Call, data: Any, types: set[str] | None, role: str, limit: int
) -> None:
    meantime = Meantime()
    meantime.come(data.draw(arrivals))
    query = {"limit": str(limit)} | ({"type": ",".join(types)} if types else {})
    for page in pages(call, LIST, query, customer_id=meantime.customer_id, role=role):
        meantime.are_read(page["events"])
        if page["hasMore"]:
            meantime.come(data.draw(arrivals.map(lambda each: each[:2])))
            if data.draw(st.booleans()):
                meantime.go(data.draw(st.sampled_from(sorted(meantime.entries.keys() - meantime.gone))))

    met = [identifier for _, identifier in meantime.read]
    assert meantime.read == sorted(meantime.read, reverse=True)
    assert len(set(met)) == len(met)
    assert not meantime.missed & set(met)
    assert set(met) - meantime.gone == meantime.expected(role, types)


def own_id(identifier: str) -> str:
    """The id of the event an entry is of; of our own entries, all of it."""
    return identifier if identifier.startswith("~") else identifier.split("~")[0]


@settings(max_examples=150)
@given(data=st.data(), role=roles, limit=limits, types=st.none() | st.sets(st.sampled_from(TYPES), min_size=1))
def test_any_history_is_told_newest_first(call: Call, data: Any, role: str, limit: int, types: set[str] | None) -> None:
    history: list[Event] = data.draw(histories())
    between = data.draw(st.none() | st.tuples(bounds, bounds).map(sorted))
    customer_id = new_id()
    for event in data.draw(deliveries(history, most_duplicates=1)):
        take_in(event["type"], event | {"customerId": customer_id})

    query = {"limit": str(limit)} | ({"type": ",".join(types)} if types else {})
    query |= {"from": sortable(between[0]), "to": sortable(between[1])} if between else {}
    told = [
        (event["timestamp"], own_id(event["id"]), event["type"])
        for page in pages(call, LIST, query, customer_id=customer_id, role=role)
        for event in page["events"]
    ]
    expected = [
        (answered(entry.at), entry.event_id, entry.type)
        for entry in Oracle(history).told(datetime.now(UTC))
        if entry.type not in HIDDEN[role]
        and (types is None or entry.type in types)
        and (between is None or between[0] <= entry.at <= between[1])
    ]
    assert sorted(told) == sorted(expected)
    assert [event[:2] for event in told] == [event[:2] for event in expected]
