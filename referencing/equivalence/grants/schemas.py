"""What the engine answers, as the API tells it: an expected proof goes by its `code` there, as everywhere.

The published `equivalence-resolution/1`, in which answers are kept, says `proof` for it: `in_api_words` is where
one becomes the other.
"""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from referencing.base.schemas import Schema, one_of, optional
from referencing.equivalence.engine.formats import dump_item
from referencing.equivalence.engine.resolution import Item, Status, Strength


class AlikeVersionsOut(Schema):
    id = fields.UUID()
    role = fields.String()
    components = fields.List(fields.String())
    valid_from = fields.Date()


class FactEmbeddingOut(Schema):
    id = fields.UUID()
    component = fields.String()
    roles = fields.List(fields.String())
    valid_from = fields.Date()


class DerivationOut(Schema):
    """A leaf names its fact, any other step the rule that it goes by."""

    code = fields.String(metadata={"description": "of the expected proof that is shown"})
    fact = optional(fields.String())
    alike = optional(
        fields.List(
            fields.Nested(AlikeVersionsOut),
            metadata={"description": "the declarations without which the fact would be of other components"},
        )
    )
    embedding = optional(
        fields.Nested(
            FactEmbeddingOut,
            metadata={"description": "without which the fact, found on a component, would not count"},
        )
    )
    clause = optional(
        fields.String(metadata={"description": "the code of a correspondence, or `socle:` and a socle's"})
    )
    relation = optional(fields.String())
    sources = optional(fields.List(fields.Nested("DerivationOut"), data_key="from"))


class BlockedOut(Schema):
    fact = fields.String()
    reasons = fields.List(fields.String())


class AnswerOut(Schema):
    code = fields.String(metadata={"description": "of the expected proof"})
    status = one_of(Status, metadata={"description": "what equivalence alone shows"})
    strength = one_of(Strength, allow_none=True)
    depth = fields.Integer(allow_none=True)
    facts = fields.List(fields.String())
    cases = fields.List(fields.String())
    derivation = fields.Nested(DerivationOut, allow_none=True)
    confirm = fields.List(fields.String())
    blocked = fields.List(fields.Nested(BlockedOut))


def answer_view(item: Item) -> dict[str, Any]:
    """An answer of the engine in the keys of `AnswerOut`."""
    written = dump_item(item)
    return {**in_api_words(written), "derivation": derivation_view(written["derivation"])}


def derivation_view(derivation: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A derivation, as it is kept, in the keys of `DerivationOut`; none of what stands on no fact."""
    if not derivation:
        return None
    if "from" not in derivation:
        return in_api_words(derivation)
    return {**in_api_words(derivation), "from": [derivation_view(source) for source in derivation["from"]]}


def in_api_words(written: Mapping[str, Any]) -> dict[str, Any]:
    """An object of the published format with its `proof` under the name `code`."""
    return {"code" if key == "proof" else key: value for key, value in written.items()}
