"""One way in for every HTTP function: who calls, may they, is it valid, what is audited, how it is answered.

A route cannot be declared without the permission it needs and the action it is audited as, so no handler can forget.
"""

import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from inspect import Signature, signature
from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig
from aws_lambda_powertools.event_handler import Response as HttpResponse
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext

from customer360.access import audit
from customer360.access.caller import Caller, caller_of, session_end_of
from customer360.api.etags import etag_of, matches
from customer360.api.problems import problem, problem_of
from customer360.api.request import body_of, named_in_body, subjects_of, target_of
from customer360.api.schema import Response, rendered
from customer360.api.timing import log_fields, server_timing, timed
from customer360.errors import Customer360Error, NotAllowed, Unauthenticated
from customer360.exact_json import dumps
from customer360.logs import logger
from customer360.settings import settings
from customer360.storage import metering

Handler = Callable[..., Any]
JSON = "application/json"

_trail = ThreadPoolExecutor(max_workers=2, thread_name_prefix="audit")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a route needs, the name its use has on the audit trail, and the status that says it went well. `about` is
    the query parameter that names the customers whom it is about, where the path names none; `names` are fields of the
    body that name what it is about, where the path does not."""

    needs: str
    audited_as: str
    status: HTTPStatus
    about: str | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Admission:
    """A caller who was let in, and the audit line about it on its way to the table."""

    caller: Caller
    written: "Future[None]"


class Api:
    """The HTTP side of one function; `lambda_handler = app.entrypoint()`."""

    def __init__(self) -> None:
        origins = [origin.strip() for origin in settings().allowed_origins.split(",")]
        self._cors = CORSConfig(
            allow_origin=origins[0],
            extra_origins=origins[1:],
            allow_headers=["If-None-Match", "If-Match", "Idempotency-Key"],
            expose_headers=["ETag", "X-Total-Count", "Retry-After", "Location", "Server-Timing"],
        )
        self.rules: dict[tuple[str, str], Rule] = {}
        # Where a caller can see what their request has set going.
        self.location: str | None = None
        # What an answer to a read says beside its body.
        self.headers: dict[str, str] = {}
        self.resolver = APIGatewayRestResolver(enable_validation=True, cors=self._cors, json_body_deserializer=body_of)
        self.resolver.exception_handler(Customer360Error)(self._expected)
        self.resolver.exception_handler(RequestValidationError)(self._invalid)
        self.resolver.not_found(self._no_such_route)
        self.resolver.exception_handler(Exception)(self._unexpected)

    @property
    def caller(self) -> Caller:
        """Who is calling, already let in."""
        return self._admission.caller

    @property
    def session_end(self) -> datetime:
        """When the caller's token ends, and with it what it allows."""
        return session_end_of(self.resolver.current_event.raw_event)

    def get(self, path: str, *, needs: str, audited_as: str, about: str | None = None) -> Callable[[Handler], Handler]:
        """Declares a read: answered with an ETag, 304 if the client has it."""
        return self._route("GET", path, Rule(needs, audited_as, HTTPStatus.OK, about))

    def post(
        self,
        path: str,
        *,
        needs: str,
        audited_as: str,
        status: HTTPStatus = HTTPStatus.CREATED,
        names: tuple[str, ...] = (),
    ) -> Callable[[Handler], Handler]:
        """Declares a write. A WriteApi's knows a repeated request by its key."""
        return self._route("POST", path, Rule(needs, audited_as, status, names=names))

    def entrypoint(self) -> Callable[[dict[str, Any], LambdaContext], dict[str, Any]]:
        @logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST, clear_state=True)
        def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
            event = _with_json_body(_with_decoded_path(event))
            self.location = None
            self.headers = {}
            started, meter = time.perf_counter(), metering.begin()
            permissions: Collection[str] = ()
            try:
                self._admission = self._admit(event, context)
                permissions = self.caller.permissions
                answer = self.resolver.resolve(event, context)
                self._admission.written.result()  # what is not on the trail is not answered
            except (NotAllowed, Unauthenticated) as refusal:
                answer = self._outside(problem_of(refusal, _request_id(event)), event)
            except Exception:
                logger.exception("unexpected")
                answer = self._outside(_internal_error(_request_id(event)), event)
            milliseconds = 1000 * (time.perf_counter() - started)
            outcome = {"route": event.get("resource"), "status": int(answer["statusCode"])}
            logger.info("answered", extra=outcome | log_fields(milliseconds, meter))
            return timed(answer, server_timing(milliseconds, meter, permissions))

        return lambda_handler

    def _route(self, method: str, path: str, rule: Rule) -> Callable[[Handler], Handler]:
        def declare(handler: Handler) -> Handler:
            @wraps(handler)
            def answer(**arguments: Any) -> HttpResponse[Any]:
                return self._answer(self._perform(handler, arguments), rule.status)

            # The body is rendered here, so Powertools is not to validate or encode it again.
            untyped = signature(handler).replace(return_annotation=Signature.empty)
            answer.__signature__ = untyped  # type: ignore[attr-defined]
            self.resolver.route(path, method)(answer)
            self.rules[method, path.replace("<", "{").replace(">", "}")] = rule
            return handler

        return declare

    def _admit(self, event: dict[str, Any], context: LambdaContext) -> Admission:
        """Checks the caller before anything else is looked at, and begins to write the audit line beside the work.

        Raises Unauthenticated or NotAllowed, the latter also for a route without a rule: deny by default.
        """
        caller = caller_of(event)
        rule = self.rules.get((event["httpMethod"], event["resource"]))
        if rule is None:
            raise NotAllowed("for this route")
        subjects = subjects_of(event, rule.about)
        allowed = rule.needs in caller.permissions
        target = target_of(event, subjects)
        if target is None and allowed:
            made = self._made_by(event, context, caller)
            target = "/".join(filter(None, (made, *named_in_body(event, rule.names)))) or None
        written = _trail.submit(
            audit.record,
            caller,
            rule.audited_as,
            outcome="allowed" if allowed else "refused",
            customer_ids=subjects,
            target=target,
            request_id=_request_id(event),
        )
        if not allowed:
            written.result()
        caller.require(rule.needs)
        return Admission(caller, written)

    def _made_by(self, event: dict[str, Any], context: LambdaContext, caller: Caller) -> str | None:
        """What will name what the request makes; None if it makes nothing."""
        return None

    def _perform(self, handler: Handler, arguments: dict[str, Any]) -> str:
        """Does the work and gives the body of the answer, as the caller may see it."""
        made: Response | None = handler(**arguments)
        return "" if made is None else dumps(rendered(made, self.caller.permissions))

    def _answer(self, body: str, status: HTTPStatus) -> HttpResponse[Any]:
        if status is HTTPStatus.NO_CONTENT:
            return HttpResponse(status.value, body="", headers={"Location": self.location} if self.location else {})
        if self.resolver.current_event.http_method != "GET":
            return HttpResponse(status.value, JSON, body, headers={"ETag": etag_of(body)})
        etag = etag_of(body)
        headers = {"ETag": etag, "Cache-Control": "private, no-cache", **self.headers}
        if matches(self.resolver.current_event.headers.get("If-None-Match"), etag):
            return HttpResponse(HTTPStatus.NOT_MODIFIED.value, JSON, "", headers=headers)
        return HttpResponse(status.value, JSON, body, headers=headers)

    def _outside(self, response: HttpResponse[Any], event: dict[str, Any]) -> dict[str, Any]:
        """An answer that the resolver had no part in, with the headers it would have added."""
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        cors = self._cors.to_dict(headers.get("origin"))
        return {
            "statusCode": response.status_code,
            "headers": {"Content-Type": response.content_type, **cors},
            "body": response.body,
            "isBase64Encoded": False,
        }

    def _expected(self, error: Customer360Error) -> HttpResponse[Any]:
        return problem_of(error, _request_id(self.resolver.current_event.raw_event))

    def _invalid(self, error: RequestValidationError) -> HttpResponse[Any]:
        faults = [{"field": _field(fault["loc"]), "message": _message(fault)} for fault in error.errors()]
        detail = f"{faults[0]['field']}: {faults[0]['message']}" if faults else "the request is not valid"
        request_id = _request_id(self.resolver.current_event.raw_event)
        return problem(HTTPStatus.BAD_REQUEST, detail, request_id=request_id, faults=faults)

    def _no_such_route(self, _: NotFoundError) -> HttpResponse[Any]:
        request_id = _request_id(self.resolver.current_event.raw_event)
        return problem(HTTPStatus.NOT_FOUND, "no such route", request_id=request_id)

    def _unexpected(self, _: Exception) -> HttpResponse[Any]:
        logger.exception("unexpected")
        return _internal_error(_request_id(self.resolver.current_event.raw_event))


