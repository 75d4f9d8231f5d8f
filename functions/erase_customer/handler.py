"""DELETE /api/admin/customers/{customer_id}: the customer is gone at once; a job erases all that is held of them."""

from datetime import UTC, datetime
from http import HTTPStatus

from customer360.api.parameters import CustomerId
from customer360.api.writes import WriteApi
from customer360.privacy.beginning import begin
from customer360.privacy.schemas import ErasureBegun

app = WriteApi()


@app.delete(
    "/api/admin/customers/<customer_id>",
    needs="customers:erase",
    audited_as="customer.erased",
    status=HTTPStatus.ACCEPTED,
)
def erase_customer(customer_id: CustomerId) -> ErasureBegun:
    return ErasureBegun(job_id=begin(customer_id, app.caller, app.action_id, datetime.now(UTC)))


lambda_handler = app.entrypoint()
