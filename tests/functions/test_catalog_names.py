"""No two tags share a name, nor two segments: POST and PATCH /api/admin/tags and …/segments"""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from customer360.api.etags import Precondition
from customer360.catalog.kinds import folded
from customer360.catalog.table import NameItem
from customer360.errors import Conflict, NotFound
from customer360.tags import service as tags
from customer360.tags.schemas import TagChange
from support.builders import new_id
from support.catalogs import SEGMENTS, TAGS, Catalog, of_both
from support.gateway import Answer
from support.parallel import all_at_once

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]


@of_both
@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("Big spender", "bIG SPENDER"),
        ("Big spender", "  Big \u00a0 spender "),
        ("VIP", "ＶＩＰ"),
        ("Straße", "STRASSE"),
        ("ﬁne", "FINE"),
        ("Café", "Cafe\u0301"),
        ("VIP", "V\u200bI\u200dP"),
        ("ẞ", "ss"),
    ],
)
def test_a_name_is_taken_whatever_its_case_width_and_spacing(
    call: Call, catalog: Catalog, name: str, same: str
) -> None:
    suffix = new_id()
    first, other = catalog.made(f"{name} {suffix}"), catalog.made(new_id())
    answers = [catalog.create(call, f"{same} {suffix}"), catalog.update(call, other, {"name": f"{same} {suffix}"})]
    for answer in answers:
        assert (answer.status, answer.json["code"]) == (409, "conflict"), answer.text
        assert answer.json["detail"] == f"a {catalog.noun} with this name exists already"
    assert catalog.update(call, first, {"name": f"{same} {suffix}"}).status == 200


@of_both
def test_a_name_is_free_once_nobody_has_it(call: Call, catalog: Catalog) -> None:
    name = new_id()
    first = catalog.made(name)
    assert catalog.update(call, first, {"name": f"{name} old"}).status == 200
    second = catalog.create(call, name)
    assert second.status == 201
    assert catalog.update(call, first, {"name": name.upper()}).status == 409
    catalog.delete_by_service(second.json["id"], new_id())
    assert catalog.update(call, first, {"name": name.upper()}).status == 200


@of_both
def test_both_catalogs_may_have_the_same_name(call: Call, catalog: Catalog) -> None:
    name = new_id()
    assert [other.create(call, name).status for other in (TAGS, SEGMENTS)] == [201, 201]


@of_both
def test_of_many_who_want_a_name_at_once_one_gets_it(call: Call, catalog: Catalog) -> None:
    name = new_id()
    others = [catalog.made(new_id()) for _ in range(3)] if catalog is TAGS else []
    works: list[Callable[[], Any]] = [partial(catalog.create_by_service, f"{name} ")] * 4
    works += [
        partial(tags.update, other, TagChange(name=name.upper()), Precondition(None, frozenset())) for other in others
    ]
    outcomes = all_at_once(works)
    assert [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)] == [Conflict] * (len(works) - 1)
    assert len([row for row in catalog.listed(call) if row["name"].casefold() == name.casefold()]) == 1


def test_changes_at_once_are_all_made_or_refused_whole(call: Call) -> None:
    """Every rename frees the name before and takes the new one, so exactly the last name is held in the end."""
    tag_id, name = TAGS.made(new_id()), new_id()
    anything = Precondition(None, frozenset())
    renames = [partial(tags.update, tag_id, TagChange(name=f"{name} {n}"), anything) for n in range(6)]
    assert not [outcome for outcome in all_at_once(renames) if isinstance(outcome, Exception)]
    held = [item.sk for item in NameItem.query("NAMES#TAGS") if item.holder == tag_id]
    assert held == [folded(TAGS.row(call, tag_id)["name"])]


def test_a_rename_and_a_deletion_at_once_leave_no_name_behind(call: Call) -> None:
    for _ in range(3):
        tag_id, name = TAGS.made(new_id()), new_id()
        rename = partial(tags.update, tag_id, TagChange(name=name), Precondition(None, frozenset()))
        works: list[Callable[[], Any]] = [rename, partial(TAGS.delete_by_service, tag_id, new_id())]
        outcomes = all_at_once(works)
        assert {type(outcome) for outcome in outcomes if isinstance(outcome, Exception)} <= {NotFound}
        assert TAGS.row(call, tag_id) is None
        assert not [item for item in NameItem.query("NAMES#TAGS") if item.holder == tag_id]


@given(st.text(max_size=50))
@example("ﷺ" * 50)
def test_the_form_names_are_compared_in_is_settled_and_fits_a_key(name: str) -> None:
    form = folded(name)
    assert folded(form) == form or len(form) == 200
    assert len(form.encode()) <= 1024
