"""GET /api/admin/me"""

from collections.abc import Callable
from typing import Any

import pytest

from customer360.access.policy import ROLES
from support.gateway import Answer, claims_of

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]


@pytest.mark.parametrize("role", ROLES)
def test_an_admin_learns_who_they_are_and_what_they_may_do(call: Call, role: str) -> None:
    answer = call("get_me", claims=claims_of(role) | {"sub": "92f5e464", "name": "Ada Admin"})
    assert answer.json == {
        "id": "92f5e464",
        "name": "Ada Admin",
        "email": f"{role}@example.com",
        "role": role,
        "permissions": sorted(ROLES[role]),
    }


def test_an_admin_without_a_name_goes_by_their_email(call: Call) -> None:
    answer = call("get_me", role="viewer")
    assert (answer.json["name"], answer.json["email"]) == ("viewer@example.com", "viewer@example.com")


def test_of_several_groups_the_highest_is_the_role(call: Call) -> None:
    claims: dict[str, Any] = claims_of(None) | {"cognito:groups": "viewer,manager,guests"}
    assert call("get_me", claims=claims).json["role"] == "manager"


def test_an_admin_in_no_group_may_not_even_ask(call: Call) -> None:
    answer = call("get_me", role=None)
    assert (answer.status, answer.json["detail"]) == (403, "the permission customers:read is missing")


def test_it_has_an_etag(call: Call) -> None:
    etag = call("get_me", role="viewer").headers["ETag"]
    assert call("get_me", role="viewer", headers={"If-None-Match": etag}).status == 304
    assert call("get_me", role="support", headers={"If-None-Match": etag}).status == 200
