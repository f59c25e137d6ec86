"""What probes saw, kept as one row for each place, and the incidents that follow from it by the rule."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, selectinload

from referencing.base.db import now
from referencing.journal.operations import SYSTEM

from .incidents import close_one, open_one, worsen
from .judging import REASONS, STALE, Judgement, Sight, judged, silence
from .models import Incident, Maintenance, Platform, Probe, ProbeKind, ProbeSight
from .probing import Seen
from .states import Impact, IncidentState, MaintenanceState, WatchState

#: The place of what is sent here rather than looked at from somewhere.
HERE = "-"
#: What is added to the periods after which a sight is stale, for what a look itself takes.
_LOOKING = timedelta(minutes=1)


def take(session: Session, place: str, most: int) -> Sequence[UUID]:
    """The ids of probes that are due at a place, each moved on to its next time: no other process has them."""
    moment = now(session)
    period = sa.func.make_interval(0, 0, 0, 0, 0, 0, Probe.every_seconds)
    own = sa.and_(ProbeSight.probe_id == Probe.id, ProbeSight.place == place)
    due = (
        sa.select(Probe.id, sa.literal(place), sa.literal(moment) + period, sa.literal(0))
        .outerjoin(ProbeSight, own)
        .where(
            Probe.kind != ProbeKind.HEARTBEAT, ProbeSight.next_at.is_(None) | (ProbeSight.next_at <= moment)
        )
        .order_by(ProbeSight.next_at.asc().nulls_first())
        .limit(most)
    )
    taken = insert(ProbeSight).from_select(["probe_id", "place", "next_at", "streak"], due)
    anew = taken.on_conflict_do_update(
        index_elements=[ProbeSight.probe_id, ProbeSight.place],
        set_={"next_at": taken.excluded.next_at},
        where=ProbeSight.next_at <= moment,
    )
    return session.scalars(anew.returning(ProbeSight.probe_id)).all()


def note(session: Session, probe_id: UUID, place: str, seen: Seen) -> None:
    """Keep what a place saw, and have what follows from it follow; nothing of a probe that is gone by now."""
    of_probe = sa.select(Probe.platform_id).where(Probe.id == probe_id).scalar_subquery()
    platform = session.scalar(sa.select(Platform).where(Platform.id == of_probe).with_for_update())
    probe = session.get(Probe, probe_id)
    if platform is not None and probe is not None:
        note_seen(session, probe, place, seen)
        follow_sights(session, platform)


def note_seen(session: Session, probe: Probe, place: str, seen: Seen) -> None:
    """What was seen takes the place of what was seen there before; its platform is locked by the caller."""
    moment = now(session)
    row = session.get(ProbeSight, (probe.id, place))
    if row is None:
        row = ProbeSight(probe_id=probe.id, place=place, streak=0)
        session.add(row)
        row.next_at = moment + timedelta(seconds=probe.every_seconds)
    again = row.sighting is seen.sighting and not _is_stale(row, probe, moment)
    row.streak = row.streak + 1 if again else 1
    row.since = row.since if again else moment
    row.sighting, row.reason, row.seen_at = seen.sighting, seen.reason, moment
    row.milliseconds, row.certificate_ends_at = seen.milliseconds, seen.certificate_ends_at
    session.flush()


def follow_sights(session: Session, platform: Platform) -> None:
    """Open and close the incident that the rule asks for; the platform is locked by the caller."""
    moment = now(session)
    judgement = judged(_sights(session, platform, moment), platform.failures)
    if judgement is None:
        return
    own = session.scalar(
        sa.select(Incident)
        .where(
            Incident.platform_id == platform.id,
            Incident.state == IncidentState.OPEN,
            Incident.opened_by.is_(None),
        )
        .with_for_update()
    )
    if (own and own.impact) is judgement.impact:
        return
    if judgement.impact is None:
        _close(session, own, judgement.since)
        return
    under_way, ended_at = _maintenance(session, platform, moment)
    if not under_way:
        _change_to(session, platform, own, judgement, max(judgement.since, ended_at or judgement.since))


def _change_to(
    session: Session, platform: Platform, own: Incident | None, judgement: Judgement, since: datetime
) -> None:
    """What was degraded and is down was so since its first failure; what was down and is degraded is so from now."""
    if judgement.impact is None or judgement.reason is None:
        return
    title = f"{platform.name} : {REASONS[judgement.reason]}"
    if own is not None and judgement.impact is Impact.DOWN and since <= own.begun_at:
        worsen(session, own, title, since)
        return
    begun_at = since
    if own is not None:
        begun_at = since if judgement.impact is Impact.DOWN else now(session)
        _close(session, own, begun_at)
    open_one(session, SYSTEM, platform, judgement.impact, title, begun_at)


def _close(session: Session, own: Incident | None, ended_at: datetime) -> None:
    if own is not None:
        close_one(session, SYSTEM, own, max(ended_at, own.begun_at), "Les sondes n'observent plus rien.")


def _sights(session: Session, platform: Platform, moment: datetime) -> Iterator[list[Sight]]:
    """What is known of each probe, by place; what is stale is not."""
    own = sa.select(Probe).where(Probe.platform_id == platform.id)
    fresh = own.options(selectinload(Probe.sights)).execution_options(populate_existing=True)
    for probe in session.scalars(fresh):
        if probe.kind is ProbeKind.HEARTBEAT:
            yield _heard(probe, moment)
        else:
            yield [
                sight
                for row in probe.sights
                if not _is_stale(row, probe, moment) and (sight := _sight(row)) is not None
            ]


def _heard(probe: Probe, moment: datetime) -> list[Sight]:
    last = probe.sights[0] if probe.sights else None
    heard_at = (last and last.seen_at) or probe.created_at
    missed = silence(heard_at, timedelta(seconds=probe.every_seconds), moment)
    sight = missed or (last and _sight(last))
    return [sight] if sight else []


def _sight(row: ProbeSight) -> Sight | None:
    if row.sighting is None or row.since is None:
        return None
    return Sight(row.sighting, row.streak, row.since, row.reason)


def _is_stale(row: ProbeSight, probe: Probe, moment: datetime) -> bool:
    """Whether what a place saw tells nothing of now any more: nobody looks from there."""
    kept = STALE * timedelta(seconds=probe.every_seconds) + _LOOKING
    return row.seen_at is None or row.seen_at + kept < moment


def _maintenance(session: Session, platform: Platform, moment: datetime) -> tuple[bool, datetime | None]:
    """Whether maintenance is under way, and when the last one ended."""
    begun = sa.select(sa.func.max(Maintenance.ends_at)).where(
        Maintenance.platform_id == platform.id,
        Maintenance.state == MaintenanceState.PLANNED,
        Maintenance.starts_at <= moment,
    )
    ends_at = session.scalar(begun)
    return ends_at is not None and ends_at > moment, ends_at


def follow_platforms(session: Session) -> None:
    """Judge what no probe reports: heartbeats that do not come, maintenance that is over."""
    watched = sa.select(Platform).where(Platform.state == WatchState.WATCHED).order_by(Platform.id)
    for platform in session.scalars(watched.with_for_update(skip_locked=True)):
        follow_sights(session, platform)
