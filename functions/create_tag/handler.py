"""POST /api/admin/tags: a new tag for the shop."""

from customer360.api.writes import WriteApi
from customer360.tags import service as tags
from customer360.tags.schemas import NewTag, Tag

app = WriteApi()


@app.post("/api/admin/tags", needs="tags:manage", audited_as="tag.created")
def create_tag(new: NewTag) -> Tag:
    return tags.create(new, app.action_id)


lambda_handler = app.entrypoint()
