"""What an export of one customer holds: each section as its endpoint answers it to the role that asked.

The answers come from the services of the endpoints and are rendered as there, so a file shows what the page shows, and
masks what it masks. Long lists are read a page at a time while they are written, so that memory hardly grows with the
history. `from` and `to` (both inclusive) limit lists of what has a time, never figures: scores by their day, orders by
when they were placed, points transactions, campaigns by when they were sent, tickets by when they were opened (with all
of their messages), payment transactions, the timeline, and notes by when they were written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple, Protocol, TypeVar

from customer360.access.caller import Caller
from customer360.analytics import service as analytics
from customer360.api.schema import Response, rendered
from customer360.customers import service as customers
from customer360.exports.columns import LAYOUTS
from customer360.exports.document import Cover, Document, Section, Table, value_at
from customer360.exports.layout import Layout
from customer360.exports.parts import Parts, Row, keeping
from customer360.exports.request import ExportRequest
from customer360.exports.sections import sections_for
from customer360.loyalty import service as loyalty
from customer360.marketing import service as marketing
from customer360.notes import service as notes
from customer360.notes.schemas import NotePage
from customer360.orders import service as orders
from customer360.orders.schemas import OrderPage
from customer360.payments import service as payments
from customer360.payments.schemas import Payments
from customer360.scores import history
from customer360.support import service as support
from customer360.support.schemas import TicketPage
from customer360.timeline import service as timeline
from customer360.timeline.schemas import TimelinePage
from customer360.timeline.visibility import TYPES

PAGE_ROWS = 500
# Of what is read whole: one BatchGet.
READ_AT_ONCE = 100

# What pages are turned with is not what they say.
TURNING = frozenset({"nextCursor", "hasMore"})


class Paged(Protocol):
    @property
    def next_cursor(self) -> str | None: ...


Page = TypeVar("Page", bound=Paged)
Whole = TypeVar("Whole", bound=Response)


class Read(NamedTuple):
    """What a section's services gave: the answer without its lists, and these by name."""

    answer: Mapping[str, Any]
    lists: Mapping[str, Iterable[Row]]


@dataclass(frozen=True)
class Asked:
    """Whose sections are read, for whom, as of when, and between which instants."""

    customer_id: str
    caller: Caller
    now: datetime
    between: tuple[datetime | None, datetime | None]

    @cached_property
    def view(self) -> dict[str, Any]:
        """What the page opens with, read once for all sections that are in it."""
        return self.rendered(customers.view(self.customer_id, self.caller.permissions, self.now))

    def rendered(self, answer: Response) -> dict[str, Any]:
        return rendered(answer, self.caller.permissions)

    def read(self, answer: Response, **lists: Iterable[Row]) -> Read:
        """The answer, and instead of the lists in it those that are given."""
        whole = self.rendered(answer)
        return Read({name: value for name, value in whole.items() if name not in {*lists, *TURNING}}, lists)

    def is_within(self, at: datetime) -> bool:
        first, last = self.between
        return (first is None or first <= at) and (last is None or at <= last)


def document_of(request: ExportRequest, caller: Caller, cover: Cover) -> Document:
    """One customer as the caller may see them, as of the moment on the cover.

    Nothing is read before the sections are gone through; then it raises NotFound if there is no such customer. Raises
    Invalid and NotAllowed for sections that the caller could not have asked for.
    """
    if request.customer_id is None:
        raise ValueError("an export of a customer names the customer")
    names = sections_for(request.sections, caller.permissions)
    now = datetime.fromisoformat(cover.made_at)
    asked = Asked(request.customer_id, caller, now, (request.start, request.end))
    return Document(cover, (_section(name, asked) for name in names))


def _section(name: str, asked: Asked) -> Section:
    layout, permissions = LAYOUTS[name], asked.caller.permissions
    answer, lists = READERS[name](asked)
    rows = _rows_of_tables(layout.tables, answer, lists)
    return Section(
        name,
        layout.title,
        layout.own.seen_with(permissions) if layout.own else (),
        answer,
        tuple(
            Table(table.name, table.title, table.seen_with(permissions), rows[table.name]) for table in layout.tables
        ),
    )


def _rows_of_tables(
    tables: Iterable[Layout], answer: Mapping[str, Any], lists: Mapping[str, Iterable[Row]]
) -> dict[str, Iterable[Row]]:
    """The rows of each table. What is part of another's rows is put aside while those are gone through."""
    rows: dict[str, Iterable[Row]] = {}
    for table in tables:
        of, _, part = table.name.rpartition(".")
        if of not in lists:
            rows[table.name] = lists[table.name] if table.name in lists else value_at(answer, table.name) or ()
            continue
        fields = [column.key.removeprefix("of.") for column in table.columns if column.key.startswith("of.")]
        parts = Parts(part, fields)
        rows[of] = keeping(iter(rows[of]), parts)
        rows[table.name] = parts
    return rows


def _of_view(name: str, *lists: str) -> Callable[[Asked], Read]:
    """Reads a section that is an object in what the page opens with."""

    def read(asked: Asked) -> Read:
        section = asked.view[name]
        own = {key: value for key, value in section.items() if key not in lists}
        return Read(own, {key: section[key] for key in lists})

    return read


