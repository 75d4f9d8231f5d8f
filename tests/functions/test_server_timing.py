"""Every answer tells its times; those from whom nothing is hidden are also told what it cost."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from support.builders import new_id
from support.gateway import Answer

pytestmark = pytest.mark.engine
Call = Callable[..., Answer]

TIMES = r"total;dur=\d+, db;dur=\d+"
COST = TIMES + r';desc="(\d+) calls?", rcu;desc="([\d.]+)", wcu;desc="([\d.]+)"'


def cost_of(answer: Answer) -> tuple[int, float, float]:
    """Calls, read units and write units an admin's answer tells."""
    told = re.fullmatch(COST, answer.headers["Server-Timing"])
    assert told, answer.headers["Server-Timing"]
    return int(told[1]), float(told[2]), float(told[3])


def test_an_admin_is_told_what_a_view_cost(call: Call, known_customer: str) -> None:
    call("get_customer_360", customer_id=known_customer)
    calls, read, written = cost_of(call("get_customer_360", customer_id=known_customer))
    assert calls >= 2  # the view and the audit line
    assert read >= 1
    assert written >= 1


def test_each_answer_tells_its_own_cost_and_not_that_of_those_before(call: Call, known_customer: str) -> None:
    view = [cost_of(call("get_customer_360", customer_id=known_customer)) for _ in range(4)]
    assert view[-1] == view[-2]


@pytest.mark.parametrize("role", ["viewer", "support", "manager"])
def test_whoever_sees_less_is_told_times_only(call: Call, known_customer: str, role: str) -> None:
    told = call("get_customer_360", customer_id=known_customer, role=role).headers["Server-Timing"]
    assert re.fullmatch(TIMES, told)


def test_a_hidden_note_costs_its_reader_what_an_unknown_one_does(call: Call, known_customer: str) -> None:
    note = {"content": "x" * 5000, "visibility": "managers"}
    made = call("add_note", customer_id=known_customer, body=note, role="manager").json["note"]
    for note_id in (made["id"], new_id()):
        answer = call("get_note", customer_id=known_customer, note_id=note_id, role="support")
        assert answer.status == 404
        assert re.fullmatch(TIMES, answer.headers["Server-Timing"])


def test_answers_of_every_kind_tell_it(call: Call, known_customer: str) -> None:
    fresh = call("get_customer_360", customer_id=known_customer)
    asked = {
        304: call("get_customer_360", customer_id=known_customer, headers={"If-None-Match": fresh.headers["ETag"]}),
        400: call("list_orders", customer_id=known_customer, query={"limit": "0"}),
        404: call("get_customer_360", customer_id=new_id()),
        201: call("add_note", customer_id=known_customer, body={"content": "Hello"}),
        409: call("add_note", customer_id=known_customer, body={"content": "Other"}, headers={"Idempotency-Key": "k"})
        and call("add_note", customer_id=known_customer, body={"content": "Else"}, headers={"Idempotency-Key": "k"}),
    }
    for status, answer in asked.items():
        assert answer.status == status
        assert cost_of(answer)[0] >= 1
    refused = call("get_customer_360", customer_id=known_customer, role=None)
    assert refused.status == 403
    assert re.fullmatch(TIMES, refused.headers["Server-Timing"])
    nobody = call("get_customer_360", customer_id=known_customer, claims={"token_use": "access"})
    assert nobody.status == 401
    assert re.fullmatch(TIMES, nobody.headers["Server-Timing"])


def test_the_calls_of_the_idempotency_store_count(call: Call) -> None:
    body = {"name": "View", "search": {}}
    without = cost_of(call("create_view", body=body))
    with_key = cost_of(call("create_view", body=body, headers={"Idempotency-Key": new_id()}))
    assert with_key[0] == without[0] + 2
    assert with_key[2] > without[2]


def test_pages_of_allowed_origins_may_read_it(call: Call, known_customer: str) -> None:
    ours = call("get_customer_360", customer_id=known_customer, headers={"Origin": "http://localhost:5173"})
    assert ours.headers["Timing-Allow-Origin"] == "http://localhost:5173"
    refused = call("get_customer_360", customer_id="x", role=None, headers={"Origin": "http://localhost:5173"})
    assert refused.headers["Timing-Allow-Origin"] == "http://localhost:5173"
    other = call("get_customer_360", customer_id=known_customer, headers={"Origin": "https://evil.example"})
    assert "Timing-Allow-Origin" not in other.headers


def test_an_admin_sees_the_steps_of_a_search_beside_its_times(call: Call) -> None:
    answer = call("search_customers", query={"q": "nobodys name", "debug": "true"})
    steps, told = answer.headers["Server-Timing"].split(", total;")
    assert "terms;dur=" in steps
    _, read, _ = cost_of(Answer(headers={"Server-Timing": f"total;{told}"}))
    assert float(answer.json["debug"]["readUnits"]) == read


def test_the_log_line_of_an_answer_is_a_metric_of_its_cost(
    call: Call, known_customer: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = call("get_customer_360", customer_id=known_customer)
    with caplog.at_level("INFO", logger="customer360"):
        answer = call("get_customer_360", customer_id=known_customer)
    (line,) = [record.__dict__ for record in caplog.records if record.message == "answered"]
    calls, read, written = cost_of(answer)
    assert (line["calls"], line["ReadUnits"], line["WriteUnits"]) == (calls, read, written)
    assert line["route"] == "/api/admin/customers/{customer_id}/360"
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["service"]]
    assert all(isinstance(line[metric["Name"]], int | float) for metric in directive["Metrics"])
    assert json.dumps(line["_aws"])


# ---------------------------------------------------------------- The meter itself


def client() -> Any:
    return boto3.session.Session().client("dynamodb", region_name="eu-west-1")


def test_calls_of_several_threads_are_all_counted_and_their_time_is_not_added_up(engine: str) -> None:
    from customer360.storage import metering

    dynamodb = client()
    key = {"pk": {"S": new_id()}, "sk": {"S": "x"}}
    meter = metering.begin()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: dynamodb.get_item(TableName="CatalogTable", Key=key), range(40)))
    assert meter.calls == 40
    assert meter.read_units == 40 * 0.5
    assert meter.write_units == 0
    metering.begin()
    assert meter.calls == 40


def test_a_refused_call_counts_and_leaves_no_clock_running(engine: str) -> None:
    from customer360.storage import metering

    meter = metering.begin()
    with pytest.raises(ClientError):
        client().get_item(TableName="NoSuchTable", Key={"pk": {"S": "x"}})
    assert (meter.calls, meter.read_units) == (1, 0)
    assert meter.milliseconds == meter.milliseconds > 0


def test_a_call_that_nobody_answers_counts(monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    from customer360.storage import metering

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    meter = metering.begin()
    with pytest.raises(Exception, match="connect"):
        client().get_item(TableName="CatalogTable", Key={"pk": {"S": "x"}})
    assert meter.calls == 1
    assert meter.milliseconds == meter.milliseconds
