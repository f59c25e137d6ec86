"""Who can be given work: what each verifier handles, how much at once, and what they let go of when they leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from referencing.accounts.models import HELD, Account
from referencing.base.db import after, now, today
from referencing.base.errors import Conflict, NotFound
from referencing.base.permissions import Actor, Right, Role, authorise
from referencing.candidatures.tasks.models import Task
from referencing.catalogue.proposals import Guichet
from referencing.catalogue.queries import refuse_unknown_chapters
from referencing.equivalence.engine.explanation import in_french
from referencing.journal.operations import SYSTEM, record

from .models import Absence, Claim, Verifier

#: How many tasks a verifier has in hand at once, unless a lead says otherwise.
MOST_IN_HAND = 20

NO_VERIFIER = "Aucun vérificateur n'a cet identifiant : voyez la liste (/api/v1/verifiers)."


@dataclass(frozen=True, slots=True)
class VerifierView:
    """Somebody who reviews; naming no chapter or guichet is handling them all."""

    id: UUID
    name: str
    chapters: Sequence[str]
    guichets: Sequence[str]
    most_in_hand: int
    in_hand: int
    away_until: date | None


def verifiers(
    session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int
) -> Sequence[VerifierView]:
    """The verifiers whose account is open, with what they have in hand."""
    authorise(actor, Right.STEER_QUEUES)
    page = after(team(session), [Account.id], cursor).limit(limit)
    return [VerifierView(**row._asdict()) for row in session.execute(page)]


def ready(session: Session, verifier: UUID) -> VerifierView:
    """A verifier who can be given something now; who asks for them at the same time waits for this transaction.

    Raises NotFound for who is no verifier, Conflict while they are away.
    """
    kept_still(session, verifier)
    view = verifier_view(session, verifier)
    if view.away_until is not None:
        raise Conflict(
            f"{view.name} est en congé jusqu'au {in_french(view.away_until)} : aucune tâche ne peut lui "
            "revenir d'ici là. Si ce n'est plus le cas, retirez l'absence."
        )
    return view


def verifier_view(session: Session, verifier: UUID) -> VerifierView:
    """A verifier with what they have in hand; `verifier` is the id of one whose account is open."""
    return VerifierView(**session.execute(team(session).where(Account.id == verifier)).one()._asdict())


def kept_still(session: Session, verifier: UUID, *others: Role) -> Account:
    """Lock a verifier's account: always before their claims, and not against who writes in their name.

    `others` are the roles besides a verifier's that the account may have. Raises NotFound.
    """
    account = session.scalar(
        sa.select(Account)
        .where(
            Account.id == verifier,
            Account.role.in_([Role.VERIFIER, *others]),
            Account.disabled_at.is_(None),
        )
        .with_for_update(**HELD)
    )
    if account is None:
        raise NotFound(NO_VERIFIER)
    return account


def set_up(
    session: Session,
    actor: Actor,
    verifier: UUID,
    *,
    chapters: Sequence[str],
    guichets: Sequence[Guichet],
    most_in_hand: int,
) -> VerifierView:
    """Say what a verifier handles and how much at once. Raises NotFound, Invalid for a chapter that no list has."""
    authorise(actor, Right.STEER_QUEUES)
    kept_still(session, verifier)
    refuse_unknown_chapters(session, {f"/chapters/{index}": name for index, name in enumerate(chapters)})
    words: dict[str, Any] = {
        "chapters": sorted(set(chapters)),
        "guichets": sorted({one.value for one in guichets}),
        "most_in_hand": most_in_hand,
    }
    written = insert(Verifier).values(account_id=verifier, **words)
    session.execute(written.on_conflict_do_update(index_elements=[Verifier.account_id], set_=words))
    record(session, actor, "verifier.set_up", f"account:{verifier}", words)
    return verifier_view(session, verifier)


def release(session: Session, verifier: UUID, *which: sa.ColumnElement[bool]) -> list[str]:
    """Give the open tasks that a verifier has back to their queues; answers which."""
    tasks = sa.select(Task.id).where(Task.closed_at.is_(None), *which)
    released = session.scalars(
        sa.delete(Claim)
        .where(Claim.verifier_id == verifier, Claim.task_id.in_(tasks))
        .returning(Claim.task_id)
        .execution_options(synchronize_session=False)
    )
    return sorted(str(one) for one in released)


def release_absent(session: Session) -> None:
    """Give back to their queues what verifiers who are away today have in hand."""
    holding = (
        sa.select(Claim.verifier_id).join(Task, Task.id == Claim.task_id).where(Task.closed_at.is_(None))
    )
    day = today(session)
    away = (
        sa.select(Absence.verifier_id)
        .where(Absence.starts_on <= day, Absence.ends_on >= day, Absence.verifier_id.in_(holding))
        .distinct()
        .order_by(Absence.verifier_id)
    )
    for verifier in session.scalars(away).all():
        session.execute(sa.select(Account.id).where(Account.id == verifier).with_for_update(**HELD))
        released = release(session, verifier)
        if released:
            record(session, SYSTEM, "verifier.released", f"account:{verifier}", {"released": released})


def team(session: Session) -> sa.Select[Any]:
    """The statement that answers, for each verifier whose account is open, what a `VerifierView` has."""
    day = today(session)
    in_hand = (
        sa.select(sa.func.count())
        .select_from(Claim)
        .join(Task, Task.id == Claim.task_id)
        .where(Claim.verifier_id == Account.id, Claim.expires_at > now(session), Task.closed_at.is_(None))
    )
    away_until = sa.select(sa.func.max(Absence.ends_on)).where(
        Absence.verifier_id == Account.id, Absence.starts_on <= day, Absence.ends_on >= day
    )
    none = sa.cast([], sa.ARRAY(sa.Text()))
    return (
        sa.select(
            Account.id,
            Account.name,
            sa.func.coalesce(Verifier.chapters, none).label("chapters"),
            sa.func.coalesce(Verifier.guichets, none).label("guichets"),
            sa.func.coalesce(Verifier.most_in_hand, MOST_IN_HAND).label("most_in_hand"),
            in_hand.correlate(Account).scalar_subquery().label("in_hand"),
            away_until.correlate(Account).scalar_subquery().label("away_until"),
        )
        .outerjoin(Verifier, Verifier.account_id == Account.id)
        .where(Account.role == Role.VERIFIER, Account.disabled_at.is_(None))
    )
