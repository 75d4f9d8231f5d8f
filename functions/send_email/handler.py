"""POST /api/admin/customers/{customer_id}/actions/send-email: an e-mail to the customer, in the caller's words."""

from customer360.actions import emails
from customer360.actions.schemas import EmailAnswer, NewEmail
from customer360.api.parameters import CustomerId
from customer360.api.writes import WriteApi

app = WriteApi()


@app.post("/api/admin/customers/<customer_id>/actions/send-email", needs="actions:email", audited_as="email.sent")
def send_email(customer_id: CustomerId, new: NewEmail) -> EmailAnswer:
    return emails.send(customer_id, new, app.caller, app.action_id)


lambda_handler = app.entrypoint()
