"""Customers change, criteria change and workers go through everybody, all at once: nothing is lost, counted twice or
told wrongly, and in the end everybody is where the last criteria say."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest

from customer360.access.caller import Caller
from customer360.api.etags import Precondition
from customer360.catalog import store
from customer360.catalog.kinds import SEGMENT_KIND, SHARDS
from customer360.catalog.table import MemberItem
from customer360.ingestion.intake import take_in
from customer360.jobs import service as jobs
from customer360.jobs import work
from customer360.scores import recompute
from customer360.scores.rescoring import rescore
from customer360.segments import editing
from customer360.segments.automatic import automatic_segments
from customer360.segments.membership import membership_key
from customer360.segments.schemas import NewSegment, SegmentChange
from support.builders import customer, new_id, order
from support.collection import collection
from support.parallel import all_at_once

pytestmark = pytest.mark.engine

BY = Caller("maker", "Mara Maker", "maker@example.com", "admin")
ANYTHING = Precondition(None, frozenset())
CUSTOMERS, ROUNDS = 6, 4


class Queue:
    """The work queue in memory, as unordered as the real one, and each message delivered twice."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.messages: list[tuple[str, str | None]] = []

    def put(self, job_id: str, shard: str | None = None) -> None:
        self.messages += [(job_id, shard)] * 2

    def work_off(self) -> None:
        while self.messages:
            job_id, shard = self.messages.pop(self.chance.randrange(len(self.messages)))
            job = jobs.find(job_id)
            if shard is None:
                recompute.plan(job)
            elif recompute.work_on(job, shard, lambda: True).has_more:
                self.put(job_id, shard)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_at_once_the_count_the_list_and_the_customers_agree(engine: str, seed: int) -> None:
    chance, country = random.Random(seed), new_id("country")
    addresses = [{"id": "a1", "line1": "1 Main Street", "city": "Home", "country": country, "isPrimary": True}]
    customers = [new_id() for _ in range(CUSTOMERS)]
    for each in customers:
        take_in("customer.upserted", customer(each, addresses=addresses))
    shards = sorted({int(collection(each)["HEAD#COMMIT"]["shard"]["S"]) for each in customers})
    queue = Queue(chance)
    with (
        patch.object(recompute, "shard_numbers", lambda: shards),
        patch.object(work, "announce", lambda job_id, *_, **__: queue.put(job_id)),
        patch.object(work, "hand_out", queue.put),
    ):
        segment_id = created(country, 50)
        queue.work_off()
        for number in range(ROUNDS):
            threshold = chance.choice([50, 100, 150])
            orders = [partial(changed, each, number, chance.choice([30, 60])) for each in customers]
            works: list[Callable[[], None]] = [*orders, partial(edited, segment_id, country, threshold), queue.work_off]
            assert all_at_once(works) == [None] * len(works)
            assert_agree(segment_id, customers)
        queue.work_off()
    final = store.find(SEGMENT_KIND, segment_id)
    assert final.building is None  # type: ignore[attr-defined]
    wanted = {each for each in customers if spent(each) >= threshold}
    assert set(assert_agree(segment_id, customers)) == wanted
    for each in customers:
        assert told(each, segment_id) == (["entered", "left"] * 50)[: len(told(each, segment_id))]
        assert (len(told(each, segment_id)) % 2 == 1) == (each in wanted)


def criteria(country: str, threshold: int) -> dict[str, Any]:
    return {
        "all": [
            {"field": "country", "op": "eq", "value": country},
            {"field": "lifetimeValue", "op": "gte", "value": threshold},
        ]
    }


def created(country: str, threshold: int) -> str:
    new = NewSegment.model_validate({"name": country, "isAutomatic": True, "criteria": criteria(country, threshold)})
    return editing.create(new, BY, new_id("a")).id


def edited(segment_id: str, country: str, threshold: int) -> None:
    change = SegmentChange(criteria=criteria(country, threshold))
    editing.update(segment_id, change, ANYTHING, BY, new_id("a"))


def changed(customer_id: str, number: int, total: int) -> None:
    """One more order, followed at once as the stream's follower does."""
    event = order(customer_id, f"o{number}", total=Decimal(total))
    take_in("order.upserted", event)
    rescore(customer_id, datetime.now(UTC), automatic_segments())


def assert_agree(segment_id: str, customers: list[str]) -> list[str]:
    """Count, list and customers' own items of each generation there is; gives who is in the one that can be seen."""
    counts = store.counts(SEGMENT_KIND, segment_id)
    for key, count in counts.items():
        listed = {
            member.sk
            for shard in range(SHARDS)
            for member in MemberItem.query(SEGMENT_KIND.members(key, shard), consistent_read=True)
        }
        holding = {each for each in customers if f"HEAD#SEGMENT#{key}" in collection(each)}
        assert listed == holding
        assert len(listed) == count
    segment: Any = store.find(SEGMENT_KIND, segment_id)
    seen = membership_key(segment_id, segment.generation)
    return [each for each in customers if f"HEAD#SEGMENT#{seen}" in collection(each)]


def spent(customer_id: str) -> Decimal:
    return Decimal(collection(customer_id)["HEAD#METRICS"]["totals"]["M"]["lifetimeValue"]["N"])


def told(customer_id: str, segment_id: str) -> list[str]:
    """Entered or left, oldest first."""
    summaries = [
        json.loads(item["summary"]["S"])
        for key, item in collection(customer_id).items()
        if key.startswith(f"EVENT#~{segment_id}")
    ]
    return [each["title"].split()[0].lower() for each in sorted(summaries, key=lambda each: each["timestamp"])]
