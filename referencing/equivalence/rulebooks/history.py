"""Rulebooks over time: what a check found, who changed what, and which ones wait for their day."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.errors import NotFound
from referencing.base.permissions import Actor
from referencing.journal.models import Entry
from referencing.journal.queries import stream

from .differences import Diff, diff
from .models import Rulebook, Simulation, SimulationState
from .queries import in_force, rules_of, visible_rulebook, with_rules
from .rulebooks import NO_RULES


def checked_rulebook(session: Session, actor: Actor, rulebook_id: UUID) -> Rulebook:
    """A rulebook whose present content was checked. Raises NotFound for any other."""
    rulebook = visible_rulebook(session, actor, rulebook_id)
    if rulebook.checked_at is None:
        raise NotFound("Le contenu présent n'a pas été contrôlé : demandez-le (POST, même adresse).")
    return rulebook


def compared(
    session: Session, actor: Actor, rulebook_id: UUID, against: UUID | None
) -> tuple[Rulebook | None, Diff]:
    """The rulebook that another is compared with, that in force when none is named, and the differences."""
    after = visible_rulebook(session, actor, rulebook_id)
    if against is None:
        current = in_force(session)
        against = current.id if current else None
    before = visible_rulebook(session, actor, against) if against else None
    return before, diff(rules_of(before) if before else NO_RULES, rules_of(after))


def history(session: Session, actor: Actor, rulebook_id: UUID, last: int, limit: int) -> Sequence[Entry]:
    """The journal of a rulebook after the entry `last`, oldest first."""
    return stream(session, f"rulebook:{visible_rulebook(session, actor, rulebook_id).id}", last, limit)


def simulation_of(session: Session, rulebook: Rulebook) -> UUID | None:
    """The id of the last finished simulation of a rulebook's present version."""
    return session.scalar(
        sa.select(Simulation.id)
        .where(
            Simulation.rulebook_id == rulebook.id,
            Simulation.revision == rulebook.revision,
            Simulation.state == SimulationState.FINISHED,
        )
        .order_by(Simulation.id.desc())
        .limit(1)
    )


def waiting(session: Session, day: date) -> Sequence[Rulebook]:
    """The published rulebooks whose day has come, locked, the earliest first."""
    return session.scalars(
        sa.select(Rulebook)
        .where(Rulebook.scheduled_at.is_not(None), Rulebook.published_at.is_(None), Rulebook.first_day <= day)
        .order_by(Rulebook.first_day)
        .with_for_update()
    ).all()


def scheduled(session: Session) -> Sequence[Rulebook]:
    """The published rulebooks that wait for their day, with their rules, locked."""
    return session.scalars(
        with_rules()
        .where(Rulebook.scheduled_at.is_not(None), Rulebook.published_at.is_(None))
        .order_by(Rulebook.first_day)
        .with_for_update(of=Rulebook)
    ).all()
