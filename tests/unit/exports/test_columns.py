"""Every field of the API's answers has a column, of its own kind, hidden from whom the field is hidden."""

import types
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, Union, get_args, get_origin

import pytest

from customer360.access.policy import ROLES
from customer360.api.schema import Exact, Response, marks_of, needed_for
from customer360.customers.schemas import CustomerView
from customer360.exports.columns import LAYOUTS
from customer360.exports.contents import READERS
from customer360.exports.document import Column, Kind
from customer360.exports.layout import Layout
from customer360.exports.sections import SECTIONS
from customer360.notes.schemas import NoteHistory
from customer360.orders.schemas import Order, OrderRow
from customer360.scores.schemas import ScoreHistory
from customer360.support.schemas import Ticket, TicketRow
from support.template import functions

# What turns pages.
TURNING = {"nextCursor", "hasMore"}
# Lists that another answer than the row's own has: the endpoint of one note, and that of the scores by day.
FROM_ELSEWHERE = {"notes.history", "scores"}

OWN = [layout.own for layout in LAYOUTS.values() if layout.own]
TABLES = [(name, table) for name, layout in LAYOUTS.items() for table in layout.tables]


def plain(annotation: Any) -> Any:
    """Without `Annotated` and `| None`."""
    if hasattr(annotation, "__metadata__"):
        return plain(annotation.__origin__)
    if get_origin(annotation) in {Union, types.UnionType}:
        (one,) = (part for part in get_args(annotation) if part is not type(None))
        return plain(one)
    return annotation


def fields(model: type[Response], prefix: str = "") -> Iterator[tuple[str, Any, Any]]:
    """The path, the plain type and the field of everything an answer may say; a list of answers is one thing."""
    for name, field in model.model_fields.items():
        path, kind = prefix + (field.alias or name), plain(field.annotation)
        if isinstance(kind, type) and issubclass(kind, Response):
            yield from fields(kind, f"{path}.") if not kind.model_config.get("extra") else [(path, dict, field)]
        else:
            yield path, kind, field


def is_list_of_answers(kind: Any) -> bool:
    inner = plain(get_args(kind)[0]) if get_origin(kind) is list else None
    return isinstance(inner, type) and issubclass(inner, Response)


def shown(model: type[Response]) -> dict[str, Any]:
    """What needs a column, by path."""
    return {
        path: (kind, field)
        for path, kind, field in fields(model)
        if not is_list_of_answers(kind) and path not in TURNING
    }


def covered(path: str, kind: Any, columns: tuple[Column, ...]) -> bool:
    """An object of free form may have a column for each of its keys."""
    is_free = kind is dict or get_origin(kind) is dict
    return any(column.key == path or (is_free and column.key.startswith(f"{path}.")) for column in columns)


@pytest.mark.parametrize("layout", [*OWN, *(table for _, table in TABLES)], ids=lambda layout: layout.title)
def test_every_field_has_a_column_and_every_column_a_field(layout: Layout) -> None:
    known = shown(layout.model)
    assert [path for path, (kind, _) in known.items() if not covered(path, kind, layout.columns)] == []
    own = [column.key for column in layout.columns if not column.key.startswith("of.")]
    assert len(own) == len(set(own))
    free = tuple(f"{path}." for path, (kind, _) in known.items() if kind is dict or get_origin(kind) is dict)
    assert [key for key in own if key not in known and not key.startswith(free or ("\0",))] == []


@pytest.mark.parametrize("section", SECTIONS)
def test_every_list_is_a_table(section: str) -> None:
    layout = LAYOUTS[section]
    lists = (
        {path for path, kind, _ in fields(layout.own.model) if is_list_of_answers(kind)} if layout.own else {section}
    )
    for table in layout.tables:
        lists |= {f"{table.name}.{path}" for path, kind, _ in fields(table.model) if is_list_of_answers(kind)}
    names = [table.name for table in layout.tables]
    assert set(names) - FROM_ELSEWHERE == lists
    assert len(names) == len(set(names))


