"""How old a version of a customer is said to be."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from customer360.storage.marks import is_of_last_day, marked

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
GAPS = st.lists(st.integers(0, 40 * 3600), min_size=1, max_size=60)


@given(GAPS, st.integers(0, 60 * 3600))
def test_no_version_is_called_younger_than_it_is_and_none_much_older(gaps: list[int], later: int) -> None:
    at, commits, marks = START, [], None
    for version, gap in enumerate(gaps, start=1):
        at += timedelta(seconds=gap)
        marks = marked(marks, version, at)
        commits.append((version, at))
    now = at + timedelta(seconds=later)
    for version, committed_at in commits:
        said = is_of_last_day(marks, version, now)
        assert not said or now - committed_at < DAY
        assert said or now - committed_at > DAY - timedelta(hours=6)


@given(GAPS)
def test_a_commit_carries_few_marks(gaps: list[int]) -> None:
    at, marks = START, None
    for version, gap in enumerate(gaps, start=1):
        at += timedelta(seconds=gap)
        marks = marked(marks, version, at)
        assert len(marks) <= 5


def test_without_marks_nothing_is_known_to_be_young() -> None:
    assert not is_of_last_day(None, 3, START)
