"""No body, whatever stands in it, makes reading a request fail in another way than by saying which field is wrong."""

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from customer360.api.schema import Request
from openapi.document import document

NUMBERS = st.integers() | st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20)
LEAVES = st.none() | st.booleans() | NUMBERS | st.text() | st.sampled_from(["", " ", "\x1f", "\ud800", "2026-02-30"])
VALUES = st.recursive(
    LEAVES, lambda within: st.lists(within, max_size=3) | st.dictionaries(st.text(), within, max_size=3)
)


@cache
def requests() -> dict[str, type[Request]]:
    document()  # reads every handler, and so every request there is
    return {model.__name__: model for model in subclasses(Request)}


def subclasses(model: type[Request]) -> Iterator[type[Request]]:
    for subclass in model.__subclasses__():
        if subclass.__module__.startswith("customer360."):
            yield subclass
        yield from subclasses(subclass)


FIELDS = [
    pytest.param(model, field.alias or name, id=f"{model_name}-{name}")
    for model_name, model in sorted(requests().items())
    for name, field in model.model_fields.items()
]


@pytest.mark.parametrize(("model", "field"), FIELDS)
@example(value=None)
@settings(max_examples=25)
@given(value=VALUES)
def test_a_field_takes_a_value_or_says_what_is_wrong_with_it(model: type[Request], field: str, value: Any) -> None:
    """Other fields may be missing: pydantic looks at each, whatever it thinks of the rest."""
    with suppress(ValidationError):
        model.model_validate({field: value})
