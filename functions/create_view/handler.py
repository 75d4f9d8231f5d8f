"""POST /api/admin/views: saves a search, for the caller alone or for everybody."""

from customer360.api.writes import WriteApi
from customer360.views import service as views
from customer360.views.schemas import NewView, View

app = WriteApi()


@app.post("/api/admin/views", needs="search", audited_as="view.created")
def create_view(new: NewView) -> View:
    return views.create(new, app.caller, app.action_id)


lambda_handler = app.entrypoint()
