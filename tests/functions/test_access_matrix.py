"""Every route for every role, on what is the customer's own, another's or nobody's: one table says what comes of it."""

import re
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.builders import customer, new_id, order, ticket
from support.erasing import job_of
from support.gateway import Answer, claims_of
from support.makers import a_bulk_job, a_note, a_segment, a_tag, a_view, an_export, give_segment, give_tag
from support.template import functions

pytestmark = [
    pytest.mark.engine,
    pytest.mark.usefixtures("bulk_queue", "erasure_queue", "export_bucket", "event_bus", "mail_service"),
]

Call = Callable[..., Answer]

# The status for viewer, support, manager, admin and no group: of what is there, and of what is not.
# A new route needs a line here.
STATUS: dict[tuple[str, str], tuple[str, str]] = {
    ("GET", "/api/admin/customers/{customer_id}/360"): ("200 200 200 200 403", "404 404 404 404 403"),
    ("GET", "/api/admin/customers/compare"): ("200 200 200 200 403", "404 404 404 404 403"),
    ("GET", "/api/admin/customers/{customer_id}/scores"): ("200 200 200 200 403", "404 404 404 404 403"),
    ("GET", "/api/admin/customers/search"): ("200 200 200 200 403", "200 200 200 200 403"),
    ("GET", "/api/admin/scoring/quality"): ("200 200 200 200 403", "200 200 200 200 403"),
    ("GET", "/api/admin/customers/{customer_id}/orders"): ("200 200 200 200 403", "404 404 404 404 403"),
    ("GET", "/api/admin/customers/{customer_id}/orders/{order_id}"): ("200 200 200 200 403", "404 404 404 404 403"),
    ("GET", "/api/admin/customers/{customer_id}/loyalty"): ("200 200 200 200 403", "404 404 404 404 403"),
    ("GET", "/api/admin/customers/{customer_id}/marketing"): ("403 200 200 200 403", "403 404 404 404 403"),
    ("GET", "/api/admin/customers/{customer_id}/support"): ("200 200 200 200 403", "404 404 404 404 403"),
    ("GET", "/api/admin/customers/{customer_id}/support/{ticket_id}"): ("200 200 200 200 403", "404 404 404 404 403"),
    ("GET", "/api/admin/customers/{customer_id}/payments"): ("403 200 200 200 403", "403 404 404 404 403"),
    ("GET", "/api/admin/customers/{customer_id}/analytics"): ("200 200 200 200 403", "404 404 404 404 403"),
    ("GET", "/api/admin/customers/{customer_id}/timeline"): ("200 200 200 200 403", "404 404 404 404 403"),
    ("GET", "/api/admin/me"): ("200 200 200 200 403", "200 200 200 200 403"),
    ("GET", "/api/admin/audit"): ("403 403 403 200 403", "403 403 403 200 403"),
    ("GET", "/api/admin/customers/{customer_id}/notes"): ("403 200 200 200 403", "403 404 404 404 403"),
    ("GET", "/api/admin/customers/{customer_id}/notes/{note_id}"): ("403 200 200 200 403", "403 404 404 404 403"),
    ("POST", "/api/admin/customers/{customer_id}/notes"): ("403 201 201 201 403", "403 404 404 404 403"),
    ("PATCH", "/api/admin/customers/{customer_id}/notes/{note_id}"): ("403 403 200 200 403", "403 404 404 404 403"),
    ("DELETE", "/api/admin/customers/{customer_id}/notes/{note_id}"): ("403 403 204 204 403", "403 404 404 404 403"),
    ("GET", "/api/admin/tags"): ("200 200 200 200 403", "200 200 200 200 403"),
    ("POST", "/api/admin/tags"): ("403 403 201 201 403", "403 403 201 201 403"),
    ("PATCH", "/api/admin/tags/{tag_id}"): ("403 403 200 200 403", "403 403 404 404 403"),
    ("DELETE", "/api/admin/tags/{tag_id}"): ("403 403 204 204 403", "403 403 404 404 403"),
    ("POST", "/api/admin/customers/{customer_id}/tags"): ("403 201 201 201 403", "403 404 404 404 403"),
    ("DELETE", "/api/admin/customers/{customer_id}/tags/{tag_id}"): ("403 204 204 204 403", "403 404 404 404 403"),
    ("GET", "/api/admin/segments"): ("200 200 200 200 403", "200 200 200 200 403"),
    ("POST", "/api/admin/segments"): ("403 403 201 201 403", "403 403 201 201 403"),
    ("PATCH", "/api/admin/segments/{segment_id}"): ("403 403 200 200 403", "403 403 404 404 403"),
    ("DELETE", "/api/admin/segments/{segment_id}"): ("403 403 204 204 403", "403 403 404 404 403"),
    ("POST", "/api/admin/customers/{customer_id}/segments"): ("403 403 201 201 403", "403 403 404 404 403"),
    ("DELETE", "/api/admin/customers/{customer_id}/segments/{segment_id}"): (
        "403 403 204 204 403",
        "403 403 404 404 403",
    ),
    ("POST", "/api/admin/segments/preview"): ("403 403 200 200 403", "403 403 200 200 403"),
    ("GET", "/api/admin/views"): ("200 200 200 200 403", "200 200 200 200 403"),
    ("POST", "/api/admin/views"): ("201 201 201 201 403", "201 201 201 201 403"),
    ("DELETE", "/api/admin/views/{view_id}"): ("403 403 204 204 403", "404 404 404 404 403"),
    ("POST", "/api/admin/customers/{customer_id}/actions/send-email"): ("403 201 201 201 403", "403 404 404 404 403"),
    ("POST", "/api/admin/customers/{customer_id}/actions/create-ticket"): (
        "403 201 201 201 403",
        "403 404 404 404 403",
    ),
    ("POST", "/api/admin/customers/{customer_id}/actions/adjust-points"): (
        "403 403 201 201 403",
        "403 403 404 404 403",
    ),
    ("POST", "/api/admin/customers/{customer_id}/exports"): ("403 202 202 202 403", "403 404 404 404 403"),
    ("POST", "/api/admin/exports"): ("403 403 202 202 403", "403 403 202 202 403"),
    # Made by the one of support.
    ("GET", "/api/admin/exports/{export_id}"): ("403 200 404 200 403", "403 404 404 404 403"),
    ("GET", "/api/admin/jobs/{job_id}"): ("403 403 200 200 403", "403 403 404 404 403"),
    ("DELETE", "/api/admin/jobs/{job_id}"): ("403 403 204 204 403", "403 403 404 404 403"),
    ("POST", "/api/admin/jobs/{job_id}/undo"): ("403 403 202 202 403", "403 403 404 404 403"),
    ("POST", "/api/admin/bulk-assignments"): ("403 403 202 202 403", "403 403 202 202 403"),
    ("POST", "/api/admin/bulk-assignments/preview"): ("403 403 200 200 403", "403 403 200 200 403"),
    ("DELETE", "/api/admin/customers/{customer_id}"): ("403 403 403 202 403", "403 403 403 404 403"),
    ("GET", "/api/admin/erasures/{job_id}"): ("403 403 403 200 403", "403 403 403 404 403"),
    ("POST", "/api/admin/customers/{customer_id}/privacy-export"): ("403 403 403 202 403", "403 403 403 404 403"),
    ("POST", "/api/admin/realtime/tickets"): ("201 201 201 201 403", "201 201 201 201 403"),
    ("POST", "/api/admin/telemetry"): ("204 204 204 204 403", "204 204 204 204 403"),
    ("GET", "/api/admin/ingestion/rejected"): ("403 403 403 200 403", "403 403 403 200 403"),
    ("POST", "/api/admin/ingestion/rejected/{rejected_id}/replay"): ("403 403 403 200 403", "403 403 403 404 403"),
}
ROLES = ["viewer", "support", "manager", "admin", None]


