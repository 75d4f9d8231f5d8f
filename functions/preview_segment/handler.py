"""POST /api/admin/segments/preview: how many customers criteria would match, and some of them; nothing is saved."""

from datetime import UTC, datetime
from http import HTTPStatus
from random import Random

from customer360.api.app import Api
from customer360.segments import preview as previews
from customer360.segments.preview_schemas import PreviewRequest, SegmentPreview

app = Api()  # not a WriteApi: it changes nothing, and a repeated request is about another moment


@app.post("/api/admin/segments/preview", needs="segments:manage", audited_as="segment.previewed", status=HTTPStatus.OK)
def preview_segment(request: PreviewRequest) -> SegmentPreview:
    return previews.preview(request, datetime.now(UTC), Random())


lambda_handler = app.entrypoint()
