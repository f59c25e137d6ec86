"""What comes in and goes out of the dossiers."""

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Schema, one_of, remark, text, time
from referencing.base.shapes import computed, possible_actions
from referencing.candidatures.clock.ledger import Holder
from referencing.candidatures.record.states import (
    CANDIDATURE,
    DECISIONS,
    ItemState,
    State,
    Step,
    Track,
)
from referencing.equivalence.grants.schemas import AnswerOut
from referencing.journal.schemas import EventOut
from referencing.solutions.compositions import composition_view
from referencing.solutions.schemas import ComponentIn
from referencing.web.pages import PageArguments


class CandidatureIn(Schema):
    dsr = text(50, metadata={"description": "its code; the last version that was published counts"})
    solution = fields.UUID(required=True)
    software_version = text(100)
    composition = fields.List(
        fields.Nested(ComponentIn),
        metadata={"description": "left out, none; said, a second draft may have another one than the first"},
    )
    profiles = fields.List(
        text(200),
        load_default=list,
        metadata={"description": "of the requirements (`profile`), besides the one of everybody"},
    )
    mode = one_of(
        Track,
        load_default=Track.ASYNC,
        metadata={"description": "`duo`: what can be is shown to verifiers in a live session"},
    )
    external_reference = text(
        required=False,
        load_default=None,
        allow_none=True,
        metadata={"description": "the editor's own name for the dossier"},
    )


class CandidatureEdit(Schema):
    """What is left out stays as it is."""

    software_version = text(100, required=False)
    composition = fields.List(fields.Nested(ComponentIn))
    profiles = fields.List(text(200))
    mode = one_of(Track)
    external_reference = text(required=False, allow_none=True)


class NextStepOut(Schema):
    step = one_of(Step)
    on = fields.Date(allow_none=True, metadata={"description": "in the past when it is overdue"})
    reason = fields.String(allow_none=True, metadata={"description": "why no day is known, in French"})


class AwaitedOut(Schema):
    item = fields.UUID(
        attribute="item_id",
        allow_none=True,
        metadata={"description": "null when the dossier itself waits"},
    )
    code = fields.String(allow_none=True)
    party = fields.String(metadata={"description": "who has to answer first"})
    since = time()
    expected_on = fields.Date(metadata={"description": "the day on which the answer is expected"})


class CandidatureRowOut(Schema):
    """What the dossier's row says, with the rows that it names."""

    id = fields.UUID()
    state = one_of(State)
    dsr = fields.String(attribute="version.dsr.code")
    dsr_version = fields.Integer(attribute="version.number")
    organisation = fields.String(attribute="organisation.name")
    solution = fields.UUID(attribute="configuration.solution_id")
    commercial_name = fields.String(attribute="configuration.solution.commercial_name")
    software = fields.UUID(attribute="configuration.solution.software_id")
    nil = fields.String(attribute="configuration.solution.software.nil")
    software_version = fields.String(attribute="configuration.software_version")
    composition = computed(
        fields.List(fields.Nested(ComponentIn)),
        lambda candidature: composition_view(candidature.configuration.composition),
    )
    profiles = fields.List(fields.String())
    mode = one_of(Track)
    external_reference = fields.String(allow_none=True)
    revision = fields.Integer(metadata={"description": "the ETag, for a change of the draft"})
    deposited_on = fields.Date(allow_none=True)
    created_at = time()
    imported = computed(
        fields.Boolean(
            metadata={"description": "referenced before this service: its findings were taken over"}
        ),
        lambda candidature: candidature.takeover_id is not None,
    )
    actions = possible_actions(
        CANDIDATURE,
        "/candidatures/{candidature}",
        {
            "admit": "POST /admissibility",
            "amend": "PATCH",
            "find_incomplete": "POST /admissibility",
            "give_up": "DELETE",
            "reference": "POST /decision",
            "refuse": "POST /decision",
            "send_back": "POST /decision",
            "submit": "POST /submission",
            "take_back": "POST /taking-back",
            "withdraw": "POST /withdrawal",
        },
    )


