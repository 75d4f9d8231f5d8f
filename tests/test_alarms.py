"""Whatever can go wrong sets off an alarm that tells somebody, is on the dashboard and is explained in the runbook."""

import json
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from customer360.logs import NAMESPACE
from support.template import functions, resources, template

ROOT = Path(__file__).parents[1]
ALARMS = resources("AWS::CloudWatch::Alarm")
QUEUES = resources("AWS::SQS::Queue")
TABLES = resources("AWS::DynamoDB::Table")
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
BODY = resources("AWS::CloudWatch::Dashboard")["Dashboard"]["DashboardBody"]["Fn::Sub"]
SOURCES = "".join(
    path.read_text() for path in chain((ROOT / "layers").rglob("*.py"), (ROOT / "functions").rglob("*.py"))
)

WORKERS = {
    event["Properties"]["Queue"]["Fn::GetAtt"][0]
    for properties in functions().values()
    for event in properties["Events"].values()
    if event["Type"] == "SQS"
}
AWS_METRICS = {"4XXError", "5XXError", "ConsumedWriteCapacityUnits"}
Metric = tuple[str, str, str]  # namespace, name, and what it is of, by logical id
GLOBAL_INDEXES = [
    f"{table}/{index['IndexName']}"
    for table, properties in TABLES.items()
    for index in properties.get("GlobalSecondaryIndexes", [])
]


def of(dimensions: list[dict[str, Any]]) -> str:
    """What a metric is of: of each dimension the logical id it names, or its text."""
    values = [dimension["Value"] for dimension in dimensions]
    return "/".join(
        (value.get("Ref") or value["Fn::GetAtt"][0]) if isinstance(value, dict) else value for value in values
    )


def watched(alarm: dict[str, Any]) -> Iterator[Metric]:
    if "MetricName" in alarm:
        yield alarm["Namespace"], alarm["MetricName"], of(alarm.get("Dimensions", []))
    for metric in alarm.get("Metrics", []):
        if "MetricStat" in metric:
            asked = metric["MetricStat"]["Metric"]
            yield asked["Namespace"], asked["MetricName"], of(asked["Dimensions"])


WATCHED = {metric for alarm in ALARMS.values() for metric in watched(alarm)}


@pytest.mark.parametrize(("name", "alarm"), ALARMS.items(), ids=ALARMS)
def test_an_alarm_tells_somebody_what_is_wrong(name: str, alarm: dict[str, Any]) -> None:
    assert alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}]
    assert len(alarm["AlarmDescription"]) > 20
    assert alarm["TreatMissingData"] in {"notBreaching", "breaching"}
    assert alarm["EvaluationPeriods"] >= 1


@pytest.mark.parametrize("name", [name for name, alarm in ALARMS.items() if "Metrics" in alarm])
def test_an_alarm_over_several_metrics_is_one_that_cloudwatch_takes(name: str) -> None:
    metrics = ALARMS[name]["Metrics"]
    assert sum("MetricStat" in metric for metric in metrics) <= 10
    assert [metric["Id"] for metric in metrics if metric.get("ReturnData", True)] == [metrics[0]["Id"]]
    assert len({metric["Id"] for metric in metrics}) == len(metrics)
    assert all(re.fullmatch("[a-z][a-zA-Z0-9_]*", metric["Id"]) for metric in metrics)
    assert len({metric["MetricStat"]["Period"] for metric in metrics[1:]}) == 1
    assert template()["Resources"][name]["Condition"] == "IsAws"  # the local engine does not take it


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_is_in_the_runbook_and_on_the_dashboard(name: str) -> None:
    (section,) = re.findall(rf"^### {name}\n(.*?)(?=^##|\Z)", RUNBOOK, re.MULTILINE | re.DOTALL)
    for part in ("**Means**", "**Look**", "**Do**"):
        assert part in section
    assert f'"${{{name}.Arn}}"' in BODY


def test_the_runbook_explains_no_alarm_that_is_gone() -> None:
    assert set(re.findall(r"^### (\w+Alarm)$", RUNBOOK, re.MULTILINE)) == set(ALARMS)


# ---------------------------------------------------------------- What is watched


@pytest.mark.parametrize("queue", sorted(set(QUEUES) - WORKERS))
def test_a_message_in_a_dead_letter_queue_sets_off_an_alarm(queue: str) -> None:
    assert ("AWS/SQS", "ApproximateNumberOfMessagesVisible", queue) in WATCHED
    (alarm,) = [each for each in ALARMS.values() if any(queue == metric[2] for metric in watched(each))]
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
    assert alarm.get("Metrics", [{"Expression": "SUM(METRICS())"}])[0]["Expression"] == "SUM(METRICS())"


