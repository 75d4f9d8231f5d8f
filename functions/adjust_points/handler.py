"""POST /api/admin/customers/{customer_id}/actions/adjust-points: gives the customer points, or takes some."""

from customer360.actions import points
from customer360.actions.schemas import AdjustmentAnswer, PointsAdjustment
from customer360.api.parameters import CustomerId
from customer360.api.writes import WriteApi

app = WriteApi()


@app.post(
    "/api/admin/customers/<customer_id>/actions/adjust-points",
    needs="actions:points",
    audited_as="points.adjusted",
)
def adjust_points(customer_id: CustomerId, adjustment: PointsAdjustment) -> AdjustmentAnswer:
    return points.adjust(customer_id, adjustment, app.caller, app.action_id)


lambda_handler = app.entrypoint()
