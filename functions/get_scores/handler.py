"""GET /api/admin/customers/{customer_id}/scores: the scores the customer has had, by day, and why they changed."""

from datetime import UTC, datetime

from customer360.api.app import Api
from customer360.api.parameters import CustomerId, From, To, instants_between
from customer360.scores import history
from customer360.scores.schemas import ScoreHistory

app = Api()


@app.get("/api/admin/customers/<customer_id>/scores", needs="customers:read", audited_as="scores.viewed")
def get_scores(customer_id: CustomerId, start: From = None, end: To = None) -> ScoreHistory:
    return history.of_customer(customer_id, instants_between(start, end), datetime.now(UTC))


lambda_handler = app.entrypoint()
