"""GET /api/admin/audit"""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer360.api.cursor import encode
from customer360.instants import sortable
from support.builders import new_id
from support.gateway import Answer, claims_of
from support.pages import pages
from support.rights import recorded

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
MakeAdmin = Callable[[str | None], Any]
LIST = "list_audit_entries"
_written: list[Any] = []


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """What a test writes into the past is gone after it."""
    yield
    while _written:
        _written.pop().delete()


@pytest.fixture
def day() -> datetime:
    """Noon of a day of the past, around which nothing else was done."""
    return (datetime.now(UTC) - timedelta(days=300)).replace(hour=12, minute=0, second=0, microsecond=0)


def write(at: datetime, **values: Any) -> str:
    """Writes a line of that time, and gives its id."""
    from customer360.access.table import AuditItem

    line = {"actor": "admin-1", "actor_name": "Ada", "role": "viewer", "action": "order.viewed", "outcome": "allowed"}
    sort_key = f"{sortable(at)}#{uuid4()}"
    item = AuditItem(f"DAY#{sortable(at)[:10]}", sort_key, expires_at=4_000_000_000, **(line | values))
    item.save()
    _written.append(item)
    return sort_key


def between(first: datetime, last: datetime) -> dict[str, str]:
    return {"from": sortable(first), "to": sortable(last)}


def around(day: datetime, days: int = 15) -> dict[str, str]:
    """So many days before and after."""
    return between(day - timedelta(days=days), day + timedelta(days=days))


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.text
    return [entry["id"] for entry in answer.json["entries"]]


def walk(call: Call, query: dict[str, str], meantime: Callable[[], None] = lambda: None) -> list[str]:
    """The ids on all pages, with something happening between one page and the next."""

    def found() -> Iterator[str]:
        for page in pages(call, LIST, query):
            yield from (entry["id"] for entry in page["entries"])
            meantime()

    return list(found())


def test_a_call_is_listed_with_who_what_whom_and_when(call: Call, admin: MakeAdmin, known_customer: str) -> None:
    somebody = admin("support")
    claims = somebody.claims | {"name": "Ada Support"}
    before = datetime.now(UTC).replace(microsecond=0)
    call("get_order", customer_id=known_customer, order_id="o9", claims=claims)
    somebody.trail_of(1)
    (entry,) = call(LIST, query={"actor": somebody.claims["sub"]}).json["entries"]
    assert before <= datetime.fromisoformat(entry.pop("at")) <= datetime.now(UTC)
    assert entry.pop("id").endswith(entry["requestId"])
    assert len(entry.pop("requestId")) == 36
    assert entry == {
        "actor": {"id": somebody.claims["sub"], "name": "Ada Support"},
        "role": "support",
        "action": "order.viewed",
        "outcome": "allowed",
        "customerId": known_customer,
        "target": "o9",
    }


def test_a_refusal_of_somebody_without_a_role_is_listed(call: Call, admin: MakeAdmin) -> None:
    nobody = admin(None)
    call("list_rejected_events", claims=nobody.claims)
    nobody.trail_of(1)
    (entry,) = call(LIST, query={"actor": nobody.claims["sub"]}).json["entries"]
    assert (entry["role"], entry["outcome"]) == (None, "refused")
    assert not {"customerId", "target"} & entry.keys()


def test_listing_is_listed(call: Call, admin: MakeAdmin) -> None:
    auditor = admin("admin")
    call(LIST, claims=auditor.claims)
    auditor.trail_of(1)
    found = call(LIST, query={"actor": auditor.claims["sub"]}).json["entries"]
    assert [entry["action"] for entry in found] == ["audit.listed"]


def test_without_a_filter_the_newest_of_everybody_come_first(call: Call, admin: MakeAdmin) -> None:
    somebody, other = admin("viewer"), admin("manager")
    for each in (somebody, other):
        call("get_me", claims=each.claims)
        each.trail_of(1)
    found = call(LIST, query={"limit": "100"}).json["entries"]
    assert [entry["at"] for entry in found] == sorted((entry["at"] for entry in found), reverse=True)
    actors = [entry["actor"]["id"] for entry in found]
    assert actors.index(other.claims["sub"]) < actors.index(somebody.claims["sub"])


