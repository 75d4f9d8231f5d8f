"""DELETE /api/admin/tags/{tag_id}: deletes a tag at once; a job takes it from its customers."""

from customer360.api.parameters import SourceId
from customer360.api.writes import WriteApi
from customer360.catalog.deletion import delete
from customer360.catalog.kinds import TAG_KIND

app = WriteApi()


@app.delete("/api/admin/tags/<tag_id>", needs="tags:manage", audited_as="tag.deleted")
def delete_tag(tag_id: SourceId) -> None:
    delete(TAG_KIND, tag_id, app.caller, app.action_id)
    app.location = f"/api/admin/jobs/{app.action_id}"


lambda_handler = app.entrypoint()
