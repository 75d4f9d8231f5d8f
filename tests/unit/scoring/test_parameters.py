"""Parameters are numbers that make sense, are kept exactly, and name themselves after what they are."""

import math
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer360.scoring.parameters import DEFAULT, ModelParameters

DAY = date(2026, 11, 20)
positive = st.floats(min_value=0, exclude_min=True, allow_infinity=False, allow_nan=False)
finite = st.floats(allow_infinity=False, allow_nan=False)
parameters = st.builds(
    ModelParameters,
    r=positive,
    alpha=positive,
    a=positive,
    b=positive,
    c0=finite,
    c1=st.floats(-0.9, 10),
    c2=finite,
    c3=st.floats(-10, 0),
    horizon_days=st.integers(1, 400),
    version=st.text(max_size=20),
    median_spend=st.none() | st.decimals(0, 10**9, allow_nan=False),
    engagement_strength=st.floats(0, 1),
    support_strength=st.floats(0, 1),
)


@settings(max_examples=50)
@given(parameters)
def test_what_is_written_is_read_back_exactly(known: ModelParameters) -> None:
    again = ModelParameters.from_json(known.to_json())
    assert again == known
    assert str(again.median_spend) == str(known.median_spend)


@settings(max_examples=50)
@given(parameters, parameters)
def test_the_version_names_the_day_and_the_numbers(known: ModelParameters, other: ModelParameters) -> None:
    named = known.named_on(DAY)
    assert re.fullmatch(r"mbgnbd-2026-11-20-[0-9a-f]{8}", named.version)
    assert named == replace(known, version=named.version)
    assert replace(known, version="anything").named_on(DAY).version == named.version
    if replace(other, version="").to_json() != replace(known, version="").to_json():
        assert other.named_on(DAY).version != named.version


@pytest.mark.parametrize(
    "wrong",
    [
        {"r": 0.0},
        {"alpha": -1.0},
        {"a": math.nan},
        {"b": math.inf},
        {"horizon_days": 0},
        {"c0": math.nan},
        {"c1": -0.95},
        {"c2": math.inf},
        {"c3": 0.1},
        {"engagement_strength": -0.01},
        {"engagement_strength": math.nan},
        {"support_strength": 1.01},
    ],
)
def test_numbers_that_are_no_parameters_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        replace(DEFAULT, **wrong)  # type: ignore[arg-type]


def test_what_was_written_before_there_were_strengths_has_all_of_them() -> None:
    text = (
        '{"r": 0.8, "alpha": 52.5, "a": 0.6, "b": 2.1, "c0": 0.1, "c1": -0.2, "c2": 0.3, "c3": -0.4, '
        '"horizon_days": 90, "version": "mbgnbd-2026-11-20-0123abcd", "median_spend": "49.90"}'
    )
    read = ModelParameters.from_json(text)
    assert (read.engagement_strength, read.support_strength) == (1, 1)
    assert (read.c3, read.median_spend) == (-0.4, Decimal("49.90"))


def test_the_default_parameters_carry_no_correction() -> None:
    assert (DEFAULT.c0, DEFAULT.c1, DEFAULT.c2, DEFAULT.c3, DEFAULT.median_spend) == (0, 0, 0, 0, None)
    assert (DEFAULT.engagement_strength, DEFAULT.support_strength) == (1, 1)
