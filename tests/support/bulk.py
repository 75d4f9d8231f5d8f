"""What a test needs to give or take a tag or segment in bulk, and to have the worker do it."""

from collections.abc import Callable
from typing import Any

from customer360.jobs.table import JOB, JobChangeItem
from support.builders import customer, instant, new_id
from support.catalogs import Catalog
from support.finding import make_findable, new_word
from support.gateway import Answer, sqs_event
from support.removals import sent
from support.rights import recorded

Call = Callable[..., Answer]
Invoke = Callable[..., Any]
TakeIn = Callable[..., list[str]]
WORKER = "assign_in_bulk"
NOTHING_FAILED: dict[str, Any] = {"batchItemFailures": []}


def crowd(take_in: TakeIn, number: int) -> tuple[str, list[str]]:
    """A word that only the names of these customers have, and their ids."""
    word, ids = new_word(), [new_id() for _ in range(number)]
    take_in(*(customer(each, name=f"Ada {word}", updatedAt=instant()) for each in ids))
    make_findable(*ids)
    return word, ids


def request(catalog: Catalog, identifier: str, search: dict[str, Any], action: str = "add") -> dict[str, Any]:
    return {"search": search, "action": action, f"{catalog.noun}Id": identifier}


def begin(call: Call, body: dict[str, Any], **how: Any) -> tuple[str, list[Any]]:
    """The job's id, and the messages to its worker."""
    with recorded() as calls:
        answer = call("create_bulk_assignment", **{"role": "manager", "body": body, **how})
    assert answer.status == 202, answer.text
    return answer.json["jobId"], sent(calls)


def begin_undo(call: Call, job_id: str, **how: Any) -> tuple[str, list[Any]]:
    with recorded() as calls:
        answer = call("undo_job", **{"role": "manager", "job_id": job_id, **how})
    assert answer.status == 202, answer.text
    return answer.json["jobId"], sent(calls)


def work_once(invoke: Invoke, *messages: Any, milliseconds: int = 600_000) -> list[Any]:
    """Has these messages worked on, and gives those that were put into the queue meanwhile."""
    with recorded() as calls:
        assert invoke(WORKER, sqs_event(*messages), milliseconds) == NOTHING_FAILED
    return sent(calls)


def work(invoke: Invoke, *messages: Any) -> None:
    """Until no message is left."""
    left = list(messages)
    for _ in range(100):
        if not left:
            return
        left = work_once(invoke, *left)
    raise AssertionError("it goes round in circles")


def done_in_bulk(call: Call, invoke: Invoke, body: dict[str, Any]) -> str:
    job_id, messages = begin(call, body)
    work(invoke, *messages)
    return job_id


def undone(call: Call, invoke: Invoke, job_id: str) -> str:
    undo_id, messages = begin_undo(call, job_id)
    work(invoke, *messages)
    return undo_id


def counts(call: Call, job_id: str) -> tuple[str, int, int, int, int]:
    """Status, total, done, changed and failed, as they are shown."""
    answer = call("get_job", job_id=job_id, role="manager")
    assert answer.status == 200, answer.text
    found = answer.json
    return found["status"], found["total"], found["done"], found["changed"], found["failed"]


def changed_by(job_id: str) -> list[str]:
    """The ids of those the job has on its list."""
    between = JobChangeItem.sk.startswith("CHANGED#")
    return [change.customer_id for change in JobChangeItem.query(JOB + job_id, between, consistent_read=True)]
