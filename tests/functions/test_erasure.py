"""An admin erases a customer: gone at once for everybody who looks, then erased everywhere, then looked for again."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import boto3
import pytest

from customer360.errors import Conflict, NotFound
from customer360.exact_json import dumps, loads
from customer360.ingestion.intake import take_in
from customer360.privacy.lifting import lift
from customer360.privacy.table import ErasureItem
from customer360.search.index import shard_of
from customer360.search.projecting import project, search_item
from customer360.search.row import Row, terms_of
from customer360.search.table import DirectoryItem
from customer360.storage.base import Turn
from customer360.storage.commit import Commit
from support import erasing
from support.builders import customer, instant, new_id, order, points
from support.collection import collection
from support.erasing import erased, finish, found_again, job_of, message, progress, where, work
from support.exports import build, fetched
from support.faults import cancelled, lose_answers, no_answer, watch
from support.gateway import Answer, call_function
from support.makers import a_note, a_segment, a_tag
from support.rights import recorded

pytestmark = [
    pytest.mark.engine,
    pytest.mark.usefixtures("erasure_queue", "export_bucket", "live_gateway"),
]

Call = Callable[..., Answer]
Invoke = Callable[..., Any]


def outcome(event: dict[str, Any], via: str | None = None) -> str:
    return take_in(event["type"], event, via).value


@pytest.fixture
def shopper(known_customer: str) -> str:
    """A customer with some history, whom the search finds."""
    for number in range(3):
        assert outcome(order(known_customer, f"o{number}")) == "applied"
    assert outcome(points(known_customer, "p1", 50)) == "applied"
    a_note(known_customer)
    project(known_customer, datetime.now(UTC))
    return known_customer


# ------------------------------------------------------------------ at once


READS = [
    ("get_customer_360", {}),
    ("get_scores", {}),
    ("list_orders", {}),
    ("get_order", {"order_id": "o1"}),
    ("get_loyalty", {}),
    ("get_marketing", {}),
    ("list_tickets", {}),
    ("list_payments", {}),
    ("get_analytics", {}),
    ("list_timeline_events", {}),
    ("list_notes", {}),
]


@pytest.mark.parametrize(("read", "path"), READS, ids=[name for name, _ in READS])
def test_from_the_first_moment_every_read_says_there_is_no_such_customer(
    call: Call, shopper: str, read: str, path: dict[str, str]
) -> None:
    assert call(read, customer_id=shopper, **path).status == 200
    answer = call("erase_customer", customer_id=shopper)
    assert answer.status == 202
    assert progress(answer.json["jobId"])["status"] == "erasing"
    assert call(read, customer_id=shopper, **path).status == 404


def test_from_the_first_moment_nothing_can_be_done_to_the_customer(call: Call, shopper: str) -> None:
    tag_id = a_tag()
    call("erase_customer", customer_id=shopper)
    assert call("add_note", customer_id=shopper, body={"content": "Wait!"}).status == 404
    assert call("add_tag", customer_id=shopper, body={"tagId": tag_id}).status == 404


def test_from_the_first_moment_the_search_does_not_find_the_customer(call: Call, shopper: str) -> None:
    def ids() -> list[str]:
        found = call("search_customers", query={"q": "lovelace", "limit": "100"}).json["customers"]
        return [each["id"] for each in found if each["id"] == shopper]

    assert ids() == [shopper]
    call("erase_customer", customer_id=shopper)
    assert ids() == []


@pytest.mark.parametrize("role", ["viewer", "support", "manager"])
def test_only_an_admin_erases(call: Call, shopper: str, role: str) -> None:
    for name, path in (
        ("erase_customer", {"customer_id": shopper}),
        ("erase_customer", {"customer_id": "nobody"}),
        ("get_erasure", {"job_id": "none"}),
    ):
        answer = call(name, role=role, **path)
        assert (answer.status, answer.json["detail"]) == (403, "the permission customers:erase is missing")
    assert call("get_customer_360", customer_id=shopper).status == 200


def test_of_somebody_unknown_there_is_nothing_to_erase(call: Call) -> None:
    assert call("erase_customer", customer_id=new_id()).status == 404
    assert call("get_erasure", job_id=new_id()).status == 404


def test_a_job_of_another_kind_is_no_erasure(call: Call, removal_queue: str) -> None:
    tag_id = a_tag()
    job_id = call("delete_tag", tag_id=tag_id).headers["Location"].rsplit("/", 1)[1]
    assert call("get_erasure", job_id=job_id).status == 404


def test_asking_again_answers_the_same_job(call: Call, invoke: Invoke, shopper: str) -> None:
    first = call("erase_customer", customer_id=shopper).json
    assert call("erase_customer", customer_id=shopper).json == first
    finish(first["jobId"])
    again = call("erase_customer", customer_id=shopper)
    assert (again.status, again.json) == (202, first)


# ------------------------------------------------------------------ the job


def test_the_worker_erases_everything_and_the_receipt_says_so(call: Call, invoke: Invoke, shopper: str) -> None:
    held = len(collection(shopper))
    job_id = call("erase_customer", customer_id=shopper, role="admin").json["jobId"]
    assert "receipt" not in progress(job_id)
    receipt = finish(job_id, lambda job: invoke("erase_from_stores", message(job)))
    assert collection(shopper) == {}
    counts = erased(receipt)
    assert counts["records"] == held
    assert (counts["directory"], counts["search-terms"] > 5) == (1, True)
    assert found_again(receipt) == {}
    told = call("get_erasure", job_id=job_id).json
    assert (told["status"], told["progress"]["done"]) == ("verified", told["progress"]["total"])
    assert told["requestedBy"]["id"] == "sub-admin"
    assert told["requestedAt"] <= receipt["erasedAt"] <= receipt["verifiedAt"]
    left = {remaining["what"]: remaining["until"] for remaining in receipt["remaining"]}
    assert len(left) == len(receipt["remaining"])
    assert {None} < set(left.values())


def test_writes_that_are_sent_twice_for_want_of_an_answer_do_not_stop_it(
    invoke: Invoke, shopper: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each message but the last is followed by another."""
    job_id = job_of(shopper)
    with monkeypatch.context() as patched:
        lost = lose_answers(patched, "UpdateItem", "PutItem")
        while progress(job_id)["status"] != "verified":
            with recorded() as calls:
                invoke("erase_from_stores", message(job_id))
            is_followed = any(operation == "sqs:SendMessage" for operation, _ in calls)
            assert is_followed or progress(job_id)["status"] == "verified"
    assert lost
    assert collection(shopper) == {}


