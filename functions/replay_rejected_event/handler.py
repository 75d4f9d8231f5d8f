"""POST /api/admin/ingestion/rejected/{rejected_id}/replay: takes in a rejected event again, its cause being gone."""

from http import HTTPStatus

from customer360.api.parameters import SourceId
from customer360.api.writes import WriteApi
from customer360.ingestion import service as ingestion
from customer360.ingestion.schemas import Replay

app = WriteApi()


@app.post(
    "/api/admin/ingestion/rejected/<rejected_id>/replay",
    needs="ingestion:manage",
    audited_as="rejected-event.replayed",
    status=HTTPStatus.OK,
)
def replay_rejected_event(rejected_id: SourceId) -> Replay:
    return ingestion.replay(rejected_id)


lambda_handler = app.entrypoint()
