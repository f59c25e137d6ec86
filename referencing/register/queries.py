"""Which solutions are referenced: the one thing of a dossier that anybody may know."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from referencing.accounts.models import Organisation
from referencing.accounts.name_queries import folded, has_words
from referencing.base.db import PARIS
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import LISTED, State
from referencing.catalogue.models import Dsr, DsrVersion
from referencing.equivalence.engine.facts import Standing
from referencing.equivalence.rulebooks.models import DossierStanding
from referencing.solutions.models import Configuration, Software, Solution

from .contents import Line, Referencing


@dataclass(frozen=True, slots=True)
class ListedSolution(Line):
    """A line of the list; its place there is by `folded_name`, without case and accents, then by `id`."""

    folded_name: str
    id: UUID

    @property
    def key(self) -> tuple[str, UUID]:
        """The keys of its place in the list."""
        return self.folded_name, self.id


@dataclass(frozen=True, slots=True)
class Criteria:
    """Which solutions are listed; None does not narrow them down.

    `name` is a part of the commercial name or of the editor's.
    """

    couloir: str | None = None
    dispositif: str | None = None
    vague: int | None = None
    name: str | None = None
    solution: UUID | None = None


_NAME = folded(Solution.commercial_name)
_STATE = sa.case(
    (DossierStanding.standing == Standing.IMPORTED, Standing.REFERENCED), else_=DossierStanding.standing
)
OF_DOSSIER = sa.and_(
    Candidature.core_id == DossierStanding.core_id, Candidature.id == DossierStanding.candidature_id
)


def day_of(moment: Any) -> sa.ColumnElement[date]:
    return sa.cast(sa.func.timezone(PARIS.key, moment), sa.Date)


#: The day from which a dossier is listed as it is.
_SINCE = (
    sa.select(day_of(DossierStanding.began_at))
    .where(OF_DOSSIER, DossierStanding.change.is_not(None))
    .order_by(DossierStanding.began_at.desc(), DossierStanding.id.desc())
    .limit(1)
    .correlate(Candidature)
    .scalar_subquery()
)


def _last_first(vague: Any, referenced_on: Any, candidature_id: Any) -> tuple[sa.ColumnElement[Any], ...]:
    """The order of a software's referencings in a couloir and dispositif: of the highest wave, then the latest day.

    Of those of one day the dossier that was begun last comes first.
    """
    return vague.desc(), referenced_on.desc(), candidature_id.desc()


def _last_version() -> sa.ScalarSelect[str]:
    """The version of a software that was referenced last in a couloir and dispositif, of those that still are."""
    other, version, dsr = aliased(Candidature), aliased(DsrVersion), aliased(Dsr)
    configuration = aliased(Configuration)
    return (
        sa.select(configuration.software_version)
        .join(other, other.configuration_id == configuration.id)
        .join(version, version.id == other.version_id)
        .join(dsr, dsr.id == version.dsr_id)
        .where(other.software_id == Candidature.software_id, other.state == State.REFERENCED)
        .where(dsr.couloir == Dsr.couloir, dsr.dispositif == Dsr.dispositif)
        .order_by(*_last_first(dsr.vague, other.closed_on, other.id))
        .limit(1)
        .correlate(Candidature, Dsr)
        .scalar_subquery()
    )


_LAST_VERSION = _last_version()


def referencings(*columns: Any) -> sa.Select[*tuple[Any, ...]]:
    """Candidatures with `columns` of theirs and the fields of `Referencing`.

    A component is verified for who embeds it, and is no referenced solution itself: none is among them.
    """
    return (
        sa.select(
            *columns,
            Solution.id.label("solution"),
            Solution.commercial_name,
            Organisation.name.label("editor"),
            Software.name.label("software"),
            Software.nil,
            Configuration.software_version,
            Dsr.couloir,
            Dsr.dispositif,
            Dsr.vague,
            Dsr.code.label("dsr"),
            DsrVersion.number.label("dsr_version"),
        )
        .join(Candidature.configuration)
        .join(Configuration.solution)
        .join(Solution.software)
        .join(Candidature.organisation)
        .join(Candidature.version)
        .join(DsrVersion.dsr)
        .where(sa.func.cardinality(Software.fills) == 0)
    )


def listed_solutions(
    session: Session, criteria: Criteria, cursor: Sequence[Any] | None, limit: int
) -> Sequence[ListedSolution]:
    """The referenced solutions by name, in one query; what was delisted is left out, what is suspended says so."""
    select = (
        referencings(
            _NAME.label("folded_name"),
            Candidature.id,
            Candidature.closed_on.label("referenced_on"),
            Candidature.state,
            _SINCE.label("since"),
            sa.and_(
                Candidature.state == State.REFERENCED, Configuration.software_version == _LAST_VERSION
            ).label("is_last"),
        )
        .where(Candidature.state.in_(LISTED))
        .order_by(_NAME, Candidature.id)
        .limit(limit)
    )
    for column, value in (
        (Dsr.couloir, criteria.couloir),
        (Dsr.dispositif, criteria.dispositif),
        (Dsr.vague, criteria.vague),
        (Solution.id, criteria.solution),
    ):
        if value is not None:
            select = select.where(column == value)
    if criteria.name is not None:
        named = (has_words(name, criteria.name) for name in (Solution.commercial_name, Organisation.name))
        select = select.where(sa.or_(*named))
    if cursor is not None:
        select = select.where(sa.tuple_(_NAME, Candidature.id) > sa.tuple_(*map(sa.literal, cursor)))
    return [ListedSolution(**row._asdict()) for row in session.execute(select)]


@dataclass(frozen=True, slots=True)
class Period(Referencing):
    """How a solution stood on a DSR from the evening of the day `since` to the evening of the day `until`.

    Without `until` it stands so today.
    """

    id: UUID
    began_at: datetime
    referenced_on: date | None
    state: Standing
    since: date
    until: date | None

    @property
    def key(self) -> tuple[datetime, UUID]:
        """The keys of its place in the history."""
        return self.began_at, self.id

    @property
    def is_listed(self) -> bool:
        """Whether the solution is on the list today by this period."""
        return self.until is None and self.state is not Standing.DELISTED

    def stood_on(self, day: date) -> bool:
        """Whether the solution stood so at the end of a day."""
        return self.since <= day and (self.until is None or self.until > day)


def history(
    session: Session,
    solution: UUID,
    on: date | None,
    cursor: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Period]:
    """The standings of a solution that were ever public, the last first, in one query; `on` keeps those of that day."""
    periods = _periods(Solution.id == solution)
    keys = periods.c.began_at, periods.c.id
    columns = [periods.c[field.name] for field in fields(Period)]
    select = sa.select(*columns).order_by(*(key.desc() for key in keys)).limit(limit)
    if on is not None:
        select = select.where(_stood_on(periods, on))
    if cursor is not None:
        select = select.where(sa.tuple_(*keys) < sa.tuple_(*map(sa.literal, cursor)))
    return [Period(**row._asdict()) for row in session.execute(select)]


def lines_on(session: Session, day: date, *which: sa.ColumnElement[bool]) -> list[Line]:
    """The dossiers that `which` narrows down as they stood at the end of a day, by NIL, DSR and version; one query.

    What was delisted is among them.
    """
    periods = _periods(*which)
    order = (
        periods.c.nil,
        periods.c.dsr,
        periods.c.software_version,
        periods.c.commercial_name,
        periods.c.id,
    )
    columns = [periods.c[field.name] for field in fields(Line) if field.name != "is_last"]
    select = (
        sa.select(*columns, _is_last(periods).label("is_last"))
        .where(_stood_on(periods, day))
        .order_by(*order)
    )
    rows = (row._asdict() for row in session.execute(select))
    return [Line(**row | {"state": State(row["state"])}) for row in rows]


def _is_last(periods: sa.Subquery) -> sa.ColumnElement[bool]:
    """Whether a period is of the version of its software that was referenced last, among those that are selected."""
    is_referenced = periods.c.state == Standing.REFERENCED
    last_version = sa.func.first_value(periods.c.software_version).over(
        partition_by=[periods.c.software_id, periods.c.couloir, periods.c.dispositif],
        order_by=[
            is_referenced.desc(),
            *_last_first(periods.c.vague, periods.c.referenced_on, periods.c.candidature_id),
        ],
    )
    return is_referenced & (periods.c.software_version == last_version)


def _stood_on(periods: sa.Subquery, day: date) -> sa.ColumnElement[bool]:
    return (periods.c.since <= day) & (periods.c.until.is_(None) | (periods.c.until > day))


def _periods(*which: sa.ColumnElement[bool]) -> sa.Subquery:
    ended_at = sa.func.lead(DossierStanding.began_at).over(
        partition_by=DossierStanding.candidature_id, order_by=[DossierStanding.began_at, DossierStanding.id]
    )
    return (
        referencings(
            DossierStanding.id,
            DossierStanding.began_at,
            DossierStanding.candidature_id,
            Candidature.software_id,
            Candidature.closed_on.label("referenced_on"),
            sa.type_coerce(_STATE, DossierStanding.standing.type).label("state"),
            day_of(DossierStanding.began_at).label("since"),
            day_of(ended_at).label("until"),
        )
        .join(DossierStanding, OF_DOSSIER)
        .where(DossierStanding.change.is_not(None), *which)
        .where(Candidature.state != State.WITHDRAWN)  # it was taken over in error
        .subquery()
    )


def choices(session: Session) -> Sequence[tuple[str, str, int]]:
    """Couloir, dispositif and vague of every DSR on which something is listed; one query."""
    rows = session.execute(
        sa.select(Dsr.couloir, Dsr.dispositif, Dsr.vague)
        .join(DsrVersion, DsrVersion.dsr_id == Dsr.id)
        .join(Candidature, Candidature.version_id == DsrVersion.id)
        .where(Candidature.state.in_(LISTED))
        .distinct()
    )
    return [(couloir, dispositif, vague) for couloir, dispositif, vague in rows]
