"""What comes in and goes out of the rulebooks."""

from enum import StrEnum
from operator import attrgetter
from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Day, RowProblemSchema, Schema, one_of, text, time
from referencing.base.shapes import possible_actions
from referencing.equivalence.engine.facts import Relation, Reuse, Standing
from referencing.equivalence.rulebooks.checks.findings import Severity
from referencing.equivalence.states import RULEBOOK

from .models import RulebookState
from .rulebooks import COVER_KEYS, POLICY_KEYS


class Format(StrEnum):
    JSON = "json"
    CSV = "csv"
    OSCAL = "oscal"


class ImportFormat(StrEnum):
    """JSON is what POST /rulebooks takes."""

    CSV = "csv"
    OSCAL = "oscal"


MOST_RULES = ma.validate.Length(max=20_000, error="{max} règles au plus.")
_CODE = {"metadata": {"description": "DSR:REQUIREMENT or DSR:REQUIREMENT#SUFFIX"}}


class Globs(fields.Field[tuple[str, ...]]):
    """A glob or a list of globs."""

    def __init__(self, **kwargs: Any) -> None:
        texts = {"type": "array", "items": {"type": "string"}, "minItems": 1}
        super().__init__(metadata={"anyOf": [{"type": "string"}, texts]}, **kwargs)

    def _deserialize(self, value: object, *_: object, **__: object) -> tuple[str, ...]:
        globs = [value] if isinstance(value, str) else value
        if not isinstance(globs, list) or not globs or not all(isinstance(one, str) for one in globs):
            raise ma.ValidationError("Donnez un motif, ou une liste de motifs.")
        return tuple(globs)


