"""POST /api/admin/customers/{customer_id}/tags: gives the customer a tag, at most once."""

from customer360.api.parameters import CustomerId
from customer360.api.writes import WriteApi
from customer360.customers.schemas import CustomerTag
from customer360.tags import service as tags
from customer360.tags.schemas import TagAssignment

app = WriteApi()


@app.post("/api/admin/customers/<customer_id>/tags", needs="tags:assign", audited_as="tag.added", names=("tagId",))
def add_tag(customer_id: CustomerId, new: TagAssignment) -> CustomerTag:
    return tags.add(customer_id, new.tag_id, app.caller, app.action_id)


lambda_handler = app.entrypoint()
