"""Averages and percentages as answers show them: one decimal, half-up, and 0.0 where there is nothing to divide by."""

from decimal import ROUND_HALF_UP, Decimal

from customer360.money import EXACT

TENTH = Decimal("0.1")


def average(total: Decimal, count: Decimal) -> Decimal:
    """The total spread over the count."""
    quotient = EXACT.divide(total, count) if count else Decimal(0)
    return quotient.quantize(TENTH, ROUND_HALF_UP, EXACT)


def percentage(part: Decimal, whole: Decimal) -> Decimal:
    """How much of the whole the part is, in percent."""
    return average(100 * part, whole)
