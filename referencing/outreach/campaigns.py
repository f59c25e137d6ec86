"""A letter to each editor who would profit: written from a template, sent once, its effect followed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.models import Organisation
from referencing.base import db
from referencing.base.db import insert_rows, new_id, now
from referencing.base.errors import Conflict, FieldError, Invalid
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor, Right, authorise
from referencing.journal.operations import record
from referencing.mail.operations import write

from . import queries, wording
from .models import Campaign, CampaignLetter, Presence, SurveyLine
from .queries import Among
from .states import CAMPAIGN, CampaignAction

#: Editors whose people are written to in one transaction.
BATCH = 50
SUBJECT = "Cette lettre"


@dataclass(frozen=True, slots=True)
class Letter:
    """The letter to an editor as it would be written now; once it was, to how many `people`, and what was `opened`."""

    organisation: Organisation
    dsrs: Sequence[str]
    text: str
    people: int | None = None
    opened: Sequence[queries.Opened] = ()


def compose(
    session: Session,
    actor: Actor,
    survey_id: UUID,
    among: Among,
    subject: str = wording.SUBJECT,
    text: str = wording.TEXT,
) -> Campaign:
    """Write a letter to the editors of these lines, which is sent later. Raises NotFound, Conflict, Invalid."""
    authorise(actor, Right.REACH_EDITORS)
    survey = queries.finished(session, actor, survey_id)
    _refuse_fault(text)
    campaign = Campaign(
        id=new_id(),
        survey_id=survey.id,
        subject=subject,
        text=text,
        among={name: value for name, value in asdict(among).items() if value is not None},
        written_by=actor.account_id,
        written_at=now(session),
    )
    session.add(campaign)
    session.flush()
    record(
        session, actor, "campaign.written", _stream(campaign), {"survey": str(survey.id), "subject": subject}
    )
    return campaign


def edit(session: Session, actor: Actor, campaign_id: UUID, subject: str, text: str) -> Campaign:
    """Change a letter that is not sent. Raises NotFound, Conflict, Invalid."""
    campaign = queries.campaign(session, actor, campaign_id, lock=True)
    CAMPAIGN.follow(SUBJECT, campaign.state, CampaignAction.EDIT, actor)
    _refuse_fault(text)
    campaign.subject, campaign.text = subject, text
    record(session, actor, "campaign.edited", _stream(campaign), {"subject": subject})
    return campaign


def send(session: Session, actor: Actor, campaign_id: UUID) -> Campaign:
    """Send the letter, once, to whoever answers for each editor; jobs write to them.

    Editors with whom the actor is in a conflict of interest are left out. Raises NotFound, Conflict.
    """
    campaign = queries.campaign(session, actor, campaign_id, lock=True)
    CAMPAIGN.follow(SUBJECT, campaign.state, CampaignAction.SEND, actor)
    drafts = _drafts(session, actor, campaign)
    if not drafts:
        raise Conflict(to_nobody(campaign))
    campaign.sent_by, campaign.sent_at = actor.account_id, now(session)
    rows = [
        {
            "campaign_id": campaign.id,
            "organisation_id": draft.organisation.id,
            "dsrs": [*draft.dsrs],
            "text": draft.text,
            "people": 0,
            "created_at": campaign.sent_at,
        }
        for draft in drafts
    ]
    session.flush()
    insert_rows(session, CampaignLetter, rows)
    detail = {"editors": [str(draft.organisation.id) for draft in drafts]}
    record(session, actor, "campaign.sent", _stream(campaign), detail)
    _ask_for(session, campaign.id, None)
    return campaign


def to_nobody(campaign: Campaign) -> str:
    """Why a letter that is not sent goes to no editor."""
    if campaign.survey.forgotten_at is not None:
        return "Ce que la recherche avait trouvé est effacé depuis : lancez-en une autre, et écrivez d'après elle."
    return "Aucun éditeur n'est concerné : revenez à la recherche, et élargissez-la."


def write_campaign(session: Session, campaign_id: str, after: str) -> None:
    """Write to the people of the editors after this one; each is written to once, however often this is done."""
    campaign = session.get_one(Campaign, UUID(campaign_id))
    of_campaign = sa.select(CampaignLetter).where(CampaignLetter.campaign_id == campaign.id)
    following = db.after(of_campaign, [CampaignLetter.organisation_id], [UUID(after)] if after else None)
    written = session.scalars(following.limit(BATCH)).all()
    contacts = queries.contacts(session, [letter.organisation_id for letter in written])
    for letter in written:
        people = contacts[letter.organisation_id]
        for account_id, _ in people:
            write(session, account_id, f"campaign:{campaign.id}", campaign.subject, letter.text)
        letter.people = sum(contact.reachable for _, contact in people)
    if len(written) == BATCH:
        _ask_for(session, campaign.id, written[-1].organisation_id)


def _ask_for(session: Session, campaign_id: UUID, after: UUID | None) -> None:
    enqueue(session, "write_campaign", campaign_id=str(campaign_id), after=str(after or ""))


def letters(
    session: Session, actor: Actor, campaign: Campaign, cursor: Sequence[Any] | None, limit: int
) -> list[Letter]:
    """The letters of a campaign as they would be written, or were, in the order of editors."""
    if campaign.sent_at is None:
        return _drafts(session, actor, campaign, cursor, limit)
    told = queries.letters(session, actor, campaign.id, cursor, limit)
    opened = queries.opened(session, actor, told)
    return [
        Letter(
            letter.organisation,
            letter.dsrs,
            letter.text,
            letter.people,
            opened[letter.organisation_id],
        )
        for letter in told
    ]


def _drafts(
    session: Session,
    actor: Actor,
    campaign: Campaign,
    cursor: Sequence[Any] | None = None,
    limit: int | None = None,
) -> list[Letter]:
    among = among_of(campaign)
    editors = queries.editors(session, actor, campaign.survey_id, among, cursor, limit)
    lines = queries.lines_by_editor(session, actor, campaign.survey_id, among, editors)
    return [_draft(campaign, lines[editor]) for editor in editors]


def among_of(campaign: Campaign) -> Among:
    """What narrows a letter's lines down."""
    said: Mapping[str, Any] = campaign.among
    presence = said.get("presence")
    return Among(**{**said, "presence": Presence(presence) if presence else None})


def _draft(campaign: Campaign, lines: Sequence[SurveyLine]) -> Letter:
    told = [
        wording.Line(
            line.software.name,
            line.dsr,
            line.covered,
            line.to_confirm,
            line.covered + line.to_confirm + line.awaiting + line.required,
        )
        for line in lines
    ]
    organisation = lines[0].organisation
    dsrs = sorted({line.dsr for line in lines})
    return Letter(organisation, dsrs, wording.filled(campaign.text, organisation.name, told))


def _refuse_fault(text: str) -> None:
    fault = wording.fault(text)
    if fault is not None:
        raise Invalid("Corrigez le modèle de la lettre.", [FieldError("/text", fault)])


def _stream(campaign: Campaign) -> str:
    return f"campaign:{campaign.id}"
