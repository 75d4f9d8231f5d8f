"""What the contract makes of a set of source events about one customer, worked out naively from the whole set.

It knows no order of arrival, no kept totals and no tables, and shares no code with the product. Sums of zero are left
out, as in the tables.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from support.points import Points, Transaction

Event = dict[str, Any]
Data = dict[str, Any]
Sums = dict[str, Decimal]

# What an event is a version of: the kind, and the field of `data` that names the subject (None: the customer's one).
KINDS: dict[str, tuple[str, str | None]] = {
    "customer.upserted": ("customer", None),
    "order.upserted": ("order", "orderId"),
    "payment.method.upserted": ("method", "methodId"),
    "payment.method.removed": ("method", "methodId"),
    "payment.transaction.upserted": ("payment", "transactionId"),
    "loyalty.account.upserted": ("account", None),
    "loyalty.points.recorded": ("points", "transactionId"),
    "marketing.message.upserted": ("message", "messageId"),
    "support.ticket.upserted": ("ticket", "ticketId"),
    "analytics.session.recorded": ("session", "sessionId"),
}
FED_BY: dict[str, set[str]] = {
    "profile": {"customer"},
    "metrics": {"order"},
    "orders": {"order"},
    "loyalty": {"account", "points"},
    "marketing": {"message"},
    "support": {"ticket"},
    "payments": {"method", "payment"},
    "analytics": {"order", "session"},
}
DECIMALS = {"JPY": 0, "EUR": 2, "USD": 2, "KWD": 3}
COMPLETED = {"delivered", "completed"}
OPEN = {"open", "in_progress", "waiting"}
USER_AGENTS = {
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148": "mobile",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64)": "desktop",
    "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X)": "tablet",
    "curl/8.5.0": "unknown",
}


class Entry(NamedTuple):
    """One entry of the timeline; of our own making if its id begins with `~`."""

    at: datetime
    event_id: str
    type: str


class Happened(NamedTuple):
    """Something the scores look at, on a day of the shop's calendar."""

    day: date
    kind: str
    number: Decimal = Decimal(1)
    detail: str = ""


