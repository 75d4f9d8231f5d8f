"""GET /api/admin/customers/search: customers by name, e-mail, phone or order number, by what they are, and sorted.

All that is asked for must hold; an unknown parameter is a 400. E-mails and phones are looked at for those who may
see them. With `debug`, for those who run the shop, the answer also tells how it was found and what that cost.
"""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from customer360.api.app import Api
from customer360.api.parameters import Cursor, Limit, refuse_repeated, refuse_unknown
from customer360.search import service as search
from customer360.search.query import PARAMETERS, REPEATABLE, SearchQuery
from customer360.search.schemas import SearchPage

app = Api()

Debug = Annotated[bool, Query(description="Tell how it was found; needs `ingestion:manage`.")]


@app.get("/api/admin/customers/search", needs="search", audited_as="customers.searched")
def search_customers(
    query: Annotated[SearchQuery, Query()], limit: Limit = 20, cursor: Cursor = None, debug: Debug = False
) -> SearchPage:
    event = app.resolver.current_event.raw_event
    refuse_unknown(event, PARAMETERS | {"limit", "cursor", "debug"})
    refuse_repeated(event, REPEATABLE)
    page = search.page(query, app.caller, limit=limit, cursor=cursor, debug=debug)
    app.headers["X-Total-Count"] = str(page.total)
    if page.debug:
        app.headers["Server-Timing"] = page.debug.server_timing
    return page


lambda_handler = app.entrypoint()
