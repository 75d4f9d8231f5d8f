"""What an answer says of its own cost, and the line the log keeps of it.

Everybody is told the times, in whole milliseconds: no more than their own clock tells them. Calls and units would say
whether there is something behind a 404, and how large it is, so only those hear of them from whom nothing is hidden.
"""

from collections.abc import Collection
from typing import Any

from customer360.access.policy import SEES_COST
from customer360.logs import figures
from customer360.storage.metering import Meter


def server_timing(milliseconds: float, meter: Meter, permissions: Collection[str]) -> str:
    """The value of the header `Server-Timing`: the function's time, and how much of it went on waiting for DynamoDB."""
    times = f"total;dur={milliseconds:.0f}, db;dur={meter.milliseconds:.0f}"
    if SEES_COST not in permissions:
        return times
    calls = f"{meter.calls} call" if meter.calls == 1 else f"{meter.calls} calls"
    return f'{times};desc="{calls}", rcu;desc="{meter.read_units:g}", wcu;desc="{meter.write_units:g}"'


def timed(answer: dict[str, Any], timing: str) -> dict[str, Any]:
    """The answer with the header, after what the route has said there itself; pages of allowed origins may read it."""
    if "multiValueHeaders" in answer:
        headers: dict[str, Any] = {name: values[-1] for name, values in answer["multiValueHeaders"].items()}
    else:
        headers = answer["headers"]
    added = {"Server-Timing": ", ".join(filter(None, [headers.get("Server-Timing"), timing]))}
    if "Access-Control-Allow-Origin" in headers:
        added["Timing-Allow-Origin"] = headers["Access-Control-Allow-Origin"]
    if "multiValueHeaders" in answer:
        listed = {name: [value] for name, value in added.items()}
        return {**answer, "multiValueHeaders": {**answer["multiValueHeaders"], **listed}}
    return {**answer, "headers": {**headers, **added}}


def log_fields(milliseconds: float, meter: Meter) -> dict[str, Any]:
    """What the log line of an answer says of its cost."""
    units = {"ReadUnits": (meter.read_units, "Count"), "WriteUnits": (meter.write_units, "Count")}
    cost = figures(units | {"DatabaseTime": (round(meter.milliseconds, 1), "Milliseconds")})
    return {"milliseconds": round(milliseconds, 1), "calls": meter.calls, **cost}
