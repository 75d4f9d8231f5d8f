"""POST /api/admin/telemetry: how long pages took for who was looking at them."""

from http import HTTPStatus

from customer360.api.app import Api
from customer360.telemetry import service as telemetry
from customer360.telemetry.schemas import Telemetry

app = Api()  # not a WriteApi: it changes nothing that anybody could see


@app.post("/api/admin/telemetry", needs="customers:read", audited_as="telemetry.recorded", status=HTTPStatus.NO_CONTENT)
def record_telemetry(told: Telemetry) -> None:
    telemetry.record(told)


lambda_handler = app.entrypoint()
