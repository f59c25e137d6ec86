"""Incidents, opened by the rule or by a person: told, corrected, closed, retracted; maintenance said in advance."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.errors import FieldError, Invalid
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor, Right, authorise
from referencing.journal.operations import SYSTEM, Author, record

from . import queries
from .models import Incident, IncidentNote, Maintenance, Platform
from .states import (
    INCIDENT,
    MAINTENANCE,
    PLATFORM,
    STATES,
    Impact,
    IncidentAction,
    IncidentState,
    MaintenanceAction,
    MaintenanceState,
    PlatformAction,
    PlatformState,
)


def open_incident(
    session: Session, actor: Actor, platform_id: UUID, impact: Impact, title: str, begun_at: datetime | None
) -> Incident:
    """Say that a platform is down or degraded, since now or an earlier moment. Raises NotFound, Conflict, Invalid."""
    authorise(actor, Right.MANAGE_PLATFORMS)
    platform = queries.platform(session, platform_id, lock=True)
    PLATFORM.follow("Cette plateforme", platform.state, PlatformAction.OPEN_INCIDENT, actor)
    _refuse_misplaced(session, begun_at=begun_at)
    return open_one(session, actor, platform, impact, title, begun_at or now(session))


def open_one(
    session: Session, author: Author, platform: Platform, impact: Impact, title: str, begun_at: datetime
) -> Incident:
    """Open an incident of a platform that the caller has locked; without an account, by the rule."""
    incident = Incident(
        id=new_id(),
        platform_id=platform.id,
        impact=impact,
        state=IncidentState.OPEN,
        title=title,
        begun_at=begun_at,
        opened_by=author.account_id,
        changed_at=now(session),
    )
    incident.platform = platform
    session.add(incident)
    session.flush()
    _record(session, author, incident, "opened")
    _write(session, incident, "opened", STATES[PlatformState(impact.value)], title)
    return incident


def tell(session: Session, actor: Actor, incident_id: UUID, text: str) -> Incident:
    """Tell everybody how an incident goes on. Raises NotFound, Conflict."""
    incident = _moved(session, actor, incident_id, IncidentAction.TELL)
    _add_note(session, actor, incident, text)
    _record(session, actor, incident, "told")
    return incident


def correct(
    session: Session, actor: Actor, incident_id: UUID, words: Mapping[str, Any], reason: str
) -> Incident:
    """Put right what is given of an incident; what follows from it follows anew. Raises NotFound, Conflict, Invalid."""
    incident = _moved(session, actor, incident_id, IncidentAction.CORRECT)
    if "ended_at" in words and incident.state is IncidentState.OPEN:
        told = "Cet incident est ouvert : closez-le plutôt, avec le moment de sa fin."
        raise Invalid(told, [FieldError("/ended_at", told)])
    corrected = {name: words.get(name, getattr(incident, name)) for name in ("begun_at", "ended_at")}
    _refuse_misplaced(session, **corrected)
    for name, value in words.items():
        setattr(incident, name, value)
    _record(session, actor, incident, "corrected", reason=reason)
    session.flush()
    return incident


def close(
    session: Session, actor: Actor, incident_id: UUID, note: str, ended_at: datetime | None
) -> Incident:
    """Say that an incident is over, since now or an earlier moment, and why. Raises NotFound, Conflict, Invalid."""
    incident = _locked(session, actor, incident_id)
    INCIDENT.follow("Cet incident", incident.state, IncidentAction.CLOSE, actor)
    _refuse_misplaced(session, begun_at=incident.begun_at, ended_at=ended_at)
    close_one(session, actor, incident, ended_at or now(session), note)
    return incident


def close_one(session: Session, author: Author, incident: Incident, ended_at: datetime, note: str) -> None:
    """Close an incident that the caller has locked with its platform."""
    incident.state = INCIDENT.follow("Cet incident", incident.state, IncidentAction.CLOSE)
    incident.ended_at = ended_at
    _add_note(session, author, incident, note)
    _record(session, author, incident, "closed")
    _write(session, incident, "closed", "de nouveau disponible", f"{incident.title}\n\n{note}")


def worsen(session: Session, incident: Incident, title: str, begun_at: datetime) -> None:
    """What the rule held for degraded is down, and was so from the first failure on."""
    incident.impact, incident.title, incident.begun_at = Impact.DOWN, title, begun_at
    _record(session, SYSTEM, incident, "corrected", reason="Vue de plus d'un lieu.")
    _write(session, incident, "worsened", STATES[PlatformState.DOWN], title)


def retract(session: Session, actor: Actor, incident_id: UUID, reason: str) -> Incident:
    """Say that there was no incident: it counts nowhere any more. Raises NotFound, Conflict."""
    incident = _moved(session, actor, incident_id, IncidentAction.RETRACT)
    _record(session, actor, incident, "retracted", reason=reason)
    session.flush()
    return incident


def plan_maintenance(
    session: Session, actor: Actor, platform_id: UUID, title: str, starts_at: datetime, ends_at: datetime
) -> Maintenance:
    """Say in advance when a platform is not there. Raises NotFound, Conflict, Invalid."""
    authorise(actor, Right.MANAGE_PLATFORMS)
    platform = queries.platform(session, platform_id, lock=True)
    PLATFORM.follow("Cette plateforme", platform.state, PlatformAction.PLAN, actor)
    if ends_at <= starts_at or ends_at <= now(session):
        told = "Donnez une fin à venir, après le début."
        raise Invalid(told, [FieldError("/ends_at", told)])
    maintenance = Maintenance(
        id=new_id(),
        platform_id=platform.id,
        title=title,
        starts_at=starts_at,
        ends_at=ends_at,
        state=MaintenanceState.PLANNED,
        planned_by=actor.account_id,
        changed_at=now(session),
    )
    maintenance.platform = platform
    session.add(maintenance)
    session.flush()
    _record_maintenance(session, actor, maintenance, "planned")
    return maintenance


def cancel_maintenance(session: Session, actor: Actor, maintenance_id: UUID, reason: str) -> Maintenance:
    """Say that there is none after all. Raises NotFound, Conflict."""
    authorise(actor, Right.MANAGE_PLATFORMS)
    queries.platform(session, queries.maintenance(session, maintenance_id).platform_id, lock=True)
    maintenance = queries.maintenance(session, maintenance_id, lock=True)
    maintenance.state = MAINTENANCE.follow(
        "Cette maintenance", maintenance.state, MaintenanceAction.CANCEL, actor
    )
    _record_maintenance(session, actor, maintenance, "cancelled", reason=reason)
    return maintenance


def _locked(session: Session, actor: Actor, incident_id: UUID) -> Incident:
    """An incident behind its platform, in the order of locks."""
    authorise(actor, Right.MANAGE_PLATFORMS)
    queries.platform(session, queries.incident(session, incident_id).platform_id, lock=True)
    return queries.incident(session, incident_id, lock=True)


def _moved(session: Session, actor: Actor, incident_id: UUID, action: IncidentAction) -> Incident:
    incident = _locked(session, actor, incident_id)
    incident.state = INCIDENT.follow("Cet incident", incident.state, action, actor)
    return incident


def _refuse_misplaced(
    session: Session, begun_at: datetime | None = None, ended_at: datetime | None = None
) -> None:
    """Raises Invalid for a moment to come, or an end before the beginning."""
    moment = now(session)
    for name, value in {"begun_at": begun_at, "ended_at": ended_at}.items():
        if value is not None and value > moment:
            told = "Ce moment est à venir : vérifiez-le."
            raise Invalid(told, [FieldError(f"/{name}", told)])
    if begun_at is not None and ended_at is not None and ended_at < begun_at:
        told = "La fin précède le début : vérifiez-les."
        raise Invalid(told, [FieldError("/ended_at", told)])


def _add_note(session: Session, author: Author, incident: Incident, text: str) -> None:
    incident.notes.append(
        IncidentNote(id=new_id(), text=text, written_by=author.account_id, written_at=now(session))
    )
    session.flush()


def _record(session: Session, author: Author, incident: Incident, what: str, **more: object) -> None:
    incident.changed_at = now(session)
    ended_at = incident.ended_at
    detail = {
        "incident": str(incident.id),
        "impact": incident.impact.value,
        "begun_at": incident.begun_at.isoformat(),
        "ended_at": ended_at and ended_at.isoformat(),
        **more,
    }
    record(session, author, f"incident.{what}", f"platform:{incident.platform_id}", detail)


def _record_maintenance(
    session: Session, actor: Actor, maintenance: Maintenance, what: str, **more: object
) -> None:
    maintenance.changed_at = now(session)
    starts_at, ends_at = maintenance.starts_at.isoformat(), maintenance.ends_at.isoformat()
    detail = {"maintenance": str(maintenance.id), "starts_at": starts_at, "ends_at": ends_at, **more}
    record(session, actor, f"maintenance.{what}", f"platform:{maintenance.platform_id}", detail)
    standing = "maintenance prévue" if what == "planned" else "maintenance annulée"
    _write(session, maintenance, what, standing, maintenance.title)


def _write(session: Session, about: Incident | Maintenance, what: str, standing: str, text: str) -> None:
    """Have those who asked be written, by a job: there may be many."""
    enqueue(
        session,
        "write_to_followers",
        platform_id=str(about.platform_id),
        subject_key=f"platform:{about.id}:{what}",
        subject=f"{about.platform.name} : {standing}",
        text=text,
    )
