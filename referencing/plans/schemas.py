"""What is asked for plans, and what is answered."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Schema, one_of, text
from referencing.candidatures.record.states import State
from referencing.equivalence.engine.resolution import Status
from referencing.preflight.schemas import PlannedIn
from referencing.solutions.schemas import ComponentIn

from .certificates import ObtainableCertificate
from .reading import MOST, MOST_PLANNED
from .sentences import Outcome


class ObtainableCertificateIn(Schema):
    software = fields.UUID(required=True, metadata={"description": "of a candidature of the plan"})
    kind = text(100, metadata={"description": "that a rule in force reads"})
    holder = text(
        200,
        load_default=None,
        allow_none=True,
        required=False,
        metadata={"description": "a component of its compositions; left out, the software itself"},
    )

    @ma.post_load
    def obtainable(self, words: dict[str, Any], **_: object) -> ObtainableCertificate:
        return ObtainableCertificate(**words)


class ReusePlansIn(Schema):
    candidatures = fields.List(
        fields.UUID(),
        load_default=None,
        allow_none=True,
        validate=ma.validate.Length(max=MOST, error="{max} candidatures au plus."),
        metadata={
            "description": "the open ones that the plans are over; left out, all of the organisation's"
        },
    )
    planned = fields.List(
        fields.Nested(PlannedIn),
        load_default=list,
        validate=ma.validate.Length(max=MOST_PLANNED, error="{max} candidatures prévues au plus."),
        metadata={"description": "candidatures that are not drafted; nothing of them is kept"},
    )
    certificates = fields.List(
        fields.Nested(ObtainableCertificateIn),
        load_default=list,
        validate=ma.validate.Length(max=MOST_PLANNED, error="{max} certificats au plus."),
        metadata={
            "description": "that could be obtained, reckoned with as if they were issued today; those that are held "
            "count in any case"
        },
    )


class ConsideredOut(Schema):
    """A dossier of the plans, named elsewhere by its rank in this list, from 0."""

    candidature = fields.UUID(allow_none=True, metadata={"description": "null for a planned one"})
    planned = fields.Integer(allow_none=True, metadata={"description": "its rank in what was asked"})
    state = one_of(State, allow_none=True)
    dsr = fields.String()
    dsr_version = fields.Integer()
    solution = fields.UUID()
    commercial_name = fields.String()
    composition = fields.List(fields.Nested(ComponentIn))
    profiles = fields.List(fields.String())


class ServedOut(Schema):
    item = fields.Integer(metadata={"description": "its rank in `items`"})
    status = one_of(Status, metadata={"description": "by equivalence, once the plan is carried out"})
    clauses = fields.List(
        fields.String(), metadata={"description": "correspondences and socles, from what is supplied to it"}
    )
    with_ = fields.List(
        fields.Integer(), data_key="with", metadata={"description": "the other supplies that it takes"}
    )


class SupplyOut(Schema):
    item = fields.Integer(metadata={"description": "its rank in `items`"})
    opens = fields.List(
        fields.Integer(),
        metadata={"description": "the items that follow once it is supplied after those before it"},
    )
    serves = fields.List(
        fields.Nested(ServedOut), metadata={"description": "all the items that have need of it"}
    )


class FilingOut(Schema):
    dossier = fields.Integer()
    supplies = fields.Integer(metadata={"description": "what is to be supplied in it, or shown in a session"})
    opens = fields.Integer(metadata={"description": "items that this opens in the dossiers that come after"})
    reason = fields.String(metadata={"description": "a sentence, in French"})


class PlannedItemOut(Schema):
    dossier = fields.Integer()
    code = fields.String()
    outcome = one_of(
        Outcome,
        metadata={
            "description": "`to_show`: supplied by showing it in a live session. `covered` and what follows: once "
            "the plan is supplied and found conform"
        },
    )
    needs = fields.List(
        fields.Integer(), metadata={"description": "the supplies that it follows from, by rank in `items`"}
    )
    explanation = fields.List(fields.String(), metadata={"description": "French sentences"})


class ReusePlanOut(Schema):
    exact = fields.Boolean(metadata={"description": "no smaller supply is enough"})
    at_least = fields.Integer(
        metadata={"description": "no supply of fewer proofs is enough: how far from the best this may be"}
    )
    counts = fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata={"description": "items by outcome"}
    )
    supplies = fields.List(fields.Nested(SupplyOut), metadata={"description": "in the order that opens most"})
    filing = fields.List(
        fields.Nested(FilingOut),
        metadata={
            "description": "the dossiers in which something is to be supplied, the one to go ahead with first"
        },
    )
    items = fields.List(fields.Nested(PlannedItemOut))


class ReusePlansOut(Schema):
    dossiers = fields.List(fields.Nested(ConsideredOut))
    alone = fields.Integer(
        metadata={
            "description": "items to be supplied as things stand, if nothing followed from another; what waits for "
            "a confirmation, or for a review, is not among them"
        }
    )
    certain = fields.Nested(
        ReusePlanOut, metadata={"description": "the rest is covered, without anybody looking again"}
    )
    to_confirm = fields.Nested(
        ReusePlanOut, metadata={"description": "the rest is covered, to be confirmed, or awaits a review"}
    )
