"""Criteria as an admin sends them: whether they mean something here."""

from typing import Any

from customer360.catalog import store
from customer360.catalog.kinds import TAG_KIND
from customer360.errors import Invalid
from customer360.exact_json import dumps
from customer360.segments.criteria import Criteria, checked, tags_in

LONGEST_CRITERIA = 20_000  # the segments in use are kept in the memory of every function that names them


def accepted(criteria: dict[str, Any]) -> Criteria:
    """As they are kept. Raises Invalid with the path of what is wrong, also of the first tag there is not: it may yet
    be deleted while the criteria are saved, or at any time after, which is what `missingTags` tells."""
    kept = checked(criteria)
    if len(dumps(kept)) > LONGEST_CRITERIA:
        raise Invalid("criteria", f"must be at most {LONGEST_CRITERIA} characters of JSON")
    named = list(tags_in(kept))
    missing = store.missing(TAG_KIND, {tag_id for _, tag_id in named})
    for path, tag_id in named:
        if tag_id in missing:
            raise Invalid(path, "is not the id of a tag")
    return kept
