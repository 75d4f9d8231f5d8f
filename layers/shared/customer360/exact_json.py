"""JSON with exact numbers: a Decimal is written as the number it is, and read back as that Decimal."""

import json
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import simplejson

from customer360.instants import sortable

MAX_DEPTH = 32
MAX_EXPONENT = 100


def _number(text: str) -> Decimal:
    """An exact number of a sane size: `1e999999999` is legal JSON, and takes for ever to turn into an integer."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("has a number out of any range") from None
    if abs(number.adjusted()) > MAX_EXPONENT:
        raise ValueError("has a number out of any range")
    return number


def _whole_number(text: str) -> int:
    if len(text) > MAX_EXPONENT:
        raise ValueError("has a number out of any range")
    return int(text)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return sortable(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def dumps(value: Any) -> str:
    """Compact JSON; Decimals exactly as they stand (0.30 stays 0.30), instants to the microsecond."""
    return simplejson.dumps(value, use_decimal=True, default=_text, ensure_ascii=False, separators=(",", ":"))


def loads(text: str | bytes) -> Any:
    """The value; numbers with a fraction are Decimals. Raises ValueError, also for NaN and for nesting beyond 32."""
    try:
        value = json.loads(text, parse_float=_number, parse_int=_whole_number, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return value
    raise ValueError("is nested too deeply")


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
