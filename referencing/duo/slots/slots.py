"""What verifiers offer: availabilities that become slots, which of them a dossier can have, and holding one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from referencing.accounts.models import Account
from referencing.base.db import after, insert_rows, new_id, now, today
from referencing.base.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from referencing.base.permissions import Actor, Right, Role, authorise
from referencing.catalogue.models import Dsr
from referencing.journal.operations import record
from referencing.reviews.queues.verifiers import kept_still

from . import offers
from .models import Availability, Slot, Staffing
from .queries import taken

FURTHEST = timedelta(days=366)
LONGEST = 240  # minutes
NO_SLOT = "Ce créneau n'existe pas ou plus : choisissez-en un dans la liste (/api/v1/duo/slots)."
NO_AVAILABILITY = "Cette disponibilité n'existe pas ou plus : relisez la liste."
ON_THE_QUARTER = "Donnez une heure ronde, ou un quart d'heure (09:00, 09:15, 09:30, 09:45)."


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered; `verifier` is None for one's own. Everything else is as `Availability` keeps it."""

    first_day: date
    last_day: date
    starts_at: time
    ends_at: time
    slot_minutes: int
    couloirs: Sequence[str] = ()
    chapters: Sequence[str] = ()
    excepted: Sequence[date] = ()
    verifier: UUID | None = None


def offer(session: Session, actor: Actor, terms: Offer) -> tuple[Availability, int]:
    """Slots of a verifier: one's own, or a lead's for anybody; each week until `last_day`. Answers how many, too.

    Raises Invalid when no slot comes of it, Conflict when some would overlap others of theirs.
    """
    authorise(actor, Right.OFFER_SLOTS)
    account = _verifier_of(session, actor, terms.verifier)
    _refuse_times(session, terms)
    _refuse_couloirs(session, terms.couloirs)
    times = _times(session, terms)
    _refuse_overlap(session, account, times)
    offered = Availability(
        id=new_id(),
        verifier=account,
        offered_by=actor.account_id,
        first_day=terms.first_day,
        last_day=terms.last_day,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        slot_minutes=terms.slot_minutes,
        couloirs=sorted(set(terms.couloirs)),
        chapters=sorted(set(terms.chapters)),
        excepted=sorted(set(terms.excepted)),
    )
    session.add(offered)
    session.flush()
    rows = [
        {"id": new_id(), "availability_id": offered.id, "verifier_id": account.id, **one._asdict()}
        for one in times
    ]
    insert_rows(session, Slot, rows)
    detail = {
        "availability": str(offered.id),
        "slots": len(rows),
        "first_day": str(terms.first_day),
        "last_day": str(terms.last_day),
    }
    record(session, actor, "slots.offered", f"account:{account.id}", detail)
    return offered, len(rows)


def _times(session: Session, terms: Offer) -> list[offers.Times]:
    length = timedelta(minutes=terms.slot_minutes)
    cut = offers.slots(
        terms.first_day, terms.last_day, terms.starts_at, terms.ends_at, length, frozenset(terms.excepted)
    )
    times = [one for one in cut if one.starts_at > now(session)]
    if not times:
        raise Invalid(
            "Il n'en résulte aucun créneau : les jours sont passés, fériés, de fin de semaine ou exceptés, ou la plage "
            "est plus courte qu'un créneau."
        )
    return times


def _verifier_of(session: Session, actor: Actor, verifier: UUID | None) -> Account:
    if actor.role is not Role.LEAD and verifier not in {None, actor.account_id}:
        raise Forbidden("Vous offrez vos propres créneaux ; pour un collègue, demandez à un responsable.")
    if actor.role is Role.LEAD and verifier is None:
        raise Invalid(
            "Dites de qui sont ces créneaux.",
            [FieldError("/verifier", "Donnez l'identifiant du vérificateur.")],
        )
    return kept_still(session, verifier or actor.account_id)


def _refuse_times(session: Session, terms: Offer) -> None:
    errors = [
        FieldError(f"/{name}", ON_THE_QUARTER)
        for name, at in (("starts_at", terms.starts_at), ("ends_at", terms.ends_at))
        if at.tzinfo is not None or at.minute % 15 or at.second or at.microsecond
    ]
    if terms.slot_minutes % 15 or not 15 <= terms.slot_minutes <= LONGEST:
        errors.append(FieldError("/slot_minutes", f"De 15 à {LONGEST} minutes, par quarts d'heure."))
    if not errors and terms.starts_at >= terms.ends_at:
        errors.append(FieldError("/ends_at", "Donnez une heure après celle du début."))
    day = today(session)
    if terms.first_day < day:
        errors.append(FieldError("/first_day", "Donnez un jour qui n'est pas passé."))
    if not terms.first_day <= terms.last_day <= day + FURTHEST:
        errors.append(FieldError("/last_day", "Donnez un jour à partir du premier, dans l'année."))
    if errors:
        raise Invalid("Corrigez ces jours ou ces heures.", errors)


