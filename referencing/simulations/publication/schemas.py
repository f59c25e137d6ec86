"""Publications and reinstatements of rules as the API takes and shows them."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Day, Schema, Sha256, one_of, text
from referencing.equivalence.engine.resolution import Status
from referencing.equivalence.rulebooks.schemas import FindingOut, RulebookOut
from referencing.simulations.schemas import ReasonOut
from referencing.web.pages import PageArguments

_DIGEST: Any = {
    "load_default": None,
    "allow_none": True,
    "metadata": {
        "description": "of the impact, as the dry run or the refusal gives it: it is meant. Needed when items lose"
    },
}


class ImpactArguments(PageArguments):
    dry_run = fields.Boolean(
        load_default=False, metadata={"description": "only answer what would happen; nothing is changed"}
    )
    limit = fields.Integer(
        load_default=20,
        validate=ma.validate.Range(1, 100, error="De {min} à {max}."),
        metadata={"description": "affected candidatures on a page; of a dry run alone"},
    )

    @ma.validates_schema(pass_original=True)
    def refuse_pages_of_what_is_done(
        self, values: Mapping[str, Any], original: Mapping[str, Any], **_: Any
    ) -> None:
        """Raises ValidationError for a page of what is not shown."""
        for name in {"limit", "cursor"} & original.keys():
            if not values["dry_run"]:
                raise ma.ValidationError("Ce paramètre va avec « dry_run=true ».", name)


class PublicationIn(Schema):
    valid_from = Day(load_default=None, allow_none=True, metadata={"description": "today when there is none"})
    accept_warnings = fields.Boolean(
        load_default=False,
        metadata={
            "description": "true: the rules are meant as the warnings tell, unchecked or not simulated among them"
        },
    )
    digest = Sha256(**_DIGEST)


class RulesReinstatementIn(Schema):
    reason = text(5_000)
    digest = Sha256(**_DIGEST)


class ItemMoveOut(Schema):
    item = fields.UUID()
    code = fields.String()
    before = one_of(Status)
    after = one_of(Status)


class AffectedDossierOut(Schema):
    candidature = fields.UUID()
    organisation = fields.String()
    commercial_name = fields.String()
    dsr = fields.String()
    losing = fields.Integer(
        attribute="counts.losing", metadata={"description": "items that come nearer to being required"}
    )
    gaining = fields.Integer(
        attribute="counts.gaining", metadata={"description": "items that come nearer to being covered"}
    )
    otherwise = fields.Integer(
        attribute="counts.otherwise",
        metadata={"description": "items of the same status, by another derivation"},
    )
    items = fields.List(fields.Nested(ItemMoveOut), attribute="moves")


class RulesImpactOut(Schema):
    digest = fields.String(metadata={"description": "names this impact, item by item, to confirm it"})
    against = fields.UUID(
        attribute="basis.against_id", allow_none=True, metadata={"description": "the rulebook in force"}
    )
    applies_on = fields.Date(attribute="basis.applies_on")
    dossiers = fields.Integer(
        metadata={
            "description": "open candidatures that change; drafts are counted in all numbers, and not among `items`: "
            "they are their editors' alone"
        }
    )
    losing = fields.Integer(attribute="counts.losing")
    gaining = fields.Integer(attribute="counts.gaining")
    otherwise = fields.Integer(attribute="counts.otherwise")
    simulation = fields.UUID(
        allow_none=True,
        metadata={"description": "that tells so; null when the candidatures were compared just now"},
    )


class PublishedOut(RulebookOut):
    dry_run = fields.Boolean()
    warnings = fields.List(
        fields.Nested(FindingOut),
        metadata={"description": "that stand against it and were, or are to be, accepted"},
    )
    impact = fields.Nested(RulesImpactOut)
    changed_since = fields.List(
        fields.Nested(ReasonOut), metadata={"description": "why the simulation may say something else now"}
    )
    items = fields.List(
        fields.Nested(AffectedDossierOut),
        allow_none=True,
        metadata={"description": "the candidatures that would change, of a dry run; null once it is done"},
    )
    next = fields.String(
        allow_none=True, metadata={"description": "cursor of the next page; null on the last one"}
    )
