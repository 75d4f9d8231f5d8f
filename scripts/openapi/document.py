"""The whole OpenAPI document: the operations, the schemas they use, and what all of them share."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from openapi.operations import OUTCOMES, PROBLEM, Schema, operations
from openapi.wire import schemas

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "openapi.json"

DESCRIPTION = """\
The backend of one page that tells a shop's staff everything about a customer.

- JSON in camelCase. Instants are UTC, `YYYY-MM-DDTHH:MM:SSZ`. Money is an exact number with the currency's decimals, \
in the shop's currency unless a `currency` stands beside it.
- Who may do what is decided by permissions; a role is a set of them. `x-permission` of an operation says which one it \
needs, `x-permission` of a property the one without which the property is absent. What is marked as required is there \
for every role.
- Errors are `application/problem+json`. Who lacks a permission gets 403 for an unknown id, too.
- A read carries an `ETag` and answers 304 to a matching `If-None-Match`.
- A list takes `limit` and `cursor` and answers `nextCursor` unless the page is the last. An altered cursor, or one of \
another list, is a 400.
- Every answer has `Server-Timing`: milliseconds in the function (`total`), and of them waiting for the database \
(`db`); for who has `ingestion:manage` also its calls and the read and write units they took (`rcu`, `wcu`).
"""

TAGS = {
    "actions": "What admins do for a customer",
    "analytics": "What a customer looks at and buys, and when",
    "audit": "Who saw and did what",
    "bulk-assignments": "A tag or segment for everybody a search finds",
    "customers": "A customer's page",
    "exports": "Files of what is shown, made in the background",
    "ingestion": "Source events that could not be applied",
    "jobs": "Work that goes on after the answer",
    "loyalty": "A customer's tier and points",
    "marketing": "What a customer is sent, and makes of it",
    "me": "Who is signed in",
    "notes": "What admins write down about a customer",
    "orders": "A customer's orders",
    "payments": "A customer's payment methods and transactions",
    "privacy": "All that is held of a customer, exported or erased",
    "realtime": "Being told of changes as they happen",
    "scores": "A customer's scores by day, and why they changed",
    "scoring": "How good the scores are",
    "search": "Finding customers",
    "segments": "Groups of customers, by hand or by criteria",
    "support": "A customer's tickets",
    "tags": "Labels of customers",
    "telemetry": "How long pages took",
    "timeline": "Everything that happened to a customer",
    "views": "Searches that are saved, for oneself or for all",
}

RETRIED = (409, 429)

PROBLEM_SCHEMA: Schema = {
    "type": "object",
    "description": "Anything but success (RFC 9457). `message` repeats `detail`; `code` is the status as a word.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "message": {"type": "string"},
        "requestId": {"type": "string", "description": "To be named to who operates the service."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
                "required": ["field", "message"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "code", "message", "requestId"],
}

HEADERS: Schema = {
    "ETag": {"description": "A hash of the body.", "schema": {"type": "string"}},
    "Location": {
        "description": "Where to see how far work is that goes on after the answer.",
        "schema": {"type": "string"},
    },
    "RetryAfter": {"description": "Seconds after which to try again.", "schema": {"type": "string"}},
    "TotalCount": {"description": "The `total` of the body.", "schema": {"type": "integer", "minimum": 0}},
}

PARAMETERS: Schema = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Makes a repeated request answer what the first one did, for 24 hours; 409 with another body.",
        "schema": {"type": "string", "pattern": "^[ -~]{1,255}$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The `ETag` of what the change is based on; 412 if it is no longer that.",
        "schema": {"type": "string"},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The `ETag` the client has. Browsers send it by themselves.",
        "schema": {"type": "string"},
    },
}

API_URL = {
    "description": "The output `ApiUrl` of the stack.",
    "default": "https://api.execute-api.eu-west-1.amazonaws.com/prod",
}

ID_TOKEN: Schema = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "The ID token (not the access token) of an admin who signed in to the Cognito user pool. "
    "The admin's group is the role.",
}


def document(names: list[str] | None = None) -> Schema:
    """The document of the named functions, or of all of the template."""
    every = sorted(operations(names), key=lambda operation: (operation.path, operation.method))
    paths: dict[str, Schema] = {}
    for operation in every:
        paths.setdefault(operation.path, {})[operation.method.lower()] = operation.described()
    named = schemas({model for operation in every for model in operation.models})
    return {
        "openapi": "3.1.0",
        "info": {"title": "Customer 360", "version": _version(), "description": DESCRIPTION},
        "servers": [{"url": "{apiUrl}", "variables": {"apiUrl": API_URL}}],
        "tags": [{"name": tag, "description": told} for tag, told in TAGS.items()],
        "paths": paths,
        "components": {
            "securitySchemes": {"idToken": ID_TOKEN},
            "parameters": PARAMETERS,
            "headers": HEADERS,
            "responses": {name: _response(status, meaning) for status, (name, meaning) in OUTCOMES.items()},
            "schemas": dict(sorted({**named, "Problem": PROBLEM_SCHEMA}.items())),
        },
    }


def text(described: Schema) -> str:
    """The document as the file has it."""
    return json.dumps(described, indent=2, ensure_ascii=False) + "\n"


def _response(status: int, meaning: str) -> Schema:
    if status == 304:
        return {"description": meaning, "headers": {"ETag": {"$ref": "#/components/headers/ETag"}}}
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    retry = {"headers": {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}} if status in RETRIED else {}
    return {"description": meaning, **retry, "content": content}


def _version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])
