"""Lists within rows are tables of their own, though the rows are gone through once."""

from decimal import Decimal
from typing import Any

import pytest

from customer360.exports import parts
from customer360.exports.parts import Parts, keeping

ROWS: list[dict[str, Any]] = [
    {"id": "o1", "currency": "EUR", "lines": [{"name": "Tea", "price": Decimal("1.50")}, {"name": "Milk"}]},
    {"id": "o2", "lines": []},
    {"id": "o3", "currency": "JPY", "lines": [{"name": "Rice\n\ud800"}]},
]


@pytest.mark.parametrize("in_memory", [10, 1_000_000])
def test_parts_say_what_they_are_part_of(monkeypatch: pytest.MonkeyPatch, in_memory: int) -> None:
    monkeypatch.setattr(parts, "IN_MEMORY_BYTES", in_memory)
    lines = Parts("lines", ["id", "currency"])
    assert list(keeping(iter(ROWS), lines)) == ROWS
    assert list(lines) == [
        {"of": {"id": "o1", "currency": "EUR"}, "name": "Tea", "price": Decimal("1.50")},
        {"of": {"id": "o1", "currency": "EUR"}, "name": "Milk"},
        {"of": {"id": "o3", "currency": "JPY"}, "name": "Rice\n?"},
    ]


def test_parts_are_not_read_before_all_of_them_are_known() -> None:
    lines = Parts("lines", ["id"])
    rows = keeping(iter(ROWS), lines)
    next(rows)
    with pytest.raises(RuntimeError, match="lines"):
        list(lines)
