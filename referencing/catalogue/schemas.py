"""The catalogue as the API takes and describes it."""

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import RowProblemSchema, Schema, one_of, text, time
from referencing.base.shapes import possible_actions
from referencing.web.pages import PageArguments

from .proposals import Guichet, ProofKind
from .queries import state_of
from .states import DSR


class DsrIn(Schema):
    dispositif = text(30)
    vague = fields.Integer(
        required=True, strict=True, validate=ma.validate.Range(1, 99, error="De {min} à {max}.")
    )
    couloir = text(100)
    title = text(300)


class VersionOut(Schema):
    number = fields.Integer()
    published_at = time(allow_none=True)


class DsrWordsOut(Schema):
    """A DSR without its versions."""

    code = fields.String()
    dispositif = fields.String()
    vague = fields.Integer()
    couloir = fields.String()
    title = fields.String()


class DsrActsOut(DsrWordsOut):
    """With what its reader may do."""

    actions = possible_actions(
        DSR,
        "/dsrs/{dsr}",
        {
            "change": "PUT",
            "correct_proof": "PATCH /proofs/{code}",
            "import": "POST /imports",
            "link_socles": "PUT /socles",
            "publish": "POST /publication",
        },
        state_of,
    )


class DsrOut(DsrActsOut):
    versions = fields.List(fields.Nested(VersionOut))


class ProofCountOut(Schema):
    kind = one_of(ProofKind)
    guichet = one_of(Guichet)
    number = fields.Integer()
    corrected = fields.Integer(metadata={"description": "of these, corrected by a person"})


class VersionChangesOut(Schema):
    """Expected proofs of a version, compared by code with those of the version published before."""

    added = fields.Integer()
    removed = fields.Integer()
    reworded = fields.Integer()


class VersionSummaryOut(VersionOut):
    proofs = fields.List(fields.Nested(ProofCountOut))
    chapters = fields.List(fields.String())
    changes = fields.Nested(
        VersionChangesOut, allow_none=True, metadata={"description": "null for a first version"}
    )


class ImportOut(Schema):
    version = fields.Integer()
    rows = fields.Integer()
    requirements = fields.Integer()
    proofs = fields.Integer()
    added = fields.Integer()
    changed = fields.Integer()
    removed = fields.Integer()
    unchanged = fields.Integer()
    problems = fields.List(fields.Nested(RowProblemSchema))


class SoclesOut(Schema):
    version = fields.Integer()
    rows = fields.Integer()
    linked = fields.Integer()
    changed = fields.Integer()
    ignored = fields.Integer(metadata={"description": "rows of other DSRs"})
    problems = fields.List(fields.Nested(RowProblemSchema))


class VersionArguments(Schema):
    version = fields.Integer(
        load_default=None, metadata={"description": "a version's number; else the last one published"}
    )


class RequirementsArguments(VersionArguments, PageArguments):
    chapter = fields.String(load_default=None)
    kind = one_of(ProofKind, load_default=None)
    guichet = one_of(Guichet, load_default=None)


class ExpectedProofOut(Schema):
    code = fields.String()
    number = fields.String()
    text = fields.String()
    scenario_number = fields.String()
    scenario_text = fields.String()
    guichet = one_of(Guichet)
    kind = one_of(ProofKind)
    roles = fields.List(
        fields.String(), metadata={"description": "of the components on which it depends, in a composition"}
    )
    duo = fields.Boolean(metadata={"description": "it can be shown in a live session"})
    live_without_trace = fields.Boolean(
        metadata={"description": "a live verdict needs neither a capture nor a recording"}
    )
    platforms = fields.List(
        fields.String(), metadata={"description": "codes of those without which it cannot be supplied"}
    )
    corrected = fields.Boolean()
    revision = fields.Integer(metadata={"description": "the ETag, for a correction"})


class RequirementOut(Schema):
    code = fields.String()
    chapter = fields.String()
    title = fields.String()
    function = fields.String()
    text = fields.String()
    comment = fields.String()
    profile = fields.String(metadata={"description": "whom it is asked of; a candidature names its own"})
    criticality = fields.String()
    socle = fields.String(allow_none=True)
    socle_fidelity = fields.String(allow_none=True)
    proofs = fields.List(fields.Nested(ExpectedProofOut))


class CorrectionIn(Schema):
    guichet = one_of(Guichet)
    kind = one_of(ProofKind)
    roles = fields.List(text(30))
    platforms = fields.List(
        text(40),
        validate=ma.validate.Length(max=20, error="{max} au plus."),
        metadata={"description": "codes of those without which it cannot be supplied"},
    )
    duo = fields.Boolean()
    live_without_trace = fields.Boolean(
        metadata={"description": "a live verdict needs neither a capture nor a recording"}
    )

    @ma.validates_schema
    def says_something(self, values: dict[str, object], **_: object) -> None:
        if not values:
            raise ma.ValidationError(
                "Donnez au moins une correction : guichet, kind, roles, platforms, duo ou live_without_trace."
            )
