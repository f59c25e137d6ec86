"""Audits, their samples and their evidence as the API describes them."""

from operator import attrgetter
from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Day, Schema, one_of, remark, text, time
from referencing.base.shapes import computed, possible_actions
from referencing.proofs.schemas import FileOut
from referencing.web.pages import PageArguments

from .notices import LONGEST
from .states import AUDITS, SAMPLED, AuditState, Conformity

MOST_DRAWN = 500
MOST_FILES = 20
#: Bytes of the form's first field.
LONGEST_FIELD = 64 * 1024
LONGEST_TEXT = 10_000


class AuditIn(Schema):
    candidature = fields.UUID(required=True, metadata={"description": "a referenced or suspended solution's"})
    reason = text(LONGEST_TEXT, metadata={"description": "the editor reads it: name nobody who signalled"})
    size = fields.Integer(
        load_default=20,
        validate=ma.validate.Range(0, MOST_DRAWN, error="De {min} à {max}."),
        metadata={"description": "requirements to draw"},
    )
    signals = fields.List(fields.UUID(), load_default=list, metadata={"description": "qualified ones"})


class AuditsArguments(PageArguments):
    state = one_of(AuditState, load_default=None)
    candidature = fields.UUID(load_default=None)


class AuditOut(Schema):
    id = fields.UUID()
    candidature = fields.UUID(attribute="candidature_id")
    dsr = fields.String(attribute="candidature.version.dsr.code")
    organisation = fields.String(attribute="candidature.organisation.name")
    commercial_name = fields.String(attribute="candidature.configuration.solution.commercial_name")
    solution_state = fields.String(attribute="candidature.state")
    state = one_of(AuditState)
    actions = possible_actions(
        AUDITS,
        "/audits/{audit}",
        {
            "abandon": "POST /abandonment",
            "close": "POST /closing",
            "follow": "POST /follow-up",
            "notify": "POST /notification",
            "open": "POST /opening",
        },
    )
    reason = fields.String()
    created_at = time()
    opened_at = time(allow_none=True)
    notified_at = time(allow_none=True)
    answer_by = fields.Date(allow_none=True, metadata={"description": "until when the editor may answer"})
    closed_at = time(allow_none=True)
    conclusions = fields.String(allow_none=True)


class EntrantOut(Schema):
    requirement = fields.String()
    weight = fields.Integer(metadata={"description": "its number of tickets"})
    reason = fields.String(metadata={"description": "why it has so many tickets; empty in earlier audits"})


class DrawOut(Schema):
    seed = fields.String()
    size = fields.Integer()
    population = fields.List(fields.Nested(EntrantOut))
    drawn = fields.List(fields.String(), metadata={"description": "requirements, in the order of drawing"})


class DeadlineIn(Schema):
    """A day, or so many working days from now; at most one of the two."""

    due_on = Day(load_default=None, allow_none=True)
    working_days = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=ma.validate.Range(1, LONGEST, error="De {min} à {max}."),
    )

    @ma.validates_schema
    def one_deadline(self, values: dict[str, Any], **_: Any) -> None:
        if values.get("due_on") is not None and values.get("working_days") is not None:
            raise ma.ValidationError("Donnez une date ou un nombre de jours ouvrés, pas les deux.", "due_on")


class ConclusionsIn(Schema):
    conclusions = text(LONGEST_TEXT, metadata={"description": "the editor reads them"})


class AddedIn(Schema):
    item = text(300, metadata={"description": "id, or expected proof's code"})
    reason = text(5_000)


class AuditFindingIn(Schema):
    outcome = one_of(Conformity, attribute="finding", required=True)
    comment = remark()

    @ma.validates_schema
    def says_why(self, values: dict[str, Any], **_: Any) -> None:
        if values.get("finding") is Conformity.NONCONFORM and not values.get("comment", "").strip():
            raise ma.ValidationError("Dites ce qui n'est pas conforme.", "comment")


class SampledFactOut(Schema):
    verification = fields.UUID(allow_none=True, attribute="verification_id")
    certificate = fields.UUID(allow_none=True, attribute="certificate_id")
    revoked_on = computed(
        fields.Date(allow_none=True), lambda fact: (fact.verification or fact.certificate).revoked_on
    )


class SampledOut(Schema):
    id = fields.UUID()
    item = fields.UUID(attribute="item_id")
    requirement = fields.String()
    code = fields.String()
    weight = fields.Integer(metadata={"description": "of its requirement, in the draw"})
    reused = fields.Boolean()
    added_reason = fields.String(allow_none=True, metadata={"description": "why, where it was not drawn"})
    outcome = one_of(Conformity, attribute="finding", allow_none=True)
    comment = fields.String(allow_none=True)
    found_at = time(allow_none=True)
    facts = fields.List(
        fields.Nested(SampledFactOut), metadata={"description": "on which it stood: what may be revoked"}
    )
    revision = fields.Integer(metadata={"description": "also the ETag"})
    actions = possible_actions(
        SAMPLED, "/audits/{audit}/sample/{sampled}", {"find": "PUT /finding"}, attrgetter("audit.state")
    )


class EvidenceIn(Schema):
    """The subject of the files: at most one of these; an editor names one."""

    sampled = fields.UUID(load_default=None, allow_none=True)
    nonconformity = fields.UUID(load_default=None, allow_none=True)
    plan = fields.UUID(load_default=None, allow_none=True)
    sanction = fields.UUID(load_default=None, allow_none=True)
    comment = remark(5_000)

    @ma.validates_schema
    def about_one(self, values: dict[str, Any], **_: Any) -> None:
        if sum(values.get(name) is not None for name in ("sampled", "nonconformity", "plan", "sanction")) > 1:
            raise ma.ValidationError("Dites une seule chose dont parlent ces fichiers.")


#: A form that begins with JSON and goes on with files.
EVIDENCE_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["evidence", "file"],
                "properties": {
                    "evidence": {
                        "type": "string",
                        "contentMediaType": "application/json",
                        "description": 'The first field: what the files are about, as `{"plan": "ID"}`.',
                    },
                    "file": {
                        "type": "array",
                        "items": {"type": "string", "format": "binary"},
                        "description": f"{MOST_FILES} at the most.",
                    },
                },
            }
        }
    },
}


class EvidenceOut(FileOut):
    audit = fields.UUID(attribute="audit_id")
    sampled = fields.UUID(allow_none=True, attribute="sampled_item_id")
    nonconformity = fields.UUID(allow_none=True, attribute="nonconformity_id")
    plan = fields.UUID(allow_none=True, attribute="plan_id")
    sanction = fields.UUID(allow_none=True, attribute="sanction_id")
    comment = fields.String()
    by = fields.String(
        attribute="author.name", metadata={"description": "a name of one's own organisation, else the agency"}
    )
    role = fields.String(attribute="author.role")
    added_at = time()


class EvidencesOut(Schema):
    items = fields.List(fields.Nested(EvidenceOut))
