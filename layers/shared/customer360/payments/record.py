"""What saved payment methods and payment transactions mean."""

from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints

from customer360.instants import from_sortable, sortable
from customer360.money import rounded
from customer360.sources.fields import Amount, Currency, Identifier, Instant, Text, Whole
from customer360.sources.record import Listing, Record, Shop, Snapshot, Totals, difference, key
from customer360.storage.keys import PAYMENTS
from customer360.timeline.entries import Entry

MethodType = Literal["card", "bank_account", "mobile_money", "wallet", "other"]
TransactionStatus = Literal["succeeded", "pending", "failed", "refunded"]
Month = Annotated[Whole, Field(ge=1, le=12)]
Year = Annotated[Whole, Field(ge=1970, le=2200)]


class PaymentMethod(Record):
    """`payment.method.upserted`: one version of a saved payment method; never more of a card than its last four."""

    KIND: ClassVar[str] = "METHOD"
    SECTION: ClassVar[str] = "payments"
    FEEDS: ClassVar[frozenset[str]] = frozenset({"payments"})

    method_id: Identifier
    type: MethodType
    brand: Text | None = None
    last4: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")] | None = None
    expiry_month: Month | None = None
    expiry_year: Year | None = None
    is_default: bool
    updated_at: Instant

    @property
    def subject_id(self) -> str:
        return self.method_id

    def listing(self) -> Listing:
        """In the order they are shown: the default first, then by id. What was removed is not listed."""
        rank = "default" if self.is_default else "saved"
        return Listing(
            by_state=f"{self.KIND}#{rank}#{self.method_id}",
            summary={
                "id": self.method_id,
                "type": self.type,
                "brand": self.brand,
                "last4": self.last4,
                "expiryMonth": self.expiry_month,
                "expiryYear": self.expiry_year,
                "isDefault": self.is_default,
            },
        )

    def snapshot(self) -> Snapshot:
        return {
            "methodId": self.method_id,
            "updatedAt": sortable(self.updated_at),
            "methodType": self.type,
            "brand": self.brand,
            "last4": self.last4,
            "expiry": [self.expiry_month, self.expiry_year],
            "isDefault": self.is_default,
        }

    @classmethod
    def entries(cls, before: Snapshot | None, after: Snapshot) -> list[Entry]:
        at = from_sortable(after["updatedAt"])
        metadata = {name: after[name] for name in ("methodId", "methodType", "brand", "last4") if after.get(name)}
        was_there = before is not None and not before.get("removed")
        if after.get("removed"):
            return [Entry("removed", "payment", "Payment method removed", "", at, metadata)] if was_there else []
        if not was_there:
            return [Entry("added", "payment", "Payment method added", "", at, metadata)]
        names = ("methodType", "brand", "last4", "expiry", "isDefault")
        fields = [name for name in names if difference(before, after, name)]
        if not fields:
            return []
        return [Entry("changed", "payment", "Payment method changed", ", ".join(fields), at, metadata)]


class RemovedPaymentMethod(Record):
    """`payment.method.removed`: a tombstone, so that an older upsert arriving later does not bring the method back."""

    KIND: ClassVar[str] = "METHOD"
    SECTION: ClassVar[str] = "payments"
    FEEDS: ClassVar[frozenset[str]] = frozenset({"payments"})

    method_id: Identifier
    updated_at: Instant

    @property
    def subject_id(self) -> str:
        return self.method_id

    def snapshot(self) -> Snapshot:
        return {"methodId": self.method_id, "updatedAt": sortable(self.updated_at), "removed": True}

    @classmethod
    def entries(cls, before: Snapshot | None, after: Snapshot) -> list[Entry]:
        return PaymentMethod.entries(before, after)


class PaymentTransaction(Record):
    """`payment.transaction.upserted`: one version of a payment, a refund or an attempt at one."""

    KIND: ClassVar[str] = "PAYMENT"
    SECTION: ClassVar[str] = "payments"
    FEEDS: ClassVar[frozenset[str]] = frozenset({"payments"})

    transaction_id: Identifier
    amount: Amount
    currency: Currency
    status: TransactionStatus
    at: Instant
    method_id: Identifier | None = None
    order_id: Identifier | None = None
    updated_at: Instant

    @property
    def subject_id(self) -> str:
        return self.transaction_id

    def listing(self) -> Listing:
        return Listing(
            by_time=key(self.KIND, self.at, self.transaction_id),
            by_state=key(f"{self.KIND}#{self.status}", self.at, self.transaction_id),
            summary={
                "id": self.transaction_id,
                "amount": str(self.amount),
                "currency": self.currency,
                "date": sortable(self.at),
                "status": self.status,
                "methodId": self.method_id,
                "orderId": self.order_id,
            },
        )

    def totals(self, shop: Shop) -> Totals:
        """Counts and sums by status and currency: a transaction names no exchange rate."""
        name = f"{self.status}:{self.currency}"
        amount = rounded(self.amount, self.currency)
        return {PAYMENTS: {f"count:{name}": Decimal(1), f"amount:{name}": amount}}

    def snapshot(self) -> Snapshot:
        return {
            "transactionId": self.transaction_id,
            "at": sortable(self.at),
            "updatedAt": sortable(self.updated_at),
            "status": self.status,
            "amount": str(rounded(self.amount, self.currency)),
            "currency": self.currency,
            "orderId": self.order_id,
        }

    @classmethod
    def entries(cls, before: Snapshot | None, after: Snapshot) -> list[Entry]:
        metadata: dict[str, Any] = {
            "transactionId": after["transactionId"],
            "amounts": {"amount": after["amount"], "currency": after["currency"]},
        }
        if after["orderId"]:
            metadata["orderId"] = after["orderId"]
        if before is None:
            at = from_sortable(after["at"])
            return [
                Entry(
                    "recorded", "payment", f"Payment {after['status']}", "", at, metadata | {"status": after["status"]}
                )
            ]
        if change := difference(before, after, "status"):
            text = f"Status changed from {change['before']} to {change['after']}"
            at = from_sortable(after["updatedAt"])
            return [Entry("status", "payment", f"Payment {after['status']}", text, at, metadata | change)]
        return []
