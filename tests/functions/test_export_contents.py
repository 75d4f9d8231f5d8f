"""An export of a customer says what the endpoints answer to the role that asked: no value is missing, none is added."""

import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from customer360.access.caller import Caller
from customer360.access.policy import ROLES
from customer360.errors import NotAllowed, NotFound
from customer360.exports import contents
from customer360.exports.contents import document_of
from customer360.exports.document import Document
from customer360.exports.request import ExportRequest
from customer360.exports.sections import SECTIONS, sections_for
from customer360.exports.writing import writer_of
from customer360.instants import answered
from customer360.orders import service as orders
from customer360.scores import history
from customer360.storage import subjects
from support.builders import instant, new_id, order
from support.documents import a_cover, csv_files, sheets, unzipped
from support.gateway import Answer
from support.shopper import AMOUNTS, CONTACT, EMAIL, MANAGERS_NOTES, PAYMENT, PHONE, SUMS, TEAM_NOTES, a_shopper

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("pause_caches")]

Call = Callable[..., Answer]
Table = tuple[str, str]
File = Callable[[str, str], bytes]
Answers = Callable[[str], dict[str, Any]]

EXTENSIONS = {"json": "json", "csv": "zip", "xlsx": "xlsx", "pdf": "pdf"}

# Where a section's own values and each of its lists are: the file in the ZIP, and the sheet.
PLACES: dict[Table, tuple[str, str]] = {
    ("profile", ""): ("profile.csv", "Profile"),
    ("profile", "addresses"): ("profile-addresses.csv", "Addresses"),
    ("metrics", ""): ("metrics.csv", "Metrics"),
    ("health", ""): ("health.csv", "Health score"),
    ("health", "contributions"): ("health-contributions.csv", "Health score by factor"),
    ("health", "scores"): ("health-scores.csv", "Scores by day"),
    ("churn", ""): ("churn.csv", "Churn risk"),
    ("churn", "contributions"): ("churn-contributions.csv", "Churn risk by factor"),
    ("segments", "segments"): ("segments.csv", "Segments"),
    ("tags", "tags"): ("tags.csv", "Tags"),
    ("orders", ""): ("orders-summary.csv", "Orders, summary"),
    ("orders", "orders"): ("orders.csv", "Orders"),
    ("orders", "orders.lines"): ("orders-lines.csv", "Order lines"),
    ("orders", "orders.statusHistory"): ("orders-status-history.csv", "Order statuses"),
    ("loyalty", ""): ("loyalty.csv", "Loyalty"),
    ("loyalty", "recentTransactions"): ("loyalty-recent-transactions.csv", "Recent points"),
    ("marketing", ""): ("marketing.csv", "Marketing"),
    ("marketing", "campaigns"): ("marketing-campaigns.csv", "Recent campaigns"),
    ("support", ""): ("support.csv", "Support"),
    ("support", "tickets"): ("support-tickets.csv", "Tickets"),
    ("support", "tickets.messages"): ("support-tickets-messages.csv", "Ticket messages"),
    ("support", "tickets.statusHistory"): ("support-tickets-status-history.csv", "Ticket statuses"),
    ("payments", ""): ("payments.csv", "Payments"),
    ("payments", "totalSuccessful.otherCurrencies"): (
        "payments-total-successful-other-currencies.csv", "Paid in other currencies"
    ),
    ("payments", "totalRefunded.otherCurrencies"): (
        "payments-total-refunded-other-currencies.csv", "Refunded, other currencies"
    ),
    ("payments", "methods"): ("payments-methods.csv", "Payment methods"),
    ("payments", "transactions"): ("payments-transactions.csv", "Transactions"),
    ("timeline", ""): ("timeline.csv", "Timeline, summary"),
    ("timeline", "events"): ("timeline-events.csv", "Timeline"),
    ("analytics", ""): ("analytics.csv", "Analytics"),
    ("analytics", "topCategories"): ("analytics-top-categories.csv", "Top categories"),
    ("analytics", "topViewedCategories"): ("analytics-top-viewed-categories.csv", "Most viewed categories"),
    ("analytics", "topPurchasedCategories"): ("analytics-top-purchased-categories.csv", "Most bought categories"),
    ("analytics", "deviceBreakdown"): ("analytics-device-breakdown.csv", "Devices"),
    ("notes", ""): ("notes-summary.csv", "Notes, summary"),
    ("notes", "notes"): ("notes.csv", "Notes"),
    ("notes", "notes.history"): ("notes-history.csv", "Notes before they were changed"),
}  # fmt: skip

