"""How long the clients of AWS services wait."""

from collections.abc import Callable
from typing import Any

import pytest

from customer360.aws import events, secrets, sqs
from support.template import template


@pytest.mark.parametrize("client", [events, secrets, sqs], ids=lambda client: str(client.__name__))
def test_what_a_request_waits_for_gives_up_before_its_function_does(client: Callable[[], Any]) -> None:
    config = client().meta.config
    longest = config.retries["total_max_attempts"] * (config.connect_timeout + config.read_timeout)
    assert longest < template()["Globals"]["Function"]["Timeout"]
