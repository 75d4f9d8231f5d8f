"""One deployed stack for all end-to-end tests."""

from collections.abc import Iterator

import httpx
import pytest

from e2e.shop import Shop
from stack.testing import running_stack


@pytest.fixture(scope="session")
def shop() -> Iterator[Shop]:
    with running_stack() as stack, httpx.Client(timeout=60) as http:
        yield Shop(stack, http)