def test_asked_again_an_erasure_that_stands_still_goes_on(call: Call, shopper: str) -> None:
    job_id = job_of(shopper)
    with recorded() as calls:
        assert job_of(shopper) == job_id
    (sent,) = (loads(arguments["MessageBody"]) for operation, arguments in calls if operation == "sqs:SendMessage")
    assert sent["jobId"] == job_id


def test_the_receipt_names_nobody(shopper: str) -> None:
    job_id = job_of(shopper)
    finish(job_id)
    answer = call_function("get_erasure", job_id=job_id)
    assert shopper not in answer.text
    assert "Ada" not in answer.text
    assert answer.json["receipt"]["customer"].startswith("erased~")


def test_members_and_counts_of_tags_and_segments_follow(call: Call, shopper: str) -> None:
    other = new_id()
    outcome(customer(other))
    tag_id, segment_id = a_tag(), a_segment()
    for each in (shopper, other):
        assert call("add_tag", customer_id=each, body={"tagId": tag_id}).status == 201
        assert call("add_to_segment", customer_id=each, body={"segmentId": segment_id}).status == 201

    def counts() -> list[int]:
        tags, segments = call("list_tags").json["tags"], call("list_segments").json["segments"]
        return [each["customerCount"] for each in (*tags, *segments) if each["id"] in {tag_id, segment_id}]

    assert counts() == [2, 2]
    receipt = finish(job_of(shopper))
    assert counts() == [1, 1]
    assert erased(receipt)["memberships"] == 2
    assert call("get_customer_360", customer_id=other).json["tags"][0]["id"] == tag_id


