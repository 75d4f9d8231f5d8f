"""What only tags have: a colour."""

from collections.abc import Callable
from typing import Any

import pytest

from customer360.catalog import definitions
from support.builders import new_id
from support.catalogs import TAGS
from support.gateway import Answer

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]


@pytest.mark.parametrize("color", ["", "red", "#FFF", "3366CC", "#3366CG", "#3366CCFF", "#３３６６CC", None, 0x3366CC])
def test_a_colour_is_six_hexadecimal_digits(call: Call, color: Any) -> None:
    answers = [TAGS.create(call, body=TAGS.body(color=color)), TAGS.update(call, TAGS.made(new_id()), {"color": color})]
    for answer in answers:
        if color is None and answer.status == 200:
            continue  # in a change, what is null is left as it is
        assert (answer.status, answer.json["errors"][0]["field"]) == (400, "color")


def test_a_new_colour_reaches_the_customers_and_nothing_else_changes(
    call: Call, known_customer: str, pause_caches: None
) -> None:
    made = TAGS.create(call, body=TAGS.body(description="Handle with care.")).json
    given = TAGS.give(call, known_customer, made["id"]).json
    assert TAGS.update(call, made["id"], {"color": "#ffAA00"}).json["color"] == "#ffAA00"
    definitions._kept.clear()
    (shown,) = call("get_customer_360", customer_id=known_customer).json["tags"]
    assert shown == given | {"color": "#ffAA00"}
    assert set(shown) == {"id", "name", "color", "description", "assignedAt", "assignedBy"}
