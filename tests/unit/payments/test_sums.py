"""What was paid and refunded in all: every currency for itself."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer360.payments.schemas import PaymentSum
from customer360.payments.sums import sum_of

DECIMALS = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}
transactions = st.lists(
    st.sampled_from(sorted(DECIMALS)).flatmap(
        lambda currency: st.tuples(
            st.sampled_from(["succeeded", "refunded", "failed", "pending"]),
            st.just(currency),
            st.decimals(0, 10**9, places=DECIMALS[currency]),
        )
    ),
    max_size=20,
)


def kept(made: list[tuple[str, str, Decimal]]) -> dict[str, Decimal]:
    """The totals of the transactions; as in the table, sums of zero are left out."""
    totals: Counter[str] = Counter()
    for status, currency, amount in made:
        totals[f"count:{status}:{currency}"] += 1
        totals[f"amount:{status}:{currency}"] += amount  # type: ignore[assignment]  # exact numbers add up, too
    return {name: Decimal(number) for name, number in totals.items() if number}


@given(transactions, st.sampled_from(["EUR", "JPY"]))
def test_nothing_is_summed_across_currencies_and_nothing_is_left_out(
    made: list[tuple[str, str, Decimal]], shop_currency: str
) -> None:
    found = sum_of(kept(made), "succeeded", shop_currency)
    paid = {
        currency: [amount for status, own, amount in made if (status, own) == ("succeeded", currency)]
        for currency in DECIMALS
    }
    assert found.count == sum(map(len, paid.values()))
    assert found.amount == sum(paid[shop_currency], Decimal(0))
    assert {other.currency: (other.count, other.amount) for other in found.other_currencies or []} == {
        currency: (len(amounts), sum(amounts, Decimal(0)))
        for currency, amounts in paid.items()
        if amounts and currency != shop_currency
    }


@pytest.mark.parametrize(("shop_currency", "nothing"), [("EUR", "0.00"), ("JPY", "0"), ("KWD", "0.000")])
def test_of_nothing_there_is_nothing_in_the_shops_currency(shop_currency: str, nothing: str) -> None:
    found = sum_of({}, "refunded", shop_currency)
    assert (found.count, str(found.amount), found.other_currencies) == (0, nothing, None)


def test_other_currencies_stand_by_their_code_with_their_own_decimals() -> None:
    totals: dict[str, Any] = {
        "count:refunded:USD": Decimal(2),
        "amount:refunded:USD": Decimal("7.5"),
        "count:refunded:JPY": Decimal(1),
        "amount:refunded:JPY": Decimal(300),
        "count:succeeded:KWD": Decimal(1),
    }
    others = sum_of(totals, "refunded", "EUR").other_currencies
    assert [(other.currency, other.count, str(other.amount)) for other in others or []] == [
        ("JPY", 1, "300"),
        ("USD", 2, "7.50"),
    ]


def test_a_payment_of_nothing_is_counted() -> None:
    assert sum_of({"count:succeeded:EUR": Decimal(1)}, "succeeded", "EUR") == PaymentSum(count=1, amount=Decimal(0))
