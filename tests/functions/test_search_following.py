"""The search follows the stream: whoever changes can be found by what they are now, whatever goes wrong."""

import os
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer360.errors import Contended
from customer360.search.checking import by_customer, differences, remove_strays
from customer360.search.index import shard_of
from customer360.search.projecting import project
from customer360.search.row import Row
from customer360.search.row import terms_of as row_terms
from customer360.search.table import DirectoryItem, SearchItem
from support.builders import account, customer, instant, new_id, order, session
from support.collection import dynamodb
from support.faults import cancelled, refused, watch
from support.finding import found_by, ids, new_word, search
from support.gateway import Answer, sqs_event
from support.makers import a_note, a_tag, give_tag
from support.rights import recorded
from support.scores import FOLLOWER, follow, record_of, waiting
from support.tables import empty_table

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("recompute_queue", "event_bus")]

Call = Callable[..., Answer]
Invoke = Callable[..., Any]
TakeIn = Callable[..., list[str]]

OWN_TABLES = ("DirectoryTable", "SearchTable")


@pytest.fixture
def projection_queue(recompute_queue: str) -> str:
    waiting(os.environ["PROJECTION_QUEUE_URL"])
    return os.environ["PROJECTION_QUEUE_URL"]


@pytest.fixture
def shopper(invoke: Invoke, take_in: TakeIn) -> tuple[str, str]:
    """The id of somebody who can be found, and their name."""
    customer_id, name = new_id(), new_word()
    take_in(customer(customer_id, name=name, email=f"{name}@example.com", updatedAt=instant(1)))
    follow(invoke, customer_id)
    return customer_id, name


def writes(calls: list[tuple[str, dict[str, Any]]]) -> list[str]:
    """The writes to the two tables of the search."""
    return [
        name for name, arguments in calls if any(table in str(arguments) for table in OWN_TABLES) and "Write" in name
    ]


def terms_of(customer_id: str) -> set[tuple[str, str]]:
    return {(item.pk, item.sk) for item in SearchItem.scan() if item.sk.endswith(f"#{customer_id}")}


