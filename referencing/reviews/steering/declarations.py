"""Declarations of a verifier, or of a lead for them: conflicts of interest, as all who judge do, and absences."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.accounts.models import Account, Organisation
from referencing.base.db import after, new_id, now, today
from referencing.base.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from referencing.base.jobs import enqueue
from referencing.base.permissions import INSTRUCTION, Actor, Right, Role, authorise
from referencing.candidatures.tasks.models import Task
from referencing.journal.operations import record
from referencing.reviews.experts.experts import step_aside
from referencing.reviews.queues.models import Absence, ConflictOfInterest
from referencing.reviews.queues.verifiers import kept_still, release

#: How long somebody reads in a conflict of interest for one reason.
READING = timedelta(days=1)

NO_DECLARATION = "Cette déclaration n'existe pas ou plus : relisez la liste."

_RIGHTS: dict[type, Right] = {
    ConflictOfInterest: Right.DECLARE_CONFLICTS,
    Absence: Right.DECLARE_ABSENCES,
}

Declared = TypeVar("Declared", ConflictOfInterest, Absence)


def declare_conflict(
    session: Session, actor: Actor, *, organisation: str, reason: str, verifier: UUID | None
) -> ConflictOfInterest:
    """Declare that somebody of the agency is neither to judge an organisation nor to read what is its own.

    What they have of it in hand goes back to the queue; what they were asked about it counts as declined.

    Raises Invalid for an organisation that is not known, Conflict when it is declared already.
    """
    account = _lock_concerned(session, actor, verifier, Right.DECLARE_CONFLICTS, *INSTRUCTION)
    owner = session.scalar(sa.select(Organisation).where(Organisation.name == organisation))
    if owner is None:
        raise Invalid(
            "Cette organisation n'est pas connue.",
            [FieldError("/organisation", "Donnez son nom tel que les tâches le montrent.")],
        )
    standing = sa.select(ConflictOfInterest.id).where(
        ConflictOfInterest.verifier_id == account.id, ConflictOfInterest.organisation_id == owner.id
    )
    if session.scalar(standing) is not None:
        raise Conflict(f"Ce conflit d'intérêts avec « {owner.name} » est déjà déclaré.")
    declared = ConflictOfInterest(
        id=new_id(),
        verifier=account,
        organisation=owner,
        reason=reason,
        declared_at=now(session),
        declared_by=actor.account_id,
    )
    session.add(declared)
    session.flush()
    released = release(session, account.id, Task.organisation_id == owner.id)
    detail = {
        "organisation": owner.name,
        "reason": reason,
        "released": released,
        "declined": step_aside(session, account.id, owner.id),
    }
    record(session, actor, "conflict.declared", _stream(declared), detail)
    _notify_sessions(session, account)
    return declared


def declare_absence(
    session: Session, actor: Actor, *, starts_on: date, ends_on: date, verifier: UUID | None
) -> Absence:
    """Declare that a verifier is away.

    When that begins today or has begun, what they have in hand goes back to the queue.

    Raises Invalid for days that are over or in the wrong order, Conflict for those that are declared already.
    """
    account = _lock_concerned(session, actor, verifier, Right.DECLARE_ABSENCES)
    day = today(session)
    if ends_on < max(starts_on, day):
        raise Invalid(
            "Ces jours sont passés, ou ne se suivent pas.",
            [FieldError("/ends_on", "Donnez un dernier jour ni passé ni avant le premier.")],
        )
    twin = sa.select(Absence.id).where(
        Absence.verifier_id == account.id, Absence.starts_on == starts_on, Absence.ends_on == ends_on
    )
    if session.scalar(twin.limit(1)) is not None:
        raise Conflict(f"Ces jours d'absence de {account.name} sont déjà déclarés.")
    absence = Absence(id=new_id(), verifier=account, starts_on=starts_on, ends_on=ends_on)
    session.add(absence)
    session.flush()
    released = release(session, account.id) if starts_on <= day else []
    record(session, actor, "absence.declared", _stream(absence), {**_days(absence), "released": released})
    _notify_sessions(session, account)
    return absence


def end_conflict(session: Session, actor: Actor, conflict_id: UUID) -> None:
    """Take back a conflict of interest.

    Raises NotFound, for another verifier's as well, Forbidden for who it is about when somebody else declared it.
    """
    declared = _lock_declaration(session, actor, ConflictOfInterest, conflict_id)
    if actor.account_id == declared.verifier_id != declared.declared_by:
        raise Forbidden(
            "Ce conflit d'intérêts a été déclaré par un responsable : demandez à un responsable, autre que vous, de "
            "le retirer."
        )
    session.delete(declared)
    detail = {"organisation": declared.organisation.name}
    record(session, actor, "conflict.ended", _stream(declared), detail)


def read_in_conflict(session: Session, actor: Actor, conflict_id: UUID, *, reason: str) -> ConflictOfInterest:
    """Have a lead or an auditor read for a day what a conflict of interest closes to them. Raises NotFound."""
    authorise(actor, Right.READ_IN_CONFLICT)
    declared = _lock_declaration(session, actor, ConflictOfInterest, conflict_id)
    if declared.verifier_id != actor.account_id:
        raise NotFound(NO_DECLARATION)
    declared.reading_reason, declared.readable_until = reason, now(session) + READING
    detail = {"organisation": declared.organisation.name, "reason": reason}
    record(session, actor, "conflict.reading", _stream(declared), detail)
    return declared


def end_absence(session: Session, actor: Actor, absence_id: UUID) -> None:
    """Take back days of absence. Raises NotFound, for another verifier's as well."""
    absence = _lock_declaration(session, actor, Absence, absence_id)
    session.delete(absence)
    record(session, actor, "absence.ended", _stream(absence), _days(absence))


