"""Reading surveys, the lines that narrow them down, and what became of letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.accounts.models import Account, EmailAddress
from referencing.accounts.visible_queries import impartial, readable
from referencing.base.db import after
from referencing.base.errors import Conflict, NotFound
from referencing.base.permissions import Actor, Function, Right, Role, authorise
from referencing.candidatures.record.models import Candidature
from referencing.catalogue.models import Dsr, DsrVersion

from .models import Campaign, CampaignLetter, Presence, Survey, SurveyLine
from .states import SurveyState

NO_SURVEY = "Cette recherche n'existe pas : vérifiez son identifiant."
NO_CAMPAIGN = "Cette lettre n'existe pas : vérifiez son identifiant."
_NAMED = (joinedload(SurveyLine.organisation), joinedload(SurveyLine.software))
#: Who answers for an editor, and is written to.
_ANSWERS = (Function.MANDATAIRE, Function.REPRESENTANT)


@dataclass(frozen=True, slots=True)
class Among:
    """Which lines; what is None does not narrow them down. `covered` is how many proofs are covered at least."""

    dsr: str | None = None
    couloir: str | None = None
    dispositif: str | None = None
    vague: int | None = None
    presence: Presence | None = None
    covered: int | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody who answers for an editor; `reachable` says whether an address is known, which nobody else is told."""

    name: str
    function: Function
    reachable: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """What an editor filed since a letter, on the DSRs that it told of."""

    candidature: UUID
    dsr: str


def survey(session: Session, actor: Actor, survey_id: UUID, *, lock: bool = False) -> Survey:
    """Raises NotFound."""
    authorise(actor, Right.REACH_EDITORS)
    stored = session.get(Survey, survey_id, populate_existing=lock, with_for_update=lock or None)
    if stored is None:
        raise NotFound(NO_SURVEY)
    return stored


def surveys(session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int) -> Sequence[Survey]:
    """The surveys in the order of asking."""
    authorise(actor, Right.REACH_EDITORS)
    return session.scalars(after(sa.select(Survey), [Survey.id], cursor).limit(limit)).all()


def finished(session: Session, actor: Actor, survey_id: UUID) -> Survey:
    """A survey that came to its end. Raises NotFound, Conflict for another."""
    stored = survey(session, actor, survey_id)
    if stored.state is not SurveyState.FINISHED:
        raise Conflict("Cette recherche n'est pas terminée : attendez sa fin, ou lancez-en une autre.")
    return stored


def _narrowed(session: Session, actor: Actor, survey_id: UUID, among: Among) -> sa.Select[SurveyLine]:
    """The lines of editors with whom the actor is in no conflict of interest."""
    select = sa.select(SurveyLine).where(
        SurveyLine.survey_id == survey_id, impartial(session, actor, SurveyLine.organisation_id)
    )
    for name in ("dsr", "couloir", "dispositif", "vague", "presence"):
        value = getattr(among, name)
        if value is not None:
            select = select.where(getattr(SurveyLine, name) == value)
    if among.covered is not None:
        select = select.where(SurveyLine.covered >= among.covered)
    return select


def _to_write_of(session: Session, actor: Actor, survey_id: UUID, among: Among) -> sa.Select[SurveyLine]:
    """The lines without what is referenced already, unless that is what is asked for."""
    narrowed = _narrowed(session, actor, survey_id, among)
    if among.presence is not None:
        return narrowed
    return narrowed.where(SurveyLine.presence != Presence.REFERENCED)


def lines(
    session: Session,
    actor: Actor,
    survey_id: UUID,
    among: Among,
    cursor: Sequence[Any] | None,
    limit: int,
) -> Sequence[SurveyLine]:
    """The lines of a finished survey, software by software. Raises NotFound, Conflict."""
    finished(session, actor, survey_id)
    select = _narrowed(session, actor, survey_id, among).options(*_NAMED)
    return session.scalars(after(select, [SurveyLine.id], cursor).limit(limit)).all()


