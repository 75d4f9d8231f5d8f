"""Who calls, by the claims of the token, in every form the gateways hand them over."""

from typing import Any

import pytest

from customer360.access.caller import caller_of
from customer360.access.policy import ADMIN, MANAGER, PERMISSIONS, ROLES, SUPPORT, VIEWER, highest_role
from customer360.errors import NotAllowed, Unauthenticated


def event(**claims: Any) -> dict[str, Any]:
    known = {"sub": "s1", "token_use": "id", "email": "ada@example.com"}
    return {"requestContext": {"authorizer": {"claims": {**known, **claims}}}}


def role(groups: Any) -> str | None:
    return caller_of(event(**{"cognito:groups": groups})).role


@pytest.mark.parametrize("name", ["viewer", "support", "manager", "admin"])
@pytest.mark.parametrize("form", ["{}", "[{}]", " {} ", "[ {} ]"])
def test_one_group_in_any_form_is_the_role(name: str, form: str) -> None:
    assert role(form.format(name)) == name
    assert role([name]) == name


@pytest.mark.parametrize(
    "groups",
    ["viewer,manager,support", "[viewer manager support]", "manager viewer", ["manager", "viewer"], "x, manager"],
)
def test_of_several_groups_the_highest_counts(groups: Any) -> None:
    assert role(groups) == "manager"


@pytest.mark.parametrize("groups", [None, "", "[]", [], "guests", "Admin", "administrators", "super-admin", ["x"]])
def test_without_a_known_group_there_is_no_role_and_no_permission(groups: Any) -> None:
    caller = caller_of(event(**{"cognito:groups": groups}))
    assert caller.role is None
    assert caller.permissions == frozenset()
    with pytest.raises(NotAllowed, match="customers:read"):
        caller.require("customers:read")


def test_a_missing_claim_of_groups_is_no_group() -> None:
    assert caller_of(event()).role is None


@pytest.mark.parametrize("claims", [{"token_use": "access"}, {"token_use": None}, {"sub": ""}, {"sub": None}])
def test_only_an_id_token_of_somebody_is_accepted(claims: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        caller_of(event(**{"cognito:groups": "admin"} | claims))


@pytest.mark.parametrize(
    "request_event",
    [
        {},
        {"requestContext": None},
        {"requestContext": {}},
        {"requestContext": {"authorizer": None}},
        {"requestContext": {"authorizer": {}}},
        {"requestContext": {"authorizer": {"claims": None}}},
    ],
)
def test_nobody_is_signed_in_without_claims(request_event: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        caller_of(request_event)


def test_the_name_falls_back_to_the_email() -> None:
    assert caller_of(event(name="Ada")).name == "Ada"
    assert caller_of(event()).name == "ada@example.com"
    assert caller_of(event(name="")).name == "ada@example.com"
    assert (caller_of(event()).id, caller_of(event()).email) == ("s1", "ada@example.com")


def test_a_caller_may_do_what_the_role_grants_and_no_more() -> None:
    support = caller_of(event(**{"cognito:groups": "support"}))
    support.require("payments:read")
    with pytest.raises(NotAllowed) as error:
        support.require("financials:read")
    assert error.value.permission == "financials:read"


# The contract's table of permissions, as it stands there.
GRANTED_FROM = {
    "customers:read": "viewer",
    "search": "viewer",
    "compare": "viewer",
    "timeline": "viewer",
    "contact:read": "support",
    "payments:read": "support",
    "marketing:read": "support",
    "notes:read": "support",
    "notes:write": "support",
    "tags:assign": "support",
    "actions:email": "support",
    "actions:ticket": "support",
    "exports:create": "support",
    "financials:read": "manager",
    "notes:read-managers": "manager",
    "segments:assign": "manager",
    "tags:manage": "manager",
    "segments:manage": "manager",
    "actions:points": "manager",
    "exports:bulk": "manager",
    "audit:read": "admin",
    "ingestion:manage": "admin",
    "customers:erase": "admin",
}


@pytest.mark.parametrize("name", ["viewer", "support", "manager", "admin"])
def test_each_role_has_the_permissions_of_the_contract(name: str) -> None:
    rank = list(ROLES)
    expected = {permission for permission, lowest in GRANTED_FROM.items() if rank.index(lowest) <= rank.index(name)}
    assert ROLES[name] == expected


def test_roles_grow_and_the_highest_has_everything() -> None:
    assert VIEWER < SUPPORT < MANAGER < ADMIN == PERMISSIONS == set(GRANTED_FROM)
    assert highest_role(["admin", "viewer"]) == "admin"
