"""Assessments for Hypothesis: of any customer, under any model."""

from dataclasses import replace
from datetime import UTC

from hypothesis import strategies as st

from customer360.scoring.assessment import assess
from customer360.scoring.inputs import Engagement, History, Inputs
from customer360.scoring.parameters import ModelParameters


@st.composite
def histories(draw: st.DrawFn) -> History:
    """At most one purchase day per calendar day between the first and the last; 1 when they are the same."""
    span = draw(st.integers(0, 5000))
    repeats = draw(st.integers(1, min(span, 500))) if span else 0
    return History(repeats, span, span + draw(st.integers(0, 5000)))


INPUTS = st.builds(
    Inputs,
    history=st.none() | histories(),
    spend_365=st.none() | st.decimals(-100, 100_000, places=2),
    engagement=st.none() | st.builds(Engagement, activity=st.floats(0, 1000), trend=st.floats(-1, 1)),
    support_load=st.none() | st.floats(0, 50),
    orders_connected=st.booleans(),
)
UNCORRECTED = st.builds(
    ModelParameters,
    r=st.floats(0.05, 10),
    alpha=st.floats(1, 500),
    a=st.floats(0.01, 5),
    b=st.floats(0.1, 20),
    horizon_days=st.integers(30, 180),
    version=st.uuids(version=4).map(str),
    median_spend=st.none() | st.decimals("0.01", 10_000, places=2),
)
MODELS = st.builds(
    replace,
    UNCORRECTED,
    c0=st.floats(-2, 2),
    c1=st.floats(-0.9, 2),
    c2=st.floats(-2, 2),
    c3=st.floats(-3, 0),
    engagement_strength=st.floats(0, 1),
    support_strength=st.floats(0, 1),
)
INSTANTS = st.datetimes(timezones=st.just(UTC))
ASSESSMENTS = st.builds(assess, INPUTS, INSTANTS, MODELS)
