"""What is left of exports when a customer is erased: nothing that holds anything of them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from customer360.exports import files, findings
from customer360.exports.naming import owner_named
from customer360.exports.removal import GONE, INTERRUPTED, remove_exports_of
from customer360.exports.table import ExportItem
from support.builders import customer, new_id
from support.exports import build, deliver, fetched, findable, forget, objects, objects_of, state
from support.faults import watch
from support.gateway import Answer

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("export_bucket", "live_gateway")]

Call = Callable[..., Answer]
Invoke = Callable[..., Any]
TakeIn = Callable[..., list[str]]


@pytest.fixture(autouse=True)
def finish_what_others_left(export_bucket: str) -> None:
    """Searches of other tests that are still to be made would be taken away as well."""
    remove_all(new_id())


def remove_all(customer_id: str, **about: Any) -> tuple[int, int]:
    """How many exports and objects were removed."""
    removed = list(remove_exports_of(customer_id, **about))
    return sum(each.exports for each in removed), sum(each.objects for each in removed)


def of_customer(call: Call, customer_id: str) -> str:
    return str(call("create_customer_export", customer_id=customer_id, body={"format": "json"}).json["exportId"])


def of_search(call: Call, word: str) -> str:
    body = {"format": "json", "search": {"q": word, "sort": "name"}}
    return str(call("create_search_export", body=body).json["exportId"])


def answer_of(call: Call, export_id: str) -> dict[str, Any]:
    answer: dict[str, Any] = call("get_export", export_id=export_id).json
    return answer


def test_every_file_with_the_customer_goes_and_every_other_stays(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    word, (erased, other) = findable(take_in, 2)
    stranger, _ = findable(take_in, 2)
    own, others, both, apart = (
        of_customer(call, erased),
        of_customer(call, other),
        of_search(call, word),
        of_search(call, stranger),
    )
    for each in (own, others, both, apart):
        build(invoke, each)
    assert remove_all(erased) == (2, 5)
    for each in (own, both):
        assert objects_of(each) == set()
        gone = answer_of(call, each)
        assert (gone["status"], gone["error"]) == ("failed", GONE)
        assert "url" not in gone
        assert not {"customerId", "search"} & state(each).keys()
    for each in (others, apart):
        fetched(call("get_export", export_id=each))
    assert remove_all(erased) == (0, 0)
    assert not [key for key in objects() if key.startswith(owner_named(erased))]


def test_what_is_still_to_be_made_is_not_made_any_more(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    word, (erased, _) = findable(take_in, 2)
    own, both = of_customer(call, erased), of_search(call, word)
    assert remove_all(erased) == (2, 0)
    for each, why in ((own, GONE), (both, INTERRUPTED)):
        build(invoke, each)
        assert answer_of(call, each)["error"] == why
        assert objects_of(each) == set()


def test_a_search_that_is_interrupted_for_somebody_elses_erasure_does_not_say_that_they_were_in_it(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "PAGE", 1)
    word, _ = findable(take_in, 2)
    queued, running = of_search(call, word), of_search(call, word)
    build(invoke, running, 300_000)
    remove_all(new_id())
    for each in (queued, running):
        assert answer_of(call, each)["error"] == INTERRUPTED


def test_parts_gathered_so_far_go_as_well(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "PAGE", 1)
    word, (erased, _) = findable(take_in, 2)
    export_id = of_search(call, word)
    build(invoke, export_id, 300_000)
    assert remove_all(erased) == (1, 1)
    assert not [key for key in objects() if export_id in key]


@pytest.mark.parametrize("operation", ["PutObject", "UpdateItem", "Query", "PutItem"])
@pytest.mark.parametrize("skip", [0, 1, 2])
@pytest.mark.parametrize("is_search", [False, True])
def test_a_worker_that_is_at_it_leaves_nothing_of_the_customer(
    call: Call,
    invoke: Invoke,
    take_in: TakeIn,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    skip: int,
    is_search: bool,
) -> None:
    word, (erased, _) = findable(take_in, 2)
    export_id = of_search(call, word) if is_search else of_customer(call, erased)
    passed = []
    with monkeypatch.context() as patched:
        calls = watch(patched)

        def pass_or_remove() -> None:
            passed.append(operation)
            if len(passed) == skip + 1:
                remove_all(erased)
            else:
                calls.before(operation, pass_or_remove)

        calls.before(operation, pass_or_remove)
        deliver(export_id)
    if len(passed) <= skip:
        remove_all(erased)
    assert answer_of(call, export_id)["status"] == "failed"
    assert objects_of(export_id) == set()


def test_a_worker_whose_export_is_not_there_any_more_leaves_nothing(
    call: Call, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer_id = new_id()
    take_in(customer(customer_id))
    export_id = of_customer(call, customer_id)
    with monkeypatch.context() as patched:
        watch(patched).before("PutObject", lambda: forget(export_id))
        deliver(export_id)
    assert call("get_export", export_id=export_id).status == 404
    assert objects_of(export_id) == set()


@pytest.mark.parametrize("is_ready", [True, False])
def test_a_search_for_the_customer_goes_though_it_did_not_find_them_or_failed(
    call: Call, invoke: Invoke, take_in: TakeIn, is_ready: bool
) -> None:
    word, _ = findable(take_in, 1)
    about, apart = of_search(call, word), of_search(call, new_id("W").replace("-", ""))
    for each in (about, apart):
        build(invoke, each)
    if not is_ready:
        fail(about)
    somebody = new_id()
    assert remove_all(somebody, is_sought_by=lambda text: text == word)[0] == 1
    assert objects_of(about) == set()
    assert answer_of(call, about)["status"] == "failed"
    assert word not in str(state(about))
    fetched(call("get_export", export_id=apart))
    assert remove_all(somebody, is_sought_by=lambda text: text == word) == (0, 0)


def fail(export_id: str) -> None:
    """As after the last attempt."""
    item = ExportItem.find(export_id)
    item.update(actions=[ExportItem.status.set("failed")])


@pytest.mark.parametrize("end", ["taken", "failed"])
def test_where_a_search_had_come_to_is_forgotten(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(findings, "PAGE", 1)
    word, (erased, _) = findable(take_in, 2)
    export_id = of_search(call, word)
    build(invoke, export_id, 300_000)
    assert "cursor" in state(export_id)
    if end == "taken":
        remove_all(erased)
    else:
        item = ExportItem.find(export_id)
        item.update(actions=[ExportItem.worker.set("w"), ExportItem.status.set("running")])
        item.finish("failed", datetime.now(UTC))
    assert "cursor" not in state(export_id)


def test_a_removal_that_was_left_goes_on_with_the_next_search(call: Call, take_in: TakeIn) -> None:
    word, (erased, _) = findable(take_in, 2)
    ids = sorted(of_search(call, word) for _ in range(2))
    first = next(each for each in remove_exports_of(erased) if each.exports)
    assert first.reached == ids[0]
    assert answer_of(call, ids[1])["status"] == "queued"
    assert sum(each.exports for each in remove_exports_of(erased, after=first.reached)) == 1
    assert answer_of(call, ids[1])["status"] == "failed"


def test_nobody_is_in_a_file_that_has_expired() -> None:
    assert files.has_digest(f"searches/{new_id()}.csv.members", b"0" * 32) is False


class Killed(BaseException):
    """As a function dies that has run out of time or memory."""


def test_what_a_worker_left_that_died_over_it_goes_with_the_message_it_left(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer_id = new_id()
    take_in(customer(customer_id))
    export_id = of_customer(call, customer_id)
    with monkeypatch.context() as patched:
        calls = watch(patched)

        def remove_and_die_soon() -> None:
            remove_all(customer_id)
            calls.fail("ListObjectsV2", Killed())

        calls.before("PutObject", remove_and_die_soon)
        with pytest.raises(Killed):
            deliver(export_id)
    assert objects_of(export_id) == {".json"}
    build(invoke, export_id)
    assert objects_of(export_id) == set()
