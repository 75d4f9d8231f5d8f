"""What only AWS acts on, asserted on the template: rights, tables, queues, the gateway's own answers, sign-in."""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest
from pynamodb.models import Model

import customer360
from support.rights import CONNECTIONS, MAIL
from support.template import functions, resources, template

TABLES = resources("AWS::DynamoDB::Table")
# Objects and connections cannot be named one by one, nor can it be known which identity a mail address is sent by.
ENDLESS = {"AWS::S3::Bucket", "AWS::Serverless::WebSocketApi", "AWS::SES::EmailIdentity"}
QUEUES = resources("AWS::SQS::Queue")
Statement = dict[str, Any]


def listed(value: Any) -> list[Any]:
    if isinstance(value, dict) and "Fn::If" in value:  # the first is for the local engine
        value = value["Fn::If"][2]
    return value if isinstance(value, list) else [value]


def statements() -> Iterator[tuple[str, Statement]]:
    """Every policy statement of the template with the name of what it belongs to."""
    for name, properties in functions().items():
        for policy in properties["Policies"]:
            if "Statement" in policy:
                yield from ((name, statement) for statement in policy["Statement"])
    for kind in ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy"):
        for name, properties in resources(kind).items():
            yield from ((name, statement) for statement in properties["PolicyDocument"]["Statement"])


STATEMENTS = list(statements())
ALLOWED = [(name, statement) for name, statement in STATEMENTS if statement["Effect"] == "Allow"]
NAMES = [f"{name}-{position}" for position, (name, _) in enumerate(ALLOWED)]


def named(resource: Any) -> tuple[str, str]:
    """The logical id a statement's resource begins with, and what follows it. Fails for one that names nothing."""
    if isinstance(resource, dict) and "Fn::GetAtt" in resource:
        logical_id, attribute = resource["Fn::GetAtt"]
        # The Id of a secret is its Arn; what `Ref` gives is only its name on the local engine.
        assert attribute == ("Id" if logical_id in resources("AWS::SecretsManager::Secret") else "Arn")
        return logical_id, ""
    text = resource.get("Fn::Sub", "") if isinstance(resource, dict) else ""
    if mail := re.fullmatch(MAIL, text):
        return ("LocalEmailIdentity", mail[2]) if mail[1] == "identity" else ("EmailConfigurationSet", "")
    match = re.fullmatch(r"\$\{(\w+)\.Arn\}(/.+)", text) or re.fullmatch(CONNECTIONS, text)
    assert match, f"{resource} names no resource of the template"
    return match[1], match[2]


# ---------------------------------------------------------------- Rights


@pytest.mark.parametrize(("name", "statement"), ALLOWED, ids=NAMES)
def test_no_statement_allows_more_than_named_actions_on_named_resources(name: str, statement: Statement) -> None:
    for action in listed(statement["Action"]):
        assert re.fullmatch(r"[a-z0-9-]+:[A-Za-z]+", action)
    for resource in listed(statement["Resource"]):
        logical_id, rest = named(resource)
        assert logical_id in template()["Resources"]
        assert "*" not in rest or template()["Resources"][logical_id]["Type"] in ENDLESS


def test_nobody_may_read_versions_of_objects_which_no_bucket_keeps() -> None:
    assert not any("VersioningConfiguration" in bucket for bucket in resources("AWS::S3::Bucket").values())
    assert not any(action.endswith("ObjectVersion") for _, each in ALLOWED for action in listed(each["Action"]))


def test_e_mails_are_only_sent_from_the_shops_address() -> None:
    (sends,) = [statement for _, statement in ALLOWED if "ses:SendEmail" in listed(statement["Action"])]
    local, elsewhere = sends["Condition"]["Fn::If"][1:]
    assert local == {"Ref": "AWS::NoValue"}
    assert elsewhere == {"StringEquals": {"ses:FromAddress": {"Ref": "EmailFromAddress"}}}


