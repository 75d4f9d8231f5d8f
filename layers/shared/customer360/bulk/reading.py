"""Whom a bulk job is about, page by page: whom a search finds, or whom the job that is undone changed."""

from customer360.bulk.page import Page
from customer360.bulk.parts import caller_of
from customer360.catalog.kinds import Kind
from customer360.exact_json import loads
from customer360.jobs.table import CHANGED, JOB, BulkJobItem, JobChangeItem
from customer360.search import references
from customer360.search import service as search
from customer360.search.query import NEWEST_FIRST, SearchQuery

# A search may have to look at everybody who matches to give one page, so there had better be few of them.
PAGE = 1000
TYPO = "typo"


def next_page(job: BulkJobItem, cursor: str | None) -> Page:
    return _changed_by(job.undoes, cursor) if job.undoes else _found_by(job, cursor)


def missing_from(job: BulkJobItem) -> Kind | None:
    """See `search.references`."""
    return references.missing_from(_query_of(job))


def in_order(query: SearchQuery) -> SearchQuery:
    """The same customers, in an order that nothing done to them meanwhile changes: so nobody is skipped."""
    return query.model_copy(update={"sort": NEWEST_FIRST})


def _found_by(job: BulkJobItem, cursor: str | None) -> Page:
    found = search.page(in_order(_query_of(job)), caller_of(job), limit=PAGE, cursor=cursor, debug=False)
    customers = [each.id for each in found.customers if each.match != TYPO]
    return Page(customers, cursor=found.next_cursor, is_last=found.next_cursor is None)


def _query_of(job: BulkJobItem) -> SearchQuery:
    """What it searches for; an undo, which searches for nobody, names nothing."""
    return SearchQuery.model_validate(loads(job.search or "{}"))


def _changed_by(job_id: str, after: str | None) -> Page:
    # A space comes before whatever an id may go on with, a tilde after it.
    beyond = JobChangeItem.sk.between(f"{after} " if after else CHANGED, f"{CHANGED}~")
    changes = JobChangeItem.query(JOB + job_id, beyond, limit=PAGE, page_size=PAGE, consistent_read=True)
    keys = [change.sk for change in changes]
    last = keys[-1] if keys else None
    return Page([key.removeprefix(CHANGED) for key in keys], cursor=last, is_last=len(keys) < PAGE)