# What a row of a list within another's rows says of the row it is part of.
OF = {
    "lines": ("id", "orderNumber", "currency"),
    "orders.statusHistory": ("id", "orderNumber"),
    "tickets.statusHistory": ("id", "ticketNumber"),
    "messages": ("id", "ticketNumber"),
    "history": ("id",),
}
# Of free form, so it is one value.
FREE = {"criteria", "metadata"}

HIDDEN = {
    "viewer": [*CONTACT, *AMOUNTS, *SUMS, *PAYMENT, *TEAM_NOTES, *MANAGERS_NOTES, "Spring sale"],
    "support": [*SUMS, *MANAGERS_NOTES],
    "manager": [],
    "admin": [],
}


@pytest.fixture(scope="module")
def shopper(engine: str) -> str:
    from customer360.ingestion.intake import take_in

    return a_shopper(lambda *events: [take_in(event["type"], event) for event in events])


@pytest.fixture(scope="module")
def file_for(shopper: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], bytes]:
    """The export of the shopper for a role in a format, made once."""
    folder = tmp_path_factory.mktemp("exports")
    return cache(lambda role, form: exported(shopper, role, form, folder))


@pytest.fixture(scope="module")
def known_answers() -> dict[str, dict[str, Any]]:
    """What `answers_to` has asked already, by role."""
    return {}


@pytest.fixture
def answers_to(call: Call, shopper: str, known_answers: dict[str, dict[str, Any]]) -> Callable[[str], dict[str, Any]]:
    """What the endpoints answer of the shopper to a role, asked once."""
    return lambda role: known_answers.get(role) or known_answers.setdefault(role, answers(call, shopper, role))


def document(customer_id: str, role: str, **limits: Any) -> Document:
    caller = Caller(f"sub-{role}", f"{role}@example.com", f"{role}@example.com", role)
    now = datetime.now(UTC)
    request = ExportRequest("export-1", "customer", "json", caller, now, customer_id=customer_id, **limits)
    return document_of(request, caller, a_cover(made_at=answered(now), made_by_id=caller.id, made_by_role=role))


def exported(customer_id: str, role: str, form: Any, folder: Path, **limits: Any) -> bytes:
    path = folder / f"export.{EXTENSIONS[form]}"
    writer_of(form)(document(customer_id, role, **limits), path, lambda rows: None)
    return path.read_bytes()


def exported_json(customer_id: str, role: str, folder: Path, **limits: Any) -> dict[str, Any]:
    return in_json(exported(customer_id, role, "json", folder, **limits))


def in_json(content: bytes) -> dict[str, Any]:
    """The sections."""
    sections: dict[str, Any] = json.loads(content, parse_float=Decimal)
    sections.pop("export")
    return sections


def whole(call: Call, name: str, rows: str, **request: Any) -> dict[str, Any] | None:
    """An answer with all of its list, without what turns the pages; None if the caller may not have it."""
    answer = call(name, query={"limit": "7"}, **request)
    if answer.status == 403:
        return None
    found: dict[str, Any] = dict(answer.json)
    while answer.json.get("nextCursor"):
        answer = call(name, query={"limit": "7", "cursor": answer.json["nextCursor"]}, **request)
        found[rows] = [*found[rows], *answer.json[rows]]
    return {key: value for key, value in found.items() if key not in {"nextCursor", "hasMore"}}


