"""Revocations and flags as the API takes and describes them."""

from enum import StrEnum

from marshmallow import fields, validate

from referencing.base.schemas import Day, Schema, Sha256, one_of, text, time
from referencing.base.shapes import computed
from referencing.candidatures.record.states import Action, ItemState
from referencing.equivalence.grants.schemas import DerivationOut, derivation_view
from referencing.web.pages import PageArguments

from .models import Cause, Fate


class ConfirmationIn(Schema):
    digest = Sha256(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "of the effects, as the dry run or the refusal gives it: they are meant. Needed when items "
            "lose what they stand on"
        },
    )


class RevocationIn(ConfirmationIn):
    reason = text(5_000)


class FactRevocationIn(RevocationIn):
    audit = fields.UUID(
        load_default=None, allow_none=True, metadata={"description": "the audit that found it false"}
    )


class RevocationArguments(Schema):
    dry_run = fields.Boolean(
        load_default=False, metadata={"description": "only answer what would happen; nothing is changed"}
    )


class Decision(StrEnum):
    """The actions that change the standing of a dossier."""

    REFERENCE = Action.REFERENCE.value
    REFUSE = Action.REFUSE.value
    WITHDRAW = Action.WITHDRAW.value
    SUSPEND = Action.SUSPEND.value
    REINSTATE = Action.REINSTATE.value
    DELIST = Action.DELIST.value


class ConsequencesArguments(Schema):
    action = one_of(Decision, required=True)


class EffectOut(Schema):
    candidature = fields.UUID()
    item = fields.UUID()
    code = fields.String()
    fate = one_of(Fate, allow_none=True, metadata={"description": "null as long as a job has yet to see"})
    state = one_of(ItemState, allow_none=True)
    derivation = computed(
        fields.Nested(DerivationOut, allow_none=True, metadata={"description": "what covers it instead"}),
        lambda effect: derivation_view(effect.derivation),
    )


class ImpactOut(Schema):
    dry_run = fields.Boolean()
    effects = fields.List(
        fields.Nested(EffectOut),
        metadata={
            "description": "on the items of candidatures that you may read; drafts are their editors' alone"
        },
    )
    summary = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={
            "description": "items by fate, and `pending`; what is not named among the effects is counted"
        },
    )
    dossiers = fields.Integer(
        metadata={"description": "candidatures of these items, counted as in `summary`"}
    )


class RevocationImpactOut(ImpactOut):
    digest = fields.String(metadata={"description": "names these effects, item by item, to confirm them"})


class ExpiriesArguments(PageArguments):
    until = Day(required=True, metadata={"description": "the last day that is looked at"})
    limit = fields.Integer(
        load_default=20,
        validate=validate.Range(1, 50, error="De {min} à {max}."),
        metadata={"description": "technical cores on a page"},
    )


class EndOut(Schema):
    on = fields.Date(metadata={"description": "the first day without"})
    certificate = fields.UUID(allow_none=True)
    correspondence = fields.String(
        allow_none=True, metadata={"description": "its code, in the rules in force"}
    )
    reason = fields.String()


class ExpiryOut(EndOut, ImpactOut):
    pass


class ExpiringSoftwareOut(Schema):
    id = fields.UUID()
    name = fields.String()
    nil = fields.String()


class CoreOut(Schema):
    core = fields.UUID()
    softwares = fields.List(fields.Nested(ExpiringSoftwareOut))


class CoreExpiriesOut(CoreOut):
    expiries = fields.List(fields.Nested(ExpiryOut), metadata={"description": "in the order of the days"})


class RevocationOut(Schema):
    id = fields.UUID()
    cause = one_of(Cause)
    expired = fields.Boolean(metadata={"description": "it ended by itself: on its day, or read again"})
    verification = fields.UUID(attribute="verification_id", allow_none=True)
    certificate = fields.UUID(attribute="certificate_id", allow_none=True)
    identity = fields.UUID(attribute="identity_id", allow_none=True)
    rulebook = fields.UUID(attribute="rulebook_id", allow_none=True)
    dossier_standing = fields.UUID(
        attribute="standing_id",
        allow_none=True,
        metadata={"description": "what became of the dossier in which facts were found"},
    )
    alike_versions = fields.UUID(
        attribute="alike_id", allow_none=True, metadata={"description": "their declaration"}
    )
    embedding = fields.UUID(attribute="embedding_id", allow_none=True)
    rule = fields.Dict(allow_none=True)
    reason = fields.String()
    revoked_at = time()


class FollowedOut(RevocationOut):
    summary = fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata={"description": "by fate, and `pending`"}
    )


class FlagOut(Schema):
    id = fields.UUID()
    candidature = fields.UUID(attribute="candidature_id")
    dsr = fields.String(attribute="candidature.version.dsr.code")
    organisation = fields.String(attribute="candidature.organisation.name")
    commercial_name = fields.String(attribute="candidature.configuration.solution.commercial_name")
    item = fields.UUID(attribute="item_id")
    code = fields.String(attribute="item.expected_proof.code")
    reason = fields.String(attribute="revocation.reason")
    raised_at = time()
