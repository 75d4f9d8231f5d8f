"""DELETE /api/admin/views/{view_id}: deletes one of the caller's own saved searches, or a shared one."""

from customer360.api.parameters import SourceId
from customer360.api.writes import WriteApi
from customer360.views import service as views

app = WriteApi()


@app.delete("/api/admin/views/<view_id>", needs="search", audited_as="view.deleted")
def delete_view(view_id: SourceId) -> None:
    """A shared one of somebody else takes `segments:manage`."""
    views.delete(view_id, app.caller)


lambda_handler = app.entrypoint()
