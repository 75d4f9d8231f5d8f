"""The bill in the documentation is the one the script works out, and adds up."""

import re
from pathlib import Path

import pytest

from cost import EVENT_READ_UNITS, EVENT_WRITE_UNITS, SECONDS, SHARDS, TRACE, Shop, bill, table_of, traced
from customer360.storage import everyone
from support.template import resources

DOCUMENT = Path(__file__).parents[2] / "docs" / "cost.md"


def test_the_documentation_has_the_bill_as_it_is_worked_out() -> None:
    _, _, rest = DOCUMENT.read_text().partition("<!-- make cost -->\n")
    table, _, _ = rest.partition("\n<!-- end -->")
    assert table == table_of([10_000, 100_000, 1_000_000], Shop())


def test_all_but_what_is_fixed_grows_with_the_shop() -> None:
    small, large = bill(1000, Shop()), bill(10_000, Shop())
    grown = {name: large[name] / small[name] for name in small if name != "Traces"}
    assert grown == {name: pytest.approx(1 if name.startswith("Fixed") else 10) for name in grown}


def test_a_small_shop_is_traced_whole_and_a_busy_one_by_the_second() -> None:
    assert traced(1000) == pytest.approx(1000, rel=0.001)
    assert traced(1e9) == pytest.approx(SECONDS + 0.05 * (1e9 - SECONDS))


def test_a_night_invokes_a_function_for_each_shard_and_not_for_each_customer() -> None:
    assert everyone.SHARDS == SHARDS
    customers, quiet = 1_000_000, Shop(events=0, pages=0, moved_a_night=0)
    assert bill(customers, quiet)["Traces"] == pytest.approx(30 * SHARDS * TRACE, rel=0.01)


def test_an_event_costs_what_was_measured_wherever_it_is_counted() -> None:
    text = DOCUMENT.read_text()
    told = [
        *re.findall(r"measured: \*\*([\d.]+) write units and ([\d.]+) read units an event\*\*", text),
        *zip(
            re.findall(r"\| Write units \| ([\d.]+) M", text),
            re.findall(r"\| Read units \| ([\d.]+) M", text),
            strict=True,
        ),
        *re.findall(r"units per event: ([\d.]+) and ([\d.]+),", text),
    ]
    assert told == 3 * [(str(EVENT_WRITE_UNITS), str(EVENT_READ_UNITS))]


@pytest.mark.parametrize(
    ("beginning", "end", "runs"),
    [
        ("**A million 360 views**", "**A million events over the bus**", [1_000_000]),
        ("**A million events over the bus**", "**A million events in files**", [1_000_000, 100_000]),
    ],
)
def test_a_million_of_each_adds_up(beginning: str, end: str, runs: list[int]) -> None:
    section = DOCUMENT.read_text().partition(beginning)[2].partition(end)[0]
    table = [re.findall(r" \**(\d+\.\d\d)\** \|", line) for line in section.splitlines()]
    for column, total in zip(zip(*filter(None, table), strict=True), map(traced, runs), strict=True):
        *parts, together = map(float, column)
        assert together == pytest.approx(sum(parts))
        assert parts.count(round(total * TRACE, 2)) == 1
        assert f"{round(total, -3):,.0f}" in section


def test_every_metric_that_an_alarm_watches_is_paid_for() -> None:
    watched = [
        sum("MetricStat" in metric for metric in alarm.get("Metrics", [])) or 1
        for alarm in resources("AWS::CloudWatch::Alarm").values()
    ]
    assert Shop().alarm_metrics == sum(watched)
