"""The bill in the documentation is the one the script works out, and adds up."""

import re
from pathlib import Path

import pytest

from cost import EVENT_READ_UNITS, EVENT_WRITE_UNITS, Shop, bill, table_of
from support.template import resources

DOCUMENT = Path(__file__).parents[2] / "docs" / "cost.md"


def test_the_documentation_has_the_bill_as_it_is_worked_out() -> None:
    _, _, rest = DOCUMENT.read_text().partition("<!-- make cost -->\n")
    table, _, _ = rest.partition("\n<!-- end -->")
    assert table == table_of([10_000, 100_000, 1_000_000], Shop())


def test_all_but_what_is_fixed_grows_with_the_shop() -> None:
    small, large = bill(1000, Shop()), bill(10_000, Shop())
    grown = {name: large[name] / small[name] for name in small}
    assert grown == {name: pytest.approx(1 if name.startswith("Fixed") else 10) for name in small}


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


def test_a_million_events_add_up() -> None:
    _, _, rest = DOCUMENT.read_text().partition("**A million events over the bus**")
    section, _, _ = rest.partition("**A million events in files**")
    *parts, total = [float(amount) for amount in re.findall(r"\| \**(\d+\.\d\d)\** \|$", section, re.MULTILINE)]
    assert total == pytest.approx(sum(parts))


def test_every_metric_that_an_alarm_watches_is_paid_for() -> None:
    watched = [
        sum("MetricStat" in metric for metric in alarm.get("Metrics", [])) or 1
        for alarm in resources("AWS::CloudWatch::Alarm").values()
    ]
    assert Shop().alarm_metrics == sum(watched)
