"""The template's tables, created by their definition."""

import json
from typing import Any

import boto3

from support.template import resources

CREATED = ("AttributeDefinitions", "KeySchema", "LocalSecondaryIndexes", "GlobalSecondaryIndexes", "BillingMode")


def create_tables(endpoint: str) -> None:
    client: Any = boto3.client("dynamodb", endpoint_url=endpoint)
    for name, properties in resources("AWS::DynamoDB::Table").items():
        client.create_table(TableName=name, **{key: properties[key] for key in CREATED if key in properties})


def create_secrets(endpoint: str) -> None:
    client: Any = boto3.client("secretsmanager", endpoint_url=endpoint)
    for name in resources("AWS::SecretsManager::Secret"):
        client.create_secret(Name=name, SecretString=f"the tests' {name}")


def empty_table(name: str) -> None:
    """As it was when it was created."""
    client: Any = boto3.client("dynamodb")
    client.delete_table(TableName=name)
    properties = resources("AWS::DynamoDB::Table")[name]
    client.create_table(TableName=name, **{key: properties[key] for key in CREATED if key in properties})


def everything_kept() -> str:
    """All items of all tables, as one text to look for something in."""
    scan = boto3.client("dynamodb").get_paginator("scan")
    items = [page["Items"] for name in resources("AWS::DynamoDB::Table") for page in scan.paginate(TableName=name)]
    return json.dumps(items, ensure_ascii=False, default=str)
