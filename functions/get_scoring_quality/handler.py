"""GET /api/admin/scoring/quality: how well the churn model foretold what customers did, and which model is in use."""

from customer360.api.app import Api
from customer360.scores import quality
from customer360.scores.quality_schemas import ScoringQuality

app = Api()


# It holds nobody's data and no money, and who is shown a score may know how far to trust it.
@app.get("/api/admin/scoring/quality", needs="customers:read", audited_as="scoring-quality.viewed")
def get_scoring_quality() -> ScoringQuality:
    return quality.of_shop()


lambda_handler = app.entrypoint()