def conflicts(
    session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int
) -> Sequence[ConflictOfInterest]:
    """The actor's own conflicts of interest; everybody's for a lead."""
    own = _own(actor, ConflictOfInterest).options(joinedload(ConflictOfInterest.organisation))
    return session.scalars(after(own, [ConflictOfInterest.id], cursor).limit(limit)).all()


def who_may_be_in_conflict(session: Session, actor: Actor, limit: int) -> Sequence[Account]:
    """People of the agency for whom a lead may declare a conflict of interest, by name."""
    authorise(actor, Right.STEER_QUEUES)
    judging = sa.select(Account).where(Account.role.in_(sorted(INSTRUCTION)), Account.disabled_at.is_(None))
    return session.scalars(judging.order_by(Account.name, Account.id).limit(limit)).all()


def absences(session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int) -> Sequence[Absence]:
    """The actor's own absences; everybody's for a lead."""
    return session.scalars(after(_own(actor, Absence), [Absence.id], cursor).limit(limit)).all()


def _notify_sessions(session: Session, account: Account) -> None:
    """Let who expects them in a live session learn, by a job, that they cannot come."""
    enqueue(session, "notice_hindrances", verifier_id=str(account.id))


def _lock_concerned(
    session: Session, actor: Actor, verifier: UUID | None, right: Right, *others: Role
) -> Account:
    """Lock the account that a declaration is about: the actor's own, or for a lead anybody's.

    Raises Forbidden for a colleague's, Invalid when a lead names nobody, NotFound for who is no verifier.
    """
    authorise(actor, right)
    if actor.role is not Role.LEAD and verifier not in {None, actor.account_id}:
        raise Forbidden("Vous déclarez pour vous-même ; pour un collègue, demandez à un responsable.")
    if actor.role is Role.LEAD and verifier is None:
        raise Invalid(
            "Dites de qui il s'agit.", [FieldError("/verifier", "Donnez l'identifiant du vérificateur.")]
        )
    return kept_still(session, verifier or actor.account_id, *others)


def _own(actor: Actor, kind: type[Declared]) -> sa.Select[Declared]:
    authorise(actor, _RIGHTS[kind])
    select = sa.select(kind).options(joinedload(kind.verifier))
    return select if actor.role is Role.LEAD else select.where(kind.verifier_id == actor.account_id)


def _lock_declaration(session: Session, actor: Actor, kind: type[Declared], declared_id: UUID) -> Declared:
    declaration = session.scalar(_own(actor, kind).where(kind.id == declared_id).with_for_update(of=kind))
    if declaration is None:
        raise NotFound(NO_DECLARATION)
    return declaration


def _stream(declared: ConflictOfInterest | Absence) -> str:
    return f"account:{declared.verifier_id}"


def _days(absence: Absence) -> dict[str, str]:
    return {"starts_on": absence.starts_on.isoformat(), "ends_on": absence.ends_on.isoformat()}