# ---------------------------------------------------------------- Filters


@pytest.fixture
def lines(day: datetime) -> dict[str, str]:
    """Lines of three days, oldest first, by a letter each."""
    who, other, customer_id, action = (new_id(word) for word in ("who", "other", "c", "action"))
    told: list[tuple[str, float, dict[str, Any]]] = [
        ("a", -2, {"actor": who, "subject": customer_id, "action": action}),
        ("b", -1, {"actor": other, "subject": customer_id, "action": action}),
        ("c", -0.5, {"actor": who, "subject": new_id(), "action": action}),
        ("d", 0, {"actor": who, "subject": customer_id, "action": "order.viewed"}),
        ("e", 0.1, {"actor": other, "action": action}),
        ("f", 0.2, {"actor": who, "subject": customer_id, "action": action}),
    ]
    written = {letter: write(day + timedelta(days=days), **values) for letter, days, values in told}
    return written | {"who": who, "other": other, "customer": customer_id, "action": action}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("", "fedcba"),
        ("customer", "fdba"),
        ("who", "fdca"),
        ("other", "eb"),
        ("action", "fecba"),
        ("customer who", "fda"),
        ("customer other", "b"),
        ("customer action", "fba"),
        ("who action", "fca"),
        ("customer who action", "fa"),
    ],
)
@pytest.mark.parametrize("limit", ["1", "2", "100"])
def test_filters_hold_together(
    call: Call, lines: dict[str, str], day: datetime, filters: str, expected: str, limit: str
) -> None:
    names = {"customer": "customerId", "who": "actor", "other": "actor", "action": "action"}
    query = {names[each]: lines[each] for each in filters.split()} | around(day) | {"limit": limit}
    assert walk(call, query) == [lines[letter] for letter in expected]


@pytest.mark.parametrize("filters", ["", "customer", "who", "who action"])
def test_both_bounds_of_a_range_are_in_it(call: Call, lines: dict[str, str], day: datetime, filters: str) -> None:
    names = {"customer": "customerId", "who": "actor", "action": "action"}
    query = {names[each]: lines[each] for each in filters.split()}
    of_all = "fa" if "action" in filters else "fda"
    ours = {lines[letter] for letter in of_all}
    a, f = day - timedelta(days=2), day + timedelta(days=0.2)

    def found(first: datetime, last: datetime) -> str:
        shown = walk(call, query | between(first, last))
        return "".join(letter for letter in of_all for each in shown if each in ours and each == lines[letter])

    tick = timedelta(microseconds=1)
    assert found(a, f) == of_all
    assert found(a + tick, f) == of_all[:-1]
    assert found(a, f - tick) == of_all[1:]
    assert found(f + tick, f + timedelta(days=1)) == ""


def test_a_date_is_the_whole_day(call: Call, lines: dict[str, str], day: datetime) -> None:
    date = f"{day:%Y-%m-%d}"
    assert walk(call, {"from": date, "to": date}) == [lines[letter] for letter in "fedc"]


@pytest.mark.parametrize("name", ["customerId", "actor", "action"])
def test_what_nobody_did_is_an_empty_list(call: Call, name: str, day: datetime) -> None:
    answer = call(LIST, query={name: new_id("unknown")} | around(day))
    assert answer.text == '{"entries":[]}'


@pytest.mark.parametrize("bounds", [{"from": "2300-01-01"}, {"to": "1999-12-31"}, {"from": "1990-01-01", "to": "2001"}])
@pytest.mark.parametrize("name", ["", "customerId", "actor"])
def test_a_time_of_which_nothing_is_kept_is_an_empty_list(call: Call, bounds: dict[str, str], name: str) -> None:
    query = {side: "2001-01-01" if text == "2001" else text for side, text in bounds.items()}
    assert ids(call(LIST, query=query | ({name: "x"} if name else {}))) == []


