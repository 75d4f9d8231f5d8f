"""Works a customer's scores and automatic segments out afresh, and keeps what changed, in one transaction.

Guarantees: what is kept follows from one version of the customer (`storage.commit`); repeated, nothing more happens;
one change of level is one entry of the timeline and one notice, both written with the score that changed, so neither
can be lost or come twice.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from math import inf

from customer360.instants import answered
from customer360.scores.current import INPUT_SECTIONS, fresh_assessment, is_current, previous_of
from customer360.scoring.assessment import Assessment
from customer360.scoring.news import News, news_of
from customer360.segments.automatic import AutomaticSegment, automatic_segments, follow_criteria
from customer360.shop_time import shop_day
from customer360.storage.base import Turn, until_won
from customer360.storage.commit import Commit
from customer360.storage.heads import Heads, heads_of
from customer360.storage.items import NoticeItem, ScoreItem, ScoresItem
from customer360.storage.keys import NOTICE, SCORE, SCORES
from customer360.timeline.actions import action_item
from customer360.timeline.entries import Entry

# A commit that changes none of these sections moves neither a score nor an automatic segment.
RELEVANT_SECTIONS = INPUT_SECTIONS | {"profile", "loyalty", "tags"}
WAITING_SECONDS = 20
# Points by which time alone may have moved a score before it is kept anew, as long as the levels stay: nearly every
# customer's scores move by a tenth or two a night, and each keeping is a dozen writes with the search's.
TOLERANCE = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Rescored:
    """Whether a score or a segment changed, and whether more segments do than one transaction takes."""

    changed: bool
    has_more: bool = False


def rescore(
    customer_id: str,
    now: datetime,
    segments: Sequence[AutomaticSegment],
    *,
    is_news: bool = True,
    deadline: float = inf,
) -> Rescored:
    """Brings the customer up to date; writes nothing where nothing changes, or for one who is gone.

    `segments` were read just before. With `is_news` False, nobody is told of a change if the latest commit is old news
    (`CommitItem.is_old_news`). Raises Contended after `WAITING_SECONDS`, or the deadline (of `time.monotonic`).
    """
    deadline = min(deadline, time.monotonic() + WAITING_SECONDS)
    first = rescored = until_won(partial(_attempt, customer_id, now, segments, is_news), deadline=deadline)
    while rescored.has_more:
        rescored = until_won(partial(_attempt, customer_id, now, segments, is_news), deadline=deadline)
    return first


def _attempt(
    customer_id: str, now: datetime, segments: Sequence[AutomaticSegment], is_news: bool, turn: Turn
) -> Rescored:
    commit = Commit.of(customer_id, turn)
    if commit.previous is None:
        return Rescored(changed=False)
    if turn.lost:
        segments = automatic_segments()  # the race may have been lost to a change of theirs
    heads = heads_of(customer_id)
    assessment = fresh_assessment(heads, now)
    kept = heads.scores()
    before = Assessment.from_json(kept.assessment) if kept else None
    has_only_aged = kept is not None and is_current(kept, heads.commit)
    is_changed = before is None or not assessment.is_near(before, TOLERANCE if has_only_aged else Decimal(0))
    if before and not is_changed:
        assessment = before  # segments follow from what the page shows
    else:
        _keep(commit, heads, assessment, tells=is_news or not commit.previous.is_old_news)
    followed = follow_criteria(commit, heads, segments, assessment, now)
    if is_changed or followed.is_changed:
        commit.write()
    else:
        commit.abandon()
    if kept and not is_changed and kept.based_on < heads.commit.version:
        kept.confirm(heads.commit.version)
    return Rescored(is_changed or followed.is_changed, followed.has_more)


def _keep(commit: Commit, heads: Heads, assessment: Assessment, *, tells: bool) -> None:
    kept = heads.scores()
    text, day = assessment.to_json(), shop_day(assessment.at)
    told = text
    if kept and tells:
        news = news_of(Assessment.from_json(kept.told), assessment)
        if news:
            _tell(commit, heads.customer_id, news, assessment.at)
        else:
            told = kept.told
    commit.put(
        ScoresItem(
            commit.pk,
            SCORES,
            assessment=text,
            based_on=heads.commit.version,
            previous=previous_of(kept, day),
            told=told,
        )
    )
    commit.put(ScoreItem(commit.pk, f"{SCORE}{day.isoformat()}", assessment=text))
    commit.touch(["health", "churn"])


def _tell(commit: Commit, customer_id: str, news: News, at: datetime) -> None:
    entry = Entry("score", "score", news.title, news.description, at, news.details)
    commit.put(action_item(commit.pk, f"score-{commit.version}", entry))
    about = {"customerId": customer_id, "title": news.title, "description": news.description, "at": answered(at)}
    commit.put(NoticeItem(commit.pk, f"{NOTICE}{commit.version:012}", kind=news.kind, notice=about | news.details))