@pytest.mark.parametrize("metric", ["ExportsFailed", "ErasureWorkFailed"])
def test_what_an_admin_asked_for_and_failed_sets_off_an_alarm(metric: str) -> None:
    assert (NAMESPACE, metric, "customer360") in WATCHED


@pytest.mark.parametrize("metric", ["EventsRejected", "ImportsFailed"])
def test_what_a_source_sent_and_cannot_be_taken_in_sets_off_an_alarm(metric: str) -> None:
    assert (NAMESPACE, metric, "customer360") in WATCHED


@pytest.mark.parametrize("queue", sorted(WORKERS))
def test_messages_that_wait_too_long_or_are_too_many_set_off_an_alarm(queue: str) -> None:
    assert ("AWS/SQS", "ApproximateAgeOfOldestMessage", queue) in WATCHED
    assert ("AWS/SQS", "ApproximateNumberOfMessagesVisible", queue) in WATCHED


@pytest.mark.parametrize("queue", QUEUES)
def test_every_queue_is_in_the_runbook_and_on_the_dashboard(queue: str) -> None:
    assert f"`{queue}`" in RUNBOOK
    assert f'"${{{queue}.QueueName}}"' in BODY


def test_whoever_falls_behind_a_stream_sets_off_an_alarm() -> None:
    followers = [
        name
        for name, properties in resources("AWS::Serverless::Function").items()
        if any(event["Type"] == "DynamoDB" for event in properties.get("Events", {}).values())
    ]
    assert followers
    assert all(("AWS/Lambda", "IteratorAge", follower) in WATCHED for follower in followers)


# DynamoDB counts what a global index refuses apart from what its table does.
@pytest.mark.parametrize("refusing", [*TABLES, *GLOBAL_INDEXES])
def test_a_table_or_index_that_refuses_calls_sets_off_an_alarm(refusing: str) -> None:
    assert ("AWS/DynamoDB", "ReadThrottleEvents", refusing) in WATCHED
    assert ("AWS/DynamoDB", "WriteThrottleEvents", refusing) in WATCHED


def test_the_dashboard_shows_what_tables_and_indexes_refuse() -> None:
    (line,) = [line for line in BODY.splitlines() if '"DynamoDB: refused, in conflict"' in line]
    (widget,) = json.loads(f"[{line.strip().rstrip(',')}]")
    (tables,), (indexes,) = widget["properties"]["metrics"]
    indexed = {name.split("/")[0] for name in GLOBAL_INDEXES}
    for shown, schema, names in (
        (tables, "AWS/DynamoDB,TableName", set(TABLES)),
        (indexes, "AWS/DynamoDB,GlobalSecondaryIndexName,TableName", indexed),
    ):
        assert shown["expression"].startswith(f"SEARCH('{{{schema}}} ")
        assert set(re.findall(r'TableName="\$\{(\w+)\}"', shown["expression"])) == names
        assert {"ReadThrottleEvents", "WriteThrottleEvents"} <= set(
            re.findall(r'MetricName="(\w+)"', shown["expression"])
        )


def test_a_refit_that_is_done_an_hour_later_than_the_night_before_sets_off_no_alarm() -> None:
    alarm = ALARMS["ModelNotRefittedAlarm"]
    hours = alarm["EvaluationPeriods"]
    assert (alarm["Period"], alarm["Statistic"], alarm["TreatMissingData"]) == (3600, "SampleCount", "breaching")
    assert alarm.get("DatapointsToAlarm", hours) == hours
    assert 25 < hours <= 7 * 24  # the longest CloudWatch takes
    assert f"{hours} hours" in alarm["AlarmDescription"]


def test_every_function_that_fails_sets_off_an_alarm() -> None:
    (log_filter,) = resources("AWS::Logs::MetricFilter").values()
    assert log_filter["LogGroupName"] == template()["Globals"]["Function"]["LoggingConfig"]["LogGroup"]
    assert all("LoggingConfig" not in properties for properties in functions().values())
    (made,) = log_filter["MetricTransformations"]
    assert (made["MetricNamespace"], made["MetricName"], "") in WATCHED
    assert '$.level = "ERROR"' in log_filter["FilterPattern"]
    assert ("AWS/Lambda", "Throttles", "") in WATCHED


def test_the_api_is_watched_by_the_name_and_stage_it_has() -> None:
    assert "Name" not in resources("AWS::Serverless::Api")["Api"]  # so it is the stack's
    for alarm in ("ApiFailsAlarm", "ApiSlowAlarm"):
        dimensions = json.dumps(ALARMS[alarm])
        assert '{"Name": "ApiName", "Value": {"Ref": "AWS::StackName"}}' in dimensions
        assert '{"Name": "Stage", "Value": {"Ref": "Environment"}}' in dimensions