class CandidatureOut(CandidatureRowOut):
    remarks = fields.List(
        fields.String(),
        metadata={
            "description": "in French, of a draft: roles of its composition on which nothing depends, a slip perhaps"
        },
    )
    progress = fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata={"description": "items by state"}
    )
    missing_counts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={
            "description": "items to be supplied, by guichet, none once it is closed; a dossier that is admitted "
            "without them is `in_review`, not `incomplete`: the rest is instructed meanwhile"
        },
    )
    holder = fields.String(
        allow_none=True, metadata={"description": "editor, agency, third_party, or null when closed"}
    )
    working_days_used = fields.Integer(metadata={"description": "by the agency, all its turns together"})
    due_on = fields.Date(
        allow_none=True,
        metadata={"description": "when the agency's 15 working days end; null while it has nothing to do"},
    )
    expected_next = fields.Nested(
        NextStepOut, allow_none=True, metadata={"description": "what ends this phase, and when"}
    )
    third_parties = fields.List(
        fields.Nested(AwaitedOut),
        metadata={"description": "whose answers are awaited; none is told to an integration"},
    )


class ItemChangeOut(Schema):
    code = fields.String()
    before = fields.String(allow_none=True, metadata={"description": "null: it is a new item"})
    after = fields.String(allow_none=True, metadata={"description": "null: it is asked for no more"})


class AmendedOut(CandidatureOut):
    changes = fields.List(
        fields.Nested(ItemChangeOut), metadata={"description": "the items that stand otherwise now, by state"}
    )


class ActReceiptOut(EventOut):
    """What proves that an act on a candidature was done: its entry in the record, with the seal."""

    candidature = fields.UUID()
    digest = fields.String(
        metadata={
            "description": "SHA-256 that seals the entry and, by the one before, all the timeline until it"
        }
    )


class ReceiptCheckOut(ActReceiptOut):
    intact = fields.Boolean(
        metadata={"description": "whether the record, read again now, still gives this digest to the entry"}
    )


class ActedOut(CandidatureOut):
    receipt = fields.Nested(ActReceiptOut, metadata={"description": "read again at `/receipts/{number}`"})


class CandidaturesArguments(PageArguments):
    state = one_of(State, load_default=None)
    dsr = text(50, required=False, load_default=None)
    couloir = text(200, required=False, load_default=None)
    dispositif = text(100, required=False, load_default=None)
    vague = fields.Integer(load_default=None, validate=ma.validate.Range(1, 99, error="De {min} à {max}."))
    organisation = text(300, required=False, load_default=None, metadata={"description": "its name"})
    holder = one_of(Holder, load_default=None, metadata={"description": "who has to act next"})
    q = text(
        200,
        required=False,
        load_default=None,
        metadata={
            "description": "found in the names of organisation and solution, the NIL or the DSR's code"
        },
    )
    imported = fields.Boolean(
        load_default=None, metadata={"description": "referenced before this service, or not"}
    )
    sort = fields.String(
        load_default="oldest",
        validate=ma.validate.OneOf(["oldest", "newest"], error="Donnez l'une de ces valeurs : {choices}."),
        metadata={"description": "by the day of drafting"},
    )


class ResolutionItemOut(AnswerOut):
    state = one_of(
        ItemState, metadata={"description": "how the item stands, by whatever was supplied or decided"}
    )
    explanation = fields.List(fields.String(), metadata={"description": "French sentences"})


class ResolutionOut(Schema):
    items = fields.List(fields.Nested(ResolutionItemOut))
    summary = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={
            "description": "items by `status`; by `state` they are counted in the candidature's `progress`"
        },
    )


class SubmissionIn(Schema):
    incomplete = fields.Boolean(
        load_default=False,
        metadata={
            "description": "true: what misses is left out on purpose; else it is refused, with the list"
        },
    )


class AdmissibilityIn(SubmissionIn):
    outcome = fields.String(
        required=True,
        validate=ma.validate.OneOf(
            ["admissible", "incomplete"], error="Donnez l'une de ces valeurs : {choices}."
        ),
    )
    comment = remark()


OUTCOMES = {outcome: action for action, outcome in DECISIONS.items()}


class DecisionIn(Schema):
    outcome = fields.String(
        required=True,
        validate=ma.validate.OneOf(list(OUTCOMES), error="Donnez l'une de ces valeurs : {choices}."),
    )
    comment = remark()
    items = fields.List(
        text(300),
        load_default=list,
        metadata={"description": "what is to be looked at again, when sent back"},
    )
    nonconform = fields.Boolean(
        load_default=False,
        metadata={
            "description": "true: it is referenced despite nonconform items, for the reason in `comment`; else that is "
            "refused, with the list"
        },
    )

    @ma.validates_schema
    def says_why(self, values: dict[str, object], **_: object) -> None:
        needed = values.get("outcome") != "referenced" or values.get("nonconform")
        if needed and not str(values.get("comment", "")).strip():
            raise ma.ValidationError("Motivez cette décision.", "comment")
