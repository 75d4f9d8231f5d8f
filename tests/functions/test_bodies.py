"""A body is one JSON object; whatever else it is gets refused by that reason, and nothing of it is carried out."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from openapi.document import DOCUMENT
from support.gateway import Answer
from support.template import functions

pytestmark = pytest.mark.engine

OPERATIONS = [one for path in json.loads(DOCUMENT.read_text())["paths"].values() for one in path.values()]
TAKE_A_BODY = sorted(one["operationId"] for one in OPERATIONS if "requestBody" in one)


def deep(levels: int) -> Any:
    value: Any = {}
    for _ in range(levels):
        value = {"within": value}
    return value


@pytest.mark.parametrize("name", TAKE_A_BODY)
@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([{}, {}], "must be an object"),
        ("text", "must be an object"),
        (deep(40), "is nested too deeply"),
        ({"within": 1e300}, "has a number out of any range"),
        ({"within": 10**200}, "has a number out of any range"),
    ],
    ids=["list", "text", "deep", "huge", "long"],
)
def test_a_body_that_is_no_object_or_none_to_work_with_is_refused_by_its_reason(
    call: Callable[..., Answer], name: str, body: Any, message: str
) -> None:
    (event,) = functions()[name]["Events"].values()
    path = dict.fromkeys(re.findall(r"{(\w+)}", event["Properties"]["Path"]), "somebody")
    answer = call(name, body=body, **path)
    assert answer.status == 400, answer.text
    assert answer.json["errors"] == [{"field": "body", "message": message}]
