"""POST /api/admin/customers/{customer_id}/exports: makes a file of what the page shows of a customer."""

from datetime import UTC, datetime
from http import HTTPStatus

from customer360.api.parameters import CustomerId
from customer360.api.writes import WriteApi
from customer360.exports import asking as exports
from customer360.exports.schemas import Export, NewCustomerExport

app = WriteApi()


@app.post(
    "/api/admin/customers/<customer_id>/exports",
    needs="exports:create",
    audited_as="customer.exported",
    status=HTTPStatus.ACCEPTED,
)
def create_customer_export(customer_id: CustomerId, new: NewCustomerExport) -> Export:
    return exports.of_customer(customer_id, new, app.caller, app.action_id, datetime.now(UTC))


lambda_handler = app.entrypoint()