def test_only_the_mail_service_tells_what_became_of_e_mails() -> None:
    (statement,) = resources("AWS::SNS::TopicPolicy")["EmailEventTopicPolicy"]["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "ses.amazonaws.com"}
    assert statement["Condition"].keys() == {"StringEquals", "ArnEquals"}


def test_no_function_has_a_canned_policy_or_a_role_of_its_own() -> None:
    for properties in functions().values():
        assert "Role" not in properties
        assert all("Statement" in policy or set(policy) == {"Ref"} for policy in properties["Policies"])


@pytest.mark.parametrize(("name", "statement"), ALLOWED, ids=NAMES)
def test_nobody_may_scan_or_touch_a_table_that_is_not_named(name: str, statement: Statement) -> None:
    actions = {action for action in listed(statement["Action"]) if action.startswith("dynamodb:")}
    assert "dynamodb:Scan" not in actions
    for resource in listed(statement["Resource"]) if actions else []:
        table, rest = named(resource)
        assert table in TABLES
        if rest:
            assert actions == {"dynamodb:Query"}
            assert rest.removeprefix("/index/") in {index["IndexName"] for index in indexes(TABLES[table])}


@pytest.mark.parametrize(("name", "statement"), ALLOWED, ids=NAMES)
def test_the_audit_trail_can_only_be_added_to_but_that_an_erasure_takes_out_whom_it_is_about(
    name: str, statement: Statement
) -> None:
    if any(named(resource)[0] == "AuditTable" for resource in listed(statement["Resource"])):
        if name == "erase_from_stores" and "Condition" in statement:
            only = {"dynamodb:Attributes": ["pk", "sk", "subject", "target"]}
            assert statement["Condition"] == {"ForAllValues:StringEquals": only}
            assert statement["Action"] == "dynamodb:UpdateItem"
        else:
            assert set(listed(statement["Action"])) <= {"dynamodb:PutItem", "dynamodb:Query"}


def test_what_is_denied_is_plain_http() -> None:
    denied = [statement for _, statement in STATEMENTS if statement["Effect"] != "Allow"]
    assert len(denied) == len(resources("AWS::S3::Bucket"))
    assert all(statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}} for statement in denied)


@pytest.mark.parametrize("kind", ["AWS::SQS::QueuePolicy"])
def test_a_service_may_use_a_queue_only_on_our_behalf(kind: str) -> None:
    for properties in resources(kind).values():
        for statement in properties["PolicyDocument"]["Statement"]:
            assert statement["Principal"].keys() == {"Service"}
            (condition,) = statement["Condition"].values()
            assert condition.keys() <= {"aws:SourceArn", "aws:SourceAccount"}


# ---------------------------------------------------------------- Functions


def test_every_function_has_what_all_have() -> None:
    shared = template()["Globals"]["Function"]
    assert shared["Handler"] == "handler.lambda_handler"
    assert shared["Tracing"] == "Active"
    assert shared["Layers"] == [{"Ref": "SharedLayer"}]
    assert shared["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": {"Ref": "LogGroup"}}
    not_its_own = {"Runtime", "Handler", "Layers", "Architectures", "Tracing", "LoggingConfig", "FunctionName", "Role"}
    for name, properties in functions().items():
        its_own = properties.keys() & not_its_own
        assert its_own == ({"Layers"} if name == "build_export" else set()), name
    assert functions()["build_export"]["Layers"] == [{"Ref": "DocumentsLayer"}]


@pytest.mark.parametrize(("name", "properties"), functions().items(), ids=functions())
def test_a_function_gives_up_before_its_caller_does(name: str, properties: dict[str, Any]) -> None:
    timeout = properties.get("Timeout", template()["Globals"]["Function"]["Timeout"])
    for event in properties["Events"].values():
        if event["Type"] == "Api":
            assert timeout <= 29
        if event["Type"] == "SQS":
            queue = QUEUES[event["Properties"]["Queue"]["Fn::GetAtt"][0]]
            assert queue["VisibilityTimeout"] > timeout
            assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


WORKED_ON = {
    name: event["Properties"]["Queue"]["Fn::GetAtt"][0]
    for name, properties in functions().items()
    for event in properties["Events"].values()
    if event["Type"] == "SQS"
}


@pytest.mark.parametrize("name", [name for name in WORKED_ON if name != "import_file"])
def test_a_queue_waits_six_times_as_long_as_its_function_may_run(name: str) -> None:
    assert QUEUES[WORKED_ON[name]]["VisibilityTimeout"] >= 6 * functions()[name]["Timeout"]


def test_an_import_that_died_goes_on_soon_after_its_time_would_have_been_over() -> None:
    assert QUEUES["ImportQueue"]["VisibilityTimeout"] <= functions()["import_file"]["Timeout"] + 5 * 60


