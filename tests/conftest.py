"""What all tests share: the environment `template.yaml` gives the functions, and tables on a local AWS engine."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))  # so that test modules share `support`, whoever imports this file first

from support.template import function_environment  # noqa: E402

# Before any module of ours is imported: table names are read when their models are defined.
os.environ.update(function_environment())
os.environ.update(
    AWS_REGION="eu-west-1",
    AWS_DEFAULT_REGION="eu-west-1",
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
    POWERTOOLS_TRACE_DISABLED="true",
    WEBSOCKET_URL="wss://live.example.com/test",
    POWERTOOLS_LOG_LEVEL="WARNING",
    ACTIONS_PER_MINUTE="120",
    ACTIONS_BURST="60",
    EMAIL_FROM_ADDRESS="service@example.com",
    EMAIL_CONFIGURATION_SET="customer360-email",
    SHOP_NAME="The Tea Shop",
)

settings.register_profile("ours", deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
settings.load_profile("ours")


@pytest.fixture(scope="session")
def engine() -> Iterator[str]:
    """The endpoint of a local AWS engine with the template's tables and nothing else in it."""
    from stack import engine as engines
    from stack.testing import guarded_folder
    from support.tables import create_secrets, create_tables

    with guarded_folder() as folder:
        running = engines.start(folder, engines.free_port(), folder / "engine.log")
        os.environ["AWS_ENDPOINT_URL"] = running.endpoint
        create_tables(running.endpoint)
        create_secrets(running.endpoint)
        yield running.endpoint


@pytest.fixture
def call(engine: str) -> Callable[..., Any]:
    """Calls one HTTP function as API Gateway would: `call("get_order", customer_id=…, order_id=…, role="support")`."""
    from support.gateway import call_function

    return call_function


@pytest.fixture
def lambda_context() -> SimpleNamespace:
    from support.gateway import context

    return context()
