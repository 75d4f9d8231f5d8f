"""Makes calls to AWS fail, or something else happen first, where every client of ours makes them: in botocore."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.httpsession import URLLib3Session
from botocore.retries.quota import RetryQuota
from botocore.retries.standard import ExponentialBackoff

TRANSACTION = "TransactWriteItems"


def refused(code: str, operation: str = TRANSACTION) -> ClientError:
    """What the service answers when it refuses a call, once botocore has given up repeating it."""
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)


def cancelled(*reasons: str) -> ClientError:
    """A transaction that DynamoDB cancelled, with the reason for each of its items."""
    error: dict[str, Any] = {
        "Error": {"Code": "TransactionCanceledException", "Message": "Transaction cancelled"},
        "CancellationReasons": [{"Code": reason} for reason in reasons],
    }
    return ClientError(error, TRANSACTION)  # type: ignore[arg-type]  # the stubs do not know of reasons


def no_answer() -> ReadTimeoutError:
    """Nobody knows whether the call was carried out."""
    return ReadTimeoutError(endpoint_url="http://dynamodb")


def lose_answers(monkeypatch: pytest.MonkeyPatch, *operations: str) -> list[str]:
    """From now on the first answer to each call of the operations is lost on the wire, after it was carried out, and
    botocore sends it again. Gives the ids of those calls, as they come."""
    original: Any = URLLib3Session.send
    lost: list[str] = []

    def send(session: Any, request: Any) -> Any:
        answer = original(session, request)
        target, call = _text(request.headers.get("X-Amz-Target")), _text(request.headers["amz-sdk-invocation-id"])
        if target.endswith(operations) and call not in lost:
            lost.append(call)
            raise ReadTimeoutError(endpoint_url=request.url)
        return answer

    monkeypatch.setattr(URLLib3Session, "send", send)
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0)
    monkeypatch.setattr(RetryQuota, "acquire", lambda *_: True)  # however many a client has lost before
    return lost


def _text(header: Any) -> str:
    return header.decode() if isinstance(header, bytes) else str(header)


@dataclass
class _Plan:
    operation: str
    skip: int
    times: int
    about: str
    act: Callable[[Callable[[], Any], dict[str, Any]], Any]


@dataclass
class Calls:
    """The calls made so far by operation, and what is to happen to the next ones."""

    made: Counter[str] = field(default_factory=Counter)
    _plans: list[_Plan] = field(default_factory=list)

    def fail(
        self,
        operation: str,
        error: BaseException,
        *,
        times: int = 1,
        skip: int = 0,
        about: str = "",
        late: bool = False,
    ) -> None:
        """The next calls of the operation raise, `late` ones after they were carried out.

        `skip` lets that many pass first; `about` looks only at calls whose arguments mention it.
        """

        def act(call: Callable[[], Any], _: dict[str, Any]) -> Any:
            if late:
                call()
            raise error

        self._plans.append(_Plan(operation, skip, times, about, act))

    def before(self, operation: str, action: Callable[[], Any], *, about: str = "") -> None:
        """Just before the next call of the operation, the action."""

        def act(call: Callable[[], Any], _: dict[str, Any]) -> Any:
            action()
            return call()

        self._plans.append(_Plan(operation, 0, 1, about, act))

    def answer(self, operation: str, answer: Callable[[dict[str, Any]], Any]) -> None:
        """The next call of the operation gets this answer, made from its arguments, and is not carried out."""
        self._plans.append(_Plan(operation, 0, 1, "", lambda _, arguments: answer(arguments)))

    def due(self, operation: str, arguments: dict[str, Any]) -> _Plan | None:
        self.made[operation] += 1
        for plan in self._plans:
            if plan.operation != operation or plan.times == 0 or plan.about not in str(arguments):
                continue
            if plan.skip:
                plan.skip -= 1
                continue
            plan.times -= 1
            return plan
        return None


def watch(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Puts a Calls between every AWS client and botocore, for the rest of the test."""
    calls = Calls()
    original: Any = BaseClient._make_api_call  # type: ignore[attr-defined]  # private, so not in the stubs

    def made(client: Any, operation: str, arguments: dict[str, Any]) -> Any:
        plan = calls.due(operation, arguments)
        if plan is None:
            return original(client, operation, arguments)
        return plan.act(lambda: original(client, operation, arguments), arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", made)
    return calls
