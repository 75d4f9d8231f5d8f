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

# Spaces and dashes of every kind, and what is there but cannot be seen.
_SEPARATOR = r"[\s\-\u2010-\u2015\u2212\u00ad\u200b-\u200d\u2060]{1,3}"
_RUN = re.compile(rf"\d+(?:{_SEPARATOR}\d+)*")
_GROUP = re.compile(r"\d+")

# The fields that identify something, `*` standing for a place in a list; they are not looked at.
PAYMENT_IDENTIFIERS = frozenset({"eventId", "customerId", "data.orderId", "data.transactionId", "data.amount"})
IDENTIFIERS = PAYMENT_IDENTIFIERS | {
    "data.sessionId",
    "data.referralCode",
    "data.messageId",
    "data.campaignId",
    "data.ticketId",
    "data.number",
    "data.trackingNumber",
    "data.phone",
    "data.avatarUrl",
    "data.lines.*.sku",
    "data.addresses.*.id",
    "data.addresses.*.phone",
    "data.shippingAddress.id",
    "data.shippingAddress.phone",
    "data.messages.*.id",
}
MAX_NAME = 64

Path = tuple[str, ...]


_BY_FIRST_DIGIT = {
    str(digit): tuple(issuer for issuer in _ISSUERS if str(issuer[0])[0] <= str(digit) <= str(issuer[1])[0])
    for digit in range(10)
}


def luhn(digits: str) -> bool:
    """The check digit holds (ISO/IEC 7812-1, annex B)."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + sum(doubled)) % 10 == 0


def is_card_number(digits: str) -> bool:
    """A known issuer's prefix and length, and the check digit; the quickest test first, for text may be long."""
    return any(
        len(digits) in lengths and low <= int(digits[: len(str(low))]) <= high
        for low, high, lengths in _BY_FIRST_DIGIT.get(digits[0], ())
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
        if not _BY_FIRST_DIGIT.get(text[groups[first][0]]):
            first += 1
            continue
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


def card_fields(
    value: Any, path: Path = (), *, identifiers: frozenset[str] = IDENTIFIERS, numbers: bool = True
) -> Iterator[str]:
    """The dotted paths of the fields that hold a card number, as name or as value.

    Identifiers are not looked at, and JSON numbers only on demand: outside payments they are amounts and counts.
    """
    if isinstance(value, dict):
        for name, child in value.items():
            if has_card_number(name):
                yield _dotted((*path, name))
            yield from card_fields(child, (*path, name), identifiers=identifiers, numbers=numbers)
    elif isinstance(value, list):
        for position, child in enumerate(value):
            yield from card_fields(child, (*path, str(position)), identifiers=identifiers, numbers=numbers)
    elif (numbers or isinstance(value, str)) and _is_card_field(value, path, identifiers):
        yield _dotted(path)


def masked(value: Any, path: Path = (), *, identifiers: frozenset[str] = IDENTIFIERS) -> Any:
    """The JSON value with every card number masked, where `card_fields` looks."""
    if isinstance(value, dict):
        return {redacted(name): masked(child, (*path, name), identifiers=identifiers) for name, child in value.items()}
    if isinstance(value, list):
        return [masked(child, (*path, str(place)), identifiers=identifiers) for place, child in enumerate(value)]
    return redacted(str(value)) if _is_card_field(value, path, identifiers) else value


def _is_card_field(value: Any, path: Path, identifiers: frozenset[str]) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return False
    pattern = ".".join("*" if part.isdigit() else part for part in path)
    return pattern not in identifiers and has_card_number(str(value))


def _dotted(path: Path) -> str:
    return ".".join(redacted(name)[:MAX_NAME] for name in path)


def redacted(text: str) -> str:
    """The text with every card number masked to its last four digits; otherwise as it was."""
    plain = unicodedata.normalize("NFKC", text)
    spans = list(card_spans(plain))
    if not spans:
        return text
    for start, end in reversed(spans):
        plain = plain[:start] + "•" * 8 + plain[end - 4 : end] + plain[end:]
    return redacted(plain)  # the four digits that stay may begin another number
