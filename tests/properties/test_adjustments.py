"""Adjustments, repeated ones, source events and echoes, in any order: what is kept is what a list would say."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer360.access.caller import Caller
from customer360.actions import points as service
from customer360.actions.schemas import PointsAdjustment
from customer360.customers.recount import verify
from customer360.errors import Conflict
from customer360.ingestion.intake import take_in, this_shop
from customer360.loyalty import service as loyalty
from support.builders import customer, instant, new_id, points
from support.points import Points, Transaction

pytestmark = pytest.mark.engine

FAR = "2999-01-01T00:00:00Z"
AMOUNTS = st.integers(-60, 60).filter(bool)
STEPS = st.one_of(
    st.tuples(st.just("adjust"), AMOUNTS),
    st.tuples(st.just("again"), st.integers(0, 5)),
    st.tuples(st.just("echo"), st.integers(0, 5), AMOUNTS, st.integers(-900, 900)),
    st.tuples(
        st.just("source"),
        st.integers(0, 3),
        st.sampled_from(["earned", "redeemed", "expired", "adjusted"]),
        st.integers(1, 80),
        st.integers(0, 300),
        st.sampled_from([None, instant(100), FAR]),
    ),
)


@dataclass
class Books:
    """The versions of every transaction, and nothing else."""

    versions: dict[str, list[tuple[Any, Transaction]]] = field(default_factory=dict)

    def enter(self, identifier: str, version: Any, transaction: Transaction) -> None:
        self.versions.setdefault(identifier, []).append((version, transaction))

    @property
    def current(self) -> list[Transaction]:
        return [max(versions, key=lambda each: each[0])[1] for versions in self.versions.values()]

    def balance(self, now: datetime) -> int:
        return Points(self.current).balance(now)


def parsed(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


class Story:
    """A customer to whom all of it happens, in the product and in the books."""

    def __init__(self) -> None:
        self.customer_id, self.books = new_id(), Books()
        self.asked: list[tuple[str, int]] = []
        self.answers: dict[str, Any] = {}
        take_in("customer.upserted", customer(self.customer_id))

    def adjust(self, amount: int) -> None:
        self.asked.append((new_id("a"), amount))
        self._ask(*self.asked[-1])

    def again(self, place: int) -> None:
        if place < len(self.asked):
            self._ask(*self.asked[place])

    def _ask(self, action_id: str, amount: int) -> None:
        by = Caller(new_id("admin"), "Mara Maker", "maker@example.com", "manager")
        left = self.books.balance(datetime.now(UTC)) + amount
        try:
            answer = service.adjust(self.customer_id, PointsAdjustment(points=amount, reason="Why"), by, action_id)
        except Conflict:
            assert action_id not in self.answers
            assert amount < 0
            assert left < 0
            return
        if action_id in self.answers:
            assert answer == self.answers[action_id]
            return
        assert answer.points_balance == left
        assert amount > 0 or left >= 0
        self.answers[action_id] = answer
        at = answer.transaction.date
        self.books.enter(answer.transaction.id, ("", ""), Transaction(at, answer.transaction.id, "adjusted", amount))

    def echo(self, place: int, amount: int, days: int) -> None:
        known = list(self.answers.values())
        if place < len(known):
            self._receive(known[place].transaction.id, amount, instant(days), type="adjusted", at=instant(days))

    def source(self, number: int, kind: str, amount: int, days: int, expires_at: str | None) -> None:
        signed = -amount if kind in {"redeemed", "expired"} else amount
        more = {"expiresAt": expires_at} if expires_at and signed > 0 else {}
        self._receive(f"p{number}", signed, instant(days), type=kind, at=instant(days), **more)

    def _receive(self, identifier: str, amount: int, occurred_at: str, **data: Any) -> None:
        event = points(self.customer_id, identifier, amount, occurredAt=occurred_at, **data)
        assert take_in(event["type"], event).value == "applied"
        at, expires_at = datetime.fromisoformat(data["at"]), parsed(data.get("expiresAt"))
        version = (event["occurredAt"], event["eventId"])
        self.books.enter(identifier, version, Transaction(at, identifier, data["type"], amount, expires_at))

    def check(self) -> None:
        now = datetime.now(UTC)
        shown = loyalty.get(self.customer_id, now)
        assert shown.points_balance == self.books.balance(now)
        assert shown.enrolled == bool(self.books.current)
        assert shown.lifetime_points == sum(each.points for each in self.books.current if each.type == "earned")


@settings(max_examples=40)
@given(steps=st.lists(STEPS, max_size=14))
def test_the_balance_is_what_the_books_say_whatever_happens_in_whatever_order(
    engine: str, steps: list[tuple[Any, ...]]
) -> None:
    with patch("customer360.actions.points.tell_now"):
        story = Story()
        for name, *details in steps:
            getattr(story, name)(*details)
            story.check()
    assert verify(story.customer_id, this_shop()) == []
