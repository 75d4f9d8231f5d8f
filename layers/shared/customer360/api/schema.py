"""Base classes and field types of everything that crosses the wire: camelCase outside, snake_case inside.

What a role may not see is decided by the type of the field, not by each endpoint:

- `Financial[...]` fields (sums and metrics of money) are absent without `financials:read`;
- `Priced[...]` fields (one order's or one transaction's own amounts) are absent without `payments:read`;
- `Email` and `Phone` are masked without `contact:read`; what tells the street says `Needs("contact:read")`;
- `Sections` names only those sections of the page that the caller may open.

`rendered` applies it. A plain Decimal in a Response is refused when the class is made, so money cannot slip through.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, SerializationInfo, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

from customer360.access.policy import AMOUNTS, READS_CONTACT, READS_SECTION
from customer360.instants import answered

Value = TypeVar("Value")


class Needs:
    """Marks a field that is absent without a permission."""

    def __init__(self, permission: str) -> None:
        self.permission = permission


class Exact:
    """Marks a decimal that is not money: a count, a rate, a score."""


def _unless_allowed(mask: Callable[[str], str]) -> PlainSerializer:
    def serialize(value: str, info: SerializationInfo) -> str:
        permissions = (info.context or {}).get("permissions", frozenset())
        return value if READS_CONTACT in permissions else mask(value)

    return PlainSerializer(serialize, return_type=str)


def masked_email(email: str) -> str:
    """`jo***@example.com`: the first two letters and the domain."""
    name, _, domain = email.rpartition("@")
    return f"{name[:2]}***@{domain}"


def masked_phone(phone: str) -> str:
    """`***5678`: the last four digits."""
    return f"***{''.join(character for character in phone if character.isdigit())[-4:]}"


def _described_as(name: str) -> WithJsonSchema:
    """An object of which the OpenAPI document (`scripts/openapi`) has a schema of that name."""
    return WithJsonSchema({"type": "object", "x-schema": name})


def _opened(sections: list[str], info: SerializationInfo) -> list[str]:
    permissions = (info.context or {}).get("permissions", frozenset())
    return [section for section in sections if READS_SECTION.get(section, "customers:read") in permissions]


Financial = Annotated[Value, Needs("financials:read")]
Priced = Annotated[Value, Needs(AMOUNTS)]
Number = Annotated[Decimal, Exact()]
Instant = Annotated[datetime, PlainSerializer(answered, return_type=str)]
Day = Annotated[
    date,
    PlainSerializer(date.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date"}, mode="serialization"),
]
Sections = Annotated[list[str], PlainSerializer(_opened, return_type=list[str])]
Criteria = Annotated[dict[str, Any], _described_as("Criteria")]
Search = Annotated[dict[str, Any], _described_as("SearchQuery")]
Email = Annotated[str, _unless_allowed(masked_email)]
Phone = Annotated[str, _unless_allowed(masked_phone)]


def absent_if_none() -> Any:
    """The default of a field that is left out of the answer when there is nothing to say."""
    return Field(default=None, exclude_if=lambda value: value is None)


class Request(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", str_strip_whitespace=True, strict=True)


class Response(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        from_attributes=True,
        serialize_by_alias=True,
        frozen=True,
        hide_input_in_errors=True,  # an answer that cannot be built must not log what is in it
        defer_build=True,  # a function builds only the models it answers with
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        for name, field in cls.model_fields.items():
            marked = any(isinstance(mark, Needs | Exact) for mark in marks_of(field))
            if Decimal in _leaves(field.annotation) and not marked:
                raise TypeError(f"{cls.__name__}.{name} is a bare Decimal: say Financial, Priced or Number")
            if not _is_plainly_nested(field.annotation):
                raise TypeError(f"{cls.__name__}.{name}: nest an answer as itself, optional, or in one list")


def rendered(answer: Response, permissions: frozenset[str]) -> dict[str, Any]:
    """The answer as JSON values (Decimals kept exact), with what the permissions do not cover left out or masked."""
    return answer.model_dump(exclude=_hidden(type(answer), permissions), context={"permissions": permissions})


def needed_for(field: FieldInfo) -> set[str]:
    """The permissions without which the field is absent."""
    return {mark.permission for mark in marks_of(field) if isinstance(mark, Needs)}


def marks_of(field: FieldInfo) -> Iterator[Any]:
    """What the type of the field is annotated with, at any depth."""
    yield from _marks(field.annotation, field.metadata)


@cache
def _hidden(model: type[Response], permissions: frozenset[str]) -> dict[str, Any]:
    """What `model_dump` is to exclude, as its `exclude` tree; worked out once per answer type and role."""
    tree: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if needed_for(field) - permissions:
            tree[name] = True
            continue
        for nested, in_list in models_in(field.annotation):
            if inner := _hidden(nested, permissions):
                tree[name] = {"__all__": inner} if in_list else inner
    return tree


def _marks(annotation: Any, metadata: list[Any]) -> Iterator[Any]:
    yield from metadata
    if hasattr(annotation, "__metadata__"):
        yield from annotation.__metadata__
    for part in get_args(annotation):
        yield from _marks(part, [])


def _leaves(annotation: Any) -> Iterator[Any]:
    parts = get_args(annotation)
    if not parts:
        yield annotation
    for part in parts:
        yield from _leaves(part)


def _is_plainly_nested(annotation: Any) -> bool:
    """Whether `_hidden` can reach every answer within: `Answer`, `Answer | None`, `list[Answer]`, or none at all."""
    nested = [part for part in _leaves(annotation) if isinstance(part, type) and issubclass(part, Response)]
    if not nested:
        return True
    shapes = [part for part in get_args(annotation) if part is not type(None)] if not _is_list(annotation) else []
    plain = shapes[0] if len(shapes) == 1 else annotation
    plain = get_args(plain)[0] if _is_list(plain) else plain
    return plain is nested[0]


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list


def models_in(annotation: Any, in_list: bool = False) -> Iterator[tuple[type[Response], bool]]:
    if isinstance(annotation, type) and issubclass(annotation, Response):
        yield annotation, in_list
    for part in get_args(annotation):
        yield from models_in(part, in_list or get_origin(annotation) is list)
