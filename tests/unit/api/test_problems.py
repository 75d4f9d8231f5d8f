"""The answer for anything but success."""

import json

from customer360.api.problems import problem_of
from customer360.errors import Invalid


def test_half_a_character_that_a_request_named_is_answered_in_utf_8() -> None:
    answer = problem_of(Invalid("criteria.not.\ud800é😀", "is not known here"), "r1")
    body = json.loads(str(answer.body).encode())
    assert body["errors"] == [{"field": "criteria.not.?é😀", "message": "is not known here"}]
    assert body["detail"] == "criteria.not.?é😀: is not known here"
