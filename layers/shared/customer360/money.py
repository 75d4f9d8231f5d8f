"""Money: decimals, never floats, rounded half-up to what the currency has."""

from decimal import ROUND_HALF_UP, Context, Decimal

# Amounts have at most 18 digits, quantities 12 and rates 18, so no sum or product of theirs is ever rounded in it
# (the default context keeps 28), nor exceeds the 38 digits of a DynamoDB number.
EXACT = Context(prec=60)

# ISO 4217 minor units that are not 2.
MINOR_UNITS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}


def minor_units(currency: str) -> int:
    """How many decimals the currency has (ISO 4217)."""
    return MINOR_UNITS.get(currency, 2)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount with exactly the currency's decimals, half-up (away from zero)."""
    return amount.quantize(Decimal(1).scaleb(-minor_units(currency)), ROUND_HALF_UP, EXACT)


def unit_price(price: Decimal, currency: str) -> Decimal:
    """The price with the currency's decimals, or with the more that it has: a unit may cost fractions of a cent."""
    padded = rounded(price, currency)
    return padded if padded == price else price


def converted(amount: Decimal, exchange_rate: Decimal | None, shop_currency: str) -> Decimal:
    """The amount in the shop's currency. `exchange_rate` is None for an amount that already is in it."""
    return rounded(amount if exchange_rate is None else EXACT.multiply(amount, exchange_rate), shop_currency)
