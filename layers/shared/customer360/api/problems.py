"""`application/problem+json` (RFC 9457), and which error is which status."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from customer360 import errors
from customer360.exact_json import dumps

STATUS: dict[type[errors.Customer360Error], HTTPStatus] = {
    errors.Invalid: HTTPStatus.BAD_REQUEST,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.NotAllowed: HTTPStatus.FORBIDDEN,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Stale: HTTPStatus.PRECONDITION_FAILED,
    errors.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Contended: HTTPStatus.CONFLICT,
    errors.HeldRemaining: HTTPStatus.CONFLICT,
    errors.InProgress: HTTPStatus.CONFLICT,
}


def problem(
    status: HTTPStatus,
    detail: str,
    *,
    request_id: str,
    faults: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response[Any]:
    """The answer for anything but success; `message` repeats `detail` because Refine shows that."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "code": status.name.lower(),
        "message": detail,
        "requestId": request_id,
    }
    if faults:
        body["errors"] = faults
    # What a request named is repeated, be it half a character, which JSON can write and UTF-8 cannot.
    text = dumps(body).encode(errors="replace").decode()
    return Response(status_code=status.value, content_type="application/problem+json", body=text, headers=headers or {})


def problem_of(error: errors.Customer360Error, request_id: str) -> Response[Any]:
    faults = [{"field": error.field, "message": error.message}] if isinstance(error, errors.Invalid) else None
    wait = _retry_after(error)
    headers = {"Retry-After": str(wait)} if wait else None
    return problem(STATUS[type(error)], str(error), request_id=request_id, faults=faults, headers=headers)


def _retry_after(error: errors.Customer360Error) -> int | None:
    """In so many seconds the same request may succeed; None if repeating it changes nothing."""
    if isinstance(error, errors.TooManyRequests):
        return error.retry_after
    return 1 if isinstance(error, errors.Contended | errors.InProgress) else None
