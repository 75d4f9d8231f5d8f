"""Each HTTP function of the template as an operation: what its handler declares, and what all have in common."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from inspect import cleandoc, getsource, signature
from typing import Any, get_args

from pydantic import BaseModel

from customer360.access.policy import ROLES
from customer360.api.schema import Request, Response
from customer360.api.writes import WriteApi
from openapi.wire import REFERENCE, schemas, without_null
from support.gateway import handler_of
from support.template import functions

Schema = dict[str, Any]

PROBLEM = "application/problem+json"
# Where the path says it otherwise.
DOMAINS = {"360": "customers", "compare": "customers", "erasures": "privacy", "privacy-export": "privacy"}

# What else than success can come of an operation: the name of its component, and when it comes.
OUTCOMES = {
    304: ("NotModified", "The client has this already: `If-None-Match` names its `ETag`. No body."),
    400: ("BadRequest", "The request is not valid; `errors` names the fields."),
    401: ("Unauthorized", "No ID token, or one that is not valid any more."),
    403: ("Forbidden", "The permission is missing; `detail` names it."),
    404: ("NotFound", "What the request names does not exist."),
    409: ("Conflict", "Not in the state the request takes for granted, or others are writing (then `Retry-After`)."),
    412: ("PreconditionFailed", "It has changed since the `ETag` in `If-Match` was answered."),
    413: ("ContentTooLarge", "The body is too large."),
    429: ("TooManyRequests", "Too many requests."),
    500: ("InternalServerError", "The service failed. Says nothing of the inside."),
    502: ("BadGateway", "The gateway got no proper answer."),
    503: ("ServiceUnavailable", "Not available at the moment."),
    504: ("GatewayTimeout", "The service took too long."),
}
# The request headers of a method.
HEADERS = {
    "GET": [{"$ref": "#/components/parameters/IfNoneMatch"}],
    "POST": [{"$ref": "#/components/parameters/IdempotencyKey"}],
    "PATCH": [{"$ref": "#/components/parameters/IfMatch"}],
}
ALWAYS = {401, 403, 429, 500, 502, 503, 504}


@dataclass(frozen=True)
class Operation:
    """One method of one path; `takes` and `gives` are the models of its bodies. `goes_on`: work outlasts the answer.
    `tells_total`: a header says how many there are. `names_others`: it names what there may not be elsewhere than in
    the path. `writes`: it changes something."""

    function: str
    method: str
    path: str
    needs: str
    status: HTTPStatus
    purpose: str
    more: str
    parameters: list[Schema]
    takes: type[Request] | None
    gives: type[Response] | None
    goes_on: bool
    tells_total: bool
    names_others: bool
    writes: bool

    @property
    def models(self) -> set[type[BaseModel]]:
        return {model for model in (self.takes, self.gives) if model}

    @property
    def tag(self) -> str:
        """The domain, by the word of the path that names it."""
        words = [word for word in self.path.removeprefix("/api/admin/").split("/") if not word.startswith("{")]
        word = words[1] if words[0] == "customers" and len(words) > 1 else words[0]
        return DOMAINS.get(word, word)

    def described(self) -> Schema:
        """The operation object of the document."""
        roles = ", ".join(role for role, permissions in ROLES.items() if self.needs in permissions)
        described: Schema = {
            "operationId": self.function,
            "tags": [self.tag],
            "summary": self.purpose[0].upper() + self.purpose[1:],
            "description": "\n\n".join(filter(None, [self.more, f"Needs `{self.needs}` ({roles})."])),
            "x-permission": self.needs,
            "security": [{"idToken": []}],
            "parameters": [*self.parameters, *self._headers()],
        }
        if self.takes:
            content = {"application/json": {"schema": _reference(self.takes)}}
            described["requestBody"] = {"required": True, "content": content}
        described["responses"] = dict(sorted({str(self.status.value): self._success(), **self._others()}.items()))
        return described

    def _headers(self) -> list[Schema]:
        return HEADERS.get(self.method, []) if self.writes or self.method == "GET" else []

    def _success(self) -> Schema:
        if self.gives is None:
            location = {"headers": {"Location": {"$ref": "#/components/headers/Location"}}} if self.goes_on else {}
            return {"description": self.status.phrase, **location}
        headers = {"ETag": {"$ref": "#/components/headers/ETag"}}
        if self.tells_total:
            headers["X-Total-Count"] = {"$ref": "#/components/headers/TotalCount"}
        return {
            "description": self.status.phrase,
            "headers": headers,
            "content": {"application/json": {"schema": _reference(self.gives)}},
        }

    def _others(self) -> dict[str, Schema]:
        """Whatever else can come of it, each told once among the components."""
        statuses = ALWAYS | ({304} if self.method == "GET" else {409} if self.writes else set())
        statuses |= {400} if self.parameters or self.takes or self.method == "POST" else set()
        statuses |= {404} if "{" in self.path or self.names_others else set()
        statuses |= {412} if self.method == "PATCH" else set()
        statuses |= {413} if self.takes else set()
        return {str(status): {"$ref": f"#/components/responses/{OUTCOMES[status][0]}"} for status in statuses}


def operations(names: list[str] | None = None) -> list[Operation]:
    """Those of the named functions, or all of the template."""
    routes = {
        name: event["Properties"]
        for name, function in functions().items()
        for event in function["Events"].values()
        if event["Type"] == "Api" and (names is None or name in names)
    }
    return [_operation(name, route["Method"], route["Path"]) for name, route in routes.items()]


def _operation(name: str, method: str, path: str) -> Operation:
    module = handler_of(name)
    rule = module.app.rules[method, path]
    handler = getattr(module, name)
    purpose, _, more = cleandoc(module.__doc__ or "").partition(": ")[2].partition("\n\n")
    described = json.loads(module.app.resolver.get_openapi_json_schema())["paths"][path][method.lower()]
    models = [_plain(parameter.annotation) for parameter in signature(handler).parameters.values()]
    takes = next((model for model in models if isinstance(model, type) and issubclass(model, Request)), None)
    fields: dict[str, Schema] = {}
    if takes and method == "GET":  # a body is what other methods take
        fields, takes = schemas({takes})[takes.__name__]["properties"], None
    return Operation(
        function=name,
        method=method,
        path=path,
        needs=rule.needs,
        status=rule.status,
        purpose=" ".join(purpose.split()),
        more="\n\n".join(filter(None, [more, cleandoc(handler.__doc__ or "")])),
        parameters=[_parameter(parameter, fields) for parameter in described.get("parameters", [])],
        takes=takes,
        gives=signature(handler).return_annotation,
        goes_on="app.location" in getsource(handler),
        tells_total="X-Total-Count" in getsource(handler),
        names_others=bool(rule.about or (takes and any(name.endswith("_id") for name in takes.model_fields))),
        writes=isinstance(module.app, WriteApi),
    )


def _parameter(described: Schema, fields: dict[str, Schema]) -> Schema:
    """Powertools' parameter without what is said twice; one that is not sent is absent, never `null`. Powertools does
    not describe the `fields` of a model that the query is taken in as."""
    schema = without_null(fields.get(described["name"]) or described["schema"])
    told = {name: _whole(value) for name, value in schema.items() if name not in {"title", "description"}}
    rest = {"description": described["description"]} if "description" in described else {}
    return {"name": described["name"], "in": described["in"], **rest, "required": described["required"], "schema": told}


def _whole(value: Any) -> Any:
    """A bound of a whole number as one: Powertools keeps it as a float."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _plain(annotation: Any) -> Any:
    return get_args(annotation)[0] if hasattr(annotation, "__metadata__") else annotation


def _reference(model: type[BaseModel]) -> Schema:
    return {"$ref": REFERENCE.format(model=model.__name__)}
