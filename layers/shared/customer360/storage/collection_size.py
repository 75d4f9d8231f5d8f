"""Notices a customer of whom nearly too much is kept: local secondary indexes bound a collection at 10 GB.

No metric of CloudWatch tells the size, but DynamoDB estimates it with each transaction that asks, at no cost. The log
does not name the customer: an operator finds whose `digest` it is among all (docs/runbook.md).
"""

from hashlib import sha256
from typing import Any

from customer360.logs import figures, logger

NOTICED_GIGABYTES = 8


def watch(session: Any) -> None:
    """Hooks into every DynamoDB client that the session makes."""
    session.register("before-parameter-build.dynamodb.TransactWriteItems", _ask)
    session.register("after-call.dynamodb.TransactWriteItems", _look)


def _ask(params: dict[str, Any], **_: Any) -> None:
    params["ReturnItemCollectionMetrics"] = "SIZE"


def _look(parsed: dict[str, Any], **_: Any) -> None:
    for collections in parsed.get("ItemCollectionMetrics", {}).values():
        for collection in collections:
            gigabytes = float(max(collection.get("SizeEstimateRangeGB") or [0]))
            if gigabytes >= NOTICED_GIGABYTES:
                (key,) = collection["ItemCollectionKey"].values()
                size = figures({"CollectionGigabytes": (gigabytes, "Gigabytes")})
                logger.warning("large collection", extra={"digest": digest_of(key["S"]), **size})


def digest_of(pk: str) -> str:
    """What stands for a partition in the log: the first 16 digits of the SHA-256 of its key."""
    return sha256(pk.encode()).hexdigest()[:16]