def _refuse_couloirs(session: Session, couloirs: Sequence[str]) -> None:
    couloirs_of_dsr = set(session.scalars(sa.select(Dsr.couloir).distinct())) if couloirs else set()
    errors = [
        FieldError(f"/couloirs/{place}", f"Le couloir « {one} » n'existe pas.")
        for place, one in enumerate(couloirs)
        if one not in couloirs_of_dsr
    ]
    if errors:
        raise Invalid(f"Choisissez parmi les couloirs : {', '.join(sorted(couloirs_of_dsr))}.", errors)


def _refuse_overlap(session: Session, account: Account, times: Sequence[offers.Times]) -> None:
    """Raises Conflict for times that are offered already; the account is kept still meanwhile."""
    theirs = session.execute(
        sa.select(Slot.starts_at, Slot.ends_at).where(
            Slot.verifier_id == account.id,
            Slot.withdrawn_at.is_(None),
            Slot.starts_at < times[-1].ends_at,
            Slot.ends_at > times[0].starts_at,
        )
    )
    quarters = {moment for start, end in theirs for moment in offers.quarters(start, end)}
    for slot in times:
        if not quarters.isdisjoint(offers.quarters(*slot)):
            when = f"{slot.starts_at.astimezone(offers.PARIS):%d/%m/%Y à %H:%M}"
            raise Conflict(f"{account.name} offre déjà un créneau le {when} : retirez-le d'abord.")


def withdraw_slot(session: Session, actor: Actor, slot_id: UUID) -> None:
    """No longer offer one slot. Raises Conflict when it is booked or held."""
    authorise(actor, Right.OFFER_SLOTS)
    slot = session.scalar(_own(actor, sa.select(Slot), Slot.verifier_id).where(Slot.id == slot_id))
    if slot is None or slot.withdrawn_at is not None:
        raise NotFound(NO_SLOT)
    if not _withdraw(session, slot.verifier_id, Slot.id == slot_id):
        raise Conflict("Ce créneau est pris : annulez ou déplacez d'abord la séance.")
    record(session, actor, "slot.withdrawn", f"account:{slot.verifier_id}", {"slot": str(slot_id)})


def withdraw_availability(session: Session, actor: Actor, availability_id: UUID) -> None:
    """No longer offer what it gives and nobody has booked; sessions that are booked stay."""
    authorise(actor, Right.OFFER_SLOTS)
    own = _own(actor, sa.select(Availability), Availability.verifier_id)
    availability = session.scalar(
        own.where(Availability.id == availability_id, Availability.withdrawn_at.is_(None))
    )
    if availability is None:
        raise NotFound(NO_AVAILABILITY)
    withdrawn = _withdraw(session, availability.verifier_id, Slot.availability_id == availability_id)
    availability.withdrawn_at = now(session)
    detail = {"availability": str(availability_id), "slots": withdrawn}
    record(session, actor, "slots.withdrawn", f"account:{availability.verifier_id}", detail)


def _withdraw(session: Session, verifier: UUID, *which: sa.ColumnElement[bool]) -> int:
    """Withdraw the slots to come that nobody has taken; answers how many.

    Who books a slot takes the account first, so what is free here stays free.
    """
    kept_still(session, verifier)
    moment = now(session)
    untaken = ~taken(Slot.verifier_id, Slot.starts_at, Slot.ends_at, moment)
    withdrawn = session.execute(
        sa.update(Slot)
        .where(Slot.withdrawn_at.is_(None), Slot.starts_at > moment, untaken, *which)
        .values(withdrawn_at=moment)
        .returning(Slot.id)
        .execution_options(synchronize_session=False)
    )
    return len(withdrawn.all())


def _own(actor: Actor, select: sa.Select[Any], verifier: Any) -> sa.Select[Any]:
    return select if actor.role is Role.LEAD else select.where(verifier == actor.account_id)


def availabilities(
    session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Availability]:
    """A verifier's own, everybody's for a lead; those that were withdrawn are left out."""
    authorise(actor, Right.OFFER_SLOTS)
    select = _own(actor, sa.select(Availability), Availability.verifier_id).where(
        Availability.withdrawn_at.is_(None), Availability.last_day >= today(session)
    )
    page = after(select, [Availability.id], cursor).limit(limit).options(joinedload(Availability.verifier))
    return session.scalars(page).all()


def staff(session: Session, actor: Actor, couloir: str | None, verifiers: int) -> Staffing:
    """How many verifiers the sessions of a couloir have from now on, or of all that have no number of their own."""
    authorise(actor, Right.STAFF_SESSIONS)
    if couloir is not None:
        _refuse_couloirs(session, [couloir])
    written = insert(Staffing).values(id=new_id(), couloir=couloir, verifiers=verifiers)
    written = written.on_conflict_do_update(index_elements=[Staffing.couloir], set_={"verifiers": verifiers})
    staffing = session.scalars(
        written.returning(Staffing), execution_options={"populate_existing": True}
    ).one()
    detail = {"couloir": couloir, "verifiers": verifiers}
    record(session, actor, "sessions.staffed", "duo:staffing", detail)
    return staffing


def staffings(session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int) -> Sequence[Staffing]:
    authorise(actor, Right.STAFF_SESSIONS)
    return session.scalars(after(sa.select(Staffing), [Staffing.id], cursor).limit(limit)).all()
