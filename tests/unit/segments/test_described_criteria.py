"""Criteria as the OpenAPI document tells of them: whatever is taken and answered, and no field, op or type beside."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from openapi_schema_validator import OAS31Validator

from customer360.exact_json import dumps, loads
from customer360.segments.criteria import checked
from openapi.criteria import criteria
from support.criteria import EQUALITY, ORDER, VALUES, condition, ops_of, trees

VALIDATOR = OAS31Validator({"$ref": "#/components/schemas/Criteria", "components": {"schemas": criteria()}})


def every_condition() -> Iterator[dict[str, Any]]:
    """Of every field each op it has, with values it takes."""
    for field, (values, _) in VALUES.items():
        for op in ops_of(field):
            value: Any = {"exists": True, "in": values, "nin": values, "between": values[:2]}.get(op, values[0])
            yield condition(field, op, value)


@pytest.mark.parametrize("asked", list(every_condition()), ids=lambda asked: f"{asked['field']} {asked['op']}")
def test_every_op_of_every_field_is_described(asked: dict[str, Any]) -> None:
    assert checked(asked)
    assert VALIDATOR.is_valid(asked)


@given(trees())
def test_however_criteria_are_nested_they_are_as_described(tree: Any) -> None:
    assert VALIDATOR.is_valid(loads(dumps(tree)))


@pytest.mark.parametrize("field", VALUES)
def test_an_op_that_cannot_be_asked_of_a_field_is_not_described(field: str) -> None:
    for op in {*EQUALITY, *ORDER, "like"} - set(ops_of(field)):
        for value in (VALUES[field][0][0], VALUES[field][0][:2]):
            assert not VALIDATOR.is_valid(condition(field, op, value))


@pytest.mark.parametrize("field", VALUES)
def test_neither_is_a_value_of_another_type(field: str) -> None:
    is_text = field in {"country", "tag", "registeredAt"}
    others: list[Any] = [None, {}, [["x"]], [], 1 if is_text else "1"]
    for value in others:
        for op in ops_of(field):
            assert not VALIDATOR.is_valid(condition(field, op, value)), (op, value)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"all": []},
        {"not": []},
        {"all": [{"field": "country", "op": "eq", "value": "FR"}], "more": 1},
        {"field": "shoeSize", "op": "eq", "value": 1},
        {"field": "country", "op": "eq"},
        {"field": "country", "op": "eq", "value": "FR", "more": 1},
        {"any": [{"all": [{"not": {"field": "totalOrders", "op": "eq", "value": "many"}}]}]},
    ],
    ids=str,
)
def test_what_is_refused_is_not_described(asked: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid(asked)