def routes() -> dict[tuple[str, str], str]:
    """The function of every route of the template."""
    return {
        (event["Properties"]["Method"], event["Properties"]["Path"]): name
        for name, properties in functions().items()
        for event in properties["Events"].values()
        if event["Type"] == "Api"
    }


ROUTES = routes()
COMPARE = ("GET", "/api/admin/customers/compare")

# Whose the thing is that is asked for: the customer's own, another customer's (by its real id), or nobody's.
WHOSE = ["own", "foreign", "unknown"]
OF_A_CUSTOMER = re.compile(r"{customer_id}/.*{\w+}")


def expected(route: tuple[str, str], role: str | None, whose: str) -> int:
    """What is another customer's is as unknown here as what is nobody's."""
    is_there = whose == "own" or (whose == "foreign" and not OF_A_CUSTOMER.search(route[1]))
    return int(STATUS[route][0 if is_there else 1].split()[ROLES.index(role)])


CASES = [(route, role, whose) for route, role, whose in product(ROUTES, ROLES, WHOSE) if route in STATUS]

BODIES: dict[tuple[str, str], Callable[[], Any]] = {
    ("POST", "/api/admin/customers/{customer_id}/notes"): lambda: {"content": "Call back."},
    ("PATCH", "/api/admin/customers/{customer_id}/notes/{note_id}"): lambda: {"pinned": True},
    ("POST", "/api/admin/tags"): lambda: {"name": new_id("tag"), "color": "#112233"},
    ("PATCH", "/api/admin/tags/{tag_id}"): lambda: {"color": "#332211"},
    ("POST", "/api/admin/customers/{customer_id}/tags"): lambda: {"tagId": a_tag()},
    ("POST", "/api/admin/segments"): lambda: {"name": new_id("segment"), "isAutomatic": False},
    ("PATCH", "/api/admin/segments/{segment_id}"): lambda: {"description": "Changed."},
    ("POST", "/api/admin/customers/{customer_id}/segments"): lambda: {"segmentId": a_segment()},
    ("POST", "/api/admin/segments/preview"): lambda: {"criteria": {"field": "country", "op": "eq", "value": "FR"}},
    ("POST", "/api/admin/customers/{customer_id}/actions/send-email"): lambda: {"subject": "Yours", "body": "Hello."},
    ("POST", "/api/admin/customers/{customer_id}/actions/create-ticket"): lambda: {
        "subject": "Parcel",
        "description": "It has not come.",
    },
    ("POST", "/api/admin/customers/{customer_id}/actions/adjust-points"): lambda: {"points": 5, "reason": "Sorry."},
    ("POST", "/api/admin/views"): lambda: {"name": new_id("view"), "search": {"tier": "gold"}},
    ("POST", "/api/admin/customers/{customer_id}/exports"): lambda: {"format": "pdf"},
    ("POST", "/api/admin/exports"): lambda: {"format": "csv", "search": {"tier": "gold"}},
    ("POST", "/api/admin/telemetry"): lambda: {"page": "home", "timings": [{"measure": "load", "milliseconds": 812.4}]},
    ("POST", "/api/admin/bulk-assignments"): lambda: {"search": {}, "action": "add", "tagId": a_tag()},
    ("POST", "/api/admin/bulk-assignments/preview"): lambda: {"search": {}, "action": "add", "tagId": a_tag()},
}


