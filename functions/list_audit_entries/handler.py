"""GET /api/admin/audit: who saw or did what, and who was refused, newest first."""

from datetime import UTC, datetime
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from customer360.access import service as access
from customer360.access.schemas import AuditPage
from customer360.api.app import Api
from customer360.api.parameters import Cursor, From, Limit, To, instants_between
from customer360.sources.fields import Identifier

app = Api()

CustomerFilter = Annotated[Identifier | None, Query(alias="customerId", description="Done about this customer.")]
ActorFilter = Annotated[Identifier | None, Query(description="Done by the admin with this id.")]
ActionFilter = Annotated[Identifier | None, Query(description="Such as `customer.viewed`.")]


@app.get("/api/admin/audit", needs="audit:read", audited_as="audit.listed")
def list_audit_entries(
    customer_id: CustomerFilter = None,
    actor: ActorFilter = None,
    action: ActionFilter = None,
    start: From = None,
    end: To = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> AuditPage:
    return access.audit_page(
        customer_id=customer_id,
        actor=actor,
        action=action,
        between=instants_between(start, end),
        limit=limit,
        cursor=cursor,
        now=datetime.now(UTC),
    )


lambda_handler = app.entrypoint()