def _message(fault: Mapping[str, Any]) -> str:
    text = fault["ctx"]["error"] if fault["type"] == "json_invalid" else fault["msg"]
    return str(text).removeprefix("Value error, ")


def _internal_error(request_id: str) -> HttpResponse[Any]:
    detail = "The service could not answer; try again."
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail, request_id=request_id)


def _request_id(event: dict[str, Any]) -> str:
    return str(event["requestContext"].get("requestId", ""))


def _field(location: tuple[Any, ...]) -> str:
    """Where the fault is, without Powertools' leading `query`, `path` or `body`, or an offset into broken JSON."""
    names = [str(part) for part in location[1:]]
    if location[:2] == ("query", "query"):  # of several parameters that are taken in as one model
        names = names[1:]
    is_offset = location[0] == "body" and len(location) == 2 and isinstance(location[1], int)
    return str(location[0]) if is_offset or not names else ".".join(names)


def _with_json_body(event: dict[str, Any]) -> dict[str, Any]:
    """A body is JSON whatever its sender calls it: `fetch` and `curl -d` say it is something else."""
    headers = {name: value for name, value in (event.get("headers") or {}).items() if name.lower() != "content-type"}
    return {**event, "headers": {**headers, "content-type": JSON}}


def _with_decoded_path(event: dict[str, Any]) -> dict[str, Any]:
    """API Gateway hands ids over percent-encoded; `%` is in no id, so decoding what is decoded already is harmless."""
    parameters = {name: unquote(value) for name, value in (event.get("pathParameters") or {}).items()}
    return {**event, "path": unquote(event.get("path") or ""), "pathParameters": parameters}
