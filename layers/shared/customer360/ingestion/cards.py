"""Full card numbers: found, so that they are never stored, logged or echoed.

A number counts if it passes Luhn and has a known issuer's prefix and length (ISO/IEC 7812), spaces or dashes allowed.
One in ten arbitrary numbers passes Luhn, so ids, numbers of orders and tickets, skus, tracking numbers and phones are
not looked at; free text and everything about payments is.
"""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

# Issuer prefixes (inclusive ranges) and lengths.
_ISSUERS: tuple[tuple[int, int, frozenset[int]], ...] = (
    (4, 4, frozenset({13, 16, 19})),  # Visa
    (51, 55, frozenset({16})),  # Mastercard
    (2221, 2720, frozenset({16})),  # Mastercard
    (34, 34, frozenset({15})),  # American Express
    (37, 37, frozenset({15})),
    (300, 305, frozenset({14, 16, 19})),  # Diners Club
    (3095, 3095, frozenset({14, 16, 19})),
    (36, 36, frozenset({14, 16, 19})),
    (38, 39, frozenset({14, 16, 19})),
    (3528, 3589, frozenset({16, 17, 18, 19})),  # JCB
    (6011, 6011, frozenset({16, 17, 18, 19})),  # Discover
    (622126, 622925, frozenset({16, 17, 18, 19})),
    (644, 649, frozenset({16, 17, 18, 19})),
    (65, 65, frozenset({16, 17, 18, 19})),  # Discover, RuPay
    (60, 60, frozenset({16})),  # RuPay
    (81, 82, frozenset({16})),
    (508, 508, frozenset({16})),
    (62, 62, frozenset({16, 17, 18, 19})),  # UnionPay
    (2200, 2204, frozenset({16, 17, 18, 19})),  # Mir
    (5018, 5018, frozenset({12, 13, 14, 15, 16, 17, 18, 19})),  # Maestro
    (5020, 5020, frozenset({12, 13, 14, 15, 16, 17, 18, 19})),
    (5038, 5038, frozenset({12, 13, 14, 15, 16, 17, 18, 19})),
    (5893, 5893, frozenset({12, 13, 14, 15, 16, 17, 18, 19})),
    (6304, 6304, frozenset({12, 13, 14, 15, 16, 17, 18, 19})),
    (6759, 6763, frozenset({12, 13, 14, 15, 16, 17, 18, 19})),
)

_SEPARATOR = r"[\s\-\u2010-\u2015\u2212]{1,3}"
_RUN = re.compile(rf"\d+(?:{_SEPARATOR}\d+)*")
_GROUP = re.compile(r"\d+")

# Names of fields that are identifiers of other things, in any part of an event.
_NOT_LOOKED_AT = frozenset(
    {
        "eventId", "customerId", "orderId", "transactionId", "sessionId", "messageId", "campaignId", "ticketId", "id",
        "number", "sku", "trackingNumber", "phone", "avatarUrl",
    }
)  # fmt: skip


def luhn(digits: str) -> bool:
    """The check digit holds (ISO/IEC 7812-1, annex B)."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + sum(doubled)) % 10 == 0


def is_card_number(digits: str) -> bool:
    return any(
        len(digits) in lengths and low <= int(digits[: len(str(low))]) <= high for low, high, lengths in _ISSUERS
    ) and luhn(digits)


def card_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where card numbers stand in the text: whole groups of digits, joined over single spaces or dashes."""
    for run in _RUN.finditer(text):
        groups = [(run.start() + group.start(), run.start() + group.end()) for group in _GROUP.finditer(run.group())]
        yield from _spans_of_groups(text, groups)


def _spans_of_groups(text: str, groups: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    first = 0
    while first < len(groups):
        found = None
        digits = ""
        for last in range(first, len(groups)):
            digits += text[slice(*groups[last])]
            if len(digits) > 19:
                break
            if len(digits) >= 12 and is_card_number(digits):
                found = last
        if found is None:
            first += 1
        else:
            yield groups[first][0], groups[found][1]
            first = found + 1


def has_card_number(text: str) -> bool:
    return next(card_spans(unicodedata.normalize("NFKC", text)), None) is not None


def card_fields(value: Any, path: str = "", *, is_payment: bool = False) -> Iterator[str]:
    """The dotted paths of the fields that hold a card number.

    In a payment event every field but the ids of other things is looked at (`number` included); elsewhere the fields
    that hold identifiers are not.
    """
    if isinstance(value, dict):
        for name, child in value.items():
            if not _is_identifier(name, is_payment=is_payment):
                yield from card_fields(child, f"{path}.{name}" if path else name, is_payment=is_payment)
            elif isinstance(child, dict | list):
                yield from card_fields(child, f"{path}.{name}", is_payment=is_payment)
            if has_card_number(name):
                yield path or "data"
    elif isinstance(value, list):
        for position, child in enumerate(value):
            yield from card_fields(child, f"{path}.{position}", is_payment=is_payment)
    elif isinstance(value, str | int | Decimal) and not isinstance(value, bool) and has_card_number(str(value)):
        yield path


def _is_identifier(name: str, *, is_payment: bool) -> bool:
    if name == "methodId" or (is_payment and name in {"number", "id"}):
        return False
    return name in _NOT_LOOKED_AT


def masked(value: Any, *, is_payment: bool = False) -> Any:
    """The JSON value with every card number masked, where `card_fields` looks."""
    if isinstance(value, dict):
        return {
            redacted(name): child
            if _is_identifier(name, is_payment=is_payment) and not isinstance(child, dict | list)
            else masked(child, is_payment=is_payment)
            for name, child in value.items()
        }
    if isinstance(value, list):
        return [masked(child, is_payment=is_payment) for child in value]
    if isinstance(value, str) or (isinstance(value, int | Decimal) and has_card_number(str(value))):
        return redacted(str(value))
    return value


def redacted(text: str) -> str:
    """The text with every card number masked to its last four digits; otherwise as it was."""
    plain = unicodedata.normalize("NFKC", text)
    spans = list(card_spans(plain))
    for start, end in reversed(spans):
        plain = plain[:start] + "•" * 8 + plain[end - 4 : end] + plain[end:]
    return plain if spans else text
