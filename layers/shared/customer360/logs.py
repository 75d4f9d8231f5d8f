"""The log: JSON lines of ids, outcomes and figures, never what somebody wrote or who they are.

The message of an exception may quote what it failed at: a value that is no number, a row that is not valid, the address
an e-mail did not go to. So a line says of an exception its type, where it arose and what it followed from, and of a
refusal by AWS the code and the operation; not its words.
"""

import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from types import TracebackType
from typing import Any, TypeVar, cast

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from botocore.exceptions import ClientError

# As the template names it for Powertools.
NAMESPACE = "Customer360"

Handler = TypeVar("Handler", bound=Callable[..., Any])
Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Failed(Exception):
    """What a function fails with instead of what it failed at: the runtime logs the words of whatever leaves it."""


class WordlessFormatter(LambdaPowertoolsFormatter):
    def formatException(self, ei: Raised) -> str:  # noqa: N802 - logging calls it so
        lines = []
        for error in _chain(ei[1]):
            lines.append(_name(error))
            frames = traceback.extract_tb(error.__traceback__, limit=-20)
            lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return "\n".join(lines)


class WordlessLogger(Logger):
    def inject_lambda_context(self, **options: Any) -> Callable[[Handler], Handler]:  # type: ignore[override]
        """Powertools' decorator; what the function raises is logged, and raised again as Failed."""
        inject = super().inject_lambda_context

        def decorate(handler: Handler) -> Handler:
            @wraps(handler)
            def wordless(*given: Any) -> Any:
                try:
                    return handler(*given)
                except Exception as error:  # noqa: BLE001 - it flies on, without its words
                    self.exception("failed")
                    raise Failed(" <- ".join(map(_name, _chain(error)))) from None

            return cast(Handler, inject(wordless, **options))

        return decorate


def figures(values: Mapping[str, tuple[float, str]]) -> dict[str, Any]:
    """Fields of a log line that are metrics, too, by CloudWatch's embedded format: each a number and its unit.

    There is one metric of each name, over all that logs it. One for each route or page would cost more than what it
    measures; the other fields of the line tell them apart in a query of the log.
    """
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [["service"]],
        "Metrics": [{"Name": name, "Unit": unit} for name, (_, unit) in values.items()],
    }
    embedded = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
    return {**{name: value for name, (value, _) in values.items()}, "_aws": embedded}


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The exception, then what led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _name(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    if not isinstance(error, ClientError):
        return name
    return f"{name} ({error.response.get('Error', {}).get('Code')} of {error.operation_name})"


logger = WordlessLogger(logger_formatter=WordlessFormatter(serialize_stacktrace=False))
