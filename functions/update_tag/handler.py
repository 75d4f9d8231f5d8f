"""PATCH /api/admin/tags/{tag_id}: renames, recolours or describes a tag, for all its customers at once."""

from customer360.api.parameters import SourceId
from customer360.api.writes import WriteApi
from customer360.tags import service as tags
from customer360.tags.schemas import Tag, TagChange

app = WriteApi()


@app.patch("/api/admin/tags/<tag_id>", needs="tags:manage", audited_as="tag.changed")
def update_tag(tag_id: SourceId, change: TagChange) -> Tag:
    return tags.update(tag_id, change, app.unchanged)


lambda_handler = app.entrypoint()
