"""Whatever is wrong with what is sent, on whatever route, the message is in French."""

import re
from collections.abc import Iterator
from typing import Any

import marshmallow as ma
import pytest

from referencing.base.errors import DomainError
from tests.structure.application import wired

#: A word of marshmallow's own messages, and of no French sentence.
ENGLISH = re.compile(
    r"\b(not|must|may|cannot|missing|unknown|field|shorter|longer|length|values|data|valid|invalid)\b",
    re.IGNORECASE,
)
WRONG: list[Any] = [
    *(None, True, -1, 10**12, 1.5, "", " ", "x", "x\0", "\ud800", "x" * 20_000),
    *("25:61", "2026-13-40", "2026-01-01T00:00:00", "9999-01-01", float("inf"), "nan"),
    *([], [None], [[]], ["x"] * 2, {}, {"x": None}, {"": {}}, b"\xff"),
]


def schemas() -> Iterator[tuple[str, ma.Schema]]:
    """What each route of the API takes, with the endpoint's name."""
    for endpoint, view in wired().view_functions.items():
        for argument in getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", ()):
            schema = argument["schema"]
            yield f"{endpoint}:{argument['in']}", schema if isinstance(schema, ma.Schema) else schema()


def texts(messages: Any) -> Iterator[str]:
    if isinstance(messages, dict):
        messages = messages.values()
    elif isinstance(messages, str):
        yield messages
        return
    for inside in messages:
        yield from texts(inside)


def fields_of(field: Any) -> Iterator[ma.fields.Field[Any]]:
    """A field and all those inside it."""
    yield field
    if isinstance(field, ma.fields.Nested):
        for inside in field.schema.fields.values():
            yield from fields_of(inside)
    for name in ("inner", "key_field", "value_field"):
        if getattr(field, name, None) is not None:
            yield from fields_of(getattr(field, name))


def test_most_routes_take_something() -> None:
    assert len(list(schemas())) > 100


@pytest.mark.parametrize(
    ("name", "schema"), list(schemas()), ids=lambda one: one if isinstance(one, str) else ""
)
def test_what_a_route_says_of_a_wrong_value_is_in_french(name: str, schema: ma.Schema) -> None:
    keys = [field.data_key or key for key, field in schema.fields.items()]
    sent: list[Any] = [{key: wrong} for key in keys for wrong in WRONG]
    refusals = {text for words in [*sent, {"nope": 1}, [], None] for text in texts(_messages(schema, words))}
    assert refusals
    assert [text for text in refusals if ENGLISH.search(text)] == []


@pytest.mark.parametrize(
    ("name", "schema"), list(schemas()), ids=lambda one: one if isinstance(one, str) else ""
)
def test_what_a_field_can_say_is_in_french(name: str, schema: ma.Schema) -> None:
    for field in [inside for outer in schema.fields.values() for inside in fields_of(outer)]:
        assert [text for text in texts(field.error_messages) if ENGLISH.search(text)] == [], field


def _messages(schema: ma.Schema, words: Any) -> Any:
    try:
        schema.load(words)
    except ma.ValidationError as error:
        return error.messages
    except DomainError as error:
        return error.detail
    return {}
