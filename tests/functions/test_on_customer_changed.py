"""The follower of the stream: scores and segments are kept up to date, and told of once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from customer360.errors import Contended
from customer360.scores.rescoring import rescore
from support.builders import customer, instant, new_id, order, session
from support.collection import collection, version
from support.faults import cancelled, no_answer, refused, watch
from support.gateway import Answer
from support.makers import a_note, a_tag, give_tag
from support.rights import recorded
from support.scores import (
    FOLLOWER,
    a_buyer,
    follow,
    messages,
    notices_of,
    record_of,
    sent,
    tell,
    trouble,
    waiting,
    work,
)

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("recompute_queue", "event_bus")]

Call = Callable[..., Answer]
Invoke = Callable[..., Any]
TakeIn = Callable[..., list[str]]


def scores(call: Call, customer_id: str) -> tuple[Any, Any]:
    page = call("get_customer_360", customer_id=customer_id).json
    return page["healthScore"], page["churnRisk"]


def told(call: Call, customer_id: str) -> list[str]:
    events = call("list_timeline_events", customer_id=customer_id, query={"type": "score"}).json["events"]
    return [event["title"] for event in events]


def rescorings(invoke: Invoke, *records: dict[str, Any]) -> int:
    """How often the follower of these looks at what scores are worked out from."""
    with recorded() as calls:
        invoke(FOLLOWER, {"Records": records})
    return sum(name == "dynamodb:Query" and "SIGNALS#" in str(arguments) for name, arguments in calls)


def test_a_changed_customer_has_the_same_scores_kept_as_the_page_already_showed(
    call: Call, invoke: Invoke, take_in: TakeIn
) -> None:
    customer_id = new_id()
    take_in(customer(customer_id), order(customer_id))
    before = scores(call, customer_id)
    follow(invoke, customer_id)
    assert scores(call, customer_id) == before
    assert "HEAD#SCORES" in collection(customer_id)


def test_the_page_of_a_scored_customer_takes_one_query(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    customer_id = a_buyer(take_in, invoke)
    with recorded() as calls:
        call("get_customer_360", customer_id=customer_id)
    assert [name for name, _ in calls].count("dynamodb:Query") == 1


def test_a_record_that_comes_again_changes_nothing(invoke: Invoke, take_in: TakeIn) -> None:
    customer_id = a_buyer(take_in, invoke)
    before = collection(customer_id)
    follow(invoke, customer_id)
    assert collection(customer_id) == before


def test_the_commit_of_the_scores_is_followed_by_no_other(invoke: Invoke, take_in: TakeIn) -> None:
    customer_id = a_buyer(take_in, invoke)
    assert not rescorings(invoke, record_of(customer_id))


def test_what_cannot_move_a_score_is_not_followed(invoke: Invoke, take_in: TakeIn) -> None:
    customer_id = a_buyer(take_in, invoke)
    a_note(customer_id)
    assert not rescorings(invoke, record_of(customer_id))


def test_a_claim_is_no_change(invoke: Invoke, take_in: TakeIn) -> None:
    customer_id = new_id()
    take_in(customer(customer_id), order(customer_id))
    commit = collection(customer_id)["HEAD#COMMIT"] | {"pk": {"S": f"CUSTOMER#{customer_id}"}}
    assert not rescorings(invoke, record_of(customer_id, old=commit))


def test_a_change_that_leads_to_the_same_scores_moves_no_version(invoke: Invoke, take_in: TakeIn, call: Call) -> None:
    customer_id = a_buyer(take_in, invoke)
    give_tag(customer_id, a_tag())
    before = version(collection(customer_id))
    follow(invoke, customer_id)
    assert version(collection(customer_id)) == before


def test_a_session_that_changes_nothing_leaves_the_page_at_one_query(
    call: Call, invoke: Invoke, take_in: TakeIn
) -> None:
    customer_id = a_buyer(take_in, invoke)
    take_in(session(customer_id, startedAt=instant(-400), endedAt=instant(-399.9)))
    follow(invoke, customer_id)
    with recorded() as calls:
        call("get_customer_360", customer_id=customer_id)
    assert [name for name, _ in calls].count("dynamodb:Query") == 1


def test_several_commits_of_one_customer_are_followed_once(invoke: Invoke, take_in: TakeIn) -> None:
    customer_id = new_id()
    take_in(customer(customer_id))
    first = record_of(customer_id)
    take_in(order(customer_id))
    assert rescorings(invoke, first, record_of(customer_id)) == 1


def test_a_level_that_changed_is_one_entry_and_one_message(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    customer_id = a_buyer(take_in, invoke)
    entries = told(call, customer_id)
    take_in(*trouble(customer_id))
    record = record_of(customer_id)
    for _ in range(2):
        invoke(FOLLOWER, {"Records": [record]})
    health, _ = scores(call, customer_id)
    assert told(call, customer_id) == [f"Health fell to {health['score']}", *entries]
    (message,) = tell(invoke, customer_id)
    assert message["type"] == "health-changed"
    assert message["customerId"] == customer_id
    assert message["health"]["after"] == {"score": float(health["score"]), "level": health["level"]}
    assert not notices_of(customer_id)


def test_a_change_of_churn_level_says_so(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    customer_id = new_id()
    now = datetime.now(UTC)
    days = [(now - timedelta(days=back)).isoformat() for back in (3, 13, 23, 33)]
    take_in(customer(customer_id))
    take_in(*(order(customer_id, f"o{at:.10}", placedAt=at) for at in days))
    follow(invoke, customer_id)
    assert scores(call, customer_id)[1]["level"] == "low"
    tell(invoke, customer_id)
    take_in(*(order(customer_id, f"o{at:.10}", placedAt=at, status="cancelled", updatedAt=instant(9)) for at in days))
    follow(invoke, customer_id)
    assert told(call, customer_id)[0] == "Churn risk rose to medium"
    (message,) = tell(invoke, customer_id)
    assert (message["type"], message["churn"]["before"]["level"]) == ("churn-level-changed", "low")
    assert "Ada" not in str(message)


def test_a_follower_that_dies_after_its_commit_tells_once(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer_id = a_buyer(take_in, invoke)
    take_in(*trouble(customer_id))
    entries, record = len(told(call, customer_id)), record_of(customer_id)
    watch(monkeypatch).fail("TransactWriteItems", no_answer(), about=customer_id, late=True)
    invoke(FOLLOWER, {"Records": [record]})
    invoke(FOLLOWER, {"Records": [record]})
    assert len(told(call, customer_id)) == entries + 1
    assert len(notices_of(customer_id)) == 1 + (entries > 0)


def notice_of(take_in: TakeIn, invoke: Invoke) -> tuple[str, list[dict[str, Any]]]:
    """A customer with one notice to be told, and the stream's record of it."""
    customer_id = a_buyer(take_in, invoke)
    tell(invoke, customer_id)
    take_in(*trouble(customer_id))
    follow(invoke, customer_id)
    (key,) = notices_of(customer_id)
    return customer_id, [record_of(customer_id, key)]


