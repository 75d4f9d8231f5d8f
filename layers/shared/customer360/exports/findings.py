"""What an export of a search holds: every customer found, once, as the search answers them to the role that asked.

They are gathered page by page into parts, which a next invocation goes on with, and then read into the file. Guarantee:
whoever matches all the while, and whose place in the order stays the same, is in it; nobody is in it twice, even who
moves in the order and is found again.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from customer360.api.schema import rendered
from customer360.exports import files
from customer360.exports.document import Column, Cover, Document, Kind, Section, Table
from customer360.exports.layout import Layout
from customer360.exports.naming import digest_of
from customer360.exports.request import Format
from customer360.exports.table import ExportItem
from customer360.search import service as search
from customer360.search.query import SearchQuery
from customer360.search.references import missing_from
from customer360.search.schemas import FoundCustomer

# Customers to a page, and about as many to a part.
PAGE: Final = 5_000

# What a sheet has room for under its header, and what anybody might print.
MOST_ROWS: Final[dict[Format, int]] = {"xlsx": 1_048_575, "pdf": 5_000}

_CUSTOMERS: Final = Layout("customers", "Customers", FoundCustomer, (
    Column("id", "Customer id"),
    Column("name", "Name"),
    Column("email", "E-mail"),
    Column("phone", "Phone"),
    Column("accountStatus", "Account"),
    Column("loyaltyTier", "Loyalty tier"),
    Column("totalOrders", "Orders", Kind.WHOLE_NUMBER),
    Column("lifetimeValue", "Lifetime value", Kind.MONEY),
    Column("registeredAt", "Registered", Kind.INSTANT),
    Column("lastPurchaseAt", "Last purchase", Kind.INSTANT),
    Column("healthScore", "Health score", Kind.NUMBER),
    Column("healthLevel", "Health"),
    Column("churnScore", "Churn score", Kind.NUMBER),
    Column("churnLevel", "Churn risk"),
    Column("segments", "Segments"),
    Column("tags", "Tags"),
    Column("match", "Found by"),
))  # fmt: skip


class NoFile(Exception):
    """What is found cannot be put into a file; its text is for who asked."""


class Findings:
    """The rows of a search whose parts have all been gathered. They can be gone through once; `members` are the
    digests of the ids seen on the way."""

    def __init__(self, item: ExportItem) -> None:
        self._item = item
        self.members: set[bytes] = set()

    def document(self, cover: Cover) -> Document:
        rows = self._rows()
        if self._item.format != "json":
            rows = map(_in_cells, rows)
        name, title = _CUSTOMERS.name, _CUSTOMERS.title
        table = Table(name, title, _CUSTOMERS.seen_with(self._item.request.maker.permissions), rows)
        return Document(cover, [Section(name, title, (), {}, (table,))])

    def _rows(self) -> Iterator[dict[str, Any]]:
        for row in files.rows_of_parts(self._item.id, self._item.parts):
            member = digest_of(row["id"])
            if member not in self.members:
                self.members.add(member)
                yield row


def gather(item: ExportItem, has_time: Callable[[], bool], found: Callable[[int, int], None]) -> bool:
    """Goes on from where the item says, at least one page; whether that was the end of it.

    Calls `found` with how many have been found and how many there will be, as far as that is known. Raises NoFile for
    more customers than the format has room for, and for a tag or segment deleted meanwhile, after which nobody is found
    as if that were the end; and TakenOver if the export is another's by now. A part that was stored by who died before
    the item said so is replaced.
    """
    request = item.request
    query = SearchQuery.model_validate(request.search)
    rows: list[dict[str, Any]] = []
    cursor: str | None = item.cursor
    while not item.is_gathered:
        page = search.page(query, request.maker, limit=PAGE, cursor=cursor, debug=False)
        if gone := missing_from(query):
            raise NoFile(f"There is no such {gone.noun} as the search names, or not any more.")
        rows += (rendered(each, request.maker.permissions) for each in page.customers)
        cursor = page.next_cursor
        count = item.gathered + len(rows)
        _require_room(request.format, max(count, page.total))
        if len(rows) >= PAGE or cursor is None or not has_time():
            _keep(item, rows, cursor)
            rows = []
        found(count, max(count if cursor is None else count + PAGE, page.total))
        if not has_time():
            break
    return bool(item.is_gathered)


def _keep(item: ExportItem, rows: list[dict[str, Any]], cursor: str | None) -> None:
    if rows:
        files.store_part(item.id, item.parts, rows)
    item.write(
        [
            ExportItem.parts.set(item.parts + bool(rows)),
            ExportItem.gathered.set(item.gathered + len(rows)),
            ExportItem.cursor.set(cursor) if cursor else ExportItem.cursor.remove(),
            ExportItem.is_gathered.set(cursor is None),
        ]
    )


def _require_room(format: Format, count: int) -> None:
    most = MOST_ROWS.get(format)
    if most is not None and count > most:
        raise NoFile(
            f"The search finds more customers than the {most:,} that a file of this kind has room for. "
            "Narrow it, or ask for csv or json."
        )


def _in_cells(row: dict[str, Any]) -> dict[str, Any]:
    """Names instead of objects, for what has but one cell for them."""
    return {**row, **{name: [each["name"] for each in row[name]] for name in ("segments", "tags")}}
