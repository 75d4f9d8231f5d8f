"""Keeps what pages say of their own times, as metrics and lines of the log."""

from customer360.logs import figures, logger
from customer360.telemetry.schemas import Telemetry

METRICS = {
    "load": "DashboardLoadTime",
    "section": "DashboardSectionTime",
    "request": "DashboardRequestTime",
    "live": "DashboardLiveTime",
}


def record(told: Telemetry) -> None:
    """One line for each timing. Sent again, it counts again: a page's times are samples, not accounts."""
    for timing in told.timings:
        metric = figures({METRICS[timing.measure]: (float(timing.milliseconds), "Milliseconds")})
        logger.info("page timed", extra={"page": told.page, "section": timing.section, **metric})
