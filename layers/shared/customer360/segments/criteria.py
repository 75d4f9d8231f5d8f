"""The criteria language of automatic segments: which fields there are, what may be asked of each.

    {"all": [{"field": "lifetimeValue", "op": "gte", "value": 500},
             {"not": {"field": "loyaltyTier", "op": "in", "value": ["gold", "platinum"]}}]}

`all` and `any` hold lists and `not` holds one, nested to a depth of 4. What a condition means is said in
`segments.rules`. An instant may be a date: then it is that whole day in the shop's time zone.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from customer360.errors import Invalid
from customer360.identifiers import is_identifier
from customer360.ingestion.cards import has_card_number
from customer360.shop_time import meant

MOST_DEPTH = 4
MOST_CONDITIONS = 100
MOST_VALUES = 100
LONGEST_TEXT = 100

Criteria = dict[str, Any]
Read = Callable[[Any, str], Any]

EQUALITY = frozenset({"eq", "ne", "in", "nin", "exists"})
ORDER = EQUALITY | {"gt", "gte", "lt", "lte", "between"}


def _number(value: Any, path: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Invalid(path, "must be a number")
    if abs(Decimal(value).adjusted()) > 18 or len(Decimal(value).as_tuple().digits) > 24:
        raise Invalid(path, "must be a number of at most 18 digits")
    return Decimal(value)


def _boolean(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise Invalid(path, "must be true or false")
    return value


def _instant(value: Any, path: str) -> str:
    """An ISO 8601 instant with a zone, or a date; kept as it was written, for those who read it again."""
    try:
        meant(value)
    except (TypeError, ValueError):
        raise Invalid(path, "must be a date or an ISO 8601 instant with a time zone") from None
    return str(value)


def _text(value: Any, path: str) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not 1 <= len(text) <= LONGEST_TEXT or not text.isprintable():
        raise Invalid(path, f"must be a text of 1 to {LONGEST_TEXT} printable characters")
    if has_card_number(text):
        raise Invalid(path, "holds a full card number, which is never accepted")
    return text


def _tag(value: Any, path: str) -> str:
    if not isinstance(value, str) or not is_identifier(value):
        raise Invalid(path, "must be the id of a tag")
    return value


def _one_of(*words: str) -> Read:
    def read(value: Any, path: str) -> str:
        if value not in words:
            raise Invalid(path, f"must be one of {', '.join(words)}")
        return str(value)

    return read


FIELDS: Mapping[str, tuple[Read, frozenset[str]]] = {
    **dict.fromkeys(
        (
            "lifetimeValue",
            "totalOrders",
            "completedOrders",
            "averageOrderValue",
            "daysSinceLastPurchase",
            "purchaseFrequency",
            "tenureDays",
            "pointsBalance",
            "healthScore",
            "openTickets",
            "openRate",
        ),
        (_number, ORDER),
    ),
    **dict.fromkeys(("emailOptIn", "smsOptIn", "pushOptIn"), (_boolean, EQUALITY)),
    "loyaltyTier": (_one_of("bronze", "silver", "gold", "platinum"), EQUALITY),
    "churnLevel": (_one_of("low", "medium", "high"), EQUALITY),
    "accountStatus": (_one_of("active", "pending", "suspended", "closed"), EQUALITY),
    "country": (_text, EQUALITY),
    "tag": (_tag, EQUALITY),
    "registeredAt": (_instant, ORDER),
}


def checked(criteria: Any, path: str = "criteria") -> Criteria:
    """The criteria as they are kept: as they were written. Raises Invalid with the path of what is wrong."""
    left = [MOST_CONDITIONS]
    return _node(criteria, path, 1, left)


def conditions_in(criteria: Criteria, path: str = "criteria") -> Iterator[tuple[str, Criteria]]:
    """Every condition of checked criteria, with its path."""
    if "field" in criteria:
        yield path, criteria
        return
    ((word, inner),) = criteria.items()
    if word == "not":
        yield from conditions_in(inner, f"{path}.not")
    else:
        for at, child in enumerate(inner):
            yield from conditions_in(child, f"{path}.{word}[{at}]")


def tags_in(criteria: Criteria) -> Iterator[tuple[str, str]]:
    """Every id of a tag that checked criteria refer to, with the path of where they do."""
    for path, condition in conditions_in(criteria):
        if condition["field"] == "tag" and condition["op"] != "exists":
            value = condition["value"]
            if isinstance(value, list):
                yield from ((f"{path}.value[{at}]", tag_id) for at, tag_id in enumerate(value))
            else:
                yield f"{path}.value", value


def _node(node: Any, path: str, depth: int, left: list[int]) -> Criteria:
    if not isinstance(node, dict):
        raise Invalid(path, "must be an object")
    left[0] -= 1
    if left[0] < 0:
        raise Invalid(path, f"there may be at most {MOST_CONDITIONS} conditions")
    words = [word for word in ("all", "any", "not") if word in node]
    if not words:
        return _condition(node, path)
    if len(node) > 1:
        raise Invalid(path, "must be one of all, any, not, or a condition, alone")
    if depth > MOST_DEPTH:
        raise Invalid(path, f"is nested deeper than {MOST_DEPTH}")
    (word,) = words
    if word == "not":
        return {"not": _node(node["not"], f"{path}.not", depth + 1, left)}
    children = node[word]
    if not isinstance(children, list) or not children:
        raise Invalid(f"{path}.{word}", "must be a list of at least one")
    return {word: [_node(child, f"{path}.{word}[{at}]", depth + 1, left) for at, child in enumerate(children)]}


def _condition(node: dict[str, Any], path: str) -> Criteria:
    for name in node:
        if name not in {"field", "op", "value"}:
            raise Invalid(f"{path}.{str(name)[:50]}", "is not known here")
    for name in ("field", "op", "value"):
        if name not in node:
            raise Invalid(f"{path}.{name}", "is required")
    field, op = node["field"], node["op"]
    if not isinstance(field, str) or field not in FIELDS:
        raise Invalid(f"{path}.field", f"must be one of {', '.join(FIELDS)}")
    read, ops = FIELDS[field]
    if not isinstance(op, str) or op not in ORDER:
        raise Invalid(f"{path}.op", f"must be one of {', '.join(sorted(ORDER))}")
    if op not in ops:
        raise Invalid(f"{path}.op", f"cannot be asked of {field}")
    return {"field": field, "op": op, "value": _value(op, node["value"], f"{path}.value", read)}


def _value(op: str, value: Any, path: str, read: Read) -> Any:
    if op == "exists":
        return _boolean(value, path)
    if op in {"in", "nin"}:
        if not isinstance(value, list) or not 1 <= len(value) <= MOST_VALUES:
            raise Invalid(path, f"must be a list of 1 to {MOST_VALUES} values")
        return [read(one, f"{path}[{at}]") for at, one in enumerate(value)]
    if op == "between":
        if not isinstance(value, list) or len(value) != 2:
            raise Invalid(path, "must be a list of two values, the lower first")
        low, high = (read(one, f"{path}[{at}]") for at, one in enumerate(value))
        is_inverted = meant(low)[0] > meant(high)[1] if isinstance(low, str) else low > high
        if is_inverted:
            raise Invalid(path, "the lower value must come first")
        return [low, high]
    return read(value, path)
