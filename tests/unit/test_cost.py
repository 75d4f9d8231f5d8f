"""The bill in the documentation is the one the script works out, and adds up."""

from pathlib import Path

import pytest

from cost import Shop, bill, table_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "cost.md"


def test_the_documentation_has_the_bill_as_it_is_worked_out() -> None:
    _, _, rest = DOCUMENT.read_text().partition("<!-- make cost -->\n")
    table, _, _ = rest.partition("\n<!-- end -->")
    assert table == table_of([10_000, 100_000, 1_000_000], Shop())


def test_all_but_what_is_fixed_grows_with_the_shop() -> None:
    small, large = bill(1000, Shop()), bill(10_000, Shop())
    grown = {name: large[name] / small[name] for name in small}
    assert grown == {name: pytest.approx(1 if name.startswith("Fixed") else 10) for name in small}