@pytest.fixture
def place(
    known_customer: str, take_in: Callable[..., Any], keep: Callable[..., str], removal_queue: str
) -> Callable[[str, str], Any]:
    """Path parameters of a thing: the customer's own, another's, or nobody's."""

    def placed(path: str, whose: str) -> dict[str, str]:
        names = re.findall(r"{(\w+)}", path)
        if whose == "unknown":
            return dict.fromkeys(names, new_id("unknown"))
        take_in(order(known_customer), ticket(known_customer))
        made: dict[str, Callable[[], str]] = {
            "customer_id": lambda: known_customer,
            "order_id": lambda: "o1",
            "ticket_id": lambda: "t1",
            "note_id": lambda: a_note(known_customer),
            "tag_id": lambda: tag_of(known_customer),
            "segment_id": lambda: segment_of(known_customer),
            "job_id": lambda: an_erasure() if "/erasures/" in path else a_bulk_job(is_finished=path.endswith("/undo")),
            "view_id": a_view,
            "export_id": lambda: an_export(known_customer, "support"),
            "rejected_id": lambda: keep(order(known_customer, "o2")),
        }
        ids = {name: made[name]() for name in names}
        if whose == "foreign" and "customer_id" in ids:
            ids["customer_id"] = new_id()
            take_in(customer(ids["customer_id"]))
        return ids

    return placed


