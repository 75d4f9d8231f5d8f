"""The criteria of automatic segments as JSON schemas: each field with the ops it has and the values it takes, as
`customer360.segments.criteria` reads them. How deep they may be nested, and how many there may be, is told in words."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final, get_args

from customer360.customers.record import AccountStatus
from customer360.identifiers import PATTERN
from customer360.loyalty.tiers import TierName
from customer360.scoring.churn import ChurnLevel
from customer360.segments.criteria import (
    FIELDS,
    LONGEST_TEXT,
    MOST_CONDITIONS,
    MOST_DEPTH,
    MOST_VALUES,
)

Schema = dict[str, Any]

# Of each kind of field, by the first of its fields.
VALUES: Final[dict[str, Schema]] = {
    "lifetimeValue": {"type": "number"},
    "emailOptIn": {"type": "boolean"},
    "loyaltyTier": {"type": "string", "enum": list(get_args(TierName))},
    "churnLevel": {"type": "string", "enum": list(get_args(ChurnLevel))},
    "accountStatus": {"type": "string", "enum": list(get_args(AccountStatus))},
    "country": {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT},
    "tag": {"type": "string", "pattern": PATTERN},
    "registeredAt": {"type": "string", "description": "A date or an instant."},
}
WITH_LIST = ("in", "nin")
# In the order in which they are documented.
WITH_ONE = ("eq", "ne", "gt", "gte", "lt", "lte")


def criteria() -> dict[str, Schema]:
    """The schemas, by name."""
    criteria = {"$ref": "#/components/schemas/Criteria"}
    several = {"type": "array", "items": criteria, "minItems": 1}
    return {
        "Criteria": {
            "description": "What an automatic segment asks of a customer. `all` and `any` hold a list and `not` one, "
            f"nested to a depth of {MOST_DEPTH}; at most {MOST_CONDITIONS} of all these together.",
            "anyOf": [
                _object(all=several),
                _object(any=several),
                _object(**{"not": criteria}),
                {"$ref": "#/components/schemas/Condition"},
            ],
        },
        "Condition": {"description": "What is asked of one fact.", "anyOf": _conditions()},
    }


def _conditions() -> list[Schema]:
    kinds: dict[Any, list[str]] = defaultdict(list)
    for field, kind in FIELDS.items():
        kinds[kind].append(field)
    found = [_condition(list(FIELDS), ["exists"], {"type": "boolean"})]
    for (_, ops), fields in kinds.items():
        value = VALUES[fields[0]]
        found.append(_condition(fields, [op for op in WITH_ONE if op in ops], value))
        found.append(_condition(fields, [op for op in WITH_LIST if op in ops], _list(value, 1, MOST_VALUES)))
        if "between" in ops:
            found.append(_condition(fields, ["between"], _list(value, 2, 2)))
    return found


def _condition(fields: list[str], ops: list[str], value: Schema) -> Schema:
    return _object(field={"type": "string", "enum": fields}, op={"type": "string", "enum": ops}, value=value)


def _list(value: Schema, least: int, most: int) -> Schema:
    return {"type": "array", "items": value, "minItems": least, "maxItems": most}


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
