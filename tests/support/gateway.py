"""Calls functions the way API Gateway and SQS do."""

import importlib.util
import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from http import HTTPStatus
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from uuid import uuid4

from support.template import functions

ROOT = Path(__file__).parents[2]
TOKEN_END = "Fri Jan 01 00:00:00 UTC 2100"


@cache
def handler_of(name: str) -> ModuleType:
    """`functions/<name>/handler.py`, under a name of its own so that all can live in one process."""
    spec = importlib.util.spec_from_file_location(f"functions.{name}.handler", ROOT / "functions" / name / "handler.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def context(remaining_milliseconds: int = 600_000) -> SimpleNamespace:
    return SimpleNamespace(
        function_name="test",
        function_version="1",
        memory_limit_in_mb=1024,
        aws_request_id=str(uuid4()),
        invoked_function_arn="arn:aws:lambda:eu-west-1:000000000000:function:test",
        get_remaining_time_in_millis=lambda: remaining_milliseconds,
    )


def claims_of(role: str | None) -> dict[str, str]:
    """The claims of a demo admin's ID token, as API Gateway on AWS hands them over."""
    claims = {"sub": f"sub-{role}", "email": f"{role}@example.com", "token_use": "id", "exp": TOKEN_END}
    return claims | ({"cognito:groups": role} if role else {})


def http_event(
    name: str,
    *,
    claims: dict[str, str] | None = None,
    query: Mapping[str, str | list[str]] | None = None,
    headers: dict[str, str] | None = None,
    body: Any = None,
    **path: str,
) -> dict[str, Any]:
    """The event of API Gateway for the function's one route; the keyword arguments are its path parameters. A list in
    the query is a parameter that is given several times."""
    asked = {key: value if isinstance(value, list) else [value] for key, value in (query or {}).items()}
    route = next(event["Properties"] for event in functions()[name]["Events"].values() if event["Type"] == "Api")
    return {
        "resource": route["Path"],
        "path": route["Path"].format(**path),
        "httpMethod": route["Method"],
        "headers": {"content-type": "application/json", **(headers or {})},
        "multiValueHeaders": {key: [value] for key, value in (headers or {}).items()},
        "queryStringParameters": {key: values[-1] for key, values in asked.items()} or None,
        "multiValueQueryStringParameters": asked or None,
        "pathParameters": path or None,
        "stageVariables": None,
        "requestContext": {
            "requestId": str(uuid4()),
            "resourcePath": route["Path"],
            "httpMethod": route["Method"],
            "path": route["Path"],
            "stage": "test",
            "accountId": "000000000000",
            "apiId": "test",
            "identity": {},
            "authorizer": {"claims": claims} if claims else {},
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


class Answer(SimpleNamespace):
    """A function's HTTP answer: status, headers, JSON (decimals exact) and the text it came from."""

    status: int
    headers: dict[str, str]
    text: str
    json: Any


def call_function(
    name: str, *, role: str | None = "admin", claims: dict[str, str] | None = None, **request: Any
) -> Answer:
    event = http_event(name, claims=claims if claims is not None else claims_of(role), **request)
    raw = handler_of(name).lambda_handler(event, context())
    assert isinstance(raw["statusCode"], int | HTTPStatus)
    headers = raw.get("headers") or {name: values[-1] for name, values in raw["multiValueHeaders"].items()}
    text = raw.get("body") or ""
    return Answer(
        status=int(raw["statusCode"]),
        headers=headers,
        text=text,
        json=json.loads(text, parse_float=Decimal) if text else None,
    )


def sqs_event(*bodies: Any) -> dict[str, Any]:
    """A batch of messages; bodies that are no text become JSON."""
    return {
        "Records": [
            {
                "messageId": str(uuid4()),
                "receiptHandle": "handle",
                "body": body if isinstance(body, str) else json.dumps(body, default=str),
                "attributes": {"SentTimestamp": "1767225600000", "ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:ingest",
                "awsRegion": "eu-west-1",
            }
            for body in bodies
        ]
    }


def bus_event(event: dict[str, Any]) -> dict[str, Any]:
    """A source event as EventBridge wraps it."""
    detail = {name: value for name, value in event.items() if name != "type"}
    return {"version": "0", "id": str(uuid4()), "detail-type": event["type"], "source": "shop", "detail": detail}