def test_a_new_customer_is_found_with_their_scores(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    customer_id, name = new_id(), new_word()
    take_in(customer(customer_id, name=name), order(customer_id, number=f"{name} 1"))
    assert found_by(call, name) == []
    follow(invoke, customer_id)
    (row,) = search(call, {"q": name})
    page = call("get_customer_360", customer_id=customer_id).json
    assert (row["healthScore"], row["churnScore"]) == (page["healthScore"]["score"], page["churnRisk"]["score"])
    assert found_by(call, f"{name} 1") == [customer_id]


def test_who_changes_their_name_and_address_is_found_by_the_new_ones(
    call: Call, invoke: Invoke, take_in: TakeIn, shopper: tuple[str, str]
) -> None:
    customer_id, name = shopper
    new_name = new_word()
    take_in(customer(customer_id, name=new_name, email=f"{new_name}@example.com", updatedAt=instant(2)))
    follow(invoke, customer_id)
    assert [row.get("match") for row in search(call, {"q": new_name})] == [None]
    assert [row.get("match") for row in search(call, {"q": name})] == ["former"]
    assert found_by(call, name, "viewer") == []


def test_an_address_of_long_ago_that_is_told_late_is_found_too(
    call: Call, invoke: Invoke, take_in: TakeIn, shopper: tuple[str, str]
) -> None:
    customer_id, _ = shopper
    former = new_word()
    take_in(customer(customer_id, email=f"{former}@example.com", phone="+49 30 901820", updatedAt=instant(-5)))
    follow(invoke, customer_id)
    assert [row.get("match") for row in search(call, {"q": former})] == ["former"]


def test_an_order_whose_number_changed_is_found_by_the_new_one_only(
    call: Call, take_in: TakeIn, shopper: tuple[str, str]
) -> None:
    customer_id, _ = shopper
    number, new_number = new_word(), new_word()
    take_in(order(customer_id, number=number, updatedAt=instant(1)))
    assert found_by(call, number) == [customer_id]
    take_in(order(customer_id, number=new_number, updatedAt=instant(2)))
    assert (found_by(call, number), found_by(call, new_number)) == ([], [customer_id])


def test_a_record_that_comes_again_writes_nothing(invoke: Invoke, shopper: tuple[str, str]) -> None:
    with recorded() as calls:
        follow(invoke, shopper[0])
    assert writes(calls) == []


def test_what_no_list_shows_is_not_looked_at(invoke: Invoke, shopper: tuple[str, str]) -> None:
    a_note(shopper[0])
    with recorded() as calls:
        invoke(FOLLOWER, {"Records": [record_of(shopper[0])]})
    assert not [name for name, arguments in calls if "DirectoryTable" in str(arguments)]


def test_a_change_that_leaves_the_row_as_it_is_writes_its_version_only(
    invoke: Invoke, take_in: TakeIn, shopper: tuple[str, str]
) -> None:
    before = DirectoryItem.find(shard_of(shopper[0]), shopper[0])
    take_in(customer(shopper[0], name=shopper[1], email=f"{shopper[1]}@example.com", updatedAt=instant(3)))
    follow(invoke, shopper[0])
    after = DirectoryItem.find(shard_of(shopper[0]), shopper[0])
    assert before
    assert after
    assert (after.row, after.version > before.version) == (before.row, True)


def test_who_is_gone_is_found_no_more_and_leaves_nothing(call: Call, invoke: Invoke, shopper: tuple[str, str]) -> None:
    customer_id, name = shopper
    record = record_of(customer_id)
    record["eventName"], record["dynamodb"]["OldImage"] = "REMOVE", record["dynamodb"].pop("NewImage")
    erase(customer_id)
    invoke(FOLLOWER, {"Records": [record]})
    assert found_by(call, name) == []
    assert DirectoryItem.find(shard_of(customer_id), customer_id) is None
    assert terms_of(customer_id) == set()


def erase(customer_id: str) -> None:
    pk = {"S": f"CUSTOMER#{customer_id}"}
    found = dynamodb().query(
        TableName="CustomersTable", KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": pk}
    )
    for item in found["Items"]:
        dynamodb().delete_item(TableName="CustomersTable", Key={"pk": pk, "sk": item["sk"]})


@pytest.mark.parametrize("changes_terms", [False, True])
def test_whoever_is_slower_does_not_undo_what_came_meanwhile(
    call: Call, take_in: TakeIn, shopper: tuple[str, str], monkeypatch: pytest.MonkeyPatch, changes_terms: bool
) -> None:
    """One follower has read the customer; before it writes, another has followed two further changes."""
    customer_id, name = shopper
    tag_id, new_name, now = a_tag(), new_word(), datetime.now(UTC)
    faults = watch(monkeypatch)

    def meanwhile() -> None:
        take_in(customer(customer_id, name="Somebody else", email=f"{name}@example.com", updatedAt=instant(3)))
        project(customer_id, now)
        take_in(customer(customer_id, name=new_name, email=f"{name}@example.com", updatedAt=instant(4)))
        project(customer_id, now)

    give_tag(customer_id, tag_id)
    if changes_terms:
        take_in(customer(customer_id, name="Not for long", email=f"{name}@example.com", updatedAt=instant(2)))
    faults.before("TransactWriteItems" if changes_terms else "PutItem", meanwhile, about="DirectoryTable")
    project(customer_id, now)
    assert ids(call, {"tag": tag_id}) == [customer_id]
    assert (found_by(call, name, "viewer"), found_by(call, new_name, "viewer")) == ([], [customer_id])
    assert differences(customer_id, now) == []


@pytest.mark.parametrize(("operation", "after"), [*(("TransactWriteItems", n) for n in range(4)), ("UpdateItem", 0)])
def test_a_name_of_very_many_words_is_found_by_each_wherever_it_was_interrupted(
    call: Call, take_in: TakeIn, shopper: tuple[str, str], monkeypatch: pytest.MonkeyPatch, operation: str, after: int
) -> None:
    customer_id, name = shopper
    words = many_words()
    now = datetime.now(UTC)
    take_in(customer(customer_id, name=" ".join(words), updatedAt=instant(2)))
    with monkeypatch.context() as patch:
        watch(patch).fail(operation, refused("InternalServerError"), skip=after, about="DirectoryTable")
        with pytest.raises(Exception, match=r"Failed to (write|update)"):
            project(customer_id, now)
    assert found_by(call, name, "viewer") in ([], [customer_id])
    project(customer_id, now)
    for word in (words[0], words[-1]):
        assert found_by(call, word) == [customer_id]
    assert found_by(call, name, "viewer") == []
    assert differences(customer_id, now) == []
    remove_strays_of(customer_id)
    assert len(terms_of(customer_id)) == len(row_terms(kept_row(customer_id)))
    assert differences(customer_id, now) == []


def many_words() -> list[str]:
    """As a name, more terms than two transactions take."""
    return [new_word()[:8] for _ in range(30)]


def remove_strays_of(customer_id: str) -> None:
    remove_strays(customer_id, by_customer(SearchItem.scan()).get(customer_id, []))


def test_who_removes_terms_of_nobody_takes_none_of_a_name_that_is_being_written(
    call: Call, take_in: TakeIn, shopper: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator goes over the terms just before each part of them is written."""
    customer_id, _ = shopper
    words, now = many_words(), datetime.now(UTC)
    take_in(customer(customer_id, name=" ".join(words), updatedAt=instant(2)))
    faults = watch(monkeypatch)
    for _ in range(3):
        faults.before("TransactWriteItems", lambda: remove_strays_of(customer_id), about="'Put'")
    project(customer_id, now)
    assert differences(customer_id, now) == []
    assert [found_by(call, word) for word in (words[0], words[-1])] == [[customer_id]] * 2


def test_terms_a_crash_has_left_out_are_put_by_the_next_change_whatever_it_changes(
    call: Call, take_in: TakeIn, shopper: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    customer_id, _ = shopper
    words, now = many_words(), datetime.now(UTC)
    take_in(customer(customer_id, name=" ".join(words), updatedAt=instant(2)))
    with monkeypatch.context() as patch:
        watch(patch).fail("TransactWriteItems", refused("InternalServerError"), skip=1, about="SearchTable")
        with pytest.raises(Exception, match="Failed to write"):
            project(customer_id, now)
    take_in(customer(customer_id, name=" ".join(words), updatedAt=instant(3)))
    project(customer_id, now)
    assert differences(customer_id, now) == []
    assert [found_by(call, word) for word in (words[0], words[-1])] == [[customer_id]] * 2


def kept_row(customer_id: str) -> Row:
    item = DirectoryItem.find(shard_of(customer_id), customer_id)
    assert item
    return Row.from_json(item.row)


def test_what_fails_is_set_aside_in_its_own_queue_and_comes_again(
    call: Call, invoke: Invoke, take_in: TakeIn, projection_queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer_id, name = new_id(), new_word()
    take_in(customer(customer_id, name=name))
    with monkeypatch.context() as patch:
        error = refused("AccessDeniedException")
        watch(patch).fail("TransactWriteItems", error, times=10, about="DirectoryTable")
        follow(invoke, customer_id)
    assert found_by(call, name) == []
    (failure,) = waiting(projection_queue)
    recomputes = waiting(boto3.client("sqs").get_queue_url(QueueName="recomputes")["QueueUrl"])
    assert not [message for message in recomputes if customer_id in str(message)]
    assert name not in str(failure)
    assert invoke("update_search_index", sqs_event(failure)) == {"batchItemFailures": []}
    assert found_by(call, name) == [customer_id]


def test_what_there_is_no_time_for_is_set_aside_and_comes_again(
    call: Call, invoke: Invoke, take_in: TakeIn, projection_queue: str, recompute_queue: str
) -> None:
    customer_id, name = new_id(), new_word()
    take_in(customer(customer_id, name=name))
    invoke(FOLLOWER, {"Records": [record_of(customer_id)]}, milliseconds=20_000)
    waiting(recompute_queue)
    assert found_by(call, name) == []
    (failure,) = waiting(projection_queue)
    assert failure["error"] == "OutOfTime"
    assert invoke("update_search_index", sqs_event(failure)) == {"batchItemFailures": []}
    assert found_by(call, name) == [customer_id]


def test_the_search_has_time_left_where_the_scores_took_theirs(
    call: Call, invoke: Invoke, take_in: TakeIn, projection_queue: str, recompute_queue: str
) -> None:
    customer_id, name = new_id(), new_word()
    take_in(customer(customer_id, name=name))
    invoke(FOLLOWER, {"Records": [record_of(customer_id)]}, milliseconds=60_000)
    assert waiting(recompute_queue)
    assert found_by(call, name) == [customer_id]
    assert waiting(projection_queue) == []


def test_a_race_is_not_gone_on_with_after_the_deadline(take_in: TakeIn, monkeypatch: pytest.MonkeyPatch) -> None:
    customer_id = new_id()
    take_in(customer(customer_id))
    calls = watch(monkeypatch)
    calls.fail("TransactWriteItems", cancelled("TransactionConflict"), times=1000)
    with pytest.raises(Contended):
        project(customer_id, datetime.now(UTC), deadline=0)
    assert calls.made["TransactWriteItems"] == 1


def test_the_search_goes_on_where_the_scores_fail(
    call: Call, invoke: Invoke, take_in: TakeIn, projection_queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer_id, name = new_id(), new_word()
    take_in(customer(customer_id, name=name))
    with monkeypatch.context() as patch:
        error = refused("AccessDeniedException")
        watch(patch).fail("TransactWriteItems", error, times=10, about="HEAD#SCORES")
        follow(invoke, customer_id)
    assert found_by(call, name) == [customer_id]
    assert waiting(projection_queue) == []


def test_a_message_that_fails_again_is_given_back(
    invoke: Invoke, shopper: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    event = sqs_event({"records": [{"keys": {"pk": f"CUSTOMER#{shopper[0]}", "sk": "HEAD#COMMIT"}}]})
    watch(monkeypatch).fail("GetItem", refused("AccessDeniedException", "GetItem"), about="DirectoryTable")
    failed = invoke("update_search_index", event)["batchItemFailures"]
    assert failed == [{"itemIdentifier": event["Records"][0]["messageId"]}]


def a_message_of(*customer_ids: str) -> dict[str, Any]:
    return sqs_event({"records": [{"keys": {"pk": f"CUSTOMER#{each}"}} for each in customer_ids], "isNews": False})


def test_of_many_in_a_message_one_that_fails_goes_on_alone(
    call: Call, invoke: Invoke, take_in: TakeIn, projection_queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison, *others = sorted(new_id() for _ in range(3))
    names = {each: new_word() for each in (poison, *others)}
    take_in(*(customer(each, name=name) for each, name in names.items()))
    with monkeypatch.context() as patch:
        watch(patch).fail("TransactWriteItems", refused("AccessDeniedException"), times=10, about=poison)
        assert invoke("update_search_index", a_message_of(poison, *others)) == {"batchItemFailures": []}
        assert [found_by(call, names[each]) for each in others] == [[each] for each in others]
        (alone,) = waiting(projection_queue)
        assert alone["records"] == [{"keys": {"pk": f"CUSTOMER#{poison}"}}]
        assert len(invoke("update_search_index", sqs_event(alone))["batchItemFailures"]) == 1
    assert waiting(projection_queue) == []
    assert invoke("update_search_index", sqs_event(alone)) == {"batchItemFailures": []}
    assert found_by(call, names[poison]) == [poison]


def test_of_many_in_a_message_those_there_is_no_time_for_go_on_alone(
    call: Call, invoke: Invoke, take_in: TakeIn, projection_queue: str
) -> None:
    names = {new_id(): new_word() for _ in range(2)}
    take_in(*(customer(each, name=name) for each, name in names.items()))
    late = invoke("update_search_index", a_message_of(*names), milliseconds=20_000)
    assert late == {"batchItemFailures": []}
    for alone in waiting(projection_queue):
        assert invoke("update_search_index", sqs_event(alone), milliseconds=20_000) == {"batchItemFailures": []}
    assert [found_by(call, name) for name in names.values()] == [[each] for each in names]


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32))
def test_whatever_happens_in_whatever_order_everybody_is_found_by_what_they_are(
    invoke: Invoke, take_in: TakeIn, seed: int
) -> None:
    random_, customer_id = random.Random(seed), new_id()
    take_in(customer(customer_id, updatedAt=instant(-9)))
    records = [record_of(customer_id)]
    for _ in range(8):
        event = random_.choice([_profile, _order, _account, _session])(customer_id, random_)
        take_in(event)
        records.append(record_of(customer_id))
        if random_.random() < 0.5:
            random_.shuffle(records)
            invoke(FOLLOWER, {"Records": records[: random_.randrange(len(records) + 1)]})
    records.append(record_of(customer_id))
    random_.shuffle(records)
    invoke(FOLLOWER, {"Records": records})
    assert differences(customer_id, datetime.now(UTC)) == []


def _profile(customer_id: str, random_: random.Random) -> dict[str, Any]:
    name = random_.choice(["Ada", "Zoë Lee", "Ann Lovelace"])
    email = random_.choice(["a@example.com", "b@example.com", "c@example.com"])
    return customer(customer_id, name=name, email=email, updatedAt=instant(random_.uniform(-5, 5)))


def _order(customer_id: str, random_: random.Random) -> dict[str, Any]:
    status = random_.choice(["completed", "cancelled"])
    return order(customer_id, random_.choice("ab"), status=status, updatedAt=instant(random_.uniform(-5, 5)))


def _account(customer_id: str, random_: random.Random) -> dict[str, Any]:
    return account(customer_id, tier=random_.choice(["gold", "silver"]), updatedAt=instant(random_.uniform(-5, 5)))


def _session(customer_id: str, random_: random.Random) -> dict[str, Any]:
    return session(customer_id, new_id("s"))


def test_the_check_names_what_differs_and_a_rebuild_makes_it_right(
    call: Call, take_in: TakeIn, shopper: tuple[str, str]
) -> None:
    customer_id, name = shopper
    now = datetime.now(UTC)
    assert differences(customer_id, now) == []
    for item in list(SearchItem.scan()):
        if item.sk.endswith(f"#{customer_id}") and item.pk.startswith("NAME#"):
            item.delete()
    assert differences(customer_id, now) == ["1 terms missing"]
    take_in(customer(customer_id, name="Another", email=f"{name}@example.com", updatedAt=instant(8)))
    assert "name" in differences(customer_id, now)
    project(customer_id, now, anew=True)
    assert differences(customer_id, now) == []
    empty_table("SearchTable")
    empty_table("DirectoryTable")
    assert differences(customer_id, now) == ["no row"]
    project(customer_id, now, anew=True)
    assert differences(customer_id, now) == []
    assert found_by(call, name) == [customer_id]


def test_a_phone_with_a_zero_for_home_is_found_from_abroad_once_a_row_of_before_is_repaired(
    call: Call, take_in: TakeIn
) -> None:
    customer_id, now = new_id(), datetime.now(UTC)
    take_in(customer(customer_id, phone="+49 (0)30 5544 3377", updatedAt=instant(1)))
    project(customer_id, now)
    (from_abroad,) = (
        item
        for item in SearchItem.scan()
        if item.sk == f"{'493055443377'[::-1]}#{customer_id}" and item.pk.startswith("PHONE#")
    )
    from_abroad.delete()
    assert differences(customer_id, now) == ["1 terms missing"]
    assert customer_id in found_by(call, "+49 (0)30 5544 3377")
    project(customer_id, now, anew=True)
    assert differences(customer_id, now) == []
    assert customer_id in found_by(call, "+49 30 5544 3377")
    take_in(customer(customer_id, phone="+49 30 901820", updatedAt=instant(2)))
    project(customer_id, now)
    (former,) = (row for row in search(call, {"q": "+493055443377"}) if row["id"] == customer_id)
    assert former["match"] == "former"
    erase(customer_id)
    project(customer_id, now)
    assert terms_of(customer_id) == set()


def test_the_check_sees_a_row_that_stands_in_a_wrong_place(
    call: Call, shopper: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    customer_id, name = shopper
    monkeypatch.setattr("customer360.search.checking.PAUSE_SECONDS", 0)
    item = DirectoryItem.find(shard_of(customer_id), customer_id)
    assert item
    item.update(actions=[DirectoryItem.by_registered_at.set(f"1999\t{customer_id}")])
    registered = {"q": name, "sort": "-registeredAt", "registrationFrom": "2000-01-01"}
    now = datetime.now(UTC)
    assert differences(customer_id, now) == ["by_registered_at"]
    project(customer_id, now, anew=True)
    assert differences(customer_id, now) == []
    assert ids(call, registered) == [customer_id]


def test_the_check_waits_for_history_whose_turn_is_yet_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file has brought somebody long known just now; the row comes half a minute later."""
    from customer360.ingestion.intake import take_in

    customer_id, now = new_id(), datetime.now(UTC)
    event = customer(customer_id, updatedAt=(now - timedelta(days=9)).isoformat())
    take_in(event["type"], event, via="file#1")
    waited = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if sum(waited) > 45:
            project(customer_id, now)

    monkeypatch.setattr("customer360.search.checking.time.sleep", sleep)
    assert differences(customer_id, now) == []
    assert sum(waited) < 65


@pytest.mark.parametrize("option", ["--repair", "--rebuild"])
def test_an_operator_makes_the_index_right_for_everybody_while_it_is_used(
    call: Call, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    operator = operator_of(monkeypatch)
    names = {new_id(): new_word() for _ in range(5)}
    for customer_id, name in names.items():
        take_in(customer(customer_id, name=name))
    gone = new_id()
    take_in(customer(gone, name="Gone"))
    project(gone, datetime.now(UTC))
    erase(gone)
    assert operator() == 1
    assert "5 customers compared, 5 differ\n1 rows of nobody" in capsys.readouterr().out
    assert operator(option) == 0
    assert [found_by(call, name) for name in names.values()] == [[customer_id] for customer_id in names]
    assert terms_of(gone) == set()
    assert operator() == 0


def operator_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """The operator's command, in an empty shop: gives its exit code."""
    import search_index

    for table in ("CustomersTable", *OWN_TABLES):
        empty_table(table)
    monkeypatch.setattr(search_index, "stack_of_up", lambda: SimpleNamespace(endpoint=os.environ["AWS_ENDPOINT_URL"]))
    monkeypatch.setattr(search_index, "function_environment", lambda _: {})
    monkeypatch.setattr("customer360.search.checking.PAUSE_SECONDS", 0)

    def run(*options: str) -> int:
        monkeypatch.setattr("sys.argv", ["search_index", *options])
        return search_index.main()

    return run


@pytest.mark.parametrize("option", ["--repair", "--rebuild"])
def test_a_customer_for_whom_it_fails_is_named_to_the_operator_and_holds_up_nobody(
    call: Call, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    operator = operator_of(monkeypatch)
    names = {new_id(): new_word() for _ in range(4)}
    take_in(*(customer(each, name=name) for each, name in names.items()))
    poison, *others = names
    with monkeypatch.context() as patch:
        watch(patch).fail("TransactWriteItems", refused("AccessDeniedException"), times=10, about=poison)
        assert operator(option) == 1
    assert f"{poison}: failed, TransactWriteError" in capsys.readouterr().out
    assert [found_by(call, names[each]) for each in others] == [[each] for each in others]
    assert operator(option) == 0
    assert found_by(call, names[poison]) == [poison]


def test_terms_of_nobody_are_left_where_the_row_changes_meanwhile(
    take_in: TakeIn, shopper: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    customer_id, name = shopper
    now = datetime.now(UTC)
    stray = SearchItem("NAME#z", f"zoe#{customer_id}")
    stray.save()
    take_in(customer(customer_id, name="Zoe", email=f"{name}@example.com", updatedAt=instant(2)))
    watch(monkeypatch).before("TransactWriteItems", lambda: project(customer_id, now))
    remove_strays_of(customer_id)
    assert differences(customer_id, now) == []