def test_the_gateways_metrics_of_single_methods_are_neither_used_nor_paid_for() -> None:
    watched_stages = {what for namespace, _, what in WATCHED if namespace == "AWS/ApiGateway"}
    assert watched_stages == {"AWS::StackName/Environment"}
    assert not re.search(r"\b(Method|Route)\b", BODY)
    (setting,) = resources("AWS::Serverless::Api")["Api"]["MethodSettings"]
    assert setting["MetricsEnabled"] is False
    (sockets,) = resources("AWS::Serverless::WebSocketApi").values()
    assert sockets["DefaultRouteSettings"]["DetailedMetricsEnabled"] is False


def test_every_metric_of_ours_is_measured_by_the_code() -> None:
    variables = template()["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == NAMESPACE
    filters = resources("AWS::Logs::MetricFilter").values()
    counted = {made["MetricName"] for log_filter in filters for made in log_filter["MetricTransformations"]}
    ours = {(name, service) for namespace, name, service in WATCHED if namespace == NAMESPACE and name not in counted}
    assert {service for _, service in ours} == {variables["POWERTOOLS_SERVICE_NAME"]}
    shown = re.findall(r'"([A-Z]\w+)", "service", "customer360"|\[".", "([A-Z]\w+)", ".", "."', BODY)
    for name in {name for name, _ in ours} | {each for pair in shown for each in pair if each}:
        assert name in AWS_METRICS or f'"{name}"' in SOURCES or name.startswith("Events"), name


# ---------------------------------------------------------------- The dashboard


def test_the_dashboard_is_json_about_resources_there_are() -> None:
    named = set(re.findall(r"\$\{([\w:]+)(?:\.\w+)?\}", BODY))
    known = template()["Resources"].keys() | template()["Parameters"].keys() | {"AWS::Region", "AWS::StackName"}
    assert named <= known
    shown = json.loads(re.sub(r"\$\{[^}]+\}", "x", BODY))["widgets"]
    assert len(shown) > 10
    assert all(widget["properties"]["title"] for widget in shown)
    assert len(BODY.encode()) < 200_000


def test_only_aws_has_what_the_local_engine_does_not_know() -> None:
    conditions = {"HasWaf": "ProtectsWithWaf", "HasBudget": "MonthlyBudget"}
    for condition, parameter in conditions.items():
        first, second = template()["Conditions"][condition]["Fn::And"]
        assert first == {"Condition": "IsAws"}
        assert parameter in json.dumps(second)
    for name, resource in template()["Resources"].items():
        if resource["Type"].startswith(("AWS::WAFv2::", "AWS::Budgets::")):
            assert resource["Condition"] in conditions, name


def test_the_firewall_lets_free_text_through_and_blocks_the_rest() -> None:
    rules = {rule["Name"]: rule for rule in resources("AWS::WAFv2::WebACL")["WebAcl"]["Rules"]}
    assert rules["requests-of-one-address"]["Action"] == {"Block": {}}
    assert all(rules[name]["OverrideAction"] == {"None": {}} for name in ("known-bad-inputs", "common"))
    groups = [rules[name]["Statement"]["ManagedRuleGroupStatement"] for name in ("known-bad-inputs", "common")]
    overrides = [rule for group in groups for rule in group["RuleActionOverrides"]]
    assert all(rule["ActionToUse"] == {"Count": {}} for rule in overrides)
    # Those of the two groups that look into bodies, as AWS lists them; and a long text to search for is a long query.
    assert {rule["Name"] for rule in overrides} == {
        "SizeRestrictions_BODY",
        "CrossSiteScripting_BODY",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
        "EC2MetaDataSSRF_BODY",
        "JavaDeserializationRCE_BODY",
        "Log4JRCE_BODY",
        "ReactJSRCE_BODY",
        "SizeRestrictions_QUERYSTRING",
    }


def test_alarms_and_budget_may_tell_the_topic_and_nobody_else() -> None:
    (statement,) = resources("AWS::SNS::TopicPolicy")["AlarmTopicPolicy"]["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"]}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


# ---------------------------------------------------------------- Security checks


def test_every_exception_of_the_security_checks_has_its_reason() -> None:
    lines = (ROOT / ".checkov.yaml").read_text().splitlines()
    skipped = [number for number, line in enumerate(lines) if re.match(r"  - CKV", line)]
    assert skipped
    assert all("#" in lines[number] or lines[number - 1].lstrip().startswith("#") for number in skipped)