def test_a_notice_that_comes_twice_is_told_once(invoke: Invoke, take_in: TakeIn) -> None:
    _, records = notice_of(take_in, invoke)
    with recorded() as calls:
        invoke(FOLLOWER, {"Records": records})
        invoke(FOLLOWER, {"Records": records})
    assert len(messages(calls)) == 1


def test_a_notice_the_bus_refuses_is_told_later(
    invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch, recompute_queue: str
) -> None:
    customer_id, records = notice_of(take_in, invoke)
    waiting(recompute_queue)
    refusal = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}
    with monkeypatch.context() as patched:
        calls = watch(patched)
        for _ in range(3):
            calls.answer("PutEvents", lambda _: refusal)
        invoke(FOLLOWER, {"Records": records})
    assert notices_of(customer_id)
    (aside,) = waiting(recompute_queue)
    assert aside["error"] == "NotTaken"
    with recorded() as later:
        assert not work(invoke, aside)
    assert len(messages(later)) == 1
    assert not notices_of(customer_id)


def test_a_notice_of_which_nobody_knows_whether_it_was_told_is_not_told_again(
    invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch, recompute_queue: str
) -> None:
    customer_id, records = notice_of(take_in, invoke)
    waiting(recompute_queue)
    faults = watch(monkeypatch)
    faults.fail("DeleteItem", refused("InternalServerError", "DeleteItem"), times=3, about="NOTICE")
    with recorded() as calls:
        invoke(FOLLOWER, {"Records": records})
        monkeypatch.setattr("customer360.scores.notices.CLAIM", timedelta())
        work(invoke, *waiting(recompute_queue))
    assert len(messages(calls)) == 1
    assert notices_of(customer_id)  # kept, for a person to decide


def test_one_record_that_cannot_be_followed_holds_up_no_other(
    invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch, recompute_queue: str
) -> None:
    poison, sound = new_id(), new_id()
    take_in(customer(poison), customer(sound))
    waiting(recompute_queue)
    faults = watch(monkeypatch)
    faults.fail("TransactWriteItems", refused("ValidationException"), times=3, about=poison)
    follow(invoke, poison, sound)
    assert "HEAD#SCORES" in collection(sound)
    assert "HEAD#SCORES" not in collection(poison)
    (aside,) = waiting(recompute_queue)
    assert aside["records"][0]["keys"]["pk"] == f"CUSTOMER#{poison}"
    work(invoke, aside)
    assert "HEAD#SCORES" in collection(poison)


