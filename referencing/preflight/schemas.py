"""What is asked and answered before a dossier is filed."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Schema, one_of
from referencing.candidatures.api.schemas import CandidatureIn
from referencing.solutions.schemas import ComponentIn

from .planned import Planned
from .points import Topic


class PlannedIn(CandidatureIn):
    """What a candidature would say that is not drafted."""

    class Meta:
        fields = ("dsr", "solution", "composition", "profiles", "mode")

    composition = fields.List(fields.Nested(ComponentIn), load_default=list)

    @ma.post_load
    def planned(self, words: dict[str, Any], **_: object) -> Planned:
        pairs = [(component["role"], component["component"]) for component in words.pop("composition")]
        return Planned(composition=pairs, **words)


class PointOut(Schema):
    topic = one_of(
        Topic,
        metadata={
            "description": "submission refuses `missing`, unless `incomplete` says that it is meant, and `refusal`; it "
            "takes the others"
        },
    )
    detail = fields.String(metadata={"description": "a sentence, in French"})
    codes = fields.List(fields.String(), metadata={"description": "the expected proofs that it is about"})
    item = fields.UUID(
        allow_none=True, metadata={"description": "the item of the first of them; null for a planned dossier"}
    )


class PreflightOut(Schema):
    missing = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={
            "description": "codes by guichet; while there are any, submission asks for `incomplete`, to say it is meant"
        },
    )
    decision_on = fields.Date(
        metadata={
            "description": "by when the agency decides of what is filed today, if the editor keeps nothing"
        }
    )
    points = fields.List(fields.Nested(PointOut))
    covered = fields.List(
        fields.String(), metadata={"description": "codes for which nothing is to be supplied"}
    )
    to_confirm = fields.List(
        fields.String(), metadata={"description": "codes whose reuse a verifier is to confirm"}
    )
    awaiting = fields.List(
        fields.String(), metadata={"description": "codes for which a proof under review elsewhere may serve"}
    )
