"""The scores a customer has now: the ones kept, or worked out afresh while the keeping is still to catch up."""

from datetime import UTC, date, datetime
from typing import NamedTuple

from customer360.scores import models
from customer360.scores.facts import inputs_of, months_of
from customer360.scoring.assessment import Assessment, assess
from customer360.shop_time import shop_day
from customer360.storage.heads import Heads
from customer360.storage.items import CommitItem, ScoresItem

# The sections of the page whose sources the scores are worked out from.
INPUT_SECTIONS = frozenset({"orders", "metrics", "marketing", "analytics", "support"})


class Scores(NamedTuple):
    """`previous` is the last assessment of an earlier day (shop's time zone) on which it changed, None in the
    beginning."""

    assessment: Assessment
    previous: Assessment | None


def scores_of(heads: Heads, now: datetime) -> Scores:
    """Never older than what the page shows beside it: after a commit that a score may depend on, and until the score
    that follows it is kept (a second at most), it is worked out here, with one Query more and the same result."""
    kept = heads.scores()
    if kept and is_current(kept, heads.commit):
        return Scores(Assessment.from_json(kept.assessment), _assessment(kept.previous))
    fresh = fresh_assessment(heads, now)
    return Scores(fresh, _assessment(previous_of(kept, shop_day(fresh.at))))


def fresh_assessment(heads: Heads, now: datetime) -> Assessment:
    at = _as_of(heads.commit, now)
    return assess(inputs_of(heads, months_of(heads.customer_id, at), at), at, models.current())


def is_current(kept: ScoresItem, commit: CommitItem) -> bool:
    """Whether no commit has changed an input since."""
    return kept.based_on >= max((commit.sections.get(section, 0) for section in INPUT_SECTIONS), default=0)


def previous_of(kept: ScoresItem | None, day: date) -> str | None:
    """Of what is kept, the assessment of the last day before this one."""
    if kept is None:
        return None
    return kept.assessment if shop_day(Assessment.from_json(kept.assessment).at) < day else kept.previous


def _as_of(commit: CommitItem, now: datetime) -> datetime:
    """Scores are worked out as of the last commit or the beginning of the day (UTC), whichever is later: so they, and
    with them the page's ETag, are the same for everybody who works them out on that day."""
    return max(commit.committed_at, now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0))


def _assessment(text: str | None) -> Assessment | None:
    return Assessment.from_json(text) if text else None
