"""What the parsers promise of any input at all: each function takes bytes, and fails if a promise is broken.

A parser either gives a value that holds what it says, or refuses with the one kind of error its callers know. Anything
else that it raises, and anything that it takes but cannot give back, is a fault.
"""

import csv
import io
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from json import JSONDecodeError
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from customer360.api import cursor as cursors
from customer360.errors import Invalid
from customer360.exact_json import dumps, loads
from customer360.ingestion.cards import has_card_number, redacted
from customer360.ingestion.csv_rows import BadHeader, CsvReader, ends_inside_quotes, parse_row
from customer360.ingestion.events import RECORDS, Rejected, SourceEvent, read_event
from customer360.ingestion.timeline import Version, event_items
from customer360.search.query import SearchQuery
from customer360.search.words import wanted_by, words_of
from customer360.segments import criteria as criteria_language
from customer360.segments.rules import Facts, compiled
from customer360.sources.record import Shop
from customer360.storage.keys import partition

SHOP = Shop("EUR", ZoneInfo("Europe/Berlin"))
FACTS: Facts = {
    "lifetimeValue": Decimal("120.50"),
    "totalOrders": 3,
    "completedOrders": 2,
    "averageOrderValue": Decimal("60.25"),
    "daysSinceLastPurchase": None,
    "purchaseFrequency": Decimal("0.25"),
    "tenureDays": 400,
    "loyaltyTier": "gold",
    "pointsBalance": 1200,
    "healthScore": Decimal("61.5"),
    "churnLevel": "medium",
    "openTickets": 1,
    "emailOptIn": True,
    "smsOptIn": False,
    "pushOptIn": False,
    "openRate": None,
    "accountStatus": "active",
    "country": "DE",
    "tag": frozenset({"vip"}),
    "registeredAt": datetime(2025, 3, 1, tzinfo=UTC),
}


def cursors_are_ours_or_refused(data: bytes) -> None:
    """A cursor that is taken is the very one that its position makes."""
    text = data.decode(errors="replace")
    with suppress(Invalid):
        position = cursors.decode(text, "orders", "c1")
        assert position is not None
        assert cursors.encode(position, "orders", "c1") == text
    assert not text or cursors.decode(cursors.encode(text, "orders", "c1"), "orders", "c1") == text


def criteria_mean_something_or_are_refused(data: bytes) -> None:
    """Criteria that are taken are taken again as they are kept, and can be asked of a customer."""
    criteria = _json(data)
    if criteria is None:
        return
    try:
        checked = criteria_language.checked(criteria)
    except Invalid as refusal:
        place = refusal.field
    else:
        _can_be_asked(checked)
        return
    assert place.startswith("criteria")


def csv_rows_are_read_or_refused(data: bytes) -> None:
    """The first line is a header. Rows become events, which are read or refused as any are; cells are those of the
    standard library's reader, and a record ends where it ends."""
    kind, _, file = data.decode(errors="replace").partition("\n")
    header, _, record = file.partition("\n")
    is_open = ends_inside_quotes(record.encode(), begins_inside=False)
    with suppress(ValueError):
        cells = parse_row(record)
        assert not is_open
        written = io.StringIO(newline="")
        csv.writer(written).writerow(cells)
        assert list(parse_row(written.getvalue())) == list(cells)
    try:
        event = CsvReader(kind, header).event(record)
    except (BadHeader, ValueError):
        return
    _taken_or_refused(event)


def events_are_taken_or_refused(data: bytes) -> None:
    event = _json(data)
    if isinstance(event, dict):
        _taken_or_refused(event)


def searches_are_taken_or_refused(data: bytes) -> None:
    """A search that is taken reads back from its own parameters, and its words are found in what they were taken
    from."""
    text = data.decode(errors="replace")
    given: dict[str, str | list[str]] = dict(parse_qsl(text))
    for name in {"segment", "tag"} & given.keys():
        given[name] = str(given[name]).split(",")
    with suppress(ValidationError):
        query = SearchQuery.model_validate(given)
        assert SearchQuery.model_validate(loads(dumps(query.parameters()))) == query
        query.permissions_needed()
    words = set(words_of(text))
    for run in wanted_by(text).runs:
        for token in run.tokens:
            assert words.issuperset(token.words)


def card_numbers_never_stay(data: bytes) -> None:
    text = data.decode(errors="replace")
    without = redacted(text)
    assert not has_card_number(without)
    if not has_card_number(text):
        assert without == text


def _json(data: bytes) -> object:
    """What our JSON reader makes of it, None where it refuses; what it takes, it writes and reads again."""
    try:
        value: object = loads(data)
    except (ValueError, JSONDecodeError):
        return None
    with suppress(UnicodeEncodeError):  # half a surrogate pair is JSON, and no text
        assert loads(dumps(value).encode()) == value
    return value


def _can_be_asked(checked: criteria_language.Criteria) -> None:
    kept = loads(dumps(checked))
    assert criteria_language.checked(kept) == checked
    is_member = compiled(checked).matches(FACTS)
    assert compiled({"not": checked}).matches(FACTS) is not is_member


def _taken_or_refused(event: dict[str, object]) -> None:
    """An event that is taken can be kept and read again, counted and told; a refusal never quotes what was sent."""
    try:
        taken = read_event(event.get("type"), event, SHOP)
    except Rejected as refusal:
        errors = refusal.errors
    else:
        _can_be_kept(taken)
        return
    assert errors
    assert not has_card_number(dumps(errors))


def _can_be_kept(taken: SourceEvent) -> None:
    assert SourceEvent.from_stored(taken.as_json()) == taken
    assert not any(map(has_card_number, _free_texts(taken)))
    record = taken.record
    told = Version(taken.version_at, taken.event_id, taken.type, dict(record.snapshot()), None)
    assert RECORDS[taken.type].from_stored(dumps(record.model_dump(exclude_none=True))) == record
    record.totals(SHOP)
    record.listing()
    list(event_items(partition(taken.customer_id), record.sort_key, told, None))
    assert not told.entries_after(told)


def _free_texts(taken: SourceEvent) -> list[str]:
    return [
        text for name in ("name", "subject", "description") if isinstance(text := getattr(taken.record, name, 0), str)
    ]


PROMISES: Mapping[str, Callable[[bytes], None]] = {
    "cursors": cursors_are_ours_or_refused,
    "criteria": criteria_mean_something_or_are_refused,
    "csv": csv_rows_are_read_or_refused,
    "events": events_are_taken_or_refused,
    "searches": searches_are_taken_or_refused,
    "cards": card_numbers_never_stay,
}