class Oracle:
    """The expected state of one customer."""

    def __init__(self, events: Iterable[Event], *, currency: str = "EUR", time_zone: str = "UTC") -> None:
        self.currency = currency
        self.time_zone = ZoneInfo(time_zone)
        self.events = list({event["eventId"]: event for event in events}.values())
        self._versions: defaultdict[tuple[str, str], list[Event]] = defaultdict(list)
        for event in sorted(self.events, key=version_of):
            self._versions[_subject(event)].append(event)

    @property
    def version(self) -> int:
        """Every event counts once."""
        return len(self.events)

    @property
    def current_event_ids(self) -> set[str]:
        """The event of the current version of every subject."""
        return {versions[-1]["eventId"] for versions in self._versions.values()}

    def current(self, kind: str) -> list[Data]:
        return [versions[-1]["data"] for subject, versions in self._versions.items() if subject[0] == kind]

    @property
    def updated_at(self) -> dict[str, datetime]:
        """When its source last wrote each section; no entry if never."""
        latest: dict[str, datetime] = {}
        for section, kinds in FED_BY.items():
            for event in self.events:
                if _subject(event)[0] in kinds:
                    latest[section] = max(version_of(event)[0], latest.get(section, version_of(event)[0]))
        return latest

    # ------------------------------------------------------------- orders

    @property
    def purchases(self) -> list[Data]:
        return [order for order in self.current("order") if order["status"] in COMPLETED]

    @property
    def purchase_days(self) -> set[date]:
        return {parsed(order["placedAt"]).astimezone(self.time_zone).date() for order in self.purchases}

    def in_shop_currency(self, order: Data, amount: Decimal) -> Decimal:
        with localcontext(prec=80):
            rate = Decimal(1) if order["currency"] == self.currency else Decimal(order["exchangeRate"])
            return half_up(amount * rate, DECIMALS[self.currency])

    @property
    def orders(self) -> Sums:
        orders, purchases = self.current("order"), self.purchases
        return _known(
            {
                "totalOrders": Decimal(len(orders)),
                "completedOrders": Decimal(len(purchases)),
                "lifetimeValue": _sum(self.in_shop_currency(order, order["total"]) for order in purchases),
                "refundedAmount": _sum(
                    self.in_shop_currency(order, Decimal(order.get("refundedAmount") or 0)) for order in orders
                ),
                "purchaseDays": Decimal(len(self.purchase_days)),
            }
        )

    def metrics(self, now: datetime) -> dict[str, Any]:
        """The `metrics` of the 360 answer, with exactly the decimals they are answered with."""
        places = DECIMALS[self.currency]
        sums, completed = self.orders, len(self.purchases)
        spent = half_up(sums.get("lifetimeValue", Decimal(0)), places)
        last = max((parsed(order["placedAt"]) for order in self.purchases), default=None)
        tenure = max(0, (now - parsed(self.current("customer")[0]["registeredAt"])).days)
        return {
            "currency": self.currency,
            "lifetimeValue": spent,
            "totalSpent": spent,
            "totalOrders": len(self.current("order")),
            "completedOrders": completed,
            "averageOrderValue": half_up(spent / completed if completed else Decimal(0), places),
            "refundedAmount": half_up(sums.get("refundedAmount", Decimal(0)), places),
            "lastPurchaseAt": answered(last) if last else None,
            "daysSinceLastPurchase": max(0, (now - last).days) if last else None,
            "customerTenure": tenure,
            "purchaseFrequency": half_up(Decimal(completed) * 30 / max(30, tenure), 2),
        }

    # ------------------------------------------------------------- other totals

    @property
    def points(self) -> Sums:
        transactions = self.current("points")
        return _known(
            {
                "recorded": _sum(Decimal(each["points"]) for each in transactions),
                "earned": _sum(Decimal(each["points"]) for each in transactions if each["type"] == "earned"),
                "transactions": Decimal(len(transactions)),
            }
        )

    @property
    def ledger(self) -> Points:
        return Points(
            Transaction(
                parsed(each["at"]),
                each["transactionId"],
                each["type"],
                each["points"],
                parsed(each["expiresAt"]) if each.get("expiresAt") else None,
            )
            for each in self.current("points")
        )

    @property
    def tickets(self) -> Sums:
        tickets = self.current("ticket")
        is_open = [ticket for ticket in tickets if ticket["status"] in OPEN]
        resolved = [ticket for ticket in tickets if ticket["status"] not in OPEN and ticket.get("resolvedAt")]
        took = (parsed(ticket["resolvedAt"]) - parsed(ticket["createdAt"]) for ticket in resolved)
        return _known(
            {
                "tickets": Decimal(len(tickets)),
                "open": Decimal(len(is_open)),
                **_counted(f"open:{ticket['priority']}" for ticket in is_open),
                "resolved": Decimal(len(resolved)),
                "resolutionSeconds": _sum(Decimal(max(0, int(each.total_seconds()))) for each in took),
            }
        )

    @property
    def messages(self) -> Sums:
        messages = self.current("message")
        return {
            **_counted(f"sent:{message['channel']}" for message in messages),
            **_counted(f"opened:{message['channel']}" for message in messages if message.get("openedAt")),
            **_counted(f"clicked:{message['channel']}" for message in messages if message.get("clickedAt")),
        }

    @property
    def payments(self) -> Sums:
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        for payment in self.current("payment"):
            name = f"{payment['status']}:{payment['currency']}"
            sums[f"count:{name}"] += 1
            sums[f"amount:{name}"] += half_up(payment["amount"], DECIMALS[payment["currency"]])
        return _known(sums)

    @property
    def behaviour(self) -> Sums:
        """Sessions and their devices, and when orders that were not cancelled were placed (Sunday is day 0)."""
        sessions = self.current("session")
        placed = [parsed(order["placedAt"]).astimezone(self.time_zone) for order in self._bought]
        took = (parsed(each["endedAt"]) - parsed(each["startedAt"]) for each in sessions)
        return _known(
            {
                "sessions": Decimal(len(sessions)),
                "seconds": _sum(Decimal(int(each.total_seconds())) for each in took),
                "pageViews": _sum(Decimal(each.get("pageViews") or 0) for each in sessions),
                "bounces": Decimal(sum((each.get("pageViews") or 0) <= 1 for each in sessions)),
                **_counted(f"device:{_device(each)}" for each in sessions),
                **_counted(f"day:{(at.weekday() + 1) % 7}" for at in placed),
                **_counted(f"hour:{at.hour}" for at in placed),
            }
        )

    @property
    def categories(self) -> Sums:
        """Units and revenue of orders that were not cancelled, and views."""
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        for order in self._bought:
            spent: defaultdict[str, Decimal] = defaultdict(Decimal)
            for line in order["lines"]:
                if category := line.get("category"):
                    sums[f"units:{category}"] += line["quantity"]
                    spent[category] += line["quantity"] * line["unitPrice"]
            for category, amount in spent.items():
                sums[f"revenue:{category}"] += self.in_shop_currency(order, amount)
        for session in self.current("session"):
            for viewed in session.get("categoriesViewed") or []:
                sums[f"views:{viewed['category']}"] += viewed["count"]
        return _known(sums)

    @property
    def happened(self) -> list[Happened]:
        """All that the scores look at, one by one."""
        messages = self.current("message")
        return [
            *(Happened(self._day(order["placedAt"]), "purchases") for order in self.purchases),
            *(Happened(self._day(order["placedAt"]), "spend", self._spent(order)) for order in self.purchases),
            *(Happened(self._day(each["openedAt"]), "opens") for each in messages if each.get("openedAt")),
            *(Happened(self._day(each["clickedAt"]), "clicks") for each in messages if each.get("clickedAt")),
            *(Happened(self._day(session["startedAt"]), "sessions") for session in self.current("session")),
            *(
                Happened(self._day(ticket["createdAt"]), "tickets", detail=self._ticket_state(ticket))
                for ticket in self.current("ticket")
            ),
        ]

    @property
    def months(self) -> dict[str, Sums]:
        """The same added up by day, and kept by month."""
        months: defaultdict[str, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        with localcontext(prec=80):
            for day, kind, number, detail in self.happened:
                name = f"{kind}:{day.day:02}:{detail}" if detail else f"{kind}:{day.day:02}"
                months[f"SIGNALS#{day.year:04}-{day.month:02}"][name] += number
        return {key: known for key, sums in months.items() if (known := _known(sums))}

    def _ticket_state(self, ticket: Data) -> str:
        if ticket["status"] in OPEN:
            return f"{ticket['priority']}:open"
        day = f":{self._day(ticket['resolvedAt'])}" if ticket.get("resolvedAt") else ""
        return f"{ticket['priority']}:resolved{day}"

    def _day(self, instant: str) -> date:
        return parsed(instant).astimezone(self.time_zone).date()

    def _spent(self, order: Data) -> Decimal:
        refunded = self.in_shop_currency(order, Decimal(order.get("refundedAmount") or 0))
        return _sum([self.in_shop_currency(order, order["total"]), -refunded])

    @property
    def moments(self) -> dict[str, datetime]:
        """The first and latest instants that are kept; no entry where there is none."""
        purchases = [parsed(order["placedAt"]) for order in self.purchases]
        messages = self.current("message")
        opened = [each["openedAt"] for each in messages if each["channel"] == "email" and each.get("openedAt")]
        clicked = [each["clickedAt"] for each in messages if each.get("clickedAt")]
        sessions = [each["startedAt"] for each in self.current("session")]
        latest = {"lastEmailOpenedAt": opened, "lastCampaignClickedAt": clicked, "lastSessionAt": sessions}
        return {
            **({"firstPurchaseAt": min(purchases), "lastPurchaseAt": max(purchases)} if purchases else {}),
            **{name: max(map(parsed, instants)) for name, instants in latest.items() if instants},
        }

    @property
    def _bought(self) -> list[Data]:
        return [order for order in self.current("order") if order["status"] != "cancelled"]

    # ------------------------------------------------------------- timeline

    @property
    def timeline(self) -> list[Entry]:
        """Newest first: the differences between neighbouring versions of each subject."""
        entries = [
            Entry(at, event["eventId"], kind)
            for versions in self._versions.values()
            for before, event in zip([None, *versions], versions, strict=False)
            for at, kind in _entries(before, event)
        ]
        return sorted([*entries, *self._tier_changes()], reverse=True)

    def told(self, now: datetime) -> list[Entry]:
        """The timeline with what has lapsed by now, newest first."""
        lapses = [Entry(at, f"~lapse~{sortable(at)}", "loyalty") for at in self.ledger.lapses(now)]
        return sorted([*self.timeline, *lapses], reverse=True)

    def _tier_changes(self) -> Iterator[Entry]:
        """By points, while the loyalty account names no tier."""
        for at, transaction_id, _, _ in self.ledger.tier_changes:
            so_far = [event for event in self._versions["account", ""] if version_of(event)[0] <= at]
            if not (so_far and so_far[-1]["data"].get("tier")):
                yield Entry(at, f"~tier-{transaction_id}", "loyalty")


def parsed(text: str) -> datetime:
    return datetime.fromisoformat(text)


def answered(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def sortable(at: datetime) -> str:
    """To the microsecond, as text that sorts as time does."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def half_up(amount: Decimal, places: int) -> Decimal:
    with localcontext(prec=80):
        return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _subject(event: Event) -> tuple[str, str]:
    kind, field = KINDS[event["type"]]
    return kind, event["data"][field] if field else ""


def version_of(event: Event) -> tuple[datetime, str]:
    """What decides between two versions of a subject."""
    return parsed(event["data"].get("updatedAt") or event["occurredAt"]), event["eventId"]


def _device(session: Data) -> str:
    return session.get("device") or USER_AGENTS[session["userAgent"]]


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    with localcontext(prec=80):
        return sum(amounts, Decimal(0))


def _counted(names: Iterable[str]) -> Sums:
    return {name: Decimal(count) for name, count in Counter(names).items()}


def _known(sums: Sums) -> Sums:
    return {name: amount for name, amount in sums.items() if amount}


# What a change of each kind shows on the timeline: the fields compared, and the type of the entry.
_FIRST = {
    "customer": ("account", "registeredAt"),
    "order": ("order", "placedAt"),
    "account": ("loyalty", "updatedAt"),
    "points": ("loyalty", "at"),
    "ticket": ("support", "createdAt"),
    "payment": ("payment", "at"),
}
_COMPARED = {
    "customer": ("status", "name", "email", "phone", "addresses"),
    "order": ("status", "total", "refundedAmount"),
    "account": ("tier",),
    "points": ("points",),
    "ticket": ("status", "priority"),
    "payment": ("status",),
}
_METHOD = ("type", "brand", "last4", "expiryMonth", "expiryYear", "isDefault")


def _entries(before: Event | None, after: Event) -> Iterator[tuple[datetime, str]]:
    kind, _ = _subject(after)
    old, new = before["data"] if before else None, after["data"]
    if kind == "message":
        yield from _message_entries(old, new)
    elif kind == "method":
        yield from _method_entries(before, after)
    elif kind != "session":
        entry_type, field = _FIRST[kind]
        if old is None:
            yield parsed(new[field]), entry_type
            return
        at = parsed(new["at"] if kind == "points" else new["updatedAt"])
        for name in _COMPARED[kind]:
            if (old.get(name) or None) != (new.get(name) or None):
                yield at, entry_type
        if kind == "customer" and old["optIns"] != new["optIns"]:
            yield at, "marketing"


def _message_entries(old: Data | None, new: Data) -> Iterator[tuple[datetime, str]]:
    """Sent, opened and clicked, each at its own time when first known."""
    for name in ("sentAt", "openedAt", "clickedAt"):
        if new.get(name) and not (old and old.get(name)):
            yield parsed(new[name]), "marketing"


def _method_entries(before: Event | None, after: Event) -> Iterator[tuple[datetime, str]]:
    was_there = before is not None and before["type"] != "payment.method.removed"
    is_there = after["type"] != "payment.method.removed"
    at = parsed(after["data"]["updatedAt"])
    has_changed = before and is_there and any(before["data"].get(name) != after["data"].get(name) for name in _METHOD)
    if was_there != is_there or has_changed:
        yield at, "payment"