def test_of_many_in_a_message_one_that_fails_goes_on_alone(
    invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch, recompute_queue: str
) -> None:
    poison, *others = sorted(new_id() for _ in range(3))
    take_in(*map(customer, (poison, *others)))
    waiting(recompute_queue)
    message = {"records": [{"keys": {"pk": f"CUSTOMER#{each}"}} for each in (poison, *others)], "isNews": False}
    with monkeypatch.context() as patch:
        watch(patch).fail("TransactWriteItems", refused("ValidationException"), times=10, about=poison)
        work(invoke, message)
    assert ["HEAD#SCORES" in collection(each) for each in (poison, *others)] == [False, True, True]
    (alone,) = waiting(recompute_queue)
    assert alone == {"records": [{"keys": {"pk": f"CUSTOMER#{poison}", "sk": "HEAD#COMMIT"}}], "isNews": False}
    work(invoke, alone)
    assert "HEAD#SCORES" in collection(poison)


def test_of_many_in_a_message_those_there_is_no_time_for_go_on_alone(
    invoke: Invoke, take_in: TakeIn, recompute_queue: str
) -> None:
    customers = [new_id(), new_id()]
    take_in(*map(customer, customers))
    waiting(recompute_queue)
    message = {"records": [{"keys": {"pk": f"CUSTOMER#{each}"}} for each in customers]}
    work(invoke, message, milliseconds=60_000)
    work(invoke, *waiting(recompute_queue), milliseconds=60_000)
    assert all("HEAD#SCORES" in collection(each) for each in customers)


def test_what_there_is_no_time_for_is_set_aside_and_comes_again(
    invoke: Invoke, take_in: TakeIn, recompute_queue: str
) -> None:
    customer_id = new_id()
    take_in(customer(customer_id))
    waiting(recompute_queue)
    invoke(FOLLOWER, {"Records": [record_of(customer_id)]}, milliseconds=60_000)
    assert "HEAD#SCORES" not in collection(customer_id)
    (aside,) = waiting(recompute_queue)
    assert aside["error"] == "OutOfTime"
    work(invoke, aside)
    assert "HEAD#SCORES" in collection(customer_id)


def test_a_race_is_not_gone_on_with_after_the_deadline(take_in: TakeIn, monkeypatch: pytest.MonkeyPatch) -> None:
    customer_id = new_id()
    take_in(customer(customer_id))
    calls = watch(monkeypatch)
    calls.fail("TransactWriteItems", cancelled("TransactionConflict"), times=1000)
    with pytest.raises(Contended):
        rescore(customer_id, datetime.now(UTC), [], deadline=0)
    assert calls.made["TransactWriteItems"] == 1


def test_somebody_who_is_gone_is_passed_over(invoke: Invoke) -> None:
    assert work(invoke, {"records": [{"keys": {"pk": f"CUSTOMER#{new_id()}"}}]}) == []


def imported(customer_id: str, at: str) -> None:
    """Three urgent tickets of a file."""
    from customer360.ingestion.intake import take_in as take_in_from

    for number, event in enumerate(trouble(customer_id, createdAt=at, updatedAt=at)):
        take_in_from(event["type"], event, via=f"file#{number}")


def test_what_an_import_brings_of_long_ago_is_followed_later_once_and_told_to_nobody(
    call: Call, invoke: Invoke, take_in: TakeIn
) -> None:
    customer_id = a_buyer(take_in, invoke)
    tell(invoke, customer_id)
    entries = told(call, customer_id)
    imported(customer_id, (datetime.now(UTC) - timedelta(days=3)).isoformat())
    before, shown = version(collection(customer_id)), scores(call, customer_id)[0]["score"]
    with recorded() as calls:
        follow(invoke, customer_id)
        follow(invoke, customer_id)
    assert version(collection(customer_id)) == before
    (later,) = [arguments for name, arguments in calls if name == "sqs:SendMessage"]
    assert later["DelaySeconds"] == 30
    work(invoke, *sent(calls))
    assert scores(call, customer_id)[0]["score"] == shown < 70
    assert version(collection(customer_id)) == before + 1
    assert told(call, customer_id) == entries
    assert not notices_of(customer_id)


def test_history_that_comes_after_the_later_look_is_looked_at_again(
    invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer_id = a_buyer(take_in, invoke)
    imported(customer_id, (datetime.now(UTC) - timedelta(days=3)).isoformat())
    monkeypatch.setattr("customer360.storage.later.DELAY", timedelta(seconds=5))  # the margin takes it all
    with recorded() as calls:
        follow(invoke, customer_id)
        follow(invoke, customer_id)
    assert len(sent(calls)) == 2


def test_what_an_import_brings_of_yesterday_is_followed_and_told_at_once(
    call: Call, invoke: Invoke, take_in: TakeIn
) -> None:
    customer_id = a_buyer(take_in, invoke)
    tell(invoke, customer_id)
    entries = len(told(call, customer_id))
    imported(customer_id, (datetime.now(UTC) - timedelta(days=1)).isoformat())
    follow(invoke, customer_id)
    assert len(told(call, customer_id)) == entries + 1
    assert len(notices_of(customer_id)) == 1
