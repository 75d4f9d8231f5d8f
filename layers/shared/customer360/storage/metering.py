"""What an invocation asks of DynamoDB: calls, time and capacity, counted where every client makes its calls.

Each call counts once, whoever makes it (PynamoDB, the store of idempotency keys) and in whichever thread; one that is
retried inside the client counts once, with all its tries in its time. Units are DynamoDB's own figures; a refused call
tells none.
"""

from threading import Lock
from time import perf_counter
from typing import Any

READS = frozenset({"BatchGetItem", "GetItem", "Query", "Scan", "TransactGetItems"})


class Meter:
    """Counts from its making until the next one is made: `calls`, and capacity in DynamoDB's units."""

    def __init__(self) -> None:
        self.calls = 0
        self.read_units = 0.0
        self.write_units = 0.0
        self._seconds = 0.0
        self._under_way = 0
        self._since = 0.0
        self._lock = Lock()

    @property
    def milliseconds(self) -> float:
        """How long at least one call was under way: calls made side by side are not added up."""
        with self._lock:
            waiting = perf_counter() - self._since if self._under_way else 0.0
            return 1000 * (self._seconds + waiting)

    def begin(self) -> None:
        """A call goes out."""
        with self._lock:
            if not self._under_way:
                self._since = perf_counter()
            self._under_way += 1

    def end(self, operation: str, consumed: Any) -> None:
        """A call has ended; `consumed` is the answer's ConsumedCapacity: one map, a list of them, or None."""
        capacities = consumed if isinstance(consumed, list) else [consumed or {}]
        units = sum(float(each.get("CapacityUnits", 0)) for each in capacities)
        with self._lock:
            self._under_way -= 1
            if not self._under_way:
                self._seconds += perf_counter() - self._since
            self.calls += 1
            if operation in READS:
                self.read_units += units
            else:
                self.write_units += units


_meter = Meter()


def meter() -> Meter:
    """The one that counts now."""
    return _meter


def begin() -> Meter:
    """A new meter for an invocation; what is still under way counts for the one before."""
    global _meter  # noqa: PLW0603 - a process works on one invocation at a time, in several threads
    _meter = Meter()
    return _meter


def watch(session: Any) -> None:
    """Hooks into every DynamoDB client that the session makes."""
    session.register("before-parameter-build.dynamodb", _ask_for_capacity)
    session.register("before-call.dynamodb", _begin_call)
    session.register("after-call.dynamodb", _end_call)
    session.register("after-call-error.dynamodb", _fail_call)


def _ask_for_capacity(params: dict[str, Any], model: Any, **_: Any) -> None:
    if "ReturnConsumedCapacity" in model.input_shape.members:
        params.setdefault("ReturnConsumedCapacity", "TOTAL")


def _begin_call(context: dict[str, Any], **_: Any) -> None:
    context["meter"] = _meter
    _meter.begin()


def _end_call(context: dict[str, Any], model: Any, parsed: dict[str, Any], **_: Any) -> None:
    if "meter" in context:  # it really went out, and was not answered by another hook
        context["meter"].end(model.name, parsed.get("ConsumedCapacity"))


def _fail_call(context: dict[str, Any], **_: Any) -> None:
    context["meter"].end("", None)
