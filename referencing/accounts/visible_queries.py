"""Which dossiers somebody may read: one rule for every page, list, count, feed and file.

The tables are of packages above; of them, only the columns that the rule needs are named here.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.base.errors import DomainError, Forbidden, NotFound
from referencing.base.permissions import Actor, Role

from .queries import permitted, permitted_softwares

_OF_DOSSIER = ("id", "organisation_id", "software_id", "state", "deposited_on")
DOSSIER = sa.table("candidature", *map(sa.column, _OF_DOSSIER))
_task = sa.table("task", *map(sa.column, ("id", "candidature_id", "item_id", "closed_at")))
_opinion = sa.table("opinion", *map(sa.column, ("task_id", "expert_id", "reply", "withdrawn_at")))
_conflict = sa.table(
    "conflict_of_interest", *map(sa.column, ("verifier_id", "organisation_id", "readable_until"))
)

IN_CONFLICT = (
    "Un conflit d'intérêts est déclaré entre vous et cette organisation : ses dossiers vous sont fermés. Un collègue "
    "s'en charge ; un responsable ou un auditeur peut les ouvrir pour un jour en donnant son motif "
    "(POST /api/v1/conflicts/{conflict}/reading)."
)
IN_CONFLICT_TO_JUDGE = (
    "Un conflit d'intérêts est déclaré entre vous et cette organisation : vous la lisez, un collègue en juge."
)

IN_CONFLICT_WITH_ONE = (
    "Un conflit d'intérêts est déclaré entre vous et une organisation concernée : un collègue en juge."
)


def readable(session: Session, actor: Actor, dossier: Any) -> sa.ColumnElement[bool]:
    """Whether the actor may read a dossier, given as what has the columns of `DOSSIER`.

    A draft is its editor's alone, also once it is withdrawn without having been filed. An expert reads while they are
    asked; nobody of the agency in a conflict of interest.
    """
    visible: sa.ColumnElement[bool] = dossier.state != "given_up"
    if actor.by_permission:
        visible &= dossier.id.in_(permitted(actor))
    elif not actor.of_agency:
        visible &= dossier.organisation_id == actor.organisation_id
    else:
        visible &= was_filed(dossier) & impartial(session, actor, dossier.organisation_id)
        if actor.role is Role.EXPERT:
            visible &= dossier.id.in_(_asked(actor, _task.c.candidature_id))
    return visible


def was_filed(dossier: Any) -> sa.ColumnElement[bool]:
    """Whether a dossier is no draft, and was none when it was withdrawn."""
    withdrawn_draft = (dossier.state == "withdrawn") & dossier.deposited_on.is_(None)
    filed: sa.ColumnElement[bool] = (dossier.state != "draft") & ~withdrawn_draft
    return filed


def readable_id(session: Session, actor: Actor, dossier_id: Any) -> sa.ColumnElement[bool]:
    """Whether the actor may read the dossier of this id, given as an expression."""
    return sa.exists().where(DOSSIER.c.id == dossier_id, readable(session, actor, DOSSIER.c))


def about_what_is_asked(actor: Actor, item_id: Any) -> sa.ColumnElement[bool]:
    """True for anybody but an expert; for an expert whether they are asked about this item."""
    if actor.role is not Role.EXPERT:
        return sa.true()
    asked: sa.ColumnElement[bool] = item_id.in_(_asked(actor, _task.c.item_id))
    return asked


def readable_software(session: Session, actor: Actor, software: Any) -> sa.ColumnElement[bool]:
    """Whether the actor may read a software, given as what has its columns `id` and `organisation_id`.

    An expert reads of those that they are asked about.
    """
    visible: sa.ColumnElement[bool]
    if actor.by_permission:
        visible = software.id.in_(permitted_softwares(actor))
    elif not actor.of_agency:
        visible = software.organisation_id == actor.organisation_id
    else:
        visible = impartial(session, actor, software.organisation_id)
        if actor.role is Role.EXPERT:
            about = DOSSIER.c.id.in_(_asked(actor, _task.c.candidature_id))
            visible &= software.id.in_(sa.select(DOSSIER.c.software_id).where(about))
    return visible


def impartial(session: Session, actor: Actor, organisation_id: Any) -> sa.ColumnElement[bool]:
    """Whether no conflict of interest keeps the actor from reading what is an organisation's."""
    return impartial_at(now(session), actor.account_id, organisation_id)


def impartial_at(moment: Any, reader_id: Any, organisation_id: Any) -> sa.ColumnElement[bool]:
    """Whether no conflict of interest keeps a reader from an organisation's at a moment; all given as expressions."""
    return ~sa.exists().where(
        _conflict.c.verifier_id == reader_id,
        _conflict.c.organisation_id == organisation_id,
        sa.func.coalesce(_conflict.c.readable_until <= moment, sa.true()),
    )


def has_conflict(actor: Actor, organisation_id: Any) -> sa.ColumnElement[bool]:
    """Whether the actor has a conflict of interest with an organisation, be it that they may read in spite of it."""
    return sa.exists().where(
        _conflict.c.verifier_id == actor.account_id, _conflict.c.organisation_id == organisation_id
    )


#: What an integration that finds nothing may do.
BY_PERMISSION = "Une intégration ne trouve que ce qu'un éditeur lui a ouvert : demandez-le-lui."


def refusal(session: Session, actor: Actor, what: str, owner: sa.Select[*tuple[Any, ...]]) -> DomainError:
    """Why something is not read: for who is of the agency perhaps a conflict with its `owner`, else as for nothing.

    An integration is told what opens it; whether it is there is not.
    """
    if actor.of_agency:
        owned_by = owner.subquery()
        hindered = sa.select(sa.true()).where(
            ~impartial(session, actor, owned_by.c[0]), owned_by.c[0].is_not(None)
        )
        if session.scalar(hindered):
            return Forbidden(IN_CONFLICT)
    return NotFound(f"{what} {BY_PERMISSION}" if actor.by_permission else what)


def _asked(actor: Actor, of_task: sa.ColumnClause[Any]) -> sa.Select[Any]:
    """What the tasks are about of which an expert is asked now."""
    return (
        sa.select(of_task)
        .join_from(_opinion, _task, _task.c.id == _opinion.c.task_id)
        .where(
            _opinion.c.expert_id == actor.account_id,
            _opinion.c.reply.is_(None),
            _opinion.c.withdrawn_at.is_(None),
            _task.c.closed_at.is_(None),
            of_task.is_not(None),
        )
    )
