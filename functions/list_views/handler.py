"""GET /api/admin/views: the caller's saved searches, and those that others share."""

from customer360.api.app import Api
from customer360.api.parameters import CatalogLimit, Cursor
from customer360.views import service as views
from customer360.views.schemas import ViewPage

app = Api()


@app.get("/api/admin/views", needs="search", audited_as="views.listed")
def list_views(limit: CatalogLimit = None, cursor: Cursor = None) -> ViewPage:
    return views.page(app.caller, limit, cursor)


lambda_handler = app.entrypoint()
