"""Answers as their schemas describe them: each `Out` schema gives a function that reads its fields, compiled once.

marshmallow checks what comes in and describes what goes out. Dumping with it costs some twenty-five times what reading
the fields does, so what goes out leaves by these functions.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import Any, Protocol

import marshmallow as ma

from .lifecycle import Existence, Lifecycle
from .permissions import Actor
from .schemas import one_of


class Shape(Protocol):
    """Shows an object to a reader, who is to be named where the schema says what they may do."""

    def __call__(self, source: Any, reader: Actor | None = None, /) -> dict[str, Any]: ...


def computed(field: ma.fields.Field[Any], get: Callable[[Any], Any]) -> ma.fields.Field[Any]:
    """A field whose value `get` makes of the object that the schema shows."""
    field.metadata = {**field.metadata, "get": get}
    return field


def possible_actions(
    life: Lifecycle[Any, Any],
    at: str,
    by: Mapping[str, str],
    state: Callable[[Any], StrEnum | None] = attrgetter("state"),
    *,
    hindered: Callable[[Any, Actor, Any], bool] | None = None,
) -> ma.fields.Field[Any]:
    """What the reader may do now with what is shown: what its life and the table of rights say.

    `at` is its address below `/api/v1`, and `by` the request of each action that somebody may take: the method, and
    what follows the address. `state` answers how it stands, None where nothing is possible any more. `hindered` says
    which of these actions this reader may not take all the same, by what is shown. Who is not known may take none.
    """

    def possible(source: Any, reader: Actor | None) -> list[Any]:
        stands = state(source)
        if stands is None or reader is None:
            return []
        return life.open_to(
            reader, stands, lambda act: hindered is not None and hindered(source, reader, act)
        )

    named = one_of(life.action_kind)
    if by.keys() != {action.value for action in life.rights}:
        raise ValueError(f"the requests of {at} are not those of its actions")
    requests = "; ".join(f"`{action}` by {_request(at, by[action])}" for action in sorted(by))
    words = f"what its reader may do with it now: {requests}"
    field = ma.fields.List(named, metadata={"description": words})
    field.metadata = {**field.metadata, "get_for": possible}
    return field


def is_there(_: Any) -> Existence:
    """The state of what has no life."""
    return Existence.THERE


def _request(at: str, said: str) -> str:
    method, _, below = said.partition(" ")
    return f"{method} {at}{below}"


@cache
def shape(schema: type[ma.Schema]) -> Shape:
    """The function that shows an object as the schema describes it: one key a field, values that orjson writes.

    A field reads the attribute of its name, or the one that its `attribute` names. Dots lead to attributes of
    attributes, where None on the way gives None. Nested schemas show what they are given, None or each of a list.
    """
    return _compiled(schema())


def _compiled(schema: ma.Schema) -> Shape:
    names: dict[str, Any] = {}
    keys = []
    for name, field in schema.dump_fields.items():
        value = _expression(field, name, names)
        keys.append(f"{field.data_key or name!r}: {value}")
    compiled: Shape = eval(f"lambda source, reader=None: {{{', '.join(keys)}}}", names)  # noqa: S307 - written from our own schemas
    return compiled


def _expression(field: ma.fields.Field[Any], name: str, names: dict[str, Any]) -> str:
    """The source that reads one field of `source`; what it calls is put among `names`."""
    if "get" in field.metadata:
        return f"{_named(field.metadata['get'], names)}(source)"
    if "get_for" in field.metadata:
        return f"{_named(field.metadata['get_for'], names)}(source, reader)"
    value = _path((field.attribute or name).split("."))
    if isinstance(field, ma.fields.List) and isinstance(field.inner, ma.fields.Nested):
        return f"[{_named(_compiled(field.inner.schema), names)}(part, reader) for part in {value}]"
    if isinstance(field, ma.fields.Nested):
        nested = _named(_compiled(field.schema), names)
        if field.many:
            return f"[{nested}(part, reader) for part in {value}]"
        return f"(None if (part := {value}) is None else {nested}(part, reader))"
    return value


def _path(attributes: list[str]) -> str:
    value = f"source.{attributes[0]}"
    for attribute in attributes[1:]:
        value = f"(None if (step := {value}) is None else step.{attribute})"
    return value


def _named(called: Callable[..., Any], names: dict[str, Any]) -> str:
    name = f"call_{len(names)}"
    names[name] = called
    return name
