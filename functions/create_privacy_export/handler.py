"""POST /api/admin/customers/{customer_id}/privacy-export: makes a file of all that is held of a customer."""

from datetime import UTC, datetime
from http import HTTPStatus

from customer360.api.parameters import CustomerId
from customer360.api.writes import WriteApi
from customer360.exports.schemas import Export
from customer360.privacy.exporting import export_all

app = WriteApi()


@app.post(
    "/api/admin/customers/<customer_id>/privacy-export",
    needs="customers:erase",
    audited_as="customer.exported-whole",
    status=HTTPStatus.ACCEPTED,
)
def create_privacy_export(customer_id: CustomerId) -> Export:
    return export_all(customer_id, app.caller, app.action_id, datetime.now(UTC))


lambda_handler = app.entrypoint()
