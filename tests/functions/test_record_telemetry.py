"""Pages say how long they took; it becomes metrics, and nothing of a person is in it."""

from collections.abc import Callable
from typing import Any

import pytest

from support.gateway import Answer

pytestmark = pytest.mark.engine
Call = Callable[..., Answer]


def told(*timings: dict[str, Any], page: str = "customer") -> dict[str, Any]:
    return {"page": page, "timings": list(timings)}


LOAD = {"measure": "load", "milliseconds": 812.4}


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[dict[str, Any]]]:
    caplog.set_level("INFO", logger="customer360")
    return lambda: [record.__dict__ for record in caplog.records if record.message == "page timed"]


def test_each_timing_is_a_metric_and_says_of_which_page(call: Call, lines: Callable[[], list[dict[str, Any]]]) -> None:
    section = {"measure": "section", "section": "orders", "milliseconds": 240}
    answer = call("record_telemetry", body=told(LOAD, section), role="viewer")
    assert (answer.status, answer.text) == (204, "")
    first, second = lines()
    assert (first["page"], first["section"], first["DashboardLoadTime"]) == ("customer", None, 812.4)
    assert (second["page"], second["section"], second["DashboardSectionTime"]) == ("customer", "orders", 240)
    for line, name in ((first, "DashboardLoadTime"), (second, "DashboardSectionTime")):
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert directive["Metrics"] == [{"Name": name, "Unit": "Milliseconds"}]
        assert directive["Dimensions"] == [["service"]]


@pytest.mark.parametrize("milliseconds", [0, 600_000, 0.1])
def test_times_from_nothing_to_ten_minutes_are_taken(call: Call, milliseconds: float) -> None:
    assert call("record_telemetry", body=told(LOAD | {"milliseconds": milliseconds})).status == 204


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (told(LOAD, page="customer-amelie"), "page"),
        (told({"measure": "Amélie", "milliseconds": 1}), "timings.0.measure"),
        (told(LOAD, LOAD | {"section": "jane@example.com"}), "timings.1.section"),
        (told(LOAD | {"milliseconds": -1}), "timings.0.milliseconds"),
        (told(LOAD | {"milliseconds": 600_001}), "timings.0.milliseconds"),
        (told(LOAD | {"milliseconds": "812"}), "timings.0.milliseconds"),
        (told(LOAD | {"milliseconds": True}), "timings.0.milliseconds"),
        (told(LOAD | {"url": "https://example.com/?q=jane"}), "timings.0.url"),
        (told(), "timings"),
        (told(*[LOAD] * 51), "timings"),
        ({"timings": [LOAD]}, "page"),
    ],
)
def test_what_is_not_a_time_of_a_known_page_is_refused(
    call: Call, lines: Callable[[], list[dict[str, Any]]], body: dict[str, Any], field: str
) -> None:
    answer = call("record_telemetry", body=body)
    assert answer.status == 400
    assert answer.json["errors"][0]["field"].startswith(field)
    assert not lines()
