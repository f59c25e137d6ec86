"""Platforms with how they stand, what happened to them, and who asked to be told."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from referencing.base.db import after, any_of, before, now
from referencing.base.errors import NotFound, invalid_field
from referencing.base.permissions import Actor, Right, authorise

from .models import Incident, Maintenance, Platform, PlatformFollower, Probe
from .spans import Month, Span, first_month, months
from .states import Impact, IncidentState, MaintenanceState, PlatformState, WatchState

NO_PLATFORM = "Cette plateforme n'existe pas : relisez la liste."
NO_INCIDENT = "Cet incident n'existe pas : relisez ceux de la plateforme."
NO_MAINTENANCE = "Cette maintenance n'existe pas : relisez celles de la plateforme."
NO_PROBE = "Cette sonde n'existe pas : relisez celles de la plateforme."
#: Incidents and maintenance of the last times that a feed tells of.
IN_FEED = 50


@dataclass(frozen=True, slots=True)
class Standing:
    """A platform as it stands at a moment, since when, and what it is announced to come to."""

    platform: Platform
    stands: PlatformState
    since: datetime
    incidents: Sequence[Incident]
    planned: Sequence[Maintenance]
    months: Sequence[Month] = ()


def standings(
    session: Session, cursor: Sequence[Any] | None = None, limit: int = 100, *, only: UUID | None = None
) -> list[Standing]:
    """The platforms that are watched, by name, each as it stands; `only` one, watched or not."""
    moment = now(session)
    which = Platform.state == WatchState.WATCHED if only is None else Platform.id == only
    select = sa.select(Platform, _last_end(moment)).where(which)
    rows = session.execute(after(select, [Platform.name, Platform.id], cursor).limit(limit))
    return _standing(session, dict(rows.all()), moment)


def standing(session: Session, platform_id: UUID) -> Standing:
    """A platform as it stands, with its last twelve months. Raises NotFound."""
    rows = with_months(session, standings(session, only=platform_id))
    if not rows:
        raise NotFound(NO_PLATFORM)
    return rows[0]


def _last_end(moment: datetime) -> sa.ColumnElement[datetime]:
    """When the last ended of what happened to a platform; when it was named, where nothing did."""
    incidents = sa.select(sa.func.max(Incident.ended_at)).where(
        Incident.platform_id == Platform.id, Incident.state == IncidentState.CLOSED
    )
    maintained = sa.select(sa.func.max(Maintenance.ends_at)).where(
        Maintenance.platform_id == Platform.id,
        Maintenance.state == MaintenanceState.PLANNED,
        Maintenance.ends_at <= moment,
    )
    return sa.func.greatest(Platform.created_at, incidents.scalar_subquery(), maintained.scalar_subquery())


def _standing(session: Session, last_ends: Mapping[Platform, datetime], moment: datetime) -> list[Standing]:
    ids = [platform.id for platform in last_ends]
    is_open = sa.select(Incident).where(
        any_of(Incident.platform_id, ids), Incident.state == IncidentState.OPEN
    )
    incidents = session.scalars(
        is_open.order_by(Incident.begun_at).options(selectinload(Incident.notes))
    ).all()
    to_come = sa.select(Maintenance).where(
        any_of(Maintenance.platform_id, ids),
        Maintenance.state == MaintenanceState.PLANNED,
        Maintenance.ends_at > moment,
    )
    planned = session.scalars(to_come.order_by(Maintenance.starts_at)).all()
    return [
        _stands(
            platform,
            [incident for incident in incidents if incident.platform_id == platform.id],
            [maintenance for maintenance in planned if maintenance.platform_id == platform.id],
            last_end,
            moment,
        )
        for platform, last_end in last_ends.items()
    ]


def _stands(
    platform: Platform,
    incidents: Sequence[Incident],
    planned: Sequence[Maintenance],
    last_end: datetime,
    moment: datetime,
) -> Standing:
    """What is down is down, maintenance or not; what is slow during maintenance is in maintenance."""
    begun = {
        impact: [one.begun_at for one in incidents if one.impact is impact and one.begun_at <= moment]
        for impact in Impact
    }
    under_way = [one.starts_at for one in planned if one.starts_at <= moment]
    for state, moments in (
        (PlatformState.DOWN, begun[Impact.DOWN]),
        (PlatformState.MAINTENANCE, under_way),
        (PlatformState.DEGRADED, begun[Impact.DEGRADED]),
    ):
        if moments:
            return Standing(platform, state, min(moments), incidents, planned)
    return Standing(platform, PlatformState.UP, last_end, incidents, planned)


def with_months(session: Session, rows: Sequence[Standing]) -> list[Standing]:
    """Platforms with how available they were in each of the last twelve months."""
    moment, ids = now(session), [row.platform.id for row in rows]
    start = first_month(moment)
    lasting = sa.or_(Incident.ended_at.is_(None), Incident.ended_at > start)
    incidents = session.execute(
        sa.select(Incident.platform_id, Incident.impact, Incident.begun_at, Incident.ended_at).where(
            any_of(Incident.platform_id, ids), Incident.state != IncidentState.RETRACTED, lasting
        )
    ).all()
    planned = session.execute(
        sa.select(Maintenance.platform_id, Maintenance.starts_at, Maintenance.ends_at).where(
            any_of(Maintenance.platform_id, ids),
            Maintenance.state == MaintenanceState.PLANNED,
            Maintenance.ends_at > start,
        )
    ).all()

    spans = defaultdict[tuple[UUID, PlatformState], list[Span]](list)
    for platform_id, impact, begun_at, ended_at in incidents:
        spans[platform_id, PlatformState(impact.value)].append((begun_at, ended_at))
    for platform_id, starts_at, ends_at in planned:
        spans[platform_id, PlatformState.MAINTENANCE].append((starts_at, ends_at))

    def by_month(platform: Platform) -> Sequence[Month]:
        layers = PlatformState.DOWN, PlatformState.MAINTENANCE, PlatformState.DEGRADED
        down, maintained, degraded = (spans[platform.id, layer] for layer in layers)
        return months(down, maintained, degraded, platform.created_at, moment)

    return [replace(row, months=by_month(row.platform)) for row in rows]


def platform(session: Session, platform_id: UUID, *, lock: bool = False) -> Platform:
    """Raises NotFound."""
    existing = session.get(Platform, platform_id, populate_existing=lock, with_for_update=lock or None)
    if existing is None:
        raise NotFound(NO_PLATFORM)
    return existing


def names(session: Session) -> dict[str, Sequence[str]]:
    """The names by which texts call each platform that is watched, by its code."""
    watched = sa.select(Platform.code, Platform.name, Platform.words).where(
        Platform.state == WatchState.WATCHED
    )
    rows = session.execute(watched.order_by(Platform.code))
    return {row.code: (row.name, *row.words) for row in rows}


def refuse_unknown(session: Session, codes: Sequence[str]) -> None:
    """Raises Invalid for codes that no platform has, retired ones included."""
    existing = set(session.scalars(sa.select(Platform.code).where(any_of(Platform.code, codes))))
    unknown = ", ".join(f"« {code} »" for code in codes if code not in existing)
    if unknown:
        raise invalid_field("platforms", f"Aucune plateforme n'a le code {unknown} : relisez la liste.")


def probes(
    session: Session, actor: Actor, platform_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Probe]:
    """The probes of a platform with what each place saw last. Raises NotFound, Forbidden."""
    authorise(actor, Right.MANAGE_PLATFORMS)
    return _probes(session, platform_id, cursor, limit)


def probe(session: Session, actor: Actor, probe_id: UUID) -> Probe:
    """Raises NotFound, Forbidden."""
    authorise(actor, Right.MANAGE_PLATFORMS)
    existing = session.get(Probe, probe_id)
    if existing is None:
        raise NotFound(NO_PROBE)
    return existing


def heartbeats(
    session: Session, platform_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Probe]:
    """The signs of life that are awaited of a platform, with what came last. Raises NotFound."""
    return _probes(session, platform_id, cursor, limit, Probe.account_id.is_not(None))


def _probes(
    session: Session,
    platform_id: UUID,
    cursor: Sequence[Any] | None,
    limit: int,
    *where: sa.ColumnElement[bool],
) -> Sequence[Probe]:
    select = sa.select(Probe).where(Probe.platform_id == platform(session, platform_id).id, *where)
    return session.scalars(
        after(select, [Probe.id], cursor).limit(limit).options(selectinload(Probe.sights))
    ).all()


def incidents(
    session: Session, platform_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Incident]:
    """The incidents of a platform, the latest first; those that were none are not among them. Raises NotFound."""
    select = sa.select(Incident).where(
        Incident.platform_id == platform(session, platform_id).id, Incident.state != IncidentState.RETRACTED
    )
    return session.scalars(
        before(select, Incident.id, cursor).limit(limit).options(selectinload(Incident.notes))
    ).all()


def incident(session: Session, incident_id: UUID, *, lock: bool = False) -> Incident:
    """Raises NotFound."""
    existing = session.get(Incident, incident_id, populate_existing=lock, with_for_update=lock or None)
    if existing is None:
        raise NotFound(NO_INCIDENT)
    return existing


def maintenances(
    session: Session, platform_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Maintenance]:
    """Maintenance of a platform, planned, past or cancelled, the latest first. Raises NotFound."""
    select = sa.select(Maintenance).where(Maintenance.platform_id == platform(session, platform_id).id)
    return session.scalars(before(select, Maintenance.id, cursor).limit(limit)).all()


def maintenance(session: Session, maintenance_id: UUID, *, lock: bool = False) -> Maintenance:
    """Raises NotFound."""
    existing = session.get(Maintenance, maintenance_id, populate_existing=lock, with_for_update=lock or None)
    if existing is None:
        raise NotFound(NO_MAINTENANCE)
    return existing


def lately(session: Session) -> list[Incident | Maintenance]:
    """What was last said of any platform, the latest first: its incidents and its maintenance."""
    told = (
        sa.select(Incident)
        .where(Incident.state != IncidentState.RETRACTED)
        .options(joinedload(Incident.platform), selectinload(Incident.notes))
    )
    happened = session.scalars(told.order_by(Incident.changed_at.desc(), Incident.id.desc()).limit(IN_FEED))
    planned = session.scalars(
        sa.select(Maintenance)
        .options(joinedload(Maintenance.platform))
        .order_by(Maintenance.changed_at.desc(), Maintenance.id.desc())
        .limit(IN_FEED)
    )
    both: Iterable[Incident | Maintenance] = [*happened, *planned]
    return sorted(both, key=lambda each: each.changed_at, reverse=True)[:IN_FEED]


def followed(session: Session, actor: Actor, ids: Collection[UUID]) -> frozenset[UUID]:
    """The platforms, among these, of which this person asked to be told."""
    own = sa.select(PlatformFollower.platform_id).where(
        PlatformFollower.account_id == actor.account_id, any_of(PlatformFollower.platform_id, ids)
    )
    return frozenset(session.scalars(own))


def followers(session: Session, platform_id: UUID, cursor: UUID | None, limit: int) -> Sequence[UUID]:
    """The accounts that asked to be told of a platform, in the order of their ids."""
    select = sa.select(PlatformFollower.account_id).where(PlatformFollower.platform_id == platform_id)
    if cursor is not None:
        select = select.where(PlatformFollower.account_id > cursor)
    return session.scalars(select.order_by(PlatformFollower.account_id).limit(limit)).all()
