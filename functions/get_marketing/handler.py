"""GET /api/admin/customers/{customer_id}/marketing: opt-ins, the ten newest messages, how e-mails are received."""

from customer360.api.app import Api
from customer360.api.parameters import CustomerId
from customer360.marketing import service as marketing
from customer360.marketing.schemas import Marketing

app = Api()


@app.get("/api/admin/customers/<customer_id>/marketing", needs="marketing:read", audited_as="marketing.viewed")
def get_marketing(customer_id: CustomerId) -> Marketing:
    return marketing.of_customer(customer_id)


lambda_handler = app.entrypoint()