def test_a_tag_that_is_just_being_deleted_is_erased_from_the_customer(
    call: Call, shopper: str, removal_queue: str
) -> None:
    tag_id = a_tag()
    call("add_tag", customer_id=shopper, body={"tagId": tag_id})
    call("delete_tag", tag_id=tag_id)
    finish(job_of(shopper))
    assert not [place for place in where(shopper) if not place.startswith("AuditTable")]


def test_a_long_history_is_erased_in_as_many_runs_as_it_takes(monkeypatch: pytest.MonkeyPatch, shopper: str) -> None:
    """Each run has time for one page."""
    monkeypatch.setattr("customer360.privacy.deleting.ROOM", 3)
    held = len(collection(shopper))
    job_id = job_of(shopper)
    erasing.work_briefly(job_id)
    assert 0 < len(collection(shopper)) < held
    receipt = finish(job_id, erasing.work_briefly)
    assert erased(receipt)["records"] == held
    assert found_again(receipt) == {}


# ------------------------------------------------------------------ late events


def test_a_late_event_of_an_erased_customer_is_dropped(shopper: str) -> None:
    job_id = job_of(shopper)
    assert outcome(order(shopper, "late")) == "dropped"
    assert outcome(customer(shopper, updatedAt=instant(9))) == "dropped"
    finish(job_id)
    assert outcome(order(shopper, "later")) == "dropped"
    assert outcome(customer(shopper, updatedAt=instant(99))) == "dropped"
    assert collection(shopper) == {}


def test_a_rejected_event_of_an_erased_customer_leaves_only_its_place(call: Call, keep: Any, shopper: str) -> None:
    finish(job_of(shopper))
    secret = new_id("secret")
    rejected_id = keep(order(shopper, "o9", status=secret) | {"type": secret})
    assert not where(secret)
    rejected = call("list_rejected_events", query={"limit": "100"}).json["rejected"]
    (listed,) = (each for each in rejected if each["id"] == rejected_id)
    assert (listed["detailType"], listed["errors"], listed["replayable"]) == ("unknown", [], False)
    assert "customerId" not in listed
    assert "eventId" not in listed


def test_lines_of_a_file_about_an_erased_customer_change_nothing(
    invoke: Invoke, import_bucket: str, shopper: str
) -> None:
    finish(job_of(shopper))
    events = order(shopper), customer(shopper), order(shopper, "o2", status="?")
    report = erasing.import_lines(invoke, import_bucket, *events)
    assert {name: report[name] for name in ("read", "applied", "unchanged", "rejected", "held")} == {
        "read": 3, "applied": 0, "unchanged": 2, "rejected": 1, "held": 0,
    }  # fmt: skip
    assert collection(shopper) == {}


def test_what_is_held_for_somebody_who_never_came_can_be_erased(call: Call) -> None:
    nobody = new_id()
    assert outcome(order(nobody)) == "held"
    receipt = finish(job_of(nobody))
    assert erased(receipt)["records"] == 1
    assert outcome(order(nobody, "o2")) == "dropped"


def test_the_customer_may_come_back_once_the_tombstone_is_lifted(shopper: str) -> None:
    finish(job_of(shopper))
    assert outcome(customer(shopper)) == "dropped"
    lift(shopper)
    assert outcome(customer(shopper)) == "applied"
    assert call_function("list_orders", customer_id=shopper).json["orders"] == []


def test_a_tombstone_is_not_lifted_before_the_erasure_is_verified(shopper: str) -> None:
    job_of(shopper)
    with pytest.raises(Conflict):
        lift(shopper)


# ------------------------------------------------------------------ races


def test_an_event_applied_just_before_the_erasure_is_erased(monkeypatch: pytest.MonkeyPatch, shopper: str) -> None:
    calls = watch(monkeypatch)
    calls.before("TransactWriteItems", lambda: outcome(order(shopper, "just-before")), about="TOMBSTONE")
    job_id = job_of(shopper)
    finish(job_id)
    assert collection(shopper) == {}