def _list_of_view(name: str) -> Callable[[Asked], Read]:
    """Reads a section that is a list in what the page opens with."""
    return lambda asked: Read({}, {name: asked.view[name]})


def _health(asked: Asked) -> Read:
    own, lists = _of_view("healthScore", "contributions")(asked)
    scores = (asked.rendered(day) for day in history.days(asked.customer_id, asked.between))
    return Read(own, {**lists, "scores": scores})


def _orders(asked: Asked) -> Read:
    def page(cursor: str | None = None) -> OrderPage:
        return orders.page(asked.customer_id, status=None, placed=asked.between, limit=PAGE_ROWS, cursor=cursor)

    first = page()
    ids = ([row.id for row in shown.orders] for shown in _pages(first, page))
    return asked.read(first, orders=map(asked.rendered, _whole(ids, orders.reader(asked.customer_id))))


def _loyalty(asked: Asked) -> Read:
    answer = loyalty.get(asked.customer_id, asked.now)
    recent = [asked.rendered(row) for row in answer.recent_transactions if asked.is_within(row.date)]
    return asked.read(answer, recentTransactions=recent)


def _marketing(asked: Asked) -> Read:
    answer = marketing.of_customer(asked.customer_id)
    campaigns = [asked.rendered(row) for row in answer.campaigns if asked.is_within(row.sent_at)]
    return asked.read(answer, campaigns=campaigns)


def _support(asked: Asked) -> Read:
    def page(cursor: str | None = None) -> TicketPage:
        return support.page(asked.customer_id, status=None, created=asked.between, limit=PAGE_ROWS, cursor=cursor)

    first = page()
    ids = ([row.id for row in shown.tickets] for shown in _pages(first, page))
    return asked.read(first, tickets=map(asked.rendered, _whole(ids, support.reader(asked.customer_id))))


def _payments(asked: Asked) -> Read:
    def page(cursor: str | None = None) -> Payments:
        return payments.page(asked.customer_id, made=asked.between, limit=PAGE_ROWS, cursor=cursor)

    first = page()
    rows = (asked.rendered(row) for shown in _pages(first, page) for row in shown.transactions)
    return asked.read(first, methods=[asked.rendered(method) for method in first.methods], transactions=rows)


def _timeline(asked: Asked) -> Read:
    def page(cursor: str | None = None) -> TimelinePage:
        return timeline.page(
            asked.customer_id,
            types=TYPES,
            between=asked.between,
            permissions=asked.caller.permissions,
            limit=PAGE_ROWS,
            cursor=cursor,
            now=asked.now,
        )

    first = page()
    return asked.read(first, events=(asked.rendered(event) for shown in _pages(first, page) for event in shown.events))


def _analytics(asked: Asked) -> Read:
    answer = analytics.of_customer(asked.customer_id, asked.caller.permissions)
    return asked.read(
        answer,
        topCategories=[asked.rendered(row) for row in answer.top_categories],
        topViewedCategories=[asked.rendered(row) for row in answer.top_viewed_categories],
        topPurchasedCategories=[asked.rendered(row) for row in answer.top_purchased_categories],
        deviceBreakdown=[asked.rendered(row) for row in answer.device_breakdown],
    )


def _notes(asked: Asked) -> Read:
    def page(cursor: str | None = None) -> NotePage:
        return notes.page(asked.customer_id, asked.caller, PAGE_ROWS, cursor)

    def rows() -> Iterator[Row]:
        for note in (note for shown in _pages(first, page) for note in shown.notes if asked.is_within(note.created_at)):
            # One that was never changed has nothing before it.
            earlier = notes.history(asked.customer_id, note.id, asked.caller) if note.updated_at else []
            yield {**asked.rendered(note), "history": [asked.rendered(edit) for edit in earlier]}

    first = page()
    return asked.read(first, notes=rows())


def _pages(page: Page, following: Callable[[str], Page]) -> Iterator[Page]:
    """A page and those after it, each read when the one before it has been gone through."""
    yield page
    while page.next_cursor:
        page = following(page.next_cursor)
        yield page


def _whole(pages_of_ids: Iterable[list[str]], read: Callable[[list[str]], list[Whole]]) -> Iterator[Whole]:
    """The things with these ids, a part of a page at a time, because each of them may be large."""
    for ids in pages_of_ids:
        for start in range(0, len(ids), READ_AT_ONCE):
            yield from read(ids[start : start + READ_AT_ONCE])


READERS: Mapping[str, Callable[[Asked], Read]] = {
    "profile": _of_view("profile", "addresses"),
    "metrics": _of_view("metrics"),
    "health": _health,
    "churn": _of_view("churnRisk", "contributions"),
    "segments": _list_of_view("segments"),
    "tags": _list_of_view("tags"),
    "orders": _orders,
    "loyalty": _loyalty,
    "marketing": _marketing,
    "support": _support,
    "payments": _payments,
    "timeline": _timeline,
    "analytics": _analytics,
    "notes": _notes,
}
