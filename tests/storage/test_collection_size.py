"""A customer of whom nearly too much is kept is noticed while there is time."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import botocore.session
import pytest

ITEM = {"pk": {"S": "CUSTOMER#c1"}, "sk": {"S": "HEAD#COMMIT"}}


def write(low: float, high: float) -> bytes:
    """One transaction, answered with that estimate; gives what DynamoDB was asked."""
    import customer360.storage.base  # noqa: F401 - hooks into sessions made from then on

    client: Any = botocore.session.get_session().create_client("dynamodb", region_name="eu-west-1")
    estimate = {"ItemCollectionKey": {"pk": {"S": "CUSTOMER#c1"}}, "SizeEstimateRangeGB": [low, high]}
    asked: list[bytes] = []

    def answer(params: dict[str, Any], **_: Any) -> Any:
        asked.append(params["body"])
        return SimpleNamespace(status_code=200), {"ItemCollectionMetrics": {"CustomersTable": [estimate]}}

    client.meta.events.register_first("before-call.dynamodb", answer)
    client.transact_write_items(TransactItems=[{"Put": {"TableName": "CustomersTable", "Item": ITEM}}])
    return asked[0]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[dict[str, Any]]]:
    return lambda: [record.__dict__ for record in caplog.records if record.message == "large collection"]


def test_a_collection_of_8_gb_is_a_line_of_the_log_and_a_metric(lines: Callable[[], list[dict[str, Any]]]) -> None:
    assert json.loads(write(7, 8))["ReturnItemCollectionMetrics"] == "SIZE"
    (line,) = lines()
    assert line["CollectionGigabytes"] == 8
    assert line["_aws"]["CloudWatchMetrics"][0]["Metrics"] == [{"Name": "CollectionGigabytes", "Unit": "Gigabytes"}]


def test_the_line_names_nobody_and_the_runbook_finds_who_it_is(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    write(7, 8)
    (line,) = lines()
    assert "c1" not in {str(value) for value in line.values()}
    assert "CUSTOMER#c1" not in str(line)
    runbook = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text()
    assert "sha256(f'CUSTOMER#{each}'.encode()).hexdigest()[:16]" in runbook
    assert line["digest"] == sha256(b"CUSTOMER#c1").hexdigest()[:16]


@pytest.mark.parametrize("size", [(0, 1), (6, 7)])
def test_a_smaller_one_is_not(size: tuple[float, float], lines: Callable[[], list[dict[str, Any]]]) -> None:
    write(*size)
    assert not lines()
