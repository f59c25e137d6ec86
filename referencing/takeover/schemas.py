"""Takeovers as the API describes them."""

from marshmallow import fields

from referencing.base.schemas import RowProblemSchema, Schema, Sha256, one_of, text, time
from referencing.base.shapes import computed, possible_actions, shape

from .layout import Outcome
from .models import PastState
from .states import TAKEOVER, TakeoverState

#: How many referencings, and how many problems, an answer tells.
SHOWN = 500


class CheckedReferencingOut(Schema):
    row = fields.Integer(metadata={"description": "the first one that is about it"})
    organisation = fields.String()
    nil = fields.String()
    commercial_name = fields.String()
    dsr = fields.String()
    version = fields.Integer(metadata={"description": "of the DSR"})
    referenced_on = fields.Date()
    outcomes = computed(
        fields.Dict(
            keys=fields.String(),
            values=fields.Integer(),
            metadata={"description": "how many expected proofs of each outcome"},
        ),
        lambda checked: {outcome.value: checked.outcomes[outcome] for outcome in Outcome},
    )
    untold = fields.Integer(metadata={"description": "expected proofs of which nothing is told"})
    new_software = fields.Boolean(metadata={"description": "nobody registered its software yet"})


_referencing, _problem = shape(CheckedReferencingOut), shape(RowProblemSchema)


class TakeoverReportOut(Schema):
    """A dry run: nothing is kept. All referencings and problems are counted, and the first 500 of each told."""

    rows = fields.Integer()
    usable = computed(
        fields.Integer(metadata={"description": "referencings that could be taken over"}),
        lambda report: len(report.referencings),
    )
    left_aside = fields.Integer(metadata={"description": "referencings that could not"})
    problem_count = computed(fields.Integer(), lambda report: len(report.problems))
    referencings = computed(
        fields.List(fields.Nested(CheckedReferencingOut)),
        lambda report: [_referencing(one) for one in report.referencings[:SHOWN]],
    )
    problems = computed(
        fields.List(fields.Nested(RowProblemSchema)),
        lambda report: [_problem(one) for one in report.problems[:SHOWN]],
    )


class TakeoverOut(Schema):
    id = fields.UUID()
    filename = fields.String()
    sha256 = fields.String(metadata={"description": "of the file"})
    state = one_of(TakeoverState)
    rows = fields.Integer()
    left_aside = fields.Integer(metadata={"description": "referencings of the file that were left aside"})
    taken_by = fields.String(
        attribute="taker.name",
        allow_none=True,
        metadata={"description": "null: whoever administers the service"},
    )
    taken_at = time()
    ended_at = time(allow_none=True, metadata={"description": "null while jobs work on it"})
    taken_back_by = fields.String(attribute="undoer.name", allow_none=True)
    taken_back_at = time(allow_none=True)
    reason = fields.String(allow_none=True, metadata={"description": "why it is taken back"})
    actions = possible_actions(TAKEOVER, "/takeovers/{takeover}", {"take_back": "POST /taking-back"})


class CoverageOut(Schema):
    dossiers = fields.Integer(metadata={"description": "open ones that owe something to it"})
    covered = fields.Integer(metadata={"description": "their items that it covers"})
    to_confirm = fields.Integer(metadata={"description": "their items that a verifier has to confirm"})
    items = fields.Integer(metadata={"description": "all their items"})


class DossierCoverageOut(Schema):
    candidature = fields.UUID(attribute="candidature_id")
    organisation = fields.String(attribute="candidature.organisation.name")
    commercial_name = fields.String(attribute="candidature.configuration.solution.commercial_name")
    dsr = fields.String(attribute="candidature.version.dsr.code")
    items = fields.Integer(metadata={"description": "all of the dossier"})
    covered = fields.List(
        fields.String(), metadata={"description": "its expected proofs, by code, that it covers"}
    )
    to_confirm = fields.List(
        fields.String(), metadata={"description": "those that a verifier has to confirm"}
    )


class TakeoverWhole(TakeoverOut):
    progress = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": f"its referencings by state: {', '.join(PastState)}"},
    )
    problem_count = fields.Integer(metadata={"description": "told at `/problems`"})
    coverage = fields.Nested(
        CoverageOut,
        allow_none=True,
        metadata={
            "description": "what open dossiers owed to it when it was finished, told by dossier at `/coverage`; "
            "null before"
        },
    )


class PastReferencingOut(Schema):
    number = fields.Integer()
    row = fields.Integer(metadata={"description": "of the file, the first one that is about it"})
    state = one_of(PastState)
    organisation = fields.String(attribute="organisation.name")
    nil = fields.String()
    commercial_name = fields.String()
    dsr = fields.String(attribute="version.dsr.code")
    dsr_version = fields.Integer(attribute="version.number")
    referenced_on = fields.Date()
    candidature = fields.UUID(
        attribute="candidature_id", allow_none=True, metadata={"description": "that it became"}
    )


class TakingBackArguments(Schema):
    dry_run = fields.Boolean(
        load_default=False, metadata={"description": "only answer what would happen; nothing is changed"}
    )


class TakingBackIn(Schema):
    reason = text(5_000)
    digest = Sha256(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "of what leans on it, as the dry run or the refusal gives it: it is meant. Needed when "
            "items do"
        },
    )


class TakingBackOut(Schema):
    """What a dry run answers: what leans on a takeover now."""

    referencings = fields.Integer(metadata={"description": "that would be annulled"})
    dossiers = fields.Integer(metadata={"description": "open or on the public list, whose items lean on it"})
    losing = fields.Integer(metadata={"description": "these items"})
    digest = fields.String(metadata={"description": "names the referencings and the items, one by one"})
