"""The HTTP side of functions that write: `Idempotency-Key` makes a retried POST answer what the first one did, and
`If-Match` keeps a PATCH from undoing what its sender has not seen."""

from collections.abc import Callable
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyValidationError,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from customer360.access.caller import Caller
from customer360.api.app import Api, Handler, Rule
from customer360.api.etags import Precondition
from customer360.errors import Conflict, InProgress, Invalid
from customer360.jobs.keys import ANSWERS, answers_of
from customer360.settings import settings

KEPT_SECONDS = 24 * 60 * 60
MAX_KEY = 255


class WriteApi(Api):
    """An Api that also changes things. The key of a POST counts per admin and path; only what succeeded is
    remembered."""

    def __init__(self) -> None:
        super().__init__()
        self._store = DynamoDBPersistenceLayer(
            table_name=settings().jobs_table,
            key_attr="pk",
            sort_key_attr="sk",
            expiry_attr="expiresAt",
        )
        self._config = IdempotencyConfig(
            event_key_jmespath="key",
            payload_validation_jmespath="body",
            expires_after_seconds=KEPT_SECONDS,
            hash_function="sha256",
        )

    def patch(self, path: str, *, needs: str, audited_as: str) -> Callable[[Handler], Handler]:
        """Declares a change of some fields, which looks at `unchanged`."""
        return self._route("PATCH", path, Rule(needs, audited_as, HTTPStatus.OK))

    def delete(
        self, path: str, *, needs: str, audited_as: str, status: HTTPStatus = HTTPStatus.NO_CONTENT
    ) -> Callable[[Handler], Handler]:
        """Declares a removal, answered without a body unless another status says that there is one."""
        return self._route("DELETE", path, Rule(needs, audited_as, status))

    @property
    def unchanged(self) -> Precondition:
        """What the caller says they saw."""
        return Precondition(self.resolver.current_event.headers.get("If-Match"), self.caller.permissions)

    @property
    def action_id(self) -> str:
        """Names what this request does: the same for a repeated one, also where its answer was never remembered."""
        return _action_id(self.resolver.current_event, self.resolver.lambda_context, self.caller)

    @property
    def _kept_by(self) -> str:
        """Where answers are kept: by the customer they are about, if any, so that they can be erased together."""
        customer_id = self.resolver.current_event.path_parameters.get("customer_id")
        return answers_of(customer_id) if customer_id else ANSWERS

    def _made_by(self, event: dict[str, Any], context: LambdaContext, caller: Caller) -> str | None:
        """The action id of a POST, which is the id of what it makes, or ends it."""
        if event["httpMethod"] != "POST":
            return None
        try:
            return _action_id(APIGatewayProxyEvent(event), context, caller)
        except Invalid:  # is told once the work begins
            return None

    def _perform(self, handler: Handler, arguments: dict[str, Any]) -> str:
        key = _key(self.resolver.current_event, self.caller)
        if key is None:
            return super()._perform(handler, arguments)
        request = {"key": key, "body": self.resolver.current_event.body or ""}

        def perform(request: dict[str, str]) -> str:  # noqa: ARG001  what the key and the body are taken from
            return super(WriteApi, self)._perform(handler, arguments)

        self._store.static_pk_value = self._kept_by
        self._config.register_lambda_context(self.resolver.lambda_context)
        once = idempotent_function(
            perform, data_keyword_argument="request", persistence_store=self._store, config=self._config
        )
        try:
            return str(once(request=request))
        except IdempotencyValidationError:
            raise Conflict("this Idempotency-Key was used with another body") from None
        except IdempotencyAlreadyInProgressError:
            raise InProgress("the request with this Idempotency-Key is still being worked on") from None


def _action_id(event: APIGatewayProxyEvent, context: LambdaContext, caller: Caller) -> str:
    """The body is part of it: once a key is forgotten, it may come with another one, which is another request. Raises
    Invalid for what is no key."""
    key = _key(event, caller)
    # Lambda's own id of the invocation: the gateway's id of a request can be chosen by its sender.
    request = f"{key}\0{event.body}" if key else f"{caller.id} {event.path} {context.aws_request_id}"
    return sha256(request.encode()).hexdigest()[:32]


def _key(event: APIGatewayProxyEvent, caller: Caller) -> str | None:
    """The caller's, the path's and the request's key in one; None where repetition is not to be recognised. Raises
    Invalid."""
    key = event.headers.get("Idempotency-Key")
    if event.http_method != "POST" or key is None:
        return None
    if not 1 <= len(key) <= MAX_KEY or not key.isprintable():
        raise Invalid("Idempotency-Key", f"must be 1 to {MAX_KEY} printable characters")
    return f"{caller.id} {event.path} {key}"
