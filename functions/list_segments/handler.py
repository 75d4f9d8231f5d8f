"""GET /api/admin/segments: the shop's segments by name, with how many customers are in each."""

from customer360.api.app import Api
from customer360.api.parameters import CatalogLimit, Cursor
from customer360.segments import service as segments
from customer360.segments.schemas import SegmentPage

app = Api()


@app.get("/api/admin/segments", needs="customers:read", audited_as="segments.listed")
def list_segments(limit: CatalogLimit = None, cursor: Cursor = None) -> SegmentPage:
    return segments.page(limit, cursor)


lambda_handler = app.entrypoint()
