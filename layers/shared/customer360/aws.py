"""Clients of AWS services other than DynamoDB, made once per process; only what uses one imports this."""

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

Refused = ClientError  # the service answered, and said no
NotAnswered = BotoCoreError  # nobody knows whether the call was carried out

# Posts to open sockets at once, so many at most: who waits for a connection would be waited for by all behind.
LIVE_POSTS = 32

# For what somebody waits for: it has failed before their function's time is over, and is done later or asked for again.
_PROMPT = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})
# For files, which only workers read and write.
_PATIENT = Config(connect_timeout=3, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 5})


@cache
def s3() -> "S3Client":
    """Its links name the region: those to the endpoint of all regions only redirect there, and are refused."""
    config = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
    return boto3.client("s3", config=_PATIENT.merge(config))


@cache
def sqs() -> "SQSClient":
    return boto3.client("sqs", config=_PROMPT)


@cache
def events() -> "EventBridgeClient":
    return boto3.client("events", config=_PROMPT)


@cache
def secrets() -> Any:
    return boto3.client("secretsmanager", config=_PROMPT)


@cache
def mail() -> Any:
    """Hands e-mails over, each once: a call without an answer is not repeated, for the e-mail may be out."""
    config = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1})
    return boto3.client("sesv2", config=config)


@cache
def live() -> "ApiGatewayManagementApiClient":
    """Posts to open sockets. A slow one must not hold up the others: it gives up soon, and who calls decides what then.

    Where the gateway answers is a variable botocore itself reads.
    """
    config = Config(
        connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1}, max_pool_connections=LIVE_POSTS
    )
    return boto3.client("apigatewaymanagementapi", config=config)