def answers(call: Call, customer_id: str, role: str) -> dict[str, Any]:
    """What the endpoints answer to the role, by section."""
    asked: dict[str, Any] = {"customer_id": customer_id, "role": role}
    view = call("get_customer_360", **asked).json
    bought = whole(call, "list_orders", "orders", **asked)
    support = whole(call, "list_tickets", "tickets", **asked)
    notes = whole(call, "list_notes", "notes", **asked)
    marketing = call("get_marketing", **asked)
    assert bought
    assert support
    bought["orders"] = [call("get_order", order_id=row["id"], **asked).json for row in bought["orders"]]
    support["tickets"] = [call("get_ticket", ticket_id=row["id"], **asked).json for row in support["tickets"]]
    if notes:
        each = [call("get_note", note_id=note["id"], **asked).json for note in notes["notes"]]
        notes["notes"] = [one["note"] | {"history": one["history"]} for one in each]
    sections = {
        "profile": view["profile"],
        "metrics": view["metrics"],
        "health": view["healthScore"] | {"scores": call("get_scores", **asked).json["scores"]},
        "churn": view["churnRisk"],
        "segments": {"segments": view["segments"]},
        "tags": {"tags": view["tags"]},
        "orders": bought,
        "loyalty": call("get_loyalty", **asked).json,
        "marketing": marketing.json if marketing.status == 200 else None,
        "support": support,
        "payments": whole(call, "list_payments", "transactions", **asked),
        "timeline": whole(call, "list_timeline_events", "events", **asked),
        "analytics": call("get_analytics", **asked).json,
        "notes": notes,
    }
    return {name: answer for name, answer in sections.items() if answer is not None}


def tables(sections: dict[str, Any]) -> dict[Table, list[Counter[str]]]:
    """What each table has to say, row by row: its values in no order, and nothing for what has no value."""
    found: dict[Table, list[Counter[str]]] = {place: [] for place in PLACES if place[0] in sections}
    for section, answer in sections.items():
        if (section, "") in PLACES:
            found[section, ""] = [Counter(values(answer))]
        for path, row in rows_in(answer):
            found[section, path].append(Counter(values(row)))
    return found


