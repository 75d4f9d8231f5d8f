"""Masking by the type of a field: money that is not marked cannot even be declared."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import create_model

from customer360.access.policy import ADMIN, MANAGER, PERMISSIONS, SUPPORT, VIEWER
from customer360.api.schema import (
    Email,
    Financial,
    Instant,
    Needs,
    Number,
    Phone,
    Priced,
    Request,
    Response,
    absent_if_none,
    masked_email,
    masked_phone,
    rendered,
)
from customer360.exact_json import dumps

NOBODY: frozenset[str] = frozenset()


class Line(Response):
    name: str
    unit_price: Priced[Decimal]


class Parcel(Response):
    lines: list[Line]
    best: Line | None = absent_if_none()
    main: Line


class Account(Response):
    lifetime_value: Financial[Decimal]
    parcels: list[Parcel]
    email: Email
    phone: Phone | None = absent_if_none()
    street: Annotated[str, Needs("contact:read")]
    score: Number
    secret: Annotated[str, Needs("audit:read")]
    opened_at: Instant


def account() -> Account:
    line = Line(name="Tea", unit_price=Decimal("0.10"))
    return Account(
        lifetime_value=Decimal("0.30"),
        parcels=[Parcel(lines=[line, line], best=line, main=line), Parcel(lines=[], main=line)],
        email="joanna@example.com",
        phone="+1 202 555 5678",
        street="1 High Street",
        score=Decimal("12.5"),
        secret="s",
        opened_at=datetime(2026, 1, 2, 3, 4, 5, 678, UTC),
    )


def keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {str(name) for name in value} | {name for child in value.values() for name in keys(child)}
    return {name for child in value for name in keys(child)} if isinstance(value, list) else set()


@pytest.mark.parametrize(
    "annotation",
    [
        Decimal,
        Decimal | None,
        list[Decimal],
        dict[str, Decimal],
        list[Decimal | None],
        Annotated[Decimal, "a note"],
        list[Annotated[Decimal, "a note"]] | None,
        tuple[str, Decimal],
    ],
    ids=str,
)
def test_a_decimal_that_says_not_what_it_is_cannot_be_declared(annotation: Any) -> None:
    with pytest.raises(TypeError, match=r"Bill\.total is a bare Decimal"):
        type("Bill", (Response,), {"__annotations__": {"total": annotation}})


@pytest.mark.parametrize(
    "annotation",
    [
        Financial[Decimal],
        Priced[Decimal | None],  # type: ignore[misc]  # mypy does not take this alias for a value
        Number,
        Number | None,
        list[Number],
        dict[str, Number],
    ],
    ids=["financial", "priced, optional", "number", "optional", "list", "mapping"],
)
def test_a_decimal_that_says_what_it_is_can(annotation: Any) -> None:
    assert type("Bill", (Response,), {"__annotations__": {"total": annotation}})


def test_all_permissions_see_everything_as_it_is() -> None:
    answer = rendered(account(), PERMISSIONS)
    assert dumps(answer) == (
        '{"lifetimeValue":0.30,"parcels":[{"lines":[{"name":"Tea","unitPrice":0.10},{"name":"Tea","unitPrice":0.10}],'
        '"best":{"name":"Tea","unitPrice":0.10},"main":{"name":"Tea","unitPrice":0.10}},'
        '{"lines":[],"main":{"name":"Tea","unitPrice":0.10}}],'
        '"email":"joanna@example.com","phone":"+1 202 555 5678","street":"1 High Street","score":12.5,"secret":"s",'
        '"openedAt":"2026-01-02T03:04:05Z"}'
    )


@pytest.mark.parametrize(
    ("role", "hidden"),
    [
        (NOBODY, {"lifetimeValue", "unitPrice", "street", "secret"}),
        (VIEWER, {"lifetimeValue", "unitPrice", "street", "secret"}),
        (SUPPORT, {"lifetimeValue", "secret"}),
        (MANAGER, {"secret"}),
        (ADMIN, set()),
    ],
)
def test_a_role_sees_what_it_may_at_any_depth(role: frozenset[str], hidden: set[str]) -> None:
    everything = keys(rendered(account(), PERMISSIONS))
    assert keys(rendered(account(), role)) == everything - hidden


@pytest.mark.parametrize("role", [NOBODY, VIEWER])
def test_contact_data_is_masked_without_the_permission(role: frozenset[str]) -> None:
    answer = rendered(account(), role)
    assert (answer["email"], answer["phone"]) == ("jo***@example.com", "***5678")


def test_contact_data_is_masked_when_nobody_says_who_asks() -> None:
    assert account().model_dump()["email"] == "jo***@example.com"


@pytest.mark.parametrize(
    "annotation",
    [list[list[Line]], dict[str, Line], tuple[Line, Line], Line | Parcel, list[Line | Parcel], list[Line] | Parcel],
    ids=["a list in a list", "a dictionary", "a tuple", "one of two", "a list of either", "a list or another"],
)
def test_an_answer_nested_where_masking_does_not_reach_cannot_be_declared(annotation: Any) -> None:
    with pytest.raises(TypeError, match="nest an answer"):
        create_model("Nested", __base__=Response, found=(annotation, ...))


@pytest.mark.parametrize(
    "annotation", [Line, Line | None, list[Line], list[Line] | None], ids=["itself", "optional", "a list", "no list"]
)
def test_an_answer_nested_plainly_can(annotation: Any) -> None:
    create_model("Nested", __base__=Response, found=(annotation, ...))


@pytest.mark.parametrize(
    ("email", "masked"),
    [
        ("joanna@example.com", "jo***@example.com"),
        ("jo@example.com", "jo***@example.com"),
        ("j@example.com", "j***@example.com"),
        ('"a@b"@example.com', '"a***@example.com'),
    ],
)
def test_an_email_shows_two_letters_and_its_domain(email: str, masked: str) -> None:
    assert masked_email(email) == masked


@pytest.mark.parametrize(
    ("phone", "masked"), [("+44 20 7946 0123", "***0123"), ("555-67 89", "***6789"), ("(020)", "***020"), ("x", "***")]
)
def test_a_phone_shows_four_digits(phone: str, masked: str) -> None:
    assert masked_phone(phone) == masked


@given(st.text("0123456789 +-()", max_size=30))
def test_a_masked_phone_never_shows_more(phone: str) -> None:
    assert sum(character.isdigit() for character in masked_phone(phone)) <= 4


class Change(Request):
    display_name: str
    is_pinned: bool = False


def test_a_request_takes_camel_case_and_strips_blanks() -> None:
    change = Change.model_validate({"displayName": " Ada ", "isPinned": True})
    assert (change.display_name, change.is_pinned) == ("Ada", True)


@pytest.mark.parametrize(
    "body",
    [
        {"display_name": "Ada"},
        {"displayName": "Ada", "is_pinned": True},
        {"displayName": "Ada", "more": 1},
        {"displayName": 1},
        {},
        {"displayName": "A", "isPinned": 1},
    ],
)
def test_a_request_refuses_what_it_does_not_know(body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Change"):
        Change.model_validate(body)
