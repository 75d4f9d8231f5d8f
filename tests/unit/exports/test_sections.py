"""Which sections an export may hold, by role."""

import pytest

from customer360.access.policy import ROLES
from customer360.errors import Invalid, NotAllowed
from customer360.exports.sections import SECTIONS, sections_for


@pytest.mark.parametrize("role", ["support", "manager", "admin"])
def test_without_a_choice_it_is_all_there_is(role: str) -> None:
    assert sections_for(None, ROLES[role]) == SECTIONS


def test_without_a_choice_what_may_not_be_read_is_left_out() -> None:
    hidden = {"marketing", "payments", "notes"}
    assert sections_for(None, ROLES["viewer"]) == tuple(name for name in SECTIONS if name not in hidden)


def test_sections_come_once_and_in_the_order_of_the_page() -> None:
    assert sections_for(["orders", "profile", "orders"], ROLES["admin"]) == ("profile", "orders")


@pytest.mark.parametrize(
    ("section", "permission"),
    [("payments", "payments:read"), ("marketing", "marketing:read"), ("notes", "notes:read")],
)
def test_asking_for_what_may_not_be_read_names_the_permission(section: str, permission: str) -> None:
    with pytest.raises(NotAllowed, match=permission):
        sections_for(["profile", section], ROLES["viewer"])


def test_the_timeline_takes_its_own_permission() -> None:
    with pytest.raises(NotAllowed, match="timeline"):
        sections_for(["timeline"], ROLES["viewer"] - {"timeline"})


@pytest.mark.parametrize("asked", [["profile", "secrets"], [""], []])
def test_what_is_no_section_is_refused(asked: list[str]) -> None:
    with pytest.raises(Invalid, match="sections"):
        sections_for(asked, ROLES["admin"])
