"""DELETE /api/admin/customers/{customer_id}/tags/{tag_id}: takes a tag from the customer."""

from customer360.api.parameters import CustomerId, SourceId
from customer360.api.writes import WriteApi
from customer360.tags import service as tags

app = WriteApi()


@app.delete("/api/admin/customers/<customer_id>/tags/<tag_id>", needs="tags:assign", audited_as="tag.removed")
def remove_tag(customer_id: CustomerId, tag_id: SourceId) -> None:
    tags.remove(customer_id, tag_id, app.caller, app.action_id)


lambda_handler = app.entrypoint()
