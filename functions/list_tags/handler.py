"""GET /api/admin/tags: the shop's tags by name, with how many customers have each."""

from customer360.api.app import Api
from customer360.api.parameters import CatalogLimit, Cursor
from customer360.tags import service as tags
from customer360.tags.schemas import TagPage

app = Api()


@app.get("/api/admin/tags", needs="customers:read", audited_as="tags.listed")
def list_tags(limit: CatalogLimit = None, cursor: Cursor = None) -> TagPage:
    return tags.page(limit, cursor)


lambda_handler = app.entrypoint()
