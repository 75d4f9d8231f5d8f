"""How often an admin may take an action."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer360.actions.rate_limits import take
from customer360.errors import TooManyRequests
from support.actions import adjust
from support.builders import new_id
from support.gateway import Answer, claims_of

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("event_bus")]

Call = Callable[..., Answer]
NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, int], None]:
    def limited(per_minute: int, burst: int) -> None:
        monkeypatch.setattr("customer360.actions.rate_limits.actions_per_minute", lambda: per_minute)
        monkeypatch.setattr("customer360.actions.rate_limits.actions_burst", lambda: burst)

    return limited


def taken(admin: str, at: datetime) -> bool:
    try:
        take(admin, "adjust-points", at)
    except TooManyRequests:
        return False
    return True


def test_who_acts_too_often_is_told_when_to_go_on(
    call: Call, known_customer: str, limits: Callable[[int, int], None]
) -> None:
    limits(2, 2)
    somebody = claims_of("manager") | {"sub": new_id("admin")}
    statuses = [adjust(call, known_customer, 1, claims=somebody).status for _ in range(2)]
    refused = adjust(call, known_customer, 1, claims=somebody)
    assert (statuses, refused.status, refused.json["code"]) == ([201, 201], 429, "too_many_requests")
    assert 28 <= int(refused.headers["Retry-After"]) <= 30
    assert call("get_loyalty", customer_id=known_customer).json["pointsBalance"] == 2


def test_a_limit_is_that_of_one_admin_and_one_action(
    call: Call, known_customer: str, limits: Callable[[int, int], None]
) -> None:
    limits(1, 1)
    somebody, other = (claims_of("manager") | {"sub": new_id("admin")} for _ in range(2))
    assert adjust(call, known_customer, 1, claims=somebody).status == 201
    assert adjust(call, known_customer, 1, claims=somebody).status == 429
    assert adjust(call, known_customer, 1, claims=other).status == 201
    body = {"subject": "S", "description": "D"}
    assert call("create_ticket", customer_id=known_customer, claims=somebody, body=body).status == 201


def test_a_repeated_request_uses_nothing_up(
    call: Call, known_customer: str, limits: Callable[[int, int], None]
) -> None:
    limits(1, 1)
    somebody = claims_of("manager") | {"sub": new_id("admin")}
    answers = [adjust(call, known_customer, 1, "k1", claims=somebody) for _ in range(5)]
    assert [answer.status for answer in answers] == [201] * 5


def test_a_refused_request_may_be_repeated_under_its_key(
    call: Call, known_customer: str, limits: Callable[[int, int], None]
) -> None:
    limits(1, 1)
    somebody = claims_of("manager") | {"sub": new_id("admin")}
    adjust(call, known_customer, 1, claims=somebody)
    assert adjust(call, known_customer, 2, "k1", claims=somebody).status == 429
    limits(1, 2)
    assert adjust(call, known_customer, 2, "k1", claims=somebody).status == 201


def test_as_many_as_the_bucket_holds_get_through_at_once(engine: str) -> None:
    admin = new_id("admin")
    with ThreadPoolExecutor(20) as threads:
        done = Counter(threads.map(lambda _: taken(admin, NOW), range(100)))
    assert done == {True: 60, False: 40}


@settings(max_examples=25)
@given(gaps=st.lists(st.integers(0, 4000), max_size=40), burst=st.integers(1, 4))
def test_a_bucket_gives_what_a_bucket_would(engine: str, gaps: list[int], burst: int) -> None:
    """Against tokens counted one by one: full at first, one back a second."""
    admin, at, tokens = new_id("admin"), NOW, float(burst)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("customer360.actions.rate_limits.actions_per_minute", lambda: 60)
        patched.setattr("customer360.actions.rate_limits.actions_burst", lambda: burst)
        for milliseconds in gaps:
            at += timedelta(milliseconds=milliseconds)
            tokens = min(burst, round(tokens + milliseconds / 1000, 3))
            assert taken(admin, at) == (tokens >= 1)
            if tokens >= 1:
                tokens = round(tokens - 1, 3)


def test_tickets_e_mails_and_notes_are_limited_too(
    call: Call, known_customer: str, limits: Callable[[int, int], None], mail_service: str
) -> None:
    limits(1, 1)
    somebody = claims_of("support") | {"sub": new_id("admin")}
    ticket, email, note = {"subject": "S", "description": "D"}, {"subject": "S", "body": "B"}, {"content": "C"}
    for name, body in (("create_ticket", ticket), ("send_email", email), ("add_note", note)):
        statuses = [call(name, customer_id=known_customer, claims=somebody, body=body).status for _ in range(2)]
        assert statuses == [201, 429]
