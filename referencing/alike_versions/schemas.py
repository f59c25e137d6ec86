"""Alike versions as the API takes and describes them, and what a changed component costs a dossier."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from referencing.base.schemas import Day, Schema, Sha256, one_of, remark, text, time
from referencing.base.shapes import computed, possible_actions
from referencing.equivalence.engine.resolution import Status
from referencing.proofs.schemas import FileOut
from referencing.solutions.compositions import composition_view
from referencing.solutions.schemas import ComponentIn
from referencing.web.pages import PageArguments

from .asking import Asked, hindered
from .states import REQUEST, RequestState

MOST_FILES = 10
LONGEST_TEXT = 5_000
#: Bytes of the form's first field: every character of the text may come as an escape.
LONGEST_FIELD = 16 * LONGEST_TEXT


class AlikeRequestIn(Schema):
    software = fields.UUID(
        load_default=None, allow_none=True, metadata={"description": "an editor's own; a lead names none"}
    )
    role = text(30)
    components = fields.List(
        text(200),
        required=True,
        validate=validate.Length(equal=2, error="Donnez deux versions."),
        metadata={"description": "two versions of one component (IDENTIFIER@VERSION), in any order"},
    )
    reason = text(LONGEST_TEXT)
    reference = remark(
        300, metadata={"description": "of an attestation that the agency has, where a lead sends no file"}
    )

    @ma.post_load
    def asked(self, words: dict[str, Any], **_: object) -> Asked:
        return Asked(**{**words, "components": tuple(words["components"])})


ALIKE_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["request"],
                "properties": {
                    "request": {
                        "type": "string",
                        "contentMediaType": "application/json",
                        "description": 'The first field: `{"software": "ID", "role": "mss", '
                        '"components": ["X@1", "X@2"], "reason": "…"}`.',
                    },
                    "file": {
                        "type": "array",
                        "items": {"type": "string", "format": "binary"},
                        "description": f"The attestation; {MOST_FILES} files at the most.",
                    },
                },
            }
        }
    },
}


class AlikeRequestsArguments(PageArguments):
    state = one_of(RequestState, load_default=None)


class AlikeAcceptanceIn(Schema):
    valid_from = Day(
        load_default=None,
        allow_none=True,
        metadata={"description": "the first day on which it counts: today, or one to come"},
    )
    digest = Sha256(
        load_default=None,
        allow_none=True,
        metadata={"description": "of the effects, as the dry run or the refusal gives it: they are meant"},
    )


class AlikeSoftwareOut(Schema):
    id = fields.UUID()
    name = fields.String()
    nil = fields.String()
    organisation = fields.String(attribute="organisation.name")


class AlikeRequestOut(Schema):
    id = fields.UUID(metadata={"description": "of the declaration too, once there is one"})
    software = fields.Nested(
        AlikeSoftwareOut, allow_none=True, metadata={"description": "null for a lead's own"}
    )
    role = fields.String()
    components = computed(fields.List(fields.String()), lambda request: list(request.components))
    reason = fields.String()
    reference = fields.String()
    state = one_of(RequestState)
    asked_at = time()
    ended_at = time(allow_none=True)
    refusal = fields.String(allow_none=True, metadata={"description": "why a lead refused it"})
    valid_from = fields.Date(
        attribute="declaration.valid_from",
        allow_none=True,
        metadata={"description": "the first day on which the declaration counts"},
    )
    revoked_on = fields.Date(
        attribute="declaration.revoked_on",
        allow_none=True,
        metadata={"description": "the first day on which it counts no more"},
    )
    files = fields.List(fields.Nested(FileOut))
    actions = possible_actions(
        REQUEST,
        "/alike-versions/{request}",
        {
            "accept": "POST /acceptance",
            "refuse": "POST /refusal",
            "revoke": "POST /revocation",
            "withdraw": "POST /withdrawal",
        },
        hindered=hindered,
    )


class OtherComponentOut(Schema):
    role = fields.String()
    verified_with = fields.String(
        metadata={"description": "IDENTIFIER@VERSION; an empty text is the software itself"}
    )
    component = fields.String(metadata={"description": "of the dossier, likewise"})
    declarable = fields.Boolean(metadata={"description": "two versions of one component"})


class ComponentDifferenceOut(Schema):
    other = fields.Nested(OtherComponentOut)
    verifications = fields.Integer(metadata={"description": "findings made with that component"})
    last_on = fields.Date(metadata={"description": "the day of the latest of them"})
    declaration = fields.UUID(
        attribute="declared", allow_none=True, metadata={"description": "the one by which they count"}
    )
    kept = fields.Integer(metadata={"description": "items that would stand better by its declaration alone"})


class LostItemOut(Schema):
    item = fields.UUID()
    code = fields.String()
    status = one_of(Status, attribute="now")
    if_declared = one_of(
        Status, attribute="declared", metadata={"description": "if all that can be declared alike were"}
    )
    if_same = one_of(
        Status, attribute="same", metadata={"description": "if the components were those of then"}
    )
    because = fields.List(fields.Nested(OtherComponentOut))


_STATUSES: Any = {"keys": fields.String(), "values": fields.Integer()}


class ChangedComponentsOut(Schema):
    composition = computed(
        fields.List(fields.Nested(ComponentIn)), lambda comparison: composition_view(comparison.composition)
    )
    differences = fields.List(fields.Nested(ComponentDifferenceOut))
    lost = fields.List(fields.Nested(LostItemOut), metadata={"description": "in the order of the dossier"})
    summary = fields.Dict(
        **_STATUSES, attribute="now", metadata={"description": "items that stand on equivalence, by status"}
    )
    summary_if_declared = fields.Dict(**_STATUSES, attribute="declared")
    summary_if_same = fields.Dict(**_STATUSES, attribute="same")
