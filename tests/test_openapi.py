"""docs/openapi.json is what the handlers declare, and says of every operation what a front end has to know."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from customer360.access.policy import PERMISSIONS
from customer360.exports.sections import SECTIONS
from openapi.document import DOCUMENT, document, text
from support.template import functions, resources

Schema = dict[str, Any]

ROUTES = {
    (event["Properties"]["Method"], event["Properties"]["Path"]): name
    for name, function in functions().items()
    for event in function["Events"].values()
    if event["Type"] == "Api"
}

SEARCH = "/api/admin/customers/search"

# A repeated request is another one: a ticket is good once, a preview is of the moment, and a time is a sample.
NEVER_THE_SAME = {
    ("POST", "/api/admin/realtime/tickets"),
    ("POST", "/api/admin/segments/preview"),
    ("POST", "/api/admin/telemetry"),
    ("POST", "/api/admin/bulk-assignments/preview"),
}


@cache
def described() -> Schema:
    return document()


def operations() -> dict[tuple[str, str], Schema]:
    return {
        (method.upper(), path): operation
        for path, methods in described()["paths"].items()
        for method, operation in methods.items()
    }


def parts(value: Any) -> Iterator[Schema]:
    """Every object within, itself included."""
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from parts(part)
    elif isinstance(value, list):
        for part in value:
            yield from parts(part)


def test_the_committed_document_is_that_of_the_handlers() -> None:
    assert DOCUMENT.read_text() == text(described()), "`make openapi`, then look at the difference"


def test_it_is_valid_openapi() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(described()).iter_errors()] == []


def test_every_route_of_the_template_is_an_operation_named_after_its_function_and_no_other() -> None:
    assert {route: operation["operationId"] for route, operation in operations().items()} == ROUTES


def test_every_reference_leads_somewhere_and_everything_shared_is_used() -> None:
    used = {part["$ref"] for part in parts(described()) if "$ref" in part}
    kinds = ("parameters", "headers", "responses", "schemas")
    shared = {f"#/components/{kind}/{name}" for kind in kinds for name in described()["components"][kind]}
    assert used == shared


def test_every_operation_is_of_a_domain_that_is_described() -> None:
    used = {tag for operation in operations().values() for tag in operation["tags"]}
    assert {tag["name"] for tag in described()["tags"]} == used


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_an_operation_says_what_it_is_for_and_who_may(route: tuple[str, str]) -> None:
    operation = operations()[route]
    assert re.fullmatch(r"[A-Z0-9].+\.", operation["summary"])
    assert operation["security"] == [{"idToken": []}]
    assert operation["x-permission"] in PERMISSIONS
    assert f"`{operation['x-permission']}`" in operation["description"]
    assert len(operation["tags"]) == 1


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_an_operation_says_what_can_come_of_it(route: tuple[str, str]) -> None:
    method, path = route
    responses = operations()[route]["responses"]
    statuses = set(responses)
    assert {"401", "403", "429", "500", "502", "503", "504"} <= statuses
    assert not {"415", "422"} & statuses  # a body is JSON whatever its sender calls it
    assert len([status for status in statuses if status.startswith("2")]) == 1
    assert ("404" in statuses) >= ("{" in path)
    assert ("304" in statuses) == (method == "GET")
    assert ("409" in statuses) == (method != "GET" and route not in NEVER_THE_SAME)
    assert ("412" in statuses) == (method == "PATCH")
    assert method != "DELETE" or {"202", "204"} & statuses


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_an_operation_takes_the_headers_of_its_method(route: tuple[str, str]) -> None:
    references = [parameter["$ref"] for parameter in operations()[route]["parameters"] if "$ref" in parameter]
    names = {"GET": ["IfNoneMatch"], "POST": ["IdempotencyKey"], "PATCH": ["IfMatch"], "DELETE": []}
    expected = [] if route in NEVER_THE_SAME else names[route[0]]
    assert references == [f"#/components/parameters/{name}" for name in expected]


def test_the_search_tells_its_total_in_a_header() -> None:
    told = {
        operation["operationId"]
        for operation in operations().values()
        for response in operation["responses"].values()
        if "X-Total-Count" in response.get("headers", {})
    }
    assert told == {"search_customers"}


def test_an_operation_names_every_id_of_its_path() -> None:
    for (_, path), operation in operations().items():
        named = [parameter["name"] for parameter in operation["parameters"] if parameter.get("in") == "path"]
        assert sorted(named) == sorted(re.findall(r"{(\w+)}", path))


def test_whatever_the_gateway_answers_itself_is_documented() -> None:
    (api,) = resources("AWS::Serverless::Api").values()
    statuses = {answer["StatusCode"] for answer in api["GatewayResponses"].values()}
    documented = {status for operation in operations().values() for status in operation["responses"]}
    assert statuses <= documented


def test_everything_but_success_is_a_problem() -> None:
    for name, response in described()["components"]["responses"].items():
        schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
        assert response.get("content") == (None if name == "NotModified" else {"application/problem+json": schema})


def test_numbers_are_numbers_and_nothing_is_called_twice() -> None:
    """Pydantic on its own would say of a decimal that it may be text, and give every property a title."""
    for schema in parts(described()["components"]["schemas"]):
        types = {choice.get("type") for choice in schema.get("anyOf", [])}
        assert not {"number", "string"} <= types
        assert not isinstance(schema.get("title"), str)


def test_a_search_may_be_sent_as_parameters_or_in_a_body_and_is_answered_in_the_same_form() -> None:
    schemas = described()["components"]["schemas"]
    search = {"$ref": "#/components/schemas/SearchQuery"}
    assert schemas["View"]["properties"]["search"] == schemas["NewView"]["properties"]["search"] == search
    fields = schemas["SearchQuery"]["properties"]
    sent = {part["name"]: part["schema"] for part in operations()["GET", SEARCH]["parameters"] if "name" in part}
    assert fields.keys() == sent.keys() - {"limit", "cursor", "debug"}
    assert [name for name, field in fields.items() if field != sent[name]] == []


def test_criteria_are_described_wherever_they_come() -> None:
    criteria = {"$ref": "#/components/schemas/Criteria"}
    held = [part["properties"]["criteria"] for part in parts(described()) if "criteria" in part.get("properties", {})]
    assert len(held) == 5
    for each in held:
        assert criteria in each.get("anyOf", [{"$ref": each.get("$ref")}])


def test_the_sections_an_export_may_have_are_named() -> None:
    asked = described()["components"]["schemas"]["NewCustomerExport"]["properties"]["sections"]
    assert asked["anyOf"][0]["items"]["enum"] == [*SECTIONS]


def test_what_a_role_may_not_see_is_not_promised() -> None:
    for schema in parts(described()["components"]["schemas"]):
        for name, held in schema.get("properties", {}).items():
            assert "x-permission" not in held or name not in schema.get("required", [])


def test_no_required_property_is_missing_from_its_schema() -> None:
    for schema in parts(described()["components"]["schemas"]):
        assert set(schema.get("required", [])) <= set(schema.get("properties", {}))
