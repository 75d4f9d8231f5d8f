"""What `GET …/payments` answers. A transaction's own amount is `Priced`, sums over transactions are `Financial`."""

from decimal import Decimal

from customer360.api.schema import Financial, Instant, Priced, Response, absent_if_none
from customer360.payments.record import MethodType, TransactionStatus


class Method(Response):
    id: str
    type: MethodType
    brand: str | None = absent_if_none()
    last4: str | None = absent_if_none()
    expiry_month: int | None = absent_if_none()
    expiry_year: int | None = absent_if_none()
    is_default: bool


class TransactionRow(Response):
    id: str
    amount: Priced[Decimal]
    currency: str
    date: Instant
    status: TransactionStatus
    method_id: str | None = absent_if_none()
    order_id: str | None = absent_if_none()


class CurrencySum(Response):
    """The transactions in another currency than the shop's, summed in it."""

    currency: str
    count: int
    amount: Financial[Decimal]


class PaymentSum(Response):
    """All transactions of one status. `count` is of every currency, `amount` the sum of those in the shop's;
    transactions name no exchange rate, so the other currencies stand for themselves."""

    count: int
    amount: Financial[Decimal]
    other_currencies: list[CurrencySum] | None = absent_if_none()


class Payments(Response):
    """Saved methods (default first, then by id, at most 100) and a page of transactions, newest first. The methods and
    the two sums are the customer's, whatever the page."""

    methods: list[Method]
    transactions: list[TransactionRow]
    total_successful: PaymentSum
    total_refunded: PaymentSum
    updated_at: Instant | None
    next_cursor: str | None = absent_if_none()