@pytest.mark.parametrize("layout", [*OWN, *(table for _, table in TABLES)], ids=lambda layout: layout.title)
def test_a_column_is_of_its_fields_kind(layout: Layout) -> None:
    known = shown(layout.model)
    for column in layout.columns:
        if column.key in known:
            kind, field = known[column.key]
            assert column.kind in kinds(kind, field), column.key
            if column.currency and not column.currency.startswith("of."):
                assert known[column.currency][0] is str


def kinds(kind: Any, field: Any) -> set[Kind]:
    if kind is bool:
        return {Kind.YES_NO}
    if kind is int:
        return {Kind.WHOLE_NUMBER, Kind.YEAR, Kind.PERCENT}
    if kind is Decimal:
        is_money = not any(isinstance(mark, Exact) for mark in marks_of(field))
        return {Kind.MONEY} if is_money else {Kind.NUMBER, Kind.PERCENT}
    if kind is datetime:
        return {Kind.INSTANT}
    if kind is date:
        return {Kind.DAY}
    assert kind in {str, dict} or get_origin(kind) in {list, dict, Literal}
    return {Kind.TEXT}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_no_column_for_what_is_hidden_from_it(role: str) -> None:
    permissions = ROLES[role]
    for layout in [*OWN, *(table for _, table in TABLES)]:
        seen = {column.key for column in layout.seen_with(permissions)}
        hidden = {path for path, (_, field) in shown(layout.model).items() if needed_for(field) - permissions}
        assert not seen & hidden
        if role == "admin":
            assert seen == {column.key for column in layout.columns}


def test_support_has_columns_for_amounts_and_none_for_sums() -> None:
    support = ROLES["support"]
    own = LAYOUTS["metrics"].own
    assert own
    assert "lifetimeValue" not in {column.key for column in own.seen_with(support)}
    orders = next(table for table in LAYOUTS["orders"].tables if table.name == "orders")
    assert "total" in {column.key for column in orders.seen_with(support)}
    assert "total" not in {column.key for column in orders.seen_with(ROLES["viewer"])}


def test_a_viewer_has_no_column_for_the_opt_ins() -> None:
    own = LAYOUTS["profile"].own
    assert own
    assert not [column.key for column in own.seen_with(ROLES["viewer"]) if column.key.startswith("optIns")]


def test_titles_tell_columns_and_tables_apart() -> None:
    for layout in [*OWN, *(table for _, table in TABLES)]:
        titles = [column.title for column in layout.columns]
        assert len(titles) == len(set(titles)), layout.title
    tables = [table.title for _, table in TABLES]
    assert len(tables) == len(set(tables))


def test_every_section_has_a_layout_and_a_reader() -> None:
    assert set(SECTIONS) == set(LAYOUTS) == set(READERS)


def test_everything_the_page_opens_with_is_in_a_section() -> None:
    assert set(CustomerView.model_fields) == {
        *("profile", "metrics", "health_score", "churn_risk", "segments", "tags"),
        *("permissions", "version", "updated_at"),  # the caller's; the cover's; the commit's
    }


def test_the_rows_of_a_list_say_nothing_that_the_whole_does_not() -> None:
    assert set(shown(OrderRow)) <= set(shown(Order))
    assert set(shown(TicketRow)) <= set(shown(Ticket))
    assert set(NoteHistory.model_fields) == {"note", "history"}
    # Why scores changed is the answer to a question about two days, which an export does not ask.
    assert set(ScoreHistory.model_fields) == {"scores", "change", "updated_at"}


def test_no_read_of_a_customer_is_forgotten() -> None:
    paths = [
        event["Properties"]["Path"]
        for properties in functions().values()
        for event in properties["Events"].values()
        if event["Type"] == "Api" and event["Properties"]["Method"] == "GET"
    ]
    own = {path.split("/{customer_id}/", 1)[1] for path in paths if "/{customer_id}/" in path}
    assert own == {
        *("360", "scores", "orders", "orders/{order_id}", "loyalty", "marketing", "support", "support/{ticket_id}"),
        *("payments", "timeline", "analytics", "notes", "notes/{note_id}"),
    }
