"""The scores a customer has had, and why they changed: costs what the days asked for cost, never all of them."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

from customer360.errors import Invalid
from customer360.money import rounded
from customer360.scores import models, schemas
from customer360.scoring.assessment import Assessment
from customer360.scoring.changes import SpendChange, explained
from customer360.settings import settings
from customer360.shop_time import shop_day
from customer360.storage.heads import some_heads
from customer360.storage.keys import SCORES
from customer360.storage.parallel import at_once
from customer360.storage.score_days import ScoreDay, score_days

USUAL_DAYS = 90
MOST_DAYS = 366
DAYS_READ_AT_ONCE = 100


def of_customer(
    customer_id: str, between: tuple[datetime | None, datetime | None], now: datetime
) -> schemas.ScoreHistory:
    """The days of a range, by default up to today and 90 days long, and the change over it. Raises NotFound, and
    Invalid for a range that is inverted or too long."""
    first, last = _days(between, now)
    heads, within, before = at_once(
        (
            partial(some_heads, customer_id, SCORES),
            partial(score_days, customer_id, first, last, MOST_DAYS + 1),
            partial(score_days, customer_id, date.min, first, 1),
        )
    )
    kept = heads.scores()
    return schemas.ScoreHistory(
        scores=[_on_day(score_day) for score_day in within],
        change=_change([*before, *reversed(within)]),
        updated_at=Assessment.from_json(kept.assessment).at if kept else None,
    )


def days(customer_id: str, between: tuple[datetime | None, datetime | None]) -> Iterator[schemas.ScoresOnDay]:
    """All days of a range that have scores of their own, newest first, read while they are gone through; none for a
    customer who does not exist. Raises Invalid."""
    first = _day("from", between[0]) if between[0] else date.min
    last = _day("to", between[1]) if between[1] else date.max
    found = score_days(customer_id, first, last, DAYS_READ_AT_ONCE)
    while found:
        yield from map(_on_day, found)
        oldest = found[-1].day
        further = (first, oldest - timedelta(days=1)) if oldest > first else None
        found = score_days(customer_id, *further, DAYS_READ_AT_ONCE) if further else []


def _days(between: tuple[datetime | None, datetime | None], now: datetime) -> tuple[date, date]:
    """The first and the last day of the range; an instant stands for its day."""
    last = _day("to", between[1] or now)
    usual = last - min(timedelta(days=USUAL_DAYS), last - date.min)
    first = _day("from", between[0]) if between[0] else usual
    if first > last:
        raise Invalid("from", "is after to")
    if (last - first).days > MOST_DAYS:
        raise Invalid("from", f"is more than {MOST_DAYS} days before to")
    return first, last


def _day(field: str, instant: datetime) -> date:
    """In the shop's time zone."""
    try:
        return shop_day(instant)
    except OverflowError:
        raise Invalid(field, "is outside the calendar") from None


def _on_day(score_day: ScoreDay) -> schemas.ScoresOnDay:
    assessment = Assessment.from_json(score_day.assessment)
    return schemas.ScoresOnDay(
        date=score_day.day,
        calculated_at=assessment.at,
        model_version=assessment.model_version,
        health_score=schemas.HealthOnDay.model_validate(assessment.health),
        churn_risk=schemas.ChurnOnDay(
            score=assessment.churn.score,
            level=assessment.churn.level,
            probability=assessment.churn.shown_probability,
            basis=assessment.churn.basis,
        ),
    )


def _change(oldest_first: list[ScoreDay]) -> schemas.ChangeOfScores | None:
    """From the first of the days to the last; None if that is one and the same, or there is none."""
    if not oldest_first or oldest_first[0].day == oldest_first[-1].day:
        return None
    start, end = oldest_first[0], oldest_first[-1]
    earlier, later = Assessment.from_json(start.assessment), Assessment.from_json(end.assessment)
    same_model = earlier.model_version == later.model_version
    found = explained(earlier, later, None if same_model else models.of_version(earlier.model_version))
    return schemas.ChangeOfScores(
        start=start.day,
        end=end.day,
        health_score=schemas.ScoreChange.model_validate(found.health),
        churn_risk=schemas.ScoreChange.model_validate(found.churn),
        inputs=[schemas.InputChange.model_validate(change) for change in found.inputs],
        spend=_spend(found.spend),
    )


def _spend(change: SpendChange | None) -> schemas.SpendChange | None:
    currency = settings().shop_currency

    def money(amount: Decimal | None) -> Decimal | None:
        return None if amount is None else rounded(amount, currency)

    return change and schemas.SpendChange(
        factors=list(change.factors), currency=currency, before=money(change.before), after=money(change.after)
    )
