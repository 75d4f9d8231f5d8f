"""Requests that come again after what was remembered of them is gone."""

import boto3


def forget_keys() -> None:
    """As if a day had passed, or the one who was to answer had died."""
    jobs = boto3.client("dynamodb")
    page = jobs.scan(
        TableName="JobsTable",
        FilterExpression="begins_with(pk, :pk)",
        ExpressionAttributeValues={":pk": {"S": "IDEMPOTENCY"}},
        ConsistentRead=True,
    )
    for item in page["Items"]:
        jobs.delete_item(TableName="JobsTable", Key={"pk": item["pk"], "sk": item["sk"]})
