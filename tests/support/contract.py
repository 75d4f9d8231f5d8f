"""Whether an answer is what the OpenAPI document says of its operation, to the last property."""

from functools import cache
from typing import Any

from openapi_schema_validator import OAS31Validator, oas31_format_checker

from openapi.document import document
from support.gateway import Answer

Schema = dict[str, Any]


def breaches(function: str, answer: Answer) -> list[str]:
    """What an answer of the function has that the document does not tell, or lacks that it promises."""
    outcomes = responses(function)
    if str(answer.status) not in outcomes:
        return [f"the status {answer.status} is not documented"]
    response = outcomes[str(answer.status)]
    found = [f"the header {name} is missing" for name in response.get("headers", {}) if _lacks(answer, name)]
    if "content" not in response:
        return [*found, *(["has a body"] if answer.text else [])]
    content_type = answer.headers.get("Content-Type", "")
    if content_type not in response["content"]:
        return [*found, f"the content type {content_type} is not documented"]
    validator = validator_of(function, str(answer.status), content_type)
    return [*found, *(f"{error.json_path}: {error.message}" for error in validator.iter_errors(answer.json))]


@cache
def responses(function: str) -> Schema:
    """The response objects of the function's operation by status, references followed."""
    described = described_by(function)
    (operation,) = [operation for path in described["paths"].values() for operation in path.values()]
    shared = described["components"]["responses"]
    return {
        status: shared[response["$ref"].rsplit("/", 1)[1]] if "$ref" in response else response
        for status, response in operation["responses"].items()
    }


@cache
def validator_of(function: str, status: str, content_type: str) -> OAS31Validator:
    schema = responses(function)[status]["content"][content_type]["schema"]
    whole = {**schema, "components": {"schemas": described_by(function)["components"]["schemas"]}}
    return OAS31Validator(closed(whole), format_checker=oas31_format_checker)


@cache
def described_by(function: str) -> Schema:
    return document([function])


def closed(schema: Any) -> Any:
    """The schema with no room for properties it does not name, unless it says that there may be any."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(part) for name, part in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        inner.setdefault("additionalProperties", False)
    return inner


def _lacks(answer: Answer, header: str) -> bool:
    is_always_there = header in {"ETag", "X-Total-Count"}  # the others are sent where there is something to say
    return is_always_there and header not in answer.headers
