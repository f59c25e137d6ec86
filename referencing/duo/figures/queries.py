"""The figures of live verification, counted by the database in as many queries whatever there is to count."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import PARIS, today
from referencing.base.errors import FieldError, Invalid
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record.models import Candidature, Item, Verdict
from referencing.candidatures.record.states import Track
from referencing.candidatures.tasks.models import Task
from referencing.catalogue.models import Dsr, DsrVersion, ExpectedProof, Requirement
from referencing.duo.sessions.models import Line, LiveSession, Participant, Side
from referencing.duo.sessions.phases import Phase
from referencing.duo.sessions.queries import LONGEST
from referencing.proofs.models import Finding
from referencing.steering.periods import Period

from .figures import ENOUGH, Counts, Decided, Figures, Key, Month, Usual, compare

_MONTHS = 12
_HELD = (Phase.CLOSED, Phase.SIGNED, Phase.INTERRUPTED, Phase.NO_SHOW)


def period(session: Session, actor: Actor, since: date | None, until: date | None) -> Period:
    """The period to count over; unless named, until today, from the first day of the month eleven months before.

    Raises Invalid when it ends before it starts.
    """
    authorise(actor, Right.STEER_QUEUES)
    ends = until or today(session)
    first = ends.year * 12 + ends.month - _MONTHS
    starts = since or date(first // 12, first % 12 + 1, 1)
    if ends < starts:
        raise Invalid(
            "La période finit avant de commencer.",
            [FieldError("/until", "Donnez un jour qui n'est pas avant since.")],
        )
    return Period(starts, ends)


def figures(session: Session, actor: Actor, over: Period, couloir: str | None) -> Figures:
    """Figures by couloir, then month; of a single couloir when it is named. What is usual is that of all couloirs."""
    authorise(actor, Right.STEER_QUEUES)
    verdicts = _verdicts(over)
    here = sa.true() if couloir is None else Dsr.couloir == couloir
    of_couloir = sa.true() if couloir is None else verdicts.c.couloir == couloir
    months: dict[Key, Month] = {}
    for row in session.execute(_sessions(over).where(here)):
        months[row.couloir, row.month] = Month(**row._asdict())
    for row in session.execute(_counts(verdicts).where(of_couloir)):
        counted = row._asdict()
        key = counted.pop("couloir"), counted.pop("month")
        chapter = counted.pop("chapter")
        months.setdefault(key, Month(*key)).chapters[chapter] = Counts(**counted)
    usual = [Usual(**row._asdict()) for row in session.execute(_usual(verdicts))]
    compare(
        months,
        [Decided(**row._asdict()) for row in session.execute(_live(verdicts).where(of_couloir))],
        usual,
    )
    return Figures([months[key] for key in sorted(months)], usual)


def _verdicts(over: Period) -> sa.Subquery:
    """Verdicts of the period that stand, on what was supplied or shown: not on reuses, nor on what does not apply."""
    took = sa.func.extract("epoch", Line.decided_at - Line.shown_at) / 60
    return (
        sa.select(
            Dsr.couloir,
            _month(Verdict.given_at).label("month"),
            _day(Verdict.given_at).label("day"),
            Requirement.chapter,
            ExpectedProof.kind,
            Candidature.mode,
            Verdict.item_id,
            Verdict.task_id,
            Verdict.round,
            Verdict.finding,
            Line.session_id,
            sa.case(((took > 0) & (took <= LONGEST), sa.cast(took, sa.Float()))).label("minutes"),
        )
        .select_from(Verdict)
        .join(Item, Item.id == Verdict.item_id)
        .join(Item.expected_proof)
        .join(ExpectedProof.requirement)
        .join(Item.candidature)
        .join(DsrVersion, DsrVersion.id == Candidature.version_id)
        .join(Dsr, Dsr.id == DsrVersion.dsr_id)
        .outerjoin(Line, Line.verdict_id == Verdict.id)
        .where(Verdict.given_at >= over.start, Verdict.given_at < over.end)
        .where(Verdict.undone_at.is_(None), Verdict.grant_id.is_(None), Verdict.claim.is_(None))
        .subquery("given")
    )


def _counts(verdicts: sa.Subquery) -> sa.Select[Any]:
    """Rows of a couloir, month and chapter, with the fields of `Counts` that are counted by their names."""
    live, first = verdicts.c.session_id.is_not(None), verdicts.c.round == 1
    decides, conform = verdicts.c.finding != Finding.COMPLEMENT, verdicts.c.finding == Finding.VERIFIED
    items, group = verdicts.c.item_id.distinct(), (verdicts.c.couloir, verdicts.c.month, verdicts.c.chapter)
    return sa.select(
        *group,
        sa.func.count(items).filter(decides).label("decided"),
        sa.func.count(items).filter(decides, verdicts.c.mode == Track.DUO).label("decided_in_duo"),
        sa.func.count(items).filter(decides, live).label("decided_live"),
        sa.func.count(items).filter(first, live).label("first_live"),
        sa.func.count(items).filter(first, live, conform).label("first_live_conform"),
        sa.func.count(items).filter(first, ~live).label("first_queue"),
        sa.func.count(items).filter(first, ~live, conform).label("first_queue_conform"),
        sa.func.count(verdicts.c.minutes).label("timed"),
        sa.func.coalesce(sa.func.sum(verdicts.c.minutes), 0.0).label("minutes"),
    ).group_by(*group)


def _usual(verdicts: sa.Subquery) -> sa.Select[Any]:
    """What is usual for each kind and chapter of which enough was decided in the queues, and of all, which comes last.

    What was decided live answered no task.
    """
    alike = sa.tuple_(verdicts.c.kind, verdicts.c.chapter)
    return (
        sa.select(
            verdicts.c.kind,
            verdicts.c.chapter,
            sa.func.count().label("items"),
            sa.cast(sa.func.avg(Task.days_used), sa.Float()).label("days"),
        )
        .join(Task, Task.id == verdicts.c.task_id)
        .where(verdicts.c.finding != Finding.COMPLEMENT, Task.days_used.is_not(None))
        .group_by(sa.func.grouping_sets(alike, sa.tuple_()))
        .having(sa.func.count() >= ENOUGH)
        .order_by(verdicts.c.kind.nulls_last(), verdicts.c.chapter)
    )


def _live(verdicts: sa.Subquery) -> sa.Select[Any]:
    booked = (
        sa.select(_day(sa.func.min(Participant.added_at)).label("booked_on"))
        .where(Participant.session_id == verdicts.c.session_id)
        .lateral("booked")
    )
    group = (
        verdicts.c.couloir,
        verdicts.c.month,
        verdicts.c.chapter,
        verdicts.c.kind,
        booked.c.booked_on,
        verdicts.c.day.label("decided_on"),
    )
    return (
        sa.select(*group, sa.func.count(verdicts.c.item_id.distinct()).label("items"))
        .select_from(verdicts)
        .join(booked, sa.true())
        .where(verdicts.c.session_id.is_not(None), verdicts.c.finding != Finding.COMPLEMENT)
        .group_by(*group)
    )


def _sessions(over: Period) -> sa.Select[str, date, int, int, int]:
    month = _month(LiveSession.starts_at)
    missed = LiveSession.phase == Phase.NO_SHOW
    return (
        sa.select(
            Dsr.couloir,
            month.label("month"),
            sa.func.count().label("sessions"),
            sa.func.count().filter(missed, LiveSession.absent == Side.EDITOR).label("absent_editor"),
            sa.func.count().filter(missed, LiveSession.absent == Side.AGENCY).label("absent_agency"),
        )
        .select_from(LiveSession)
        .join(LiveSession.candidature)
        .join(DsrVersion, DsrVersion.id == Candidature.version_id)
        .join(Dsr, Dsr.id == DsrVersion.dsr_id)
        .where(LiveSession.phase.in_(_HELD))
        .where(LiveSession.starts_at >= over.start, LiveSession.starts_at < over.end)
        .group_by(Dsr.couloir, month)
    )


def _month(moment: Any) -> sa.ColumnElement[date]:
    """The first day of the month of a moment, by the clocks of Paris."""
    return sa.cast(sa.func.date_trunc("month", sa.func.timezone(PARIS.key, moment)), sa.Date())


def _day(moment: Any) -> sa.ColumnElement[date]:
    return sa.cast(sa.func.timezone(PARIS.key, moment), sa.Date())
