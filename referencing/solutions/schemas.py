"""Softwares and solutions as the API takes and describes them."""

from marshmallow import fields

from referencing.base.schemas import Schema, one_of, text, time
from referencing.base.shapes import computed
from referencing.web.pages import PageArguments

from .models import NilStanding


class ComponentIn(Schema):
    role = text(
        30,
        metadata={
            "description": "its part, as `roles` of expected proofs name it; on another one no proof depends"
        },
    )
    component = text(200, metadata={"description": "identifier@version"})


_NIL = {"description": "the number by which the software is known, whatever its names"}


class SoftwareIn(Schema):
    name = text(200)
    nil = text(50, metadata=_NIL)


class NilIn(Schema):
    nil = text(50, metadata=_NIL)


class NilJudgementIn(Schema):
    reason = text(5_000, metadata={"description": "its editor reads it where the NIL is refused"})


class SolutionIn(Schema):
    software = fields.UUID(required=True)
    commercial_name = text(200)


class SolutionOut(Schema):
    id = fields.UUID()
    software = fields.UUID(attribute="software_id")
    commercial_name = fields.String()


class ListedSolutionOut(SolutionOut):
    software_name = fields.String(attribute="software.name")
    nil = fields.String(attribute="software.nil")


class NamedSoftwareOut(Schema):
    """A software with its NIL, and whether that is shown to be its own."""

    id = fields.UUID()
    name = fields.String()
    nil = fields.String()
    nil_standing = one_of(
        NilStanding,
        metadata={
            "description": "no certificate of the NIL counts before it is confirmed, or its issuer's list says so"
        },
    )
    nil_refusal = computed(
        fields.String(allow_none=True, metadata={"description": "why the NIL is not this software's"}),
        lambda software: (
            software.nil_judgement.reason if software.nil_standing is NilStanding.REFUSED else None
        ),
    )


class SoftwareOut(NamedSoftwareOut):
    fills = fields.List(
        fields.String(), metadata={"description": "the roles that it fills as a component of others"}
    )
    solutions = fields.List(fields.Nested(SolutionOut))


class ClaimingSoftwareOut(NamedSoftwareOut):
    """A software of any organisation, as a lead reads whose its NIL is."""

    organisation = fields.String(attribute="organisation.name")
    registered_at = time(attribute="created_at")


class NilClaimOut(Schema):
    software = fields.Nested(ClaimingSoftwareOut)
    alike = fields.List(
        fields.Nested(ClaimingSoftwareOut),
        metadata={
            "description": "softwares of other cores whose NIL or name may be taken for its own; the first 20"
        },
    )


class NilClaimsArguments(PageArguments):
    standing = one_of(NilStanding, load_default=None)
    contested = fields.Boolean(
        load_default=None,
        metadata={"description": "whether a lead has to say whose the NIL is: another software has it too"},
    )
