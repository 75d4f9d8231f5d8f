"""What crosses the wire, as JSON schemas that hold for every role: numbers for decimals, `required` only what nobody is
denied, `null` only where it comes."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from customer360.api.schema import Email, Phone, Response, marks_of, needed_for
from customer360.instants import answered
from customer360.search.query import SearchQuery
from openapi.criteria import criteria

Schema = dict[str, Any]

REFERENCE = "#/components/schemas/{model}"
MASKS = [get_args(kind)[1] for kind in (Email, Phone)]


def schemas(models: set[type[BaseModel]]) -> dict[str, Schema]:
    """Every model and what it is made of, by name. Raises ValueError if two share one."""
    every: set[type[BaseModel]] = {*models, SearchQuery}
    modes: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        (model, "serialization" if issubclass(model, Response) else "validation")
        for model in sorted(every, key=lambda model: (model.__name__, model.__module__))
    ]
    _, found = models_json_schema(modes, ref_template=REFERENCE, schema_generator=Wire)
    named: dict[str, Schema] = found.get("$defs", {})
    if shared := [name for name in named if not name.isidentifier() or "__" in name]:
        raise ValueError(f"call these apart, each by one name: {', '.join(shared)}")
    linked: dict[str, Schema] = _linked(named | criteria())
    return linked


def _linked(value: Any) -> Any:
    """With references to what is only called by its name (`api.schema`)."""
    if isinstance(value, list):
        return [_linked(part) for part in value]
    if not isinstance(value, dict):
        return value
    inner = {name: _linked(part) for name, part in value.items() if name != "x-schema"}
    if "x-schema" in value:
        del inner["type"]
        return {"$ref": REFERENCE.format(model=value["x-schema"]), **inner}
    return inner


class Wire(GenerateJsonSchema):
    """Pydantic's schemas, told what `api.schema` and `exact_json` make of the values."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def decimal_schema(self, schema: Any) -> Schema:
        described: Schema = {"type": "number"}
        self.update_with_validations(described, schema, self.ValidationsMapping.numeric)
        return {name: float(value) if name != "type" else value for name, value in described.items()}

    def ser_schema(self, schema: Any) -> Schema | None:
        if schema.get("function") is answered:
            return {"type": "string", "format": "date-time"}
        return super().ser_schema(schema)

    def model_schema(self, schema: Any) -> Schema:
        described = super().model_schema(schema)
        described.pop("title")
        if issubclass(schema["cls"], Response):
            _tell_what_is_absent(described, schema["cls"])
        for told in described["properties"].values():
            if told.get("default", ...) is None:
                del told["default"]  # what is left out of a request is not the same as `null`
        if schema["cls"] is SearchQuery:  # the same, whether it is sent as parameters, or in a body, or answered
            described["properties"] = {name: without_null(told) for name, told in described["properties"].items()}
        return described


def _tell_what_is_absent(described: Schema, model: type[Response]) -> None:
    """Marks what a role may not see, or there may be nothing to say about."""
    required = set(described.pop("required", []))
    for name, field in model.model_fields.items():
        alias = field.serialization_alias or name
        is_left_out = field.exclude_if is not None and field.exclude_if(None)
        needed = sorted(needed_for(field))
        if is_left_out or needed:
            required.discard(alias)
        told = described["properties"][alias]
        told.pop("default", None)
        if is_left_out:
            described["properties"][alias] = told = without_null(told)
        if needed:
            told["description"] = f"Absent without {' and '.join(f'`{permission}`' for permission in needed)}."
            told["x-permission"] = " and ".join(needed)
        elif any(mark in MASKS for mark in marks_of(field)):
            told["description"] = "Masked without `contact:read`."
    if required:
        described["required"] = [name for name in described["properties"] if name in required]


def without_null(schema: Schema) -> Schema:
    """The schema of a value that may be left out, but is never `null`."""
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    if not choices:
        return schema
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**choices[0], **rest} if len(choices) == 1 else {"anyOf": choices, **rest}
