"""All that is held of a customer, place by place, as it is kept: for whoever asks what the shop knows of them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from customer360.access.caller import Caller
from customer360.exact_json import loads
from customer360.exports.document import Column, Cover, Document, Kind, Section, Table
from customer360.exports.request import ExportRequest
from customer360.instants import sortable
from customer360.privacy.places import PLACES, Place
from customer360.privacy.receipt import PLACES as TITLES
from customer360.privacy.subject import Subject, subject_of

COLUMNS = (Column("key", "Key"), Column("kind", "Kind"), Column("content", "Content", Kind.TEXT))


def document_of(request: ExportRequest, caller: Caller, cover: Cover) -> Document:
    """A section for each place (`privacy.places`) with one list, `items`: the key, the kind and the content of each
    item by the names it is kept under. Nothing is masked, so the caller must be one who may see everything.

    Raises NotAllowed for anybody else, and ValueError if the request names no customer.
    """
    caller.require("customers:erase")
    if request.customer_id is None:
        raise ValueError("a privacy export is of one customer")
    subject = subject_of(request.customer_id)
    return Document(cover, (_section(place, subject) for place in PLACES if place.is_shown))


def _section(place: Place, subject: Subject) -> Section:
    title = TITLES[place.name]
    return Section(place.name, title, (), {}, (Table("items", title, COLUMNS, _rows(place.name, place.find(subject))),))


def _rows(place: str, items: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    """Items of a table that knows one kind only are of the kind the place is."""
    for item in items:
        attributes = item.get_attributes()
        content = {attributes[name].attr_name: _readable(value) for name, value in item.attribute_values.items()}
        key = "/".join(
            str(content.pop(attribute.attr_name))
            for attribute in attributes.values()
            if attribute.is_hash_key or attribute.is_range_key
        )
        kind = attributes["type"].serialize(content.pop("type")) if "type" in content else place
        yield {"key": key, "kind": kind, "content": content}


def _readable(value: Any) -> Any:
    """Instants as text, sets as lists, and text that is JSON as what it says."""
    if isinstance(value, datetime):
        return sortable(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return {name: _readable(inner) for name, inner in value.items()}
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return loads(value)
        except ValueError:
            return value
    return value
