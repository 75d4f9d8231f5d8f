"""What an order means: to the metrics, to what is bought when, to the lists and to the timeline."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from customer360.analytics.categories import shard
from customer360.instants import from_sortable, sortable
from customer360.money import EXACT, converted, rounded
from customer360.scoring.months import Signal, by_month
from customer360.search.words import order_number
from customer360.sources.fields import (
    Amount,
    Category,
    Currency,
    Identifier,
    Instant,
    NotNegative,
    Rate,
    Reference,
    SourceModel,
    Text,
    Title,
)
from customer360.sources.record import Index, Listing, Moment, Record, Shop, Snapshot, Totals, difference, key
from customer360.storage.keys import BEHAVIOUR, METRICS
from customer360.timeline.entries import Entry

OrderStatus = Literal["pending", "processing", "shipped", "delivered", "completed", "cancelled", "refunded"]
COMPLETED = frozenset({"delivered", "completed"})
PURCHASE = "PURCHASE"

Quantity = Annotated[Amount, Field(ge=0, max_digits=12, decimal_places=3)]


class OrderLine(SourceModel):
    sku: Reference | None = None
    name: Title
    category: Category | None = None
    quantity: Quantity
    unit_price: Amount


class ShippingAddress(SourceModel):
    name: Text | None = None
    line1: Text | None = None
    line2: Text | None = None
    city: Text | None = None
    region: Text | None = None
    postal_code: Text | None = None
    country: Text | None = None
    phone: Text | None = None


class Order(Record):
    """`order.upserted`: one version of an order."""

    KIND: ClassVar[str] = "ORDER"
    SECTION: ClassVar[str] = "orders"
    FEEDS: ClassVar[frozenset[str]] = frozenset({"orders", "metrics", "analytics"})
    MOMENTS: ClassVar[dict[str, Moment]] = {
        "firstPurchaseAt": Moment(METRICS, Index.MILESTONE, PURCHASE, latest=False),
        "lastPurchaseAt": Moment(METRICS, Index.MILESTONE, PURCHASE),
    }

    order_id: Identifier
    number: Reference
    placed_at: Instant
    status: OrderStatus
    currency: Currency
    exchange_rate: Rate | None = None
    total: NotNegative
    discount: Amount | None = None
    shipping: Amount | None = None
    tax: Amount | None = None
    refunded_amount: NotNegative | None = None
    lines: list[OrderLine]
    shipping_address: ShippingAddress | Text | None = None
    payment_method: Text | None = None
    tracking_number: Text | None = None
    updated_at: Instant

    @property
    def subject_id(self) -> str:
        return self.order_id

    @property
    def is_completed(self) -> bool:
        return self.status in COMPLETED

    @property
    def items_count(self) -> Decimal:
        return sum((line.quantity for line in self.lines), Decimal(0))

    def refusal(self, shop: Shop) -> tuple[str, str] | None:
        if self.currency != shop.currency and self.exchange_rate is None:
            return "data.exchangeRate", f"is required for an order that is not in {shop.currency}"
        return None

    def listing(self) -> Listing:
        return Listing(
            by_time=key(self.KIND, self.placed_at, self.order_id),
            by_state=key(f"{self.KIND}#{self.status}", self.placed_at, self.order_id),
            by_milestone=key(PURCHASE, self.placed_at, self.order_id) if self.is_completed else None,
            by_order_number=order_number(self.number) or None,
            summary={
                "id": self.order_id,
                "orderNumber": self.number,
                "date": sortable(self.placed_at),
                "status": self.status,
                "total": str(self.total),
                "currency": self.currency,
                "itemsCount": str(self.items_count),
            },
        )

    def totals(self, shop: Shop) -> Totals:
        return {METRICS: self._metrics(shop)} | self._behaviour(shop) | self._signals(shop)

    def _metrics(self, shop: Shop) -> dict[str, Decimal]:
        completed = Decimal(self.is_completed)
        return {
            "totalOrders": Decimal(1),
            "completedOrders": completed,
            "lifetimeValue": completed * self._in_shop_currency(self.total, shop),
            "refundedAmount": self._in_shop_currency(self.refunded_amount or Decimal(0), shop),
        }

    def _behaviour(self, shop: Shop) -> Totals:
        """When and what was bought; a cancelled order was not. Sunday is day 0, in the shop's time zone."""
        if self.status == "cancelled":
            return {}
        local = self.placed_at.astimezone(shop.time_zone)
        totals: Totals = {BEHAVIOUR: {f"day:{local.isoweekday() % 7}": Decimal(1), f"hour:{local.hour}": Decimal(1)}}
        for category, (units, spent) in self._by_category().items():
            totals.setdefault(shard(category), {}).update(
                {f"units:{category}": units, f"revenue:{category}": self._in_shop_currency(spent, shop)}
            )
        return totals

    def _by_category(self) -> dict[str, tuple[Decimal, Decimal]]:
        units: defaultdict[str, Decimal] = defaultdict(Decimal)
        spent: defaultdict[str, Decimal] = defaultdict(Decimal)
        for line in self.lines:
            if line.category:
                paid = EXACT.multiply(line.quantity, line.unit_price)
                units[line.category] = EXACT.add(units[line.category], line.quantity)
                spent[line.category] = EXACT.add(spent[line.category], paid)
        return {category: (units[category], spent[category]) for category in units}

    def _signals(self, shop: Shop) -> Totals:
        """What a completed order says of the customer to the scores: that they bought, and for how much."""
        if not self.is_completed:
            return {}
        total, refunded = (
            self._in_shop_currency(amount, shop) for amount in (self.total, self.refunded_amount or Decimal(0))
        )
        day = shop.day_of(self.placed_at)
        return by_month(Signal(day, "purchases"), Signal(day, "spend", EXACT.subtract(total, refunded)))

    def _in_shop_currency(self, amount: Decimal, shop: Shop) -> Decimal:
        return converted(amount, None if self.currency == shop.currency else self.exchange_rate, shop.currency)

    def moments(self) -> dict[str, datetime]:
        return dict.fromkeys(self.MOMENTS, self.placed_at) if self.is_completed else {}

    def purchase_day(self, time_zone: ZoneInfo) -> date | None:
        """The shop's calendar day of a completed purchase; the churn model counts distinct ones."""
        return self.placed_at.astimezone(time_zone).date() if self.is_completed else None

    def snapshot(self) -> Snapshot:
        return {
            "orderId": self.order_id,
            "number": self.number,
            "status": self.status,
            "placedAt": sortable(self.placed_at),
            "updatedAt": sortable(self.updated_at),
            "total": str(rounded(self.total, self.currency)),
            "refundedAmount": str(rounded(self.refunded_amount or Decimal(0), self.currency)),
            "currency": self.currency,
            "itemsCount": str(self.items_count),
        }

    @classmethod
    def entries(cls, before: Snapshot | None, after: Snapshot) -> list[Entry]:
        order = {"orderId": after["orderId"], "orderNumber": after["number"]}
        if before is None:
            amounts = {"total": after["total"], "currency": after["currency"]}
            items = "1 item" if after["itemsCount"] == "1" else f"{after['itemsCount']} items"
            return [
                Entry(
                    "placed",
                    "order",
                    f"Order {after['number']} placed",
                    f"{items}, {after['status']}",
                    from_sortable(after["placedAt"]),
                    order | {"status": after["status"], "itemsCount": after["itemsCount"], "amounts": amounts},
                )
            ]
        return list(cls._changes(before, after, order))

    @staticmethod
    def _changes(before: Snapshot, after: Snapshot, order: dict[str, Any]) -> Iterator[Entry]:
        at = from_sortable(after["updatedAt"])
        number = after["number"]
        if change := difference(before, after, "status"):
            text = f"Status changed from {change['before']} to {change['after']}"
            yield Entry("status", "order", f"Order {number} {after['status']}", text, at, order | change)
        for name, title in (("total", "total changed"), ("refundedAmount", "refund recorded")):
            if change := difference(before, after, name):
                amounts = {"before": change["before"], "after": change["after"], "currency": after["currency"]}
                yield Entry(
                    name, "order", f"Order {number} {title}", "", at, order | {"field": name, "amounts": amounts}
                )
