"""GET /api/admin/customers/compare: two or three customers side by side, and how they differ."""

from datetime import UTC, datetime

from customer360.api.app import Api
from customer360.api.parameters import CustomerIds, customers_named
from customer360.customers import comparison
from customer360.customers.comparison_schemas import CustomerComparison

app = Api()


@app.get("/api/admin/customers/compare", needs="compare", audited_as="customers.compared", about="ids")
def compare_customers(ids: CustomerIds) -> CustomerComparison:
    return comparison.compare(customers_named(ids), app.caller.permissions, datetime.now(UTC))


lambda_handler = app.entrypoint()