def test_an_event_that_loses_to_the_erasure_is_dropped(monkeypatch: pytest.MonkeyPatch, shopper: str) -> None:
    job: list[str] = []
    watch(monkeypatch).before("TransactWriteItems", lambda: job.append(job_of(shopper)), about="just-after")
    assert outcome(order(shopper, "just-after")) == "dropped"
    finish(job[0])
    assert collection(shopper) == {}


def test_a_customer_who_comes_while_what_is_held_is_erased_does_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """The event has seen that there is no tombstone; then there is one, and only then is the customer written."""
    nobody = new_id()
    outcome(order(nobody))
    job: list[str] = []
    watch(monkeypatch).before("TransactWriteItems", lambda: job.append(job_of(nobody)), about="HEAD#PROFILE")
    assert outcome(customer(nobody)) == "dropped"
    finish(job[0])
    assert collection(nobody) == {}


def test_a_customer_who_comes_just_before_what_is_held_is_erased_is_erased(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = new_id()
    outcome(order(nobody))
    watch(monkeypatch).before("TransactWriteItems", lambda: outcome(customer(nobody)), about="TOMBSTONE")
    job_id = job_of(nobody)
    assert call_function("get_customer_360", customer_id=nobody).status == 404
    finish(job_id)
    assert collection(nobody) == {}


def test_an_event_is_not_held_for_somebody_who_is_just_erased(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = new_id()
    outcome(order(nobody))
    job: list[str] = []
    watch(monkeypatch).before("TransactWriteItems", lambda: job.append(job_of(nobody)), about="o-late")
    assert outcome(order(nobody, "o-late")) == "dropped"
    finish(job[0])
    assert collection(nobody) == {}


def test_a_note_that_loses_to_the_erasure_is_not_kept(monkeypatch: pytest.MonkeyPatch, shopper: str) -> None:
    job: list[str] = []
    watch(monkeypatch).before("TransactWriteItems", lambda: job.append(job_of(shopper)), about="Too late.")
    assert call_function("add_note", customer_id=shopper, body={"content": "Too late."}).status == 404
    finish(job[0])
    assert collection(shopper) == {}


def test_a_long_history_does_not_make_the_beginning_longer(monkeypatch: pytest.MonkeyPatch, shopper: str) -> None:
    calls = watch(monkeypatch)
    assert erasing.ask(shopper).status == 202
    assert calls.made["Query"] == 1


def test_nothing_but_an_events_own_customer_record_makes_a_customer() -> None:
    """Whoever writes to a customer who is gone, and did not look, is refused."""
    nobody = new_id()
    with pytest.raises(NotFound):
        Commit.of(nobody, Turn()).write()
    assert collection(nobody) == {}


def test_a_search_row_written_late_is_found_by_the_second_look(shopper: str) -> None:
    row = DirectoryItem.find(shard_of(shopper), shopper)
    assert row
    job_id = job_of(shopper)
    work(job_id)
    assert progress(job_id)["status"] == "erased"
    row.save()  # by a follower that had read the customer before, and was slow
    for term in list(terms_of(Row.from_json(row.row)))[:3]:
        search_item(term, shopper).save()
    receipt = finish(job_id)
    assert found_again(receipt) == {"directory": 1, "search-terms": 3}
    assert not [place for place in where(shopper) if not place.startswith("AuditTable")]


def test_a_follower_that_comes_late_finds_nobody(shopper: str) -> None:
    job_id = job_of(shopper)
    assert project(shopper, datetime.now(UTC), anew=True) is False
    finish(job_id)
    assert project(shopper, datetime.now(UTC), anew=True) is False


# ------------------------------------------------------------------ faults


def test_two_workers_at_once_count_everything_once(monkeypatch: pytest.MonkeyPatch, shopper: str) -> None:
    """The one has found what to delete, and just before it does, the other deletes it."""
    held = len(collection(shopper))
    job_id = job_of(shopper)
    watch(monkeypatch).before("TransactWriteItems", lambda: work(job_id), about="HEAD#PROFILE")
    assert work(job_id) == {"batchItemFailures": []}
    receipt = finish(job_id)
    assert erased(receipt)["records"] == held
    assert collection(shopper) == {}


def test_a_message_of_an_erasure_that_was_never_begun_is_dropped(invoke: Invoke) -> None:
    from support.gateway import sqs_event

    old = sqs_event({"jobId": new_id(), "announcedAt": "2026-01-01T10:00:00.000000Z"})
    assert invoke("erase_from_stores", old) == {"batchItemFailures": []}


def test_what_fails_comes_again_soon_and_sets_off_the_alarm_only_if_it_keeps_failing(
    monkeypatch: pytest.MonkeyPatch, shopper: str
) -> None:
    from support.gateway import context, handler_of, sqs_event

    job_id = job_of(shopper)
    body: dict[str, Any] = {"jobId": job_id, "announcedAt": datetime.now(UTC).isoformat()}
    worker = handler_of("erase_from_stores").lambda_handler
    pauses = []
    with monkeypatch.context() as patched:
        watch(patched).fail("TransactWriteItems", no_answer(), times=100)
        for _ in range(4):
            with recorded() as calls:
                assert worker(sqs_event(body), context(600_000)) == {"batchItemFailures": []}
            ((_, message),) = [each for each in calls if each[0] == "sqs:SendMessage"]
            body = loads(message["MessageBody"])
            pauses.append(message["DelaySeconds"])
        with recorded() as calls:
            assert len(worker(sqs_event(body), context(600_000))["batchItemFailures"]) == 1
        assert "sqs:SendMessage" not in [name for name, _ in calls]
    assert pauses == [5, 30, 120, 600]
    with recorded() as calls:
        assert worker(sqs_event(body), context(600_000)) == {"batchItemFailures": []}
    assert [loads(each["MessageBody"])["failures"] for name, each in calls if name == "sqs:SendMessage"] == [0]
    finish(job_id)
    assert collection(shopper) == {}


def test_a_message_after_the_end_changes_nothing(shopper: str) -> None:
    job_id = job_of(shopper)
    receipt = finish(job_id)
    assert work(job_id) == {"batchItemFailures": []}
    assert progress(job_id)["receipt"] == receipt


def test_the_beginning_is_all_or_nothing(monkeypatch: pytest.MonkeyPatch, shopper: str) -> None:
    watch(monkeypatch).fail("TransactWriteItems", no_answer(), about="TOMBSTONE", times=9)
    assert erasing.ask(shopper).status == 500
    monkeypatch.undo()
    assert call_function("get_customer_360", customer_id=shopper).status == 200
    assert outcome(order(shopper, "o9")) == "applied"


def test_a_beginning_that_meets_a_conflict_is_tried_again(monkeypatch: pytest.MonkeyPatch, shopper: str) -> None:
    watch(monkeypatch).fail("TransactWriteItems", cancelled("TransactionConflict", "None"), about="TOMBSTONE")
    finish(job_of(shopper))
    assert collection(shopper) == {}


def test_whatever_write_the_worker_dies_at_the_next_one_ends_it(
    monkeypatch: pytest.MonkeyPatch, call: Call, take_in: Any
) -> None:
    """Every write of the erasure in turn: one time before it was carried out, the next time after."""
    died = 0
    for skip in range(100):
        who = new_id()
        take_in(customer(who))
        project(who, datetime.now(UTC))
        held = len(collection(who))
        job_id = job_of(who)
        with monkeypatch.context() as patched:
            calls = watch(patched)
            for operation in ("TransactWriteItems", "UpdateItem"):
                calls.fail(operation, no_answer(), skip=skip // 2, late=skip % 2 == 1)
            work(job_id)
            work(job_id)
            is_over = all(plan.times for plan in calls._plans)
        receipt = finish(job_id)
        assert erased(receipt)["records"] == held
        assert collection(who) == {}
        if is_over:
            break
        died += 1
    assert died > 10


def test_audit_lines_stay_and_name_a_keyed_hash(call: Call, admin: Any, shopper: str) -> None:
    somebody = admin("admin")
    call("get_order", customer_id=shopper, order_id="o1", claims=somebody.claims)
    somebody.trail_of(1)
    job_id = call("erase_customer", customer_id=shopper, claims=somebody.claims).json["jobId"]
    somebody.trail_of(2)
    receipt = finish(job_id)
    lines = {line["action"]: line for line in somebody.trail}
    assert {line["subject"] for line in lines.values()} == {receipt["customer"]}
    assert lines["order.viewed"]["target"] not in {"o1", None}
    found = call("list_audit_entries", query={"customerId": shopper, "action": "order.viewed"}).json["entries"]
    assert [entry["customerId"] for entry in found] == [receipt["customer"]]


def test_open_pages_do_not_watch_any_more(call: Call, opened: Any, shopper: str) -> None:
    session, other = opened("viewer"), new_id()
    outcome(customer(other))
    session.watch(shopper)
    session.watch(other)
    receipt = finish(job_of(shopper))
    assert erased(receipt)["live-sessions"] == 1
    kept = boto3.client("dynamodb").scan(TableName="ConnectionsTable")["Items"]
    assert shopper not in str(kept)
    assert other in str(kept)
    assert session.watch(shopper)["type"] == "error"


def test_the_views_of_others_stay(call: Call, admin: Any, take_in: Any) -> None:
    who, somebody = new_id(), admin("manager")
    name = f"Wilhelmina{new_id('w')} Okonkwo"
    take_in(customer(who, name=name, email=f"{who}@example.com", phone="+44 20 7946 1234"))

    def save(search: dict[str, Any]) -> str:
        body = {"name": new_id("view"), "search": search}
        answer = call("create_view", claims=somebody.claims, body=body)
        assert answer.status == 201, answer.text
        return str(answer.json["id"])

    kept = [save({"q": "okonkwo"}), save({"tier": "gold"}), save({"q": "7946"})]
    gone = [save({"q": name.lower()}), save({"q": f"{who}@EXAMPLE.com"}), save({"q": "020 7946 1234", "tier": "gold"})]
    receipt = finish(job_of(who))
    left = {view["id"] for view in call("list_views", claims=somebody.claims).json["views"]}
    assert left & {*kept, *gone} == set(kept)
    assert erased(receipt)["views"] == len(gone)


def test_rejected_events_about_the_customer_are_erased_and_others_stay(call: Call, keep: Any, take_in: Any) -> None:
    who, other = new_id(), new_id()
    take_in(customer(who, email=f"{who}@example.com"))
    about = [keep(order(who)), keep(f"not json, of {who}@Example.com"), keep(f"neither;{who};")]
    others = [keep(order(other)), keep(f"of {who}x and {who}-2"), keep(order(other, "o2", note=who))]
    receipt = finish(job_of(who))
    listed = {each["id"] for each in call("list_rejected_events", query={"limit": "100"}).json["rejected"]}
    assert not listed & set(about)
    assert set(others) <= listed
    counts = erased(receipt)
    assert (counts["work"], counts["unreadable-events"]) == (1, 2)


def test_rejected_events_in_which_the_id_is_a_number_are_erased_and_later_ones_not_kept(
    keep: Any, take_in: Any
) -> None:
    who, secret = f"9{uuid4().int}"[:12], new_id("street")
    take_in(customer(who))
    about = order(who, shippingAddress={"line1": secret}) | {"customerId": int(who)}
    keep(about)
    keep(dumps(about)[:-1])
    counts = erased(finish(job_of(who)))
    assert (counts["work"], counts["unreadable-events"]) == (1, 1)
    keep(about)
    assert not where(secret)


def test_what_strangers_have_as_many_of_as_the_id_says_is_neither_shown_nor_erased(
    call: Call, invoke: Invoke, keep: Any, take_in: Any
) -> None:
    who, street = "30", new_id("street")
    take_in(customer(who))
    names, searches = [new_id("Top 30"), new_id("view")], [{"tier": "gold"}, {"q": "30 mai"}]
    for name, search in zip(names, searches, strict=True):
        view = {"name": name, "search": search, "isShared": True}
        assert call("create_view", body=view, headers={"Idempotency-Key": new_id()}).status == 201
    stranger = keep(f"c-9,p-1,earned,30,{street}, 2,2026-01-01")
    own = keep(f'{{"customerId":30,"street":"{street}"')

    export_id = call("create_privacy_export", customer_id=who).json["exportId"]
    build(invoke, export_id)
    document = loads(fetched(call("get_export", export_id=export_id)))
    assert [item["key"].split("/")[1] for item in document["unreadable-events"]["items"]] == [own]
    assert document["views"]["items"] == []
    assert document["answers"]["items"] == []

    counts = erased(finish(job_of(who)))
    assert (counts["unreadable-events"], counts["views"], counts["answers"]) == (1, 0, 0)
    assert set(names) <= {view["name"] for view in call("list_views").json["views"]}
    (left,) = where(street)
    assert left.endswith(stranger)


def test_a_row_with_a_comma_too_many_is_its_customers(call: Call, invoke: Invoke, import_bucket: str) -> None:
    """Their id is where the header says, as no field with a comma stands before it."""
    who, other, street = new_id(), new_id(), new_id("street")
    header = "eventId,customerId,transactionId,type,points,description,at"

    def import_rows() -> list[dict[str, Any]]:
        rows = [f"e1,{who},p1,earned,5,{street}, 2,2026-01-01T00:00:00Z", f"{street},{other}"]
        report = erasing.import_file(invoke, import_bucket, "csv/loyalty.points.recorded", header, *rows)
        return list(report["rejectedLines"])

    first, second = import_rows()
    listed = {each["id"]: each for each in call("list_rejected_events", query={"limit": "100"}).json["rejected"]}
    assert listed[first["id"]]["customerId"] == who
    assert "customerId" not in listed[second["id"]]
    assert erased(finish(job_of(who)))["work"] == 1
    import_rows()
    kept = [place for place in where(street) if place.startswith("JobsTable")]
    assert len(kept) == 2, "that of a row of which nobody can tell, twice"


def test_a_remembered_answer_that_names_the_customer_is_erased(call: Call, take_in: Any) -> None:
    """Also one that is kept under nobody: that of a saved view, after the view itself has been deleted."""
    who = new_id()
    take_in(customer(who, email=f"{who}@example.com"))
    body = {"name": new_id("view"), "search": {"q": f"{who}@example.com"}}
    view = call("create_view", body=body, headers={"Idempotency-Key": new_id()}).json
    assert call("delete_view", view_id=view["id"]).status == 204
    assert [place for place in where(f"{who}@example.com") if place.startswith("JobsTable/IDEMPOTENCY/")]
    receipt = finish(job_of(who))
    assert erased(receipt)["answers"] == 1
    assert not [place for place in where(f"{who}@example.com") if place.startswith("JobsTable")]


def test_rejected_events_are_looked_through_in_as_many_runs_as_it_takes(keep: Any, take_in: Any) -> None:
    """Each run has time for one page of a month of many."""
    who = new_id()
    take_in(customer(who, email=f"{who}@example.com"))
    about = [keep(f"not json, of {who}@example.com {'x' * 250_000}") for _ in range(3)]
    for _ in range(6):
        keep("x" * 250_000)
    job_id, reached = job_of(who), set()
    for _ in range(60):
        erasing.work_briefly(job_id)
        reached.add(ErasureItem.find(job_id).reached)
        if progress(job_id)["status"] != "erasing":
            break
    assert len(reached - {None}) > 3
    receipt = finish(job_id)
    assert erased(receipt)["unreadable-events"] == len(about)
    assert found_again(receipt) == {}


def test_runs_with_hardly_any_time_come_to_the_end_of_the_exports(call: Call, shopper: str) -> None:
    for _ in range(3):
        assert call("create_search_export", body={"format": "json", "search": {"tier": "gold"}}).status == 202
    assert call("create_customer_export", customer_id=shopper, body={"format": "json"}).status == 202
    job_id = job_of(shopper)
    for _ in range(100):
        work(job_id, 0)
        if ErasureItem.find(job_id).position:
            break
    assert ErasureItem.find(job_id).position == 1
    assert erased(finish(job_id))["exports"] >= 4
