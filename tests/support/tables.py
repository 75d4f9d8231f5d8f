"""The template's tables, created by their definition."""

from typing import Any

import boto3

from support.template import resources

CREATED = ("AttributeDefinitions", "KeySchema", "LocalSecondaryIndexes", "GlobalSecondaryIndexes", "BillingMode")


def create_tables(endpoint: str) -> None:
    client: Any = boto3.client("dynamodb", endpoint_url=endpoint)
    for name, properties in resources("AWS::DynamoDB::Table").items():
        client.create_table(TableName=name, **{key: properties[key] for key in CREATED if key in properties})
