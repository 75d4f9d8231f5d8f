"""Every route for every role, for a customer who is there and one who is not: one table says what must come of it."""

import re
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from support.builders import new_id, order
from support.gateway import Answer, claims_of
from support.template import functions

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]

# The status for viewer, support, manager, admin and no group: of what is there, and of what is not.
# A new route needs a line here.
STATUS: dict[tuple[str, str], tuple[str, str]] = {
    ("GET", "/api/admin/customers/{customer_id}/360"): ("200 200 200 200 403", "404 404 404 404 403"),
    ("GET", "/api/admin/customers/{customer_id}/orders"): ("200 200 200 200 403", "404 404 404 404 403"),
    ("GET", "/api/admin/customers/{customer_id}/orders/{order_id}"): ("200 200 200 200 403", "404 404 404 404 403"),
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
CASES = [
    (route, role, is_known, int(STATUS[route][0 if is_known else 1].split()[ROLES.index(role)]))
    for route, role, is_known in product(ROUTES, ROLES, [True, False])
    if route in STATUS
]


@pytest.fixture
def place(known_customer: str, take_in: Callable[..., Any], keep: Callable[..., str]) -> Callable[[str, bool], Any]:
    """Path parameters of something that is there, or is not."""

    def placed(path: str, is_known: bool) -> dict[str, str]:
        names = re.findall(r"{(\w+)}", path)
        if not is_known:
            return dict.fromkeys(names, new_id("unknown"))
        take_in(order(known_customer))
        made: dict[str, Callable[[], str]] = {
            "customer_id": lambda: known_customer,
            "order_id": lambda: "o1",
            "rejected_id": lambda: keep(order(known_customer, "o2")),
        }
        return {name: made[name]() for name in names}

    return placed


def test_every_route_of_the_template_is_in_the_table_and_no_other() -> None:
    assert set(STATUS) == set(ROUTES)


@pytest.mark.parametrize(
    ("route", "role", "is_known", "status"),
    CASES,
    ids=[f"{route[0]} {route[1]} {role} {'known' if is_known else 'unknown'}" for route, role, is_known, _ in CASES],
)
def test_a_role_gets_what_the_table_says(
    call: Call,
    place: Callable[[str, bool], dict[str, str]],
    route: tuple[str, str],
    role: str | None,
    is_known: bool,
    status: int,
) -> None:
    answer = call(ROUTES[route], role=role, **place(route[1], is_known))
    assert answer.status == status, answer.text
    if status == 403:
        assert re.fullmatch(r"the permission [a-z:-]+ is missing", answer.json["detail"])


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
@pytest.mark.parametrize(
    "claims",
    [{}, {"token_use": "access"}, {"token_use": ""}, {"sub": ""}],
    ids=["no token", "an access token", "a token of no use", "nobody's token"],
)
def test_without_an_id_token_nobody_gets_in(
    call: Call, place: Callable[[str, bool], dict[str, str]], route: tuple[str, str], claims: dict[str, str]
) -> None:
    forged = claims_of("admin") | claims if claims else {}
    for is_known in (True, False):
        answer = call(ROUTES[route], claims=forged, **place(route[1], is_known))
        assert answer.status == 401, answer.text
        assert answer.json["code"] == "unauthorized"


@pytest.mark.parametrize("groups", ["[viewer manager]", "viewer,manager", ["viewer", "manager"], "manager"])
def test_of_several_groups_the_highest_counts(call: Call, known_customer: str, groups: Any) -> None:
    claims = claims_of(None) | {"cognito:groups": groups}
    assert "lifetimeValue" in call("get_customer_360", customer_id=known_customer, claims=claims).json["metrics"]


@pytest.mark.parametrize("groups", ["", "[]", "customers", "ADMIN", "admins"])
def test_an_unknown_group_is_none(call: Call, known_customer: str, groups: str) -> None:
    claims = claims_of(None) | {"cognito:groups": groups}
    assert call("get_customer_360", customer_id=known_customer, claims=claims).status == 403
