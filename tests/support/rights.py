"""What a function did to AWS, against what its role in the template allows: the local engine is not asked."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import cache
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient

from support.template import functions, resources

Use = tuple[str, str]

# The queues that tests make, by name.
QUEUES = {
    "imports": "ImportQueue",
    "events": "IngestQueue",
    "removals": "RemovalQueue",
    "bulk": "BulkQueue",
    "exports": "ExportQueue",
    "erasures": "ErasureQueue",
    "recomputes": "RecomputeQueue",
    "projections": "ProjectionQueue",
    "broadcast-failures": "BroadcastFailureQueue",
}

# The buckets that tests make, by name.
BUCKETS = {"customer360-imports": "ImportBucket", "customer360-exports": "ExportBucket"}

# An API has no Arn to get; its stage is left out here.
CONNECTIONS = (
    r"arn:\$\{AWS::Partition\}:execute-api:\$\{AWS::Region\}:\$\{AWS::AccountId\}:"
    r"\$\{(\w+)\}/\$\{Environment\}(/(?:POST|DELETE)/@connections/\*)"
)

MAIL = r"arn:\$\{AWS::Partition\}:ses:\$\{AWS::Region\}:\$\{AWS::AccountId\}:(identity|configuration-set)(/.+)"

TRANSACTION_PARTS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


@contextmanager
def recorded() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Every call of the block to AWS: its operation and its arguments."""
    calls: list[tuple[str, dict[str, Any]]] = []
    original: Any = BaseClient._make_api_call  # type: ignore[attr-defined]  # private, so not in the stubs

    def made(client: Any, operation: str, arguments: dict[str, Any]) -> Any:
        calls.append((f"{client.meta.service_model.service_name}:{operation}", arguments))
        return original(client, operation, arguments)

    with patch.object(BaseClient, "_make_api_call", made):
        yield calls


def uses(operation: str, arguments: dict[str, Any]) -> Iterator[Use]:
    """The rights the call needs: an action, and what it is done to (tables, queues and buckets by logical id)."""
    service, name = operation.split(":")
    if service == "dynamodb":
        yield from _uses_of_dynamodb(name, arguments)
    elif service == "s3":
        yield from _uses_of_s3(name, BUCKETS[arguments["Bucket"]], arguments)
    elif service == "sqs":
        yield f"sqs:{name}", QUEUES[arguments["QueueUrl"].rsplit("/", 1)[1]]
    elif service == "secretsmanager":
        yield f"secretsmanager:{name}", arguments["SecretId"]
    elif service == "sesv2":
        yield f"ses:{name}", f"identity/{arguments['FromEmailAddress']}"
        yield f"ses:{name}", "configuration-set/${EmailConfigurationSet}"
    elif service == "events":
        yield f"events:{name}", "EventBus"
    elif service == "apigatewaymanagementapi":
        method = {"PostToConnection": "POST", "DeleteConnection": "DELETE"}[name]
        yield "execute-api:ManageConnections", f"WebSocketApi/{method}/@connections/{arguments['ConnectionId']}"
    else:
        raise AssertionError(f"say here what {operation} needs")


def _uses_of_s3(name: str, bucket: str, arguments: dict[str, Any]) -> Iterator[Use]:
    if name == "ListObjectsV2":
        yield "s3:ListBucket", bucket
    elif name == "DeleteObjects":
        yield from (("s3:DeleteObject", f"{bucket}/{each['Key']}") for each in arguments["Delete"]["Objects"])
    else:
        yield f"s3:{name}", f"{bucket}/{arguments['Key']}"


def _uses_of_dynamodb(name: str, arguments: dict[str, Any]) -> Iterator[Use]:
    if name == "TransactWriteItems":
        for item in arguments["TransactItems"]:
            ((part, details),) = item.items()
            yield f"dynamodb:{TRANSACTION_PARTS[part]}", details["TableName"]
    elif name in {"BatchGetItem", "BatchWriteItem"}:
        yield from ((f"dynamodb:{name}", table) for table in arguments["RequestItems"])
    else:
        index = f"/index/{arguments['IndexName']}" if "IndexName" in arguments else ""
        yield f"dynamodb:{name}", arguments["TableName"] + index


@cache
def rights(function: str) -> frozenset[Use]:
    """What the function's policies allow; the second of each pair may hold wildcards."""
    statements: list[dict[str, Any]] = []
    for policy in functions()[function]["Policies"]:
        if "Ref" in policy:
            statements += resources("AWS::IAM::ManagedPolicy")[policy["Ref"]]["PolicyDocument"]["Statement"]
        else:
            statements += policy["Statement"]
    return frozenset(
        (action, _name(resource))
        for statement in statements
        for action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
    )


def missing_rights(function: str, calls: list[tuple[str, dict[str, Any]]]) -> set[Use]:
    """What the calls need and the function's role does not allow."""
    needed = {use for operation, arguments in calls for use in uses(operation, arguments)}
    return {
        (action, target)
        for action, target in needed
        if not any(action == allowed and fnmatchcase(target, pattern) for allowed, pattern in rights(function))
    }


def _listed(value: Any) -> list[Any]:
    if isinstance(value, dict) and "Fn::If" in value:  # the first is for the local engine
        value = value["Fn::If"][2]
    return value if isinstance(value, list) else [value]


def _name(resource: Any) -> str:
    if "Fn::GetAtt" in resource:
        return str(resource["Fn::GetAtt"][0])
    text = resource["Fn::Sub"]
    match = re.fullmatch(r"\$\{(\w+)\.Arn\}(.*)", text) or re.fullmatch(CONNECTIONS, text) or re.fullmatch(MAIL, text)
    assert match, json.dumps(resource)
    return match[1] + match[2]