@pytest.fixture(autouse=True)
def quick_previews(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asks one customer, and not all that other tests have left behind."""
    from customer360.segments import preview

    monkeypatch.setattr(preview, "MOST_EVALUATED", 1)


def an_erasure() -> str:
    """The id of a job that erases somebody."""
    from customer360.ingestion.intake import take_in

    customer_id = new_id()
    take_in("customer.upserted", customer(customer_id))
    return job_of(customer_id)


def tag_of(customer_id: str) -> str:
    tag_id = a_tag()
    give_tag(customer_id, tag_id)
    return tag_id


def segment_of(customer_id: str) -> str:
    segment_id = a_segment()
    give_segment(customer_id, segment_id)
    return segment_id


def test_every_route_of_the_template_is_in_the_table_and_no_other() -> None:
    assert set(STATUS) == set(ROUTES)


@pytest.mark.parametrize(
    ("route", "role", "whose"), CASES, ids=[f"{route[0]} {route[1]} {role} {whose}" for route, role, whose in CASES]
)
def test_a_role_gets_what_the_table_says(
    call: Call,
    place: Callable[[str, str], dict[str, str]],
    route: tuple[str, str],
    role: str | None,
    whose: str,
) -> None:
    body = BODIES[route]() if route in BODIES else None
    query = {}
    if route == COMPARE:
        query["ids"] = ",".join(place("{customer_id}", each)["customer_id"] for each in (whose, "foreign"))
    answer = call(ROUTES[route], role=role, body=body, query=query, **place(route[1], whose))
    assert answer.status == expected(route, role, whose), answer.text
    if answer.status == 403:
        assert re.fullmatch(r"the permission [a-z:-]+ is missing", answer.json["detail"])


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
@pytest.mark.parametrize(
    "claims",
    [{}, {"token_use": "access"}, {"token_use": ""}, {"sub": ""}],
    ids=["no token", "an access token", "a token of no use", "nobody's token"],
)
def test_without_an_id_token_nobody_gets_in(
    call: Call, place: Callable[[str, str], dict[str, str]], route: tuple[str, str], claims: dict[str, str]
) -> None:
    forged = claims_of("admin") | claims if claims else {}
    for whose in ("own", "unknown"):
        answer = call(ROUTES[route], claims=forged, **place(route[1], whose))
        assert answer.status == 401, answer.text
        assert answer.json["code"] == "unauthorized"


WORDS = st.lists(st.sampled_from(["viewer", "support", "manager", "admin", "Admin", "customers", ""]), max_size=5)


@settings(max_examples=150)
@given(route=st.sampled_from(sorted(ROUTES)), groups=WORDS, form=st.sampled_from(["list", "aws", "engine"]))
def test_whatever_groups_a_token_names_the_highest_role_decides(
    call: Call, removal_queue: str, route: tuple[str, str], groups: list[str], form: str
) -> None:
    """P5: every call is checked, and nothing but the role decides, in whatever form the gateway hands groups over."""
    claim: Any = {"list": groups, "aws": ",".join(groups), "engine": f"[{' '.join(groups)}]"}[form]
    role = next((role for role in ("admin", "manager", "support", "viewer") if role in groups), None)
    path = dict.fromkeys(re.findall(r"{(\w+)}", route[1]), "nobody")
    body = BODIES[route]() if route in BODIES else None
    claims = claims_of(None) | {"cognito:groups": claim}
    query = {"ids": "nobody,nobody-else"} if route == COMPARE else {}
    answer = call(ROUTES[route], claims=claims, body=body, query=query, **path)
    assert answer.status == expected(route, role, "unknown"), answer.text


@pytest.mark.parametrize("groups", ["[viewer manager]", "viewer,manager", ["viewer", "manager"], "manager"])
def test_of_several_groups_the_highest_counts(call: Call, known_customer: str, groups: Any) -> None:
    claims = claims_of(None) | {"cognito:groups": groups}
    assert "lifetimeValue" in call("get_customer_360", customer_id=known_customer, claims=claims).json["metrics"]


@pytest.mark.parametrize("groups", ["", "[]", "customers", "ADMIN", "admins"])
def test_an_unknown_group_is_none(call: Call, known_customer: str, groups: str) -> None:
    claims = claims_of(None) | {"cognito:groups": groups}
    assert call("get_customer_360", customer_id=known_customer, claims=claims).status == 403