def test_a_line_past_its_retention_is_not_listed(call: Call) -> None:
    somebody = new_id("admin")
    write(datetime.now(UTC) - timedelta(days=731), actor=somebody)
    kept = write(datetime.now(UTC) - timedelta(days=729), actor=somebody)
    assert ids(call(LIST, query={"actor": somebody})) == [kept]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"customerId": "a b"}, "customerId"),
        ({"customerId": ""}, "customerId"),
        ({"customerId": "x" * 65}, "customerId"),
        ({"actor": ""}, "actor"),
        ({"actor": "a#b"}, "actor"),
        ({"action": ""}, "action"),
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"from": "yesterday"}, "from"),
        ({"to": "2026-13-01"}, "to"),
        ({"from": "2026-02-01", "to": "2026-01-01"}, "from"),
        ({"cursor": "nonsense"}, "cursor"),
    ],
)
def test_a_parameter_out_of_range_is_named(call: Call, query: dict[str, str], field: str) -> None:
    answer = call(LIST, query=query)
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert [error["field"] for error in answer.json["errors"]] == [field]


# ---------------------------------------------------------------- Pages


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_days_join_while_new_lines_arrive(call: Call, day: datetime, limit: int) -> None:
    somebody = new_id("admin")
    offsets = [-14, -13.9, -13.8, -3, -2, -2, -2, 0, 0.3]
    written = [write(day + timedelta(days=days), actor=somebody) for days in offsets]
    later = itertools.count(1)

    def arrive() -> None:
        write(day + timedelta(days=1, seconds=next(later)), actor=somebody)

    expected = sorted(written, reverse=True)
    for query in ({}, {"actor": somebody}):
        found = walk(call, query | around(day) | {"limit": str(limit)}, arrive)
        assert [each for each in found if each in written] == expected
        assert len(set(found)) == len(found)


@pytest.mark.parametrize(("limit", "goes_on"), [(2, True), (3, False), (4, False)])
@pytest.mark.parametrize("name", ["", "actor"])
def test_the_last_page_has_no_cursor_even_if_it_is_full(
    call: Call, day: datetime, limit: int, goes_on: bool, name: str
) -> None:
    somebody = new_id("admin")
    for days in (-1, 0, 1):
        write(day + timedelta(days=days), actor=somebody)
    answer = call(LIST, query=around(day) | {"limit": str(limit)} | ({name: somebody} if name else {}))
    assert ("nextCursor" in answer.json) is goes_on


def test_a_page_looks_at_a_month_and_then_says_where_to_go_on(call: Call) -> None:
    """An empty page with a cursor: nothing was done for months."""
    somebody = new_id("admin")
    end = datetime.now(UTC) - timedelta(days=600)
    old = write(end - timedelta(days=100), actor=somebody)
    query = between(end - timedelta(days=120), end)
    with recorded() as calls:
        first = call(LIST, query=query)
    assert (first.json["entries"], "nextCursor" in first.json) == ([], True)
    assert sum(operation == "dynamodb:Query" for operation, _ in calls) == 31
    assert walk(call, query) == [old]
    assert len(list(pages(call, LIST, query))) == 4


