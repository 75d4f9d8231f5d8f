"""GET /api/admin/customers/{customer_id}/timeline: a page of what happened to the customer, newest first."""

from datetime import UTC, datetime
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from customer360.api.app import Api
from customer360.api.parameters import Cursor, CustomerId, From, Limit, To, instants_between
from customer360.timeline import service as timeline
from customer360.timeline.schemas import TimelinePage

app = Api()

Types = Annotated[str | None, Query(alias="type", description="Types of events, with commas between them.")]


@app.get("/api/admin/customers/<customer_id>/timeline", needs="timeline", audited_as="timeline.viewed")
def list_timeline_events(
    customer_id: CustomerId,
    types: Types = None,
    start: From = None,
    end: To = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> TimelinePage:
    return timeline.page(
        customer_id,
        types=timeline.types_in(types),
        between=instants_between(start, end),
        permissions=app.caller.permissions,
        limit=limit,
        cursor=cursor,
        now=datetime.now(UTC),
    )


lambda_handler = app.entrypoint()
