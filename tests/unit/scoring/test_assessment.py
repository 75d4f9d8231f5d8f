"""An assessment is kept as text, and read back as it was."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings

from customer360.scoring.assessment import Assessment, assess
from customer360.scoring.inputs import Engagement, History, Inputs
from customer360.scoring.parameters import DEFAULT
from support.assessments import ASSESSMENTS

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@settings(max_examples=300)
@given(ASSESSMENTS)
def test_what_is_written_is_read_back_exactly(assessment: Assessment) -> None:
    again = Assessment.from_json(assessment.to_json())
    assert again == assessment
    assert again.to_json() == assessment.to_json()
    assert str(again.health.score) == str(assessment.health.score)
    assert str(again.churn.score) == str(assessment.churn.score)


def test_of_somebody_of_whom_nothing_is_known() -> None:
    nobody = assess(Inputs(orders_connected=False), AT, DEFAULT)
    assert Assessment.from_json(nobody.to_json()) == nobody
    assert nobody.health.score == 0
    assert nobody.churn.basis == "prior"


def test_a_year_of_them_is_small() -> None:
    inputs = Inputs(History(123, 2345, 3456), Decimal("12345.67"), Engagement(1 / 3, -2 / 3), 1 / 7)
    assert len(assess(inputs, AT, DEFAULT).to_json()) < 600


def test_it_is_near_another_whatever_it_came_from() -> None:
    inputs = Inputs(History(3, 90, 100))
    before = assess(inputs, AT, DEFAULT)
    assert before.is_near(assess(inputs, AT + timedelta(days=1), DEFAULT))
    assert before.is_near(assess(inputs, AT, replace(DEFAULT, version="other")))
    assert not before.is_near(assess(Inputs(History(3, 90, 130)), AT, DEFAULT))