@pytest.mark.parametrize("name", ["", "actor", "customerId"])
def test_a_page_looks_at_so_many_rows_and_then_says_where_to_go_on(
    call: Call, day: datetime, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    from customer360.access import trail

    monkeypatch.setattr(trail, "MOST_ROWS", 10)
    somebody, customer_id, rare = new_id("admin"), new_id(), new_id("rare")
    actions = [rare if n in {0, 17} else "order.viewed" for n in range(35)]
    written = [
        write(day + timedelta(minutes=n), actor=somebody, subject=customer_id, action=action)
        for n, action in enumerate(actions)
    ]
    query = around(day) | {"action": rare}
    query |= {"actor": somebody} if name == "actor" else {"customerId": customer_id} if name else {}
    sizes = [len(page["entries"]) for page in pages(call, LIST, query)]
    assert sizes == [0, 1, 0, 1]
    assert walk(call, query) == [written[17], written[0]]


SECONDS = st.integers(0, 20 * 86_400)
admins, customers = st.sampled_from(["ann", "bob"]), st.sampled_from(["c1", "c2"])
wishes = st.fixed_dictionaries({}, optional={"actor": admins, "customerId": customers})


@settings(max_examples=60)
@given(
    told=st.lists(st.tuples(SECONDS, admins, customers), max_size=25),
    bounds=st.tuples(SECONDS, SECONDS).map(sorted),
    wish=wishes,
    limit=st.integers(1, 8),
    most_rows=st.sampled_from([10, 500]),
    most_days=st.sampled_from([1, 31]),
)
def test_every_line_comes_once_whatever_a_page_may_look_at(
    call: Call,
    told: list[tuple[int, str, str]],
    bounds: list[int],
    wish: dict[str, str],
    limit: int,
    most_rows: int,
    most_days: int,
) -> None:
    from customer360.access import trail

    start, action = datetime.now(UTC) - timedelta(days=700), new_id("action")
    written = {
        write(start + timedelta(seconds=seconds), action=action, actor=actor, subject=subject): {
            "actor": actor,
            "customerId": subject,
        }
        for seconds, actor, subject in told
    }
    query = between(*(start + timedelta(seconds=seconds) for seconds in bounds))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(trail, "MOST_ROWS", most_rows)
        patched.setattr(trail, "MOST_DAYS", most_days)
        found = walk(call, query | wish | {"action": action, "limit": str(limit)})
    assert found == [
        each
        for each, values in sorted(written.items(), reverse=True)
        if wish.items() <= values.items() and query["from"] <= each[:27] <= query["to"]
    ]


@pytest.mark.parametrize(
    "foreign", [{}, {"actor": "somebody"}, {"customerId": "c1"}, {"action": "me.viewed"}, {"to": "2100-01-01"}]
)
def test_a_cursor_of_another_list_is_refused(call: Call, lines: dict[str, str], foreign: dict[str, str]) -> None:
    cursor = call(LIST, query={"actor": lines["who"], "limit": "1"}).json["nextCursor"]
    answer = call(LIST, query=foreign | {"cursor": cursor})
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "cursor")
    for altered in (cursor[:-1], cursor[1:], cursor.swapcase()):
        assert call(LIST, query={"actor": lines["who"], "cursor": altered}).status == 400


@pytest.mark.parametrize(
    ("position", "status"), [("a#b#c", 200), ("9999-12-31T23:59:59.999999Z#x", 200), ("2026-10-99T00:00:00Z#x", 400)]
)
def test_a_cursor_that_is_made_up_with_its_checksum_breaks_nothing(call: Call, position: str, status: int) -> None:
    """It leads nowhere beyond today, or is refused."""
    assert call(LIST, query={"cursor": encode(position, "audit", *[None] * 5), "limit": "1"}).status == status


# ---------------------------------------------------------------- Who may ask


@pytest.mark.parametrize("role", ["viewer", "support", "manager", None])
def test_only_an_admin_may_see_the_trail(call: Call, role: str | None) -> None:
    answer = call(LIST, role=role, query={"customerId": "c1"})
    assert (answer.status, answer.json["detail"]) == (403, "the permission audit:read is missing")


def test_the_list_has_an_etag(call: Call, lines: dict[str, str]) -> None:
    query = {"customerId": lines["customer"]}
    etag = call(LIST, query=query).headers["ETag"]
    assert call(LIST, query=query, headers={"If-None-Match": etag}, claims=claims_of("admin")).status == 304
    write(datetime.now(UTC), subject=lines["customer"])
    assert call(LIST, query=query, headers={"If-None-Match": etag}).status == 200
