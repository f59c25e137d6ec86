"""Surveys of who would profit, and letters to them, as the API takes and describes them."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from referencing.base.permissions import Function
from referencing.base.schemas import Schema, one_of, text, time
from referencing.base.shapes import possible_actions
from referencing.steering.schemas import FormatArguments
from referencing.web.pages import PageArguments

from . import wording
from .models import Presence
from .queries import Among
from .states import CAMPAIGN, SURVEY, CampaignState, SurveyState

LONGEST_TEXT = 10_000


class SurveyIn(Schema):
    rulebook = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "a draft too; left out, the one in force"},
    )


class SurveyOut(Schema):
    id = fields.UUID()
    rulebook = fields.UUID(attribute="rulebook_id", allow_none=True)
    revision = fields.Integer(allow_none=True, metadata={"description": "of the rulebook"})
    state = one_of(SurveyState)
    asked_at = time()
    ended_at = time(allow_none=True)
    total = fields.Integer(metadata={"description": "softwares"})
    done = fields.Integer(metadata={"description": "softwares that were looked at"})
    actions = possible_actions(SURVEY, "/surveys/{survey}", {"cancel": "POST /cancellation"})


class AmongIn(Schema):
    """What narrows lines down."""

    dsr = text(required=False, load_default=None)
    couloir = text(required=False, load_default=None)
    dispositif = text(required=False, load_default=None)
    vague = fields.Integer(load_default=None)
    presence = one_of(
        Presence, load_default=None, metadata={"description": "of a dossier of the software there, no draft"}
    )
    covered = fields.Integer(
        load_default=None,
        validate=validate.Range(0, error="Au moins {min}."),
        metadata={"description": "proofs that are covered, at least"},
    )


NARROWING = tuple(AmongIn().fields)


def among_of(words: dict[str, Any]) -> Among:
    """What narrows lines down, of words that an `AmongIn` loaded."""
    return Among(**{name: words[name] for name in NARROWING})


class SurveyLinesArguments(AmongIn, PageArguments, FormatArguments):
    pass


class ContactOut(Schema):
    name = fields.String()
    function = one_of(Function)
    reachable = fields.Boolean(
        metadata={"description": "an e-mail address is known, which nobody but its owner is told"}
    )


class SurveyLineOut(Schema):
    software = fields.String(attribute="software.name")
    software_id = fields.UUID()
    nil = fields.String(attribute="software.nil")
    organisation = fields.String(attribute="organisation.name")
    organisation_id = fields.UUID()
    dsr = fields.String()
    couloir = fields.String()
    dispositif = fields.String()
    vague = fields.Integer()
    presence = one_of(Presence)
    covered_proofs = fields.Integer(attribute="covered")
    proofs_to_confirm = fields.Integer(attribute="to_confirm")
    proofs_awaiting = fields.Integer(attribute="awaiting")
    required_proofs = fields.Integer(attribute="required")


class ContactedLineOut(SurveyLineOut):
    contacts = fields.List(fields.Nested(ContactOut), metadata={"description": "who answers for the editor"})


class TemplateWordsIn(Schema):
    subject = text(200, required=False, load_default=wording.SUBJECT)
    text = text(
        LONGEST_TEXT,
        required=False,
        load_default=wording.TEXT,
        metadata={
            "description": "names "
            + ", ".join(f"`{{{name}}}` ({meaning})" for name, meaning in wording.PLACEHOLDERS.items())
        },
    )


class CampaignIn(TemplateWordsIn):
    among = fields.Nested(AmongIn, load_default=lambda: AmongIn().load({}))

    @ma.post_load
    def narrowed(self, words: dict[str, Any], **_: object) -> dict[str, Any]:
        return {**words, "among": among_of(words["among"])}


class CampaignOut(Schema):
    id = fields.UUID()
    survey = fields.UUID(attribute="survey_id")
    subject = fields.String()
    text = fields.String()
    among = fields.Dict(metadata={"description": "what narrows its lines down"})
    state = one_of(CampaignState)
    written_at = time()
    sent_at = time(allow_none=True)
    actions = possible_actions(CAMPAIGN, "/campaigns/{campaign}", {"edit": "PUT", "send": "POST /sending"})


class OpenedOut(Schema):
    candidature = fields.UUID()
    dsr = fields.String()


class CampaignLetterOut(Schema):
    organisation = fields.String(attribute="organisation.name")
    organisation_id = fields.UUID(attribute="organisation.id")
    dsrs = fields.List(fields.String())
    text = fields.String(metadata={"description": "as it is, or would be, written"})
    people = fields.Integer(allow_none=True, metadata={"description": "to how many it went; null before"})
    opened = fields.List(
        fields.Nested(OpenedOut),
        metadata={"description": "candidatures begun since on these DSRs, drafts left out"},
    )
