"""The published contract: a JSON Schema of every message and every stored record, AsyncAPI, and the reference for people.

Everything is made from the models, so that what is published and what is enforced cannot differ. The gate refuses more
than JSON Schema can say: keys given twice, bytes that are not UTF-8, amounts that do not fit their currency.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from schemas.asyncapi import asyncapi
from schemas.envelope import Envelope
from schemas.events import KINDS
from schemas.examples import EXAMPLES
from schemas.inbound import TYPES
from schemas.meanings import meaning
from schemas.outbound import OUTBOUND
from schemas.reference import reference
from schemas.shape import Shape

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_WORDS = re.compile(r"[A-Z][a-z]*")
_OUTBOUND_ATTRIBUTES = ("specversion", "id", "source", "type", "time", "book", "subject", "partitionkey", "causationid")


class _Plain(GenerateJsonSchema):
    """Titles only where they say something: shapes have one, fields have a meaning."""

    def field_title_should_be_set(self, schema: object) -> bool:
        """Leave titles of fields out."""
        return schema is None


def published() -> dict[str, object]:
    """Return every published file by its name, as JSON values in a fixed order."""
    files: dict[str, object] = {f"{name}.json": _message(name, shape) for name, shape in TYPES.items()}
    files |= {f"{name}.json": _told(name, shape) for name, shape in OUTBOUND.items()}
    files |= {f"stored.{kind}.json": _stored(kind, shape) for kind, shape in KINDS.items()}
    return files | {"asyncapi.json": asyncapi()}


def files() -> dict[str, str]:
    """Return the text of every generated file by its path below `schemas/`."""
    schemas = published()
    texts = {f"published/{name}": json.dumps(schema, indent=1, ensure_ascii=False) + "\n" for name, schema in schemas.items()}
    return texts | {"README.md": reference({name: schema for name, schema in schemas.items() if isinstance(schema, dict)})}


def _message(name: str, shape: type[Shape]) -> JsonSchemaValue:
    """Return the schema of an inbound type: the whole CloudEvent, closed to unknown fields."""
    schema = _event(name, shape, tuple(Envelope.model_fields))
    return {**schema, "examples": [EXAMPLES[name]]}


def _told(name: str, shape: type[Shape]) -> JsonSchemaValue:
    """Return the schema of an outbound type. It is open: fields may be added, and readers ignore what they do not know."""
    schema = _event(name, shape, (*_OUTBOUND_ATTRIBUTES, "datacontenttype"))
    envelope = {"required": [*schema["required"][:-1], *_OUTBOUND_ATTRIBUTES[6:], "datacontenttype", "data"]}
    opened = _opened({**schema, **envelope})
    if not isinstance(opened, dict):
        raise TypeError("a schema is an object")
    opened["properties"]["book"] = {"type": "string", "description": "the book; ~ for a message that named none"}
    return opened


def _event(name: str, shape: type[Shape], attributes: tuple[str, ...]) -> JsonSchemaValue:
    envelope, inside = _schema(Envelope), _schema(shape)
    shapes = {**inside.pop("$defs", {}), shape.__name__: inside}
    properties = {field: envelope["properties"][field] for field in attributes}
    properties["type"] = {"const": name, "description": properties["type"]["description"]}
    return {
        "$schema": DIALECT,
        "$id": f"{name}.json",
        "title": inside["title"],
        "description": inside["description"],
        "type": "object",
        "properties": {**properties, "data": {"$ref": f"#/$defs/{shape.__name__}"}},
        "required": [*envelope["required"], "data"],
        "additionalProperties": False,
        "$defs": {key: shapes[key] for key in sorted(shapes)},
    }


def _stored(kind: str, shape: type[Shape]) -> JsonSchemaValue:
    """Return the schema of a stored record: its head, and the message verbatim or what was decided."""
    said = next((name for name, inbound in TYPES.items() if inbound is shape), None)
    head: dict[str, JsonSchemaValue] = {"seq": {"type": "integer", "minimum": 1}, "at": {"type": "integer"}}
    head |= {field: {"type": "string"} for field in ("src", "digest", "by", "rules")}
    properties = {field: {**value, "description": meaning(("Record",), field)} for field, value in head.items()}
    schema: JsonSchemaValue = {"$schema": DIALECT, "$id": f"stored.{kind}.json"}
    schema |= {"title": _title(shape), "description": _idea(shape)}
    if said:
        content: JsonSchemaValue = {"$ref": f"{said}.json"}
    else:
        inside = _schema(shape)
        shapes = {**inside.pop("$defs", {}), shape.__name__: inside}
        schema["$defs"] = {key: shapes[key] for key in sorted(shapes)}
        content = {"$ref": f"#/$defs/{shape.__name__}"}
    key = "said" if said else "body"
    shown = {**properties, key: content}
    return {**schema, "type": "object", "properties": shown, "required": list(shown), "additionalProperties": False}


def _schema(shape: type[Shape]) -> JsonSchemaValue:
    """Return the schema of a shape with the meaning of every field."""
    schema = shape.model_json_schema(by_alias=True, schema_generator=_Plain, ref_template="#/$defs/{model}")
    extended = {found.__name__: found for found in _shapes(shape)}
    for name, inside in (*schema.get("$defs", {}).items(), (shape.__name__, schema)):
        names = tuple(ancestor.__name__ for ancestor in extended[name].__mro__)
        inside["title"], inside["description"] = _title(extended[name]), _idea(extended[name])
        for field, value in inside["properties"].items():
            value["description"] = _described(value, meaning(names, field))
    return schema


def _shapes(shape: type[Shape]) -> Iterator[type[Shape]]:
    """Yield a shape and every shape inside it."""
    yield shape
    for field in shape.model_fields.values():
        for inside in _inside(field.annotation):
            yield from _shapes(inside)


def _inside(annotation: object) -> Iterator[type[Shape]]:
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _inside(argument)


def _described(value: Mapping[str, object], told: str | None) -> str:
    """Return the meaning of a field, and the unit of its text where the kind of text has one."""
    unit = value.get("description") or next((str(one["description"]) for one in _choices(value) if "description" in one), None)
    return "; ".join(str(part) for part in (told, unit) if part)


def _choices(value: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    choices = value.get("anyOf", [])
    yield from choices if isinstance(choices, list) else []


def _opened(value: object) -> object:
    """Return a schema without its ban of unknown fields."""
    if isinstance(value, dict):
        return {key: _opened(inside) for key, inside in value.items() if (key, inside) != ("additionalProperties", False)}
    return [_opened(inside) for inside in value] if isinstance(value, list) else value


def _title(shape: type[Shape]) -> str:
    return " ".join(_WORDS.findall(shape.__name__)).capitalize()


def _idea(shape: type[Shape]) -> str:
    return " ".join((shape.__doc__ or "").split())
