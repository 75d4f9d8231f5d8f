"""Fifty adjustments of one customer at once, as fifty admins make them."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest

from customer360.access.caller import Caller
from customer360.actions import points as service
from customer360.actions.schemas import AdjustmentAnswer, PointsAdjustment
from customer360.customers.recount import verify
from customer360.errors import Conflict, Contended, Customer360Error
from customer360.ingestion.intake import take_in, this_shop
from customer360.loyalty.kept import read_balance
from customer360.storage.keys import partition
from support.builders import customer, new_id, points
from support.parallel import all_at_once

pytestmark = pytest.mark.engine


@pytest.fixture
def known(engine: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("customer360.actions.points.tell_now", lambda item: item.delete())
    # The machine that tests may be slow; who gives up is another test's.
    monkeypatch.setattr("customer360.actions.asking.WAITING_SECONDS", 60)
    customer_id = new_id()
    take_in("customer.upserted", customer(customer_id))
    return customer_id


def adjusted(customer_id: str, amount: int, action_id: str) -> AdjustmentAnswer:
    """By an admin of their own, so that no limit is in the way."""
    by = Caller(new_id("admin"), "Mara Maker", "maker@example.com", "manager")
    return service.adjust(customer_id, PointsAdjustment(points=amount, reason="At once"), by, action_id)


def balance(customer_id: str) -> int:
    return read_balance(partition(customer_id), datetime.now(UTC))


def answers(done: list[AdjustmentAnswer | Customer360Error]) -> list[int]:
    return [each.points_balance for each in done if isinstance(each, AdjustmentAnswer)]


def test_none_is_lost_and_none_counts_twice(known: str) -> None:
    amounts = range(1, 51)
    done = all_at_once([partial(adjusted, known, amount, new_id("a")) for amount in amounts])
    assert len(set(answers(done))) == 50  # each saw all that were before it
    assert max(answers(done)) == balance(known) == sum(amounts)
    assert verify(known, this_shop()) == []


def test_no_more_is_taken_than_there_is(known: str) -> None:
    take_in("loyalty.points.recorded", points(known, "p1", 205))
    done = all_at_once([lambda: adjusted(known, -10, new_id("a"))] * 50)
    assert len(answers(done)) == 20
    refusals = [each for each in done if isinstance(each, Conflict)]
    assert len(refusals) == 30
    assert not [each for each in refusals if isinstance(each, Contended)]
    assert balance(known) == min(answers(done)) == 5
    assert verify(known, this_shop()) == []


def test_one_request_fifty_times_counts_once(known: str) -> None:
    done = all_at_once([lambda: adjusted(known, 10, "the-same")] * 50)
    assert answers(done) == [10] * 50
    assert balance(known) == 10
    assert verify(known, this_shop()) == []


def test_adjustments_among_events_and_echoes_of_the_source(known: str) -> None:
    """What the source says of each is that it was one point less."""
    works: list[Callable[[], object]] = [partial(adjusted, known, 10, f"a{number}") for number in range(20)]
    for number in range(20):
        echo = points(known, f"adjustment-a{number}", 9, type="adjusted")
        works += [partial(take_in, echo["type"], echo, seconds=120)]
    for number in range(10):
        earned = points(known, f"p{number}", 1)
        works += [partial(take_in, earned["type"], earned, seconds=120)]
    done = all_at_once(works)
    assert not [each for each in done if isinstance(each, Customer360Error)]
    assert balance(known) == 20 * 9 + 10
    assert verify(known, this_shop()) == []
