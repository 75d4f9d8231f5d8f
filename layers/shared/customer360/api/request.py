"""What a request holds: its body, and whom and what it is about, as its audit line names them."""

import re
from collections.abc import Collection, Iterable
from json import JSONDecodeError
from typing import Any

from customer360.exact_json import loads
from customer360.identifiers import as_identifier, is_identifier

MOST_SUBJECTS = 3

_OURS = re.compile(r"[a-z]{1,16}-[0-9a-f]{32}")


def subjects_of(event: dict[str, Any], about: str | None) -> list[str]:
    """The customers a request is about, be they named by the path or by the query parameter `about`; of a list with
    more than are ever answered for, which is refused, the first. What is no id of a customer is nobody: it may be a
    pseudonym of somebody erased, or longer than a key may be."""
    if "customer_id" in event["pathParameters"]:
        named = [event["pathParameters"]["customer_id"]]
    else:
        named = (event.get("queryStringParameters") or {}).get(about, "").split(",")
    return list(dict.fromkeys(one for one in named if is_identifier(one)))[:MOST_SUBJECTS]


def target_of(event: dict[str, Any], subjects: Collection[str]) -> str | None:
    """What the path names beside the customer; also what stands in the customer's place and is none."""
    named = [value for name, value in event["pathParameters"].items() if name != "customer_id" or not subjects]
    return "/".join(map(as_identifier, named)) or None


def named_in_body(event: dict[str, Any], fields: Iterable[str]) -> list[str]:
    """What some fields of the body name: ids of ours, and nothing else that may stand there and is to be refused."""
    try:
        body = body_of(event["body"] or "") if fields else {}
    except JSONDecodeError:
        return []
    named = [body.get(field) for field in fields]
    return [value for value in named if isinstance(value, str) and _OURS.fullmatch(value)]


def body_of(text: str) -> dict[str, Any]:
    """The JSON body, its numbers exact. Raises JSONDecodeError, which tells what is wrong, also for what is no object:
    of a list Powertools would take the first and drop the rest."""
    try:
        body = loads(text)
    except JSONDecodeError:
        raise JSONDecodeError("is not JSON", text, 0) from None
    except ValueError as error:
        raise JSONDecodeError(str(error), text, 0) from None
    if not isinstance(body, dict):
        raise JSONDecodeError("must be an object", text, 0)
    return body
