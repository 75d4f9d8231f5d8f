"""A customer's payments: the saved methods, a page of transactions, and what they come to."""

from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import islice

from customer360.api import cursor as cursors
from customer360.instants import sortable
from customer360.money import rounded
from customer360.payments import schemas
from customer360.payments.record import PaymentMethod, PaymentTransaction
from customer360.payments.sums import sum_of
from customer360.settings import settings
from customer360.storage.heads import some_heads
from customer360.storage.items import ByState, CustomerItem
from customer360.storage.keys import PAYMENTS, partition
from customer360.storage.paging import By, Row, index_stream, page_of
from customer360.storage.parallel import at_once

SHOWN_METHODS = 100


def page(
    customer_id: str,
    *,
    limit: int,
    cursor: str | None,
    made: tuple[datetime | None, datetime | None] = (None, None),
) -> schemas.Payments:
    """Transactions newest first. Raises NotFound, and Invalid for a cursor of another list."""
    scope = ("payments", customer_id, *(sortable(bound) if bound else None for bound in made))
    position = cursors.decode(cursor, *scope)
    pk, currency = partition(customer_id), settings().shop_currency
    transactions = index_stream(pk, By.TIME, PaymentTransaction.KIND)
    heads, methods, found = at_once(
        (
            partial(some_heads, customer_id, PAYMENTS),
            partial(_methods, pk),
            partial(page_of, [transactions], limit, position, *made),
        )
    )
    totals = heads.totals(PAYMENTS)
    return schemas.Payments(
        methods=methods,
        transactions=[_transaction(row) for row in found.rows],
        total_successful=sum_of(totals, "succeeded", currency),
        total_refunded=sum_of(totals, "refunded", currency),
        updated_at=heads.updated_at("payments"),
        next_cursor=cursors.encode(found.next_position, *scope) if found.next_position else None,
    )


def _methods(pk: str) -> list[schemas.Method]:
    """Those that were not removed, as the index has them in order."""
    listed = CustomerItem.state_index.query(
        pk, ByState.by_state.startswith(f"{PaymentMethod.KIND}#"), limit=SHOWN_METHODS, consistent_read=True
    )
    return [schemas.Method.model_validate(item.summary) for item in islice(listed, SHOWN_METHODS)]


def _transaction(row: Row) -> schemas.TransactionRow:
    summary = row.summary
    amount = rounded(Decimal(summary["amount"]), summary["currency"])
    return schemas.TransactionRow.model_validate(summary | {"amount": amount})
