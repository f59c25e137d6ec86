"""What is said before somebody is erased, and why they are."""

from typing import Any

from marshmallow import fields

from referencing.base.schemas import Schema, one_of, text
from referencing.base.shapes import computed

from .erasure import MOST_COUNTED
from .kinds import FATES, Fate


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
    rows = fields.Integer(
        allow_none=True,
        metadata={"description": f"how many, counted up to {MOST_COUNTED}; null of what stays"},
    )


class ForeseenErasureOut(Schema):
    items = fields.List(fields.Nested(ErasurePartOut))