def test_an_import_stops_in_time_to_hand_over() -> None:
    import ast
    from pathlib import Path

    handler = Path(__file__).parents[1] / "functions" / "import_file" / "handler.py"
    (reserve,) = [
        node.value
        for node in ast.parse(handler.read_text()).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "RESERVE_MILLISECONDS"
    ]
    assert 60_000 <= ast.literal_eval(reserve) < 1000 * functions()["import_file"]["Timeout"]


# What SAM makes of a function beside itself, its role and one resource for each of these events (two for a schedule).
MADE_OF_EVENTS = {"Api": 1, "SQS": 1, "DynamoDB": 1, "ScheduleV2": 2, "WebSocket": 3}


def test_the_stack_stays_far_from_the_limit_of_resources() -> None:
    """CloudFormation takes 500, counted after SAM has expanded the template."""
    made = 5  # stages and deployments of the APIs, and the like
    for properties in functions().values():
        made += 1 + sum(MADE_OF_EVENTS[event["Type"]] for event in properties["Events"].values())
        made += "EventInvokeConfig" in properties
    assert len(template()["Resources"]) + made < 400


# ---------------------------------------------------------------- Queues

DEAD_LETTER_QUEUES = (
    {
        target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0]
        for rule in resources("AWS::Events::Rule").values()
        for target in rule["Targets"]
    }
    | {
        properties["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        for properties in QUEUES.values()
        if "RedrivePolicy" in properties
    }
    | {
        properties["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0]
        for properties in functions().values()
        if "EventInvokeConfig" in properties
    }
    | {
        event["Properties"]["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0]
        for properties in functions().values()
        for event in properties["Events"].values()
        if event["Type"] == "DynamoDB"
    }
)


def schedules(name: str) -> list[dict[str, Any]]:
    """The properties of the schedules that start the function."""
    return [event["Properties"] for event in functions()[name]["Events"].values() if event["Type"] == "ScheduleV2"]


@pytest.mark.parametrize(("name", "properties"), QUEUES.items(), ids=QUEUES)
def test_no_message_is_lost_after_its_last_delivery(name: str, properties: dict[str, Any]) -> None:
    assert properties["SqsManagedSseEnabled"] is True
    assert properties["MessageRetentionPeriod"] == 14 * 24 * 60 * 60
    if name not in DEAD_LETTER_QUEUES:
        assert properties["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] in QUEUES
        assert properties["RedrivePolicy"]["maxReceiveCount"] >= 3


def streams(name: str) -> list[dict[str, Any]]:
    """The properties of the streams the function follows."""
    return [event["Properties"] for event in functions()[name]["Events"].values() if event["Type"] == "DynamoDB"]


@pytest.mark.parametrize("name", [name for name in functions() if streams(name)])
def test_no_batch_of_a_stream_holds_up_what_is_behind_it_for_ever(name: str) -> None:
    (stream,) = streams(name)
    assert stream["BisectBatchOnFunctionError"] is True
    assert stream["MaximumRetryAttempts"] >= 1
    local, elsewhere = stream["MaximumRecordAgeInSeconds"]["Fn::If"][1:]
    assert local >= 60  # the least AWS takes, and the one limit the local engine acts on
    assert elsewhere == {"Ref": "StreamRecordMaxAge"}
    assert stream["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0] in QUEUES
    assert stream["FilterCriteria"]["Filters"]


def test_at_most_two_functions_follow_a_stream() -> None:
    followed = [stream["Stream"]["Fn::GetAtt"][0] for name in functions() for stream in streams(name)]
    assert all(followed.count(table) <= 2 for table in followed)


@pytest.mark.parametrize("name", [name for name in functions() if schedules(name)])
def test_a_scheduled_run_is_tried_again_and_its_failure_kept(name: str) -> None:
    properties = functions()[name]
    for schedule in schedules(name):
        assert schedule["ScheduleExpression"].keys() == {"Ref"}
        assert "${AWS::StackName}" in schedule["Name"]["Fn::Sub"]  # SAM's own name is the same for every stack
        assert schedule["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0] in DEAD_LETTER_QUEUES
    assert properties["EventInvokeConfig"]["MaximumRetryAttempts"] >= 1
    assert properties["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Type"] == "SQS"


def test_what_the_bus_cannot_deliver_is_kept() -> None:
    for rule in resources("AWS::Events::Rule").values():
        assert all(target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0] in QUEUES for target in rule["Targets"])


def test_everything_on_the_bus_but_our_own_messages_is_taken_in() -> None:
    rules = resources("AWS::Events::Rule")
    pattern = rules["SourceEventsRule"]["EventPattern"]
    ours = set(pattern["detail-type"][0]["anything-but"])
    assert {"support.ticket.requested", "loyalty.adjustment.requested"} <= ours
    assert set(rules["ScoreRule"]["EventPattern"]["detail-type"]) <= ours
    assert pattern.keys() == {"detail-type"}


# ---------------------------------------------------------------- Tables


def indexes(table: dict[str, Any]) -> list[dict[str, Any]]:
    return [*table.get("LocalSecondaryIndexes", []), *table.get("GlobalSecondaryIndexes", [])]


def models() -> list[type[Model]]:
    """Every PynamoDB model that has a table, and not the subclasses that share it."""
    for module in pkgutil.walk_packages(customer360.__path__, "customer360."):
        importlib.import_module(module.name)
    return [model for model in Model.__subclasses__() if model.__module__.startswith("customer360.")]


def hash_first(key_schema: list[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(key_schema, key=lambda key: key["KeyType"])


def test_every_table_has_a_model() -> None:
    assert {model.Meta.table_name for model in models()} >= set(TABLES)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_a_model_has_the_keys_and_indexes_of_its_table(model: Any) -> None:
    """Of several models of one table, those that read an index declare it."""
    table = TABLES[model.Meta.table_name]
    schemas: list[Any] = [each._get_schema() for each in models() if each.Meta.table_name == model.Meta.table_name]
    assert hash_first(model._get_schema()["key_schema"]) == table["KeySchema"]
    for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        in_code = [index for schema in schemas for index in schema[re.sub(r"(?<!^)([A-Z])", r"_\1", kind).lower()]]
        declared = {index["index_name"]: (hash_first(index["key_schema"]), index["projection"]) for index in in_code}
        assert declared == {
            index["IndexName"]: (index["KeySchema"], index["Projection"]) for index in table.get(kind, [])
        }


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_what_expires_does_so_by_the_tables_attribute(model: Any) -> None:
    every = [model, *model.__subclasses__()]
    names = {attribute.attr_name for kind in every for attribute in kind.get_attributes().values()}
    if "expiresAt" in names:
        ttl = TABLES[model.Meta.table_name]["TimeToLiveSpecification"]
        assert ttl == {"AttributeName": "expiresAt", "Enabled": True}


@pytest.mark.parametrize(("name", "table"), TABLES.items(), ids=TABLES)
def test_a_table_defines_the_attributes_of_its_keys_and_no_others(name: str, table: dict[str, Any]) -> None:
    used = {key["AttributeName"] for holder in [table, *indexes(table)] for key in holder["KeySchema"]}
    assert sorted(definition["AttributeName"] for definition in table["AttributeDefinitions"]) == sorted(used)
    assert all(key["KeySchema"][0] == table["KeySchema"][0] for key in table.get("LocalSecondaryIndexes", []))


@pytest.mark.parametrize(("name", "table"), TABLES.items(), ids=TABLES)
def test_a_table_is_on_demand_and_encrypted(name: str, table: dict[str, Any]) -> None:
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["SSESpecification"] == {"SSEEnabled": True}


@pytest.mark.parametrize("name", [name for name in TABLES if name != "ConnectionsTable"])
def test_a_table_survives_the_stack_and_a_mistake(name: str) -> None:
    assert TABLES[name]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    resource = template()["Resources"][name]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_changes_of_customers_are_streamed_whole() -> None:
    assert TABLES["CustomersTable"]["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


@pytest.mark.parametrize("name", ["CustomersTable", "AuditTable"])
def test_what_cannot_be_made_again_is_protected_in_production(name: str) -> None:
    assert TABLES[name]["DeletionProtectionEnabled"] == {"Fn::If": ["IsProduction", True, False]}


# ---------------------------------------------------------------- The gateway

API = resources("AWS::Serverless::Api")["Api"]

# What a gateway response may use: the context variables for data transformations. Those for access logs
# (`$context.status` among them) are not there, see "Variables for data transformations for API Gateway".
CONTEXT = {
    "$context.error.messageString": '"Unauthorized"',
    "$context.error.responseType": "UNAUTHORIZED",
    "$context.error.message": "Unauthorized",
    "$context.requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
}


@pytest.mark.parametrize("name", API["GatewayResponses"])
def test_the_gateways_own_answers_are_problems_that_pages_may_read(name: str) -> None:
    response = API["GatewayResponses"][name]
    headers = response["ResponseParameters"]["Headers"]
    assert headers["Content-Type"] == "'application/problem+json'"
    assert "Access-Control-Allow-Origin" in headers
    assert headers["Access-Control-Expose-Headers"] == "'ETag,X-Total-Count,Retry-After'"
    (text,) = response["ResponseTemplates"].values()
    for variable in sorted(CONTEXT, key=len, reverse=True):
        text = text.replace(variable, CONTEXT[variable])
    assert "$" not in text
    problem = json.loads(text)
    assert problem.keys() == {"type", "title", "status", "detail", "code", "message", "requestId"}
    assert problem["message"] == problem["detail"]
    assert problem["requestId"] == CONTEXT["$context.requestId"]
    assert isinstance(problem["status"], int)
    assert str(problem["status"]) == response.get("StatusCode", str(problem["status"]))


def test_every_refusal_of_the_gateway_is_covered() -> None:
    assert {"DEFAULT_4XX", "DEFAULT_5XX", "THROTTLED"} <= API["GatewayResponses"].keys()
    throttled = API["GatewayResponses"]["THROTTLED"]
    assert throttled["StatusCode"] == "429"
    assert throttled["ResponseParameters"]["Headers"]["Retry-After"] == "'1'"


def test_every_route_needs_an_id_token_of_our_pool() -> None:
    assert API["Auth"]["DefaultAuthorizer"] == "Admins"
    assert API["Auth"]["Authorizers"] == {"Admins": {"UserPoolArn": {"Fn::GetAtt": ["UserPool", "Arn"]}}}
    for properties in functions().values():
        for event in properties["Events"].values():
            if event["Type"] == "Api":
                assert "Auth" not in event["Properties"]
                assert event["Properties"]["RestApiId"] == {"Ref": "Api"}
                assert event["Properties"]["Method"] in {"GET", "POST", "PATCH", "DELETE"}


def test_preflights_allow_every_method_and_header_the_contract_has() -> None:
    assert set(API["Cors"]["AllowMethods"].strip("'").split(",")) == {"GET", "POST", "PATCH", "DELETE", "OPTIONS"}
    needed = {"Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"}
    assert set(API["Cors"]["AllowHeaders"].strip("'").split(",")) == needed
    assert API["Auth"]["AddDefaultAuthorizerToCorsPreflight"] is False


def test_the_api_has_no_stage_beside_the_one_that_is_throttled_and_logged() -> None:
    """SAM makes one named `Stage`, unless it is told which version of OpenAPI to describe the API in."""
    assert API["OpenApiVersion"] == "2.0"


def test_bodies_are_not_traced_into_the_log_and_calls_are_throttled() -> None:
    (setting,) = API["MethodSettings"]
    assert setting["DataTraceEnabled"] is False
    assert setting["ThrottlingRateLimit"] == {"Ref": "ThrottleRate"}
    assert json.loads(API["AccessLogSetting"]["Format"])


# ---------------------------------------------------------------- Live


def test_sockets_are_opened_by_a_function_that_asks_for_a_ticket() -> None:
    (api,) = resources("AWS::Serverless::WebSocketApi").values()
    assert {route: target["FunctionArn"]["Fn::GetAtt"][0] for route, target in api["Routes"].items()} == {
        "$connect": "OnConnectFunction",
        "$disconnect": "OnDisconnectFunction",
        "$default": "OnMessageFunction",
    }
    assert api["DefaultRouteSettings"]["DataTraceEnabled"] is False
    assert api["DefaultRouteSettings"]["ThrottlingRateLimit"] == {"Ref": "ThrottleRate"}
    assert "AccessLogSettings" not in api  # a format that names the query would write tickets down


def test_the_broadcast_is_called_for_commits_and_new_notices_only() -> None:
    (stream,) = streams("broadcast")
    patterns = [json.loads(each["Pattern"]) for each in stream["FilterCriteria"]["Filters"]]
    assert patterns == [
        {"dynamodb": {"Keys": {"sk": {"S": ["HEAD#COMMIT"]}}}},
        {"eventName": ["INSERT"], "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "NOTICE#"}]}}}},
    ]
    assert "MaximumBatchingWindowInSeconds" not in stream  # would delay the first message of a customer


def test_somebody_is_told_when_live_sessions_are_late_or_not_told() -> None:
    alarms = {name: alarm for name, alarm in resources("AWS::CloudWatch::Alarm").items() if "AlarmActions" in alarm}
    late = alarms["LiveLatencyAlarm"]
    assert (late["MetricName"], late["ExtendedStatistic"], late["Threshold"]) == ("LiveLatency", "p95", 5000)
    assert (
        late["Namespace"]
        == template()["Globals"]["Function"]["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"]
    )
    failed = alarms["BroadcastFailedAlarm"]
    assert failed["Dimensions"][0]["Value"] == {"Fn::GetAtt": ["BroadcastFailureQueue", "QueueName"]}
    assert (failed["Threshold"], failed["ComparisonOperator"]) == (0, "GreaterThanThreshold")
    behind = alarms["BroadcastBehindAlarm"]
    assert (behind["MetricName"], behind["Dimensions"][0]["Value"]) == ("IteratorAge", {"Ref": "BroadcastFunction"})
    assert all(alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}] for alarm in (late, failed, behind))


# ---------------------------------------------------------------- Sign-in


def test_admins_are_made_by_admins_and_sign_in_by_email() -> None:
    pool = resources("AWS::Cognito::UserPool")["UserPool"]
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert pool["UsernameAttributes"] == ["email"]
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] >= 12
    resource = template()["Resources"]["UserPool"]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_client_has_no_secret_and_passwords_only_where_allowed() -> None:
    client = resources("AWS::Cognito::UserPoolClient")["UserPoolClient"]
    assert client["GenerateSecret"] is False
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    *always, sometimes = client["ExplicitAuthFlows"]
    assert always == ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    assert sometimes == {"Fn::If": ["AllowsPasswordSignIn", "ALLOW_USER_PASSWORD_AUTH", {"Ref": "AWS::NoValue"}]}
    assert template()["Parameters"]["PasswordSignIn"]["Default"] == "false"
    (local, asked_for) = template()["Conditions"]["AllowsPasswordSignIn"]["Fn::Or"]
    assert local == {"Condition": "IsLocal"}
    assert asked_for == {"Fn::Equals": [{"Ref": "PasswordSignIn"}, "true"]}


def test_every_role_is_a_group_and_the_higher_one_takes_precedence() -> None:
    from customer360.access.policy import ROLES

    groups = resources("AWS::Cognito::UserPoolGroup").values()
    by_precedence = sorted(groups, key=lambda group: -int(group["Precedence"]))
    assert [group["GroupName"] for group in by_precedence] == list(ROLES)


# ---------------------------------------------------------------- The rest


@pytest.mark.parametrize("name", resources("AWS::S3::Bucket"))
def test_a_bucket_is_private_encrypted_and_emptied(name: str) -> None:
    bucket = resources("AWS::S3::Bucket")[name]
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["BucketEncryption"]
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert "Prefix" not in rule
    assert rule["ExpirationInDays"] in (30, {"Ref": "ExportRetentionDays"})


def test_only_what_is_to_be_imported_is_told_of() -> None:
    bucket = resources("AWS::S3::Bucket")["ImportBucket"]
    prefixes = {
        rule["Value"]
        for queue in bucket["NotificationConfiguration"]["QueueConfigurations"]
        for rule in queue["Filter"]["S3Key"]["Rules"]
    }
    assert prefixes == {"events/", "csv/"}


def test_the_stack_tells_what_the_contract_promises() -> None:
    promised = {
        "ApiUrl",
        "WebSocketUrl",
        "EventBusName",
        "ImportBucketName",
        "ExportBucketName",
        "UserPoolId",
        "UserPoolClientId",
    }
    assert promised <= template()["Outputs"].keys()


def test_every_parameter_says_what_it_is_for() -> None:
    assert all(parameter["Description"] for parameter in template()["Parameters"].values())


def test_the_second_look_at_an_erasure_outlasts_every_function() -> None:
    variables = functions()["erase_from_stores"]["Environment"]["Variables"]
    _, on_aws = variables["SECOND_LOOK_SECONDS"]["Fn::If"][1:]
    assert int(on_aws) >= max(properties.get("Timeout", 0) for properties in functions().values())


def test_a_message_of_up_to_a_hundred_customers_is_worked_on_alone() -> None:
    assert functions()["update_search_index"]["Events"]["Queue"]["Properties"]["BatchSize"] == 1
