"""A part of a job, as workers that do not know of each other leave it."""

from datetime import UTC, datetime

import pytest

from customer360.jobs.table import JOB, SHARD, JobShardItem
from support.builders import new_id

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("engine")]


def test_a_page_is_not_written_back_once_the_part_is_finished() -> None:
    now = datetime.now(UTC)
    part = JobShardItem(JOB + new_id(), f"{SHARD}all", total=2, done=0, changed=0, failed=0, page={"customers": ["c"]})
    part.save()
    late = JobShardItem.get(part.pk, part.sk)
    part.finish(now)
    assert late.advance("1", done=1, changed=1, failed=0, now=now, page={"customers": ["c"]}) is False
    kept = JobShardItem.get(part.pk, part.sk, consistent_read=True)
    assert (kept.page, kept.done) == (None, 0)


def test_whoever_comes_second_keeps_what_they_read() -> None:
    part = JobShardItem(JOB + new_id(), f"{SHARD}all", total=2, done=0, changed=0, failed=0)
    part.save()
    first, second = (JobShardItem.get(part.pk, part.sk) for _ in range(2))
    assert first.advance("1", done=1, changed=1, failed=0, now=datetime.now(UTC))
    assert not second.advance("1", done=1, changed=1, failed=0, now=datetime.now(UTC))
    assert (first.done, first.position) == (1, "1")
    assert (second.done, bool(second.position)) == (0, False)