def is_list_of_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def rows_in(answer: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, value in answer.items():
        path = prefix + name
        if is_list_of_rows(value):
            of = OF.get(path.partition(".")[2]) or OF.get(path) or ()
            for row in value:
                yield path, row | ({"of": {field: answer[field] for field in of}} if prefix else {})
                yield from rows_in(row, f"{path}.")
        elif isinstance(value, dict) and name not in FREE:
            yield from rows_in(value, f"{path}.")


def values(value: Any, name: str = "") -> Iterator[str]:
    if name in FREE:
        yield canonical(json.dumps(value, default=float))
    elif isinstance(value, dict):
        for key, child in value.items():
            yield from values(child, key)
    elif isinstance(value, list):
        if value and not is_list_of_rows(value):
            yield "\n".join(value)
    elif value not in (None, ""):
        yield canonical(str(value).lower() if isinstance(value, bool) else str(value))


def canonical(text: str) -> str:
    """The same for equal numbers and for equal objects, however they are written."""
    if text.startswith("{"):
        return json.dumps(json.loads(text), sort_keys=True)
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return f"{number.normalize():f}" if number.is_finite() else text


def csv_tables(content: bytes) -> dict[str, list[Counter[str]]]:
    """An apostrophe stands before what would be a formula, within text, too."""
    plain = re.compile(r"""^'(?='*[=+\-@\t\r])|(?<=[;\t\r\n])'(?=['"]*[=+\-@])""")
    return {
        name: [Counter(canonical(plain.sub("", cell)) for cell in row if cell) for row in rows]
        for name, (_, *rows) in csv_files(content).items()
    }


def xlsx_tables(content: bytes) -> dict[str, list[Counter[str]]]:
    """Of a section's own values, which stand one below the other, one row."""
    found = {}
    for name, (head, *below) in sheets(content).items():
        is_upright = [cell.value for cell in head] == ["What", "Value"]
        rows = [[row[1] for row in below]] if is_upright else below
        found[name] = [Counter(in_cell(cell) for cell in row if cell.value is not None) for row in rows]
    return found


def in_cell(cell: Any) -> str:
    if isinstance(cell.value, datetime):
        text = cell.value.isoformat()
        return text[:10] if cell.number_format == "yyyy-mm-dd" else f"{text}Z"
    if isinstance(cell.value, bool):
        return str(cell.value).lower()
    number = cell.value * 100 if cell.number_format.endswith("%") else cell.value
    return canonical(str(round(number, 6) if isinstance(number, float) else number))


@pytest.mark.parametrize("role", ROLES)
def test_json_is_what_the_endpoints_answer(role: str, file_for: File, answers_to: Answers) -> None:
    assert in_json(file_for(role, "json")) == answers_to(role)


@pytest.mark.parametrize("role", ROLES)
def test_csv_says_what_the_endpoints_answer(role: str, file_for: File, answers_to: Answers) -> None:
    expected = tables(answers_to(role))
    assert csv_tables(file_for(role, "csv")) == {PLACES[place][0]: rows for place, rows in expected.items()}


@pytest.mark.parametrize("role", ROLES)
def test_xlsx_says_what_the_endpoints_answer(role: str, file_for: File, answers_to: Answers) -> None:
    found, expected = xlsx_tables(file_for(role, "xlsx")), tables(answers_to(role))
    found.pop("About this export")
    assert found == {PLACES[place][1]: rows for place, rows in expected.items()}


def test_every_table_has_something_to_say(answers_to: Answers) -> None:
    assert [place for place, rows in tables(answers_to("admin")).items() if not rows] == []


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("form", ["json", "csv", "xlsx"])
def test_what_is_hidden_from_a_role_is_nowhere_in_the_file(role: str, form: str, file_for: File) -> None:
    content = unzipped(file_for(role, form)).decode()
    assert [secret for secret in HIDDEN[role] if secret in content] == []
    # A cell of a workbook drops zeros at the end of a number, and shows them by its format.
    planted = [secret.removesuffix("0") for secret in HIDDEN["viewer"] if secret not in HIDDEN[role]]
    assert [value for value in planted if value not in content] == []


@pytest.mark.parametrize("form", ["json", "csv", "xlsx"])
def test_the_file_says_who_made_it_and_when(form: str, file_for: File) -> None:
    content = unzipped(file_for("support", form)).decode()
    assert "Mara Maker" in content
    assert "sub-support" in content
    assert answered(datetime.now(UTC))[:8] in content


def test_a_role_gets_the_sections_it_may_read(file_for: File) -> None:
    assert list(in_json(file_for("viewer", "json"))) == list(sections_for(None, ROLES["viewer"]))
    assert list(in_json(file_for("admin", "json"))) == list(SECTIONS)


def test_only_the_sections_asked_for_are_in_it(shopper: str, tmp_path: Path) -> None:
    assert list(exported_json(shopper, "admin", tmp_path, sections=("tags", "profile"))) == ["profile", "tags"]


def test_a_section_that_may_not_be_read_any_more_is_refused(shopper: str) -> None:
    with pytest.raises(NotAllowed, match="notes:read"):
        document(shopper, "viewer", sections=("profile", "notes"))


def test_an_unknown_customer_is_told_when_the_file_is_made(engine: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        exported_json(new_id(), "admin", tmp_path)


def test_a_customer_without_anything_has_empty_lists(call: Call, known_customer: str, tmp_path: Path) -> None:
    found = exported_json(known_customer, "admin", tmp_path)
    assert found == answers(call, known_customer, "admin")
    assert found["orders"]["orders"] == found["notes"]["notes"] == found["payments"]["methods"] == []
    for form in ("csv", "xlsx"):
        assert exported(known_customer, "admin", form, tmp_path)


def test_a_range_limits_what_has_a_time_and_no_figure(shopper: str, file_for: File, tmp_path: Path) -> None:
    every = in_json(file_for("admin", "json"))
    first, last = (datetime.fromisoformat(instant(days)) for days in (2, 5))
    some = exported_json(shopper, "admin", tmp_path, start=first, end=last)
    lists = {
        ("orders", "orders"): "date",
        ("support", "tickets"): "createdAt",
        ("payments", "transactions"): "date",
        ("timeline", "events"): "timestamp",
        ("loyalty", "recentTransactions"): "date",
        ("marketing", "campaigns"): "sentAt",
        ("notes", "notes"): "createdAt",
        ("health", "scores"): "date",
    }
    for (section, name), time in lists.items():
        kept = [row for row in every[section][name] if answered(first) <= row[time] <= answered(last)]
        assert some[section].pop(name) == kept, name
        every[section].pop(name)
    assert some == every
    tickets = exported_json(shopper, "admin", tmp_path, start=first, end=last)["support"]["tickets"]
    assert [ticket["id"] for ticket in tickets] == ["t5", "t4", "t3", "t2"]
    assert all(len(ticket["messages"]) == 2 for ticket in tickets)


def test_scores_of_a_range_are_those_of_its_days(shopper: str, tmp_path: Path) -> None:
    days = [datetime.now(UTC) - timedelta(days=days) for days in (2, 1)]
    found = exported_json(shopper, "admin", tmp_path, start=days[0], end=days[0])["health"]["scores"]
    assert [day["date"] for day in found] == [days[0].date().isoformat()]
    found = exported_json(shopper, "admin", tmp_path, start=days[0])["health"]["scores"]
    assert [day["date"] for day in found] == [day.date().isoformat() for day in reversed(days)]


def test_lists_of_several_pages_are_whole(
    shopper: str, file_for: File, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "PAGE_ROWS", 5)
    monkeypatch.setattr(contents, "READ_AT_ONCE", 2)
    monkeypatch.setattr(history, "DAYS_READ_AT_ONCE", 1)
    assert exported_json(shopper, "manager", tmp_path) == in_json(file_for("manager", "json"))


def test_an_order_that_changes_meanwhile_is_told_as_it_is_now(
    take_in: Callable[..., Any], known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(*(order(known_customer, name, status="pending") for name in ("o1", "o2")))
    whole = orders.reader(known_customer)
    assert [one.status for one in whole(["o1", "o2"])] == ["pending", "pending"]
    for number, status in enumerate(("shipped", "delivered", "completed"), start=1):
        take_in(order(known_customer, "o1", status=status, updatedAt=instant(number)))
    take_in(order(known_customer, "o3"))
    monkeypatch.setattr(subjects, "SHOWN_VERSIONS", 3)
    now = [orders.get(known_customer, name) for name in ("o3", "o1", "o2")]
    assert whole(["o3", "o1", "o2"]) == orders.reader(known_customer)(["o3", "o1", "o2"]) == now
    with pytest.raises(NotFound, match="order"):
        whole(["o2", "o4"])


@pytest.mark.parametrize("role", ROLES)
def test_a_pdf_shows_what_the_role_may_see_and_nothing_else(role: str, file_for: File) -> None:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(file_for(role, "pdf")))
    text = re.sub(r"[\s,]", "", "".join(page.extract_text() for page in reader.pages))
    hidden = [re.sub(r"[\s,]", "", secret) for secret in HIDDEN[role]]
    assert [secret for secret in hidden if secret in text] == []
    seen = {"viewer": [], "support": [EMAIL, PHONE, *AMOUNTS[:6], *TEAM_NOTES], "manager": [*SUMS[:1], *MANAGERS_NOTES]}
    assert [value for value in seen.get(role, []) if re.sub(r"[\s,]", "", value) not in text] == []
    assert "MaraMaker" in text
