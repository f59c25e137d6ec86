"""The finished description: what can only be said once all routes and schemas are known."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from importlib.resources import files
from typing import Any

from referencing.base.schemas import OPTIONAL

from .examples import illustrate

Document = dict[str, Any]

CURSOR: Document = {
    "type": "string",
    "description": "Where a list goes on: `next` of its last page, sent back as it came.",
    "minLength": 1,
    "pattern": "^[A-Za-z0-9_-]+$",
}
_SCHEMAS = "#/components/schemas/"


def completed(document: Document) -> Document:
    """The description with what follows from all of it; the one that is given stays as it is."""
    document = deepcopy(document)
    schemas: Document = document["components"]["schemas"]
    operations = [
        operation
        for methods in document["paths"].values()
        for operation in methods.values()
        if isinstance(operation, dict)
    ]
    _require_what_is_always_answered(document, operations)
    schemas["Cursor"] = CURSOR
    for title, schema in schemas.items():
        for name, property_ in schema.get("properties", {}).items():
            property_.pop(OPTIONAL, None)
            _describe(property_, name, property_)
        if {"items", "next"} == schema.get("properties", {}).keys() and title.endswith("Page"):
            _point_to_cursor(schema["properties"]["next"])
    for operation in operations:
        _finish_parameters(operation.get("parameters", ()))
    illustrate(document["paths"])
    schemas.pop("PaginationMetadata", None)  # smorest's own, of no operation
    return document


def _require_what_is_always_answered(document: Document, operations: list[Document]) -> None:
    """Answers have all of their fields, but those that their schema marks as optional.

    A schema that requests have too requires what they have to send.
    """
    schemas: Document = document["components"]["schemas"]
    sent = _reached(schemas, [operation.get("requestBody") for operation in operations])
    answered = _reached(
        schemas, [document["components"]["responses"], *(operation["responses"] for operation in operations)]
    )
    for name in answered - sent:
        properties = schemas[name].get("properties", {})
        required = sorted(key for key, words in properties.items() if OPTIONAL not in words)
        if required:
            schemas[name]["required"] = required


def _reached(schemas: Document, starts: list[Any]) -> set[str]:
    """The names of the schemas that these parts of the description lead to."""
    reached: set[str] = set()
    ahead = [name for start in starts for name in _references(start)]
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead += _references(schemas[name])
    return reached


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        for key, value in part.items():
            if key == "$ref" and str(value).startswith(_SCHEMAS):
                yield str(value).removeprefix(_SCHEMAS)
            else:
                yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def _point_to_cursor(following: Document) -> None:
    """A page's `next` is a cursor; null stands only where a last page may have none."""
    kinds = following.pop("type")
    reference = {"$ref": f"{_SCHEMAS}Cursor"}
    if "null" in kinds:
        following["anyOf"] = [reference, {"type": "null"}]
    else:
        following["allOf"] = [reference]


def _finish_parameters(parameters: Any) -> None:
    """A parameter is there or not: null is no value of one."""
    for parameter in parameters:
        schema = parameter.get("schema", {})
        if parameter.get("name") == "cursor":
            parameter["schema"] = {"$ref": f"{_SCHEMAS}Cursor"}
            continue
        if "default" in schema and schema["default"] is None:
            del schema["default"]
        if "null" in schema.get("type", ()):
            kinds = [kind for kind in schema["type"] if kind != "null"]
            schema["type"] = kinds[0] if len(kinds) == 1 else kinds
        if None in schema.get("enum", ()):
            schema["enum"] = [value for value in schema["enum"] if value is not None]
        if "name" in parameter:
            _describe(parameter, parameter["name"], schema)


def _describe(part: Document, name: str, schema: Document) -> None:
    """Say of a property or a parameter what its name says, unless it says more itself."""
    sentence = words().get(f"{name}[{kind_of(schema)}]") or words().get(name)
    if sentence:
        part.setdefault("description", sentence)


def kind_of(schema: Document) -> str:
    """What tells a property from one of its name in another schema, as `words.txt` writes it."""
    if "enum" in schema:
        return "enum"
    kinds = schema.get("type", "ref")
    return next((kind for kind in kinds if kind != "null"), "null") if isinstance(kinds, list) else str(kinds)


@cache
def words() -> Mapping[str, str]:
    """What a property is, by its name, and by its kind too where one name has several: `name[kind]`."""
    lines = files(__package__).joinpath("words.txt").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines)
