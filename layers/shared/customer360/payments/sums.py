"""What was paid and refunded in all, from the kept totals by status and currency."""

from collections.abc import Mapping
from decimal import Decimal

from customer360.money import rounded
from customer360.payments.record import TransactionStatus
from customer360.payments.schemas import CurrencySum, PaymentSum


def sum_of(totals: Mapping[str, Decimal], status: TransactionStatus, shop_currency: str) -> PaymentSum:
    """The transactions of one status; other currencies than the shop's by their code."""
    prefix = f"count:{status}:"
    counts = {name.removeprefix(prefix): int(count) for name, count in totals.items() if name.startswith(prefix)}

    def amount(currency: str) -> Decimal:
        return rounded(totals.get(f"amount:{status}:{currency}", Decimal(0)), currency)

    others = [
        CurrencySum(currency=currency, count=count, amount=amount(currency))
        for currency, count in sorted(counts.items())
        if currency != shop_currency
    ]
    return PaymentSum(count=sum(counts.values()), amount=amount(shop_currency), other_currencies=others or None)