def lines_by_editor(
    session: Session, actor: Actor, survey_id: UUID, among: Among, editors: Sequence[UUID]
) -> dict[UUID, list[SurveyLine]]:
    """All lines that a letter to each of these editors tells of, in their order."""
    narrowed = _to_write_of(session, actor, survey_id, among)
    select = narrowed.where(SurveyLine.organisation_id.in_(editors)).options(*_NAMED)
    by_editor: dict[UUID, list[SurveyLine]] = {editor: [] for editor in editors}
    for line in session.scalars(select.order_by(SurveyLine.id)):
        by_editor[line.organisation_id].append(line)
    return by_editor


def editors(
    session: Session,
    actor: Actor,
    survey_id: UUID,
    among: Among,
    cursor: Sequence[Any] | None,
    limit: int | None,
) -> Sequence[UUID]:
    """The editors to write to, in the order of their ids."""
    narrowed = _to_write_of(session, actor, survey_id, among)
    ids = narrowed.with_only_columns(SurveyLine.organisation_id).distinct()
    return session.scalars(after(ids, [SurveyLine.organisation_id], cursor).limit(limit)).all()


def contacts(session: Session, organisations: Sequence[UUID]) -> dict[UUID, list[tuple[UUID, Contact]]]:
    """Who answers for each editor, by the account's id, in the order of names; in one statement."""
    rows = session.execute(
        sa.select(Account, EmailAddress.account_id.is_not(None).label("reachable"))
        .outerjoin(EmailAddress, EmailAddress.account_id == Account.id)
        .where(
            Account.organisation_id.in_(organisations),
            Account.role == Role.EDITOR,
            Account.function.in_(_ANSWERS),
            Account.disabled_at.is_(None),
        )
        .order_by(Account.name, Account.id)
    )
    by_editor: dict[UUID, list[tuple[UUID, Contact]]] = {one: [] for one in organisations}
    for account, reachable in rows:
        assert account.organisation_id is not None  # noqa: S101 - it is an editor's
        assert account.function is not None  # noqa: S101 - likewise
        by_editor[account.organisation_id].append(
            (account.id, Contact(account.name, account.function, reachable))
        )
    return by_editor


def campaign(session: Session, actor: Actor, campaign_id: UUID, *, lock: bool = False) -> Campaign:
    """Raises NotFound."""
    authorise(actor, Right.REACH_EDITORS)
    stored = session.get(Campaign, campaign_id, populate_existing=lock, with_for_update=lock or None)
    if stored is None:
        raise NotFound(NO_CAMPAIGN)
    return stored


def campaigns(
    session: Session, actor: Actor, survey_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Campaign]:
    """The letters written from a survey, in the order of writing."""
    of_survey = sa.select(Campaign).where(Campaign.survey_id == survey(session, actor, survey_id).id)
    return session.scalars(after(of_survey, [Campaign.id], cursor).limit(limit)).all()


def letters(
    session: Session, actor: Actor, campaign_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[CampaignLetter]:
    """The letters that were written, in the order of editors."""
    of_campaign = sa.select(CampaignLetter).where(
        CampaignLetter.campaign_id == campaign_id, impartial(session, actor, CampaignLetter.organisation_id)
    )
    of_campaign = of_campaign.options(joinedload(CampaignLetter.organisation))
    return session.scalars(after(of_campaign, [CampaignLetter.organisation_id], cursor).limit(limit)).all()


def opened(session: Session, actor: Actor, told: Sequence[CampaignLetter]) -> dict[UUID, list[Opened]]:
    """The candidatures, no drafts, that each editor of these letters began since, on the DSRs that it was told of."""
    rows = session.execute(
        sa.select(Candidature.id, Candidature.organisation_id, Dsr.code)
        .join(CampaignLetter, CampaignLetter.organisation_id == Candidature.organisation_id)
        .join(Candidature.version)
        .join(DsrVersion.dsr)
        .where(
            CampaignLetter.campaign_id.in_([letter.campaign_id for letter in told]),
            CampaignLetter.organisation_id.in_([letter.organisation_id for letter in told]),
            Candidature.created_at >= CampaignLetter.created_at,
            Dsr.code == sa.any_(CampaignLetter.dsrs),
            Candidature.takeover_id.is_(None),
            readable(session, actor, Candidature),
        )
        .order_by(Candidature.id)
    )
    by_editor: dict[UUID, list[Opened]] = {letter.organisation_id: [] for letter in told}
    for candidature_id, organisation_id, dsr in rows:
        by_editor[organisation_id].append(Opened(candidature_id, dsr))
    return by_editor