class ByKey(fields.Dict):
    """An object of any keys; what is wrong is pointed at by the key alone."""

    def deserialize(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().deserialize(*args, **kwargs)
        except ma.ValidationError as error:
            if not isinstance(error.messages, dict):
                raise
            # marshmallow puts a step of its own between: {key: {"value": [...]}}.
            found = {
                key: [text for texts in told.values() for text in texts]
                for key, told in error.messages.items()
            }
            raise ma.ValidationError(found) from error


class CorrespondenceSchema(Schema):
    id = text(300)
    sources = fields.List(text(200, **_CODE), required=True, data_key="from")
    target = text(200, data_key="to", **_CODE)
    relation = one_of(Relation, required=True)
    valid_from = Day(load_default=None, allow_none=True)
    valid_until = Day(load_default=None, allow_none=True)


class CertificateKindSchema(Schema):
    kind = text(50)
    covers = fields.List(
        ByKey(keys=fields.String(), values=text(200)),
        required=True,
        metadata={
            "description": f"globs by key, {', '.join(sorted(COVER_KEYS))}: a proof is covered where all match"
        },
    )


class ThenSchema(Schema):
    reuse = one_of(Reuse, required=True)
    max_age_days = fields.Integer(load_default=None, allow_none=True, strict=True)


class PolicySchema(Schema):
    when = ByKey(
        keys=fields.String(),
        values=Globs(),
        required=True,
        metadata={
            "description": f"a glob, or a list of which one must match, by key: {', '.join(sorted(POLICY_KEYS))}; "
            f"`standing` is what became of the dossier of a finding: {', '.join(Standing)}"
        },
    )
    then = fields.Nested(ThenSchema, required=True)


class RulebookIn(Schema):
    label = text(200)
    correspondences = fields.List(fields.Nested(CorrespondenceSchema), load_default=list, validate=MOST_RULES)
    certificate_kinds = fields.List(
        fields.Nested(CertificateKindSchema), load_default=list, validate=MOST_RULES
    )
    policies = fields.List(fields.Nested(PolicySchema), load_default=list, validate=MOST_RULES)


class RulebookOut(Schema):
    id = fields.UUID()
    label = fields.String()
    state = fields.Enum(RulebookState, by_value=True)
    revision = fields.Integer(metadata={"description": "the ETag, for an edit"})
    checked_at = time(allow_none=True)
    valid_from = fields.Date(
        attribute="first_day", allow_none=True, metadata={"description": "the first day, once published"}
    )
    scheduled_at = time(allow_none=True, metadata={"description": "when it was published for a later day"})
    published_at = time(allow_none=True, metadata={"description": "since when it applies"})
    superseded_at = time(allow_none=True)
    actions = possible_actions(
        RULEBOOK,
        "/rulebooks/{rulebook}",
        {
            "check": "POST /checks",
            "edit": "PUT or DELETE of an entry, POST of a table",
            "propose": "POST /proposals",
            "publish": "POST /publication",
            "reinstate": "POST /reinstatement",
            "revoke_rule": "POST /correspondences/{code}/revocation",
            "simulate": "POST /simulations",
            "withdraw": "POST /withdrawal",
        },
        attrgetter("phase"),
    )


class RulebookWhole(RulebookOut):
    correspondences = fields.List(fields.Nested(CorrespondenceSchema))
    certificate_kinds = fields.List(fields.Nested(CertificateKindSchema))
    policies = fields.List(fields.Nested(PolicySchema))


class WithdrawalIn(Schema):
    reason = text(5_000)


class CorrespondenceEdit(CorrespondenceSchema):
    class Meta:
        exclude = ("id",)


class CertificateKindEdit(CertificateKindSchema):
    class Meta:
        exclude = ("kind",)


class DiffArguments(Schema):
    against = fields.UUID(
        load_default=None,
        metadata={"description": "the earlier rulebook; the one in force when there is none"},
    )


class ChangeOut(Schema):
    before = fields.Dict()
    after = fields.Dict()


class ChangesOut(Schema):
    added = fields.List(fields.Dict())
    removed = fields.List(fields.Dict())
    changed = fields.List(fields.Nested(ChangeOut))


class DiffOut(Schema):
    against = fields.UUID(allow_none=True, metadata={"description": "null: compared with no rules at all"})
    correspondences = fields.Nested(ChangesOut)
    certificate_kinds = fields.Nested(ChangesOut)
    policies = fields.Nested(ChangesOut)
    reordered = fields.Boolean(metadata={"description": "policies of both stand in another order"})


class ExportArguments(Schema):
    format = one_of(Format, load_default=Format.JSON)


class RulebookImportArguments(Schema):
    format = one_of(ImportFormat, required=True)
    label = text(200, required=False, load_default="", metadata={"description": "else the document's title"})


class LeftOutOut(Schema):
    pointer = fields.String()
    detail = fields.String()


class RulebookImportOut(Schema):
    rulebook = fields.Nested(RulebookOut)
    left_out = fields.List(fields.Nested(LeftOutOut))
    unknown_dsrs = fields.List(
        fields.String(), metadata={"description": "codes that rules name and no DSR has; the rules are kept"}
    )


class FindingOut(Schema):
    severity = fields.Enum(Severity, by_value=True)
    code = fields.String()
    detail = fields.String(metadata={"description": "in French"})
    pointer = fields.String(metadata={"description": "into the rulebook (RFC 6901)"})


class CheckOut(Schema):
    state = fields.Enum(RulebookState, by_value=True)
    checked_at = time()
    digest = fields.String(metadata={"description": "SHA-256 of the rules that were checked"})
    findings = fields.List(fields.Nested(FindingOut))


class CertificateTableArguments(Schema):
    dsr = text(50)


class CorrespondencesOut(Schema):
    rows = fields.Integer()
    added = fields.Integer()
    changed = fields.Integer()
    unchanged = fields.Integer()
    problems = fields.List(fields.Nested(RowProblemSchema))


class CorrespondencesImportOut(CorrespondencesOut):
    unknown_dsrs = fields.List(
        fields.Nested(RowProblemSchema),
        metadata={
            "description": "DSRs that nobody has, each with the first row that names it; the rows are kept"
        },
    )
