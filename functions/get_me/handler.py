"""GET /api/admin/me: who is calling, and what they may do."""

from dataclasses import asdict

from customer360.access.schemas import Me
from customer360.api.app import Api

app = Api()


@app.get("/api/admin/me", needs="customers:read", audited_as="me.viewed")
def get_me() -> Me:
    return Me(**asdict(app.caller), permissions=sorted(app.caller.permissions))


lambda_handler = app.entrypoint()
