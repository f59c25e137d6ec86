"""What is said before somebody is erased, and why they are."""

from dataclasses import asdict
from typing import Any

from marshmallow import fields

from referencing.accounts.people.schemas import AccountOut
from referencing.base.schemas import Schema, one_of, text
from referencing.base.shapes import computed

from .beyond import BEYOND
from .erasure import MOST_COUNTED
from .fates import FATES, Fate


class ErasureIn(Schema):
    reason = text(
        1000,
        metadata={"description": "kept for ever in the record: name nobody in it, say who asked and when"},
    )


class ErasurePartOut(Schema):
    kind: fields.Field[Any] = computed(fields.String(), lambda part: part.kind.name)
    label: fields.Field[Any] = computed(
        fields.String(metadata={"description": "in French"}), lambda part: part.kind.label
    )
    fate: fields.Field[Any] = computed(one_of(Fate), lambda part: part.kind.fate)
    sentence: fields.Field[Any] = computed(
        fields.String(metadata={"description": "what becomes of it, in French"}),
        lambda part: FATES[part.kind.fate],
    )
    why: fields.Field[Any] = computed(
        fields.String(metadata={"description": "why it is held, in French"}), lambda part: part.kind.why
    )
    kept_for = fields.String(
        metadata={"description": "for how long it is kept without an erasure, in French"}
    )
    rows = fields.Integer(
        allow_none=True,
        metadata={"description": f"how many, counted up to {MOST_COUNTED}; null of what stays"},
    )


class BeyondOut(Schema):
    label = fields.String(metadata={"description": "what an erasure does not reach, in French"})
    why = fields.String(metadata={"description": "why it stays"})
    kept_for = fields.String(metadata={"description": "until when"})


def beyond() -> list[dict[str, str]]:
    """What no erasure reaches, as `BeyondOut`."""
    return [asdict(each) for each in BEYOND]


class ForeseenErasureOut(Schema):
    items = fields.List(fields.Nested(ErasurePartOut))
    beyond = fields.List(fields.Nested(BeyondOut))


class ErasedOut(AccountOut):
    beyond = fields.List(fields.Nested(BeyondOut))
