"""No body, whatever stands in it, makes reading a request fail in another way than by saying which field is wrong."""

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from customer360.api.schema import Request
from openapi.document import document

AWKWARD: list[Any] = [
    None,
    True,
    0,
    -1,
    10**30,
    Decimal("0.5"),
    "",
    " ",
    "\x1f",
    "\ud800",
    "2026-02-30",
    [],
    [None],
    {},
]
NUMBERS = st.integers() | st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda within: st.lists(within, max_size=3) | st.dictionaries(st.text(), within, max_size=3),
)


@cache
def fields() -> list[tuple[type[Request], str]]:
    """Of every request there is, by the names of the API."""
    document()  # imports every handler, which tests that need an engine must not find done
    return sorted(
        ((model, field.alias or name) for model in subclasses(Request) for name, field in model.model_fields.items()),
        key=lambda found: (found[0].__name__, found[1]),
    )


def subclasses(model: type[Request]) -> Iterator[type[Request]]:
    for subclass in model.__subclasses__():
        if subclass.__module__.startswith("customer360."):
            yield subclass
        yield from subclasses(subclass)


def read(model: type[Request], field: str, value: Any) -> None:
    """Other fields may be missing: pydantic looks at each, whatever it thinks of the rest."""
    with suppress(ValidationError):
        model.model_validate({field: value})


def test_every_field_takes_an_awkward_value_or_refuses_it() -> None:
    for model, field in fields():
        for value in AWKWARD:
            read(model, field, value)


@settings(max_examples=1000)
@given(field=st.deferred(lambda: st.sampled_from(fields())), value=VALUES)
def test_a_field_takes_any_value_or_refuses_it(field: tuple[type[Request], str], value: Any) -> None:
    read(*field, value)
