"""Which solutions are referenced: the one thing of a dossier that anybody may know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from referencing.accounts.models import Organisation
from referencing.accounts.name_queries import folded, has_words
from referencing.base.db import PARIS
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import State
from referencing.catalogue.models import Dsr, DsrVersion
from referencing.equivalence.engine.facts import Standing
from referencing.equivalence.rulebooks.models import DossierStanding
from referencing.revocations.queries import LISTED
from referencing.solutions.models import Configuration, Software, Solution


@dataclass(frozen=True, slots=True)
class ListedSolution:
    """A line of the list; its place there is by `folded_name`, without case and accents, then by `id`."""

    folded_name: str
    id: UUID
    commercial_name: str
    editor: str
    software: str
    nil: str
    software_version: str
    couloir: str
    dispositif: str
    vague: int
    dsr: str
    dsr_version: int
    referenced_on: date | None
    state: State
    solution: UUID

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


def _candidatures(*columns: Any) -> sa.Select[*tuple[Any, ...]]:
    """Candidatures with `columns` of theirs, and the names of their solution, its software, its editor and the DSR.

    A component is verified for who embeds it, and is no referenced solution itself: none is among them.
    """
    return (
        sa.select(
            *columns,
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
        _candidatures(
            _NAME.label("folded_name"),
            Candidature.id,
            Candidature.closed_on.label("referenced_on"),
            Candidature.state,
            Solution.id.label("solution"),
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
class Period:
    """How a solution stood on a DSR from the evening of the day `since` to the evening of the day `until`.

    Without `until` it stands so today.
    """

    id: UUID
    began_at: datetime
    commercial_name: str
    editor: str
    software: str
    nil: str
    software_version: str
    couloir: str
    dispositif: str
    vague: int
    dsr: str
    dsr_version: int
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


#: The standings that anybody may know: what was never referenced is nobody's business.
_PUBLIC = (Standing.REFERENCED, Standing.IMPORTED, Standing.SUSPENDED, Standing.DELISTED)
_STATE = sa.case(
    (DossierStanding.standing == Standing.IMPORTED, Standing.REFERENCED), else_=DossierStanding.standing
)
_OF_DOSSIER = sa.and_(
    Candidature.core_id == DossierStanding.core_id, Candidature.id == DossierStanding.candidature_id
)
_EARLIER = aliased(DossierStanding)
_STANDING_BEFORE = (
    sa.select(_EARLIER.standing)
    .where(
        _EARLIER.core_id == DossierStanding.core_id,
        _EARLIER.candidature_id == DossierStanding.candidature_id,
        sa.tuple_(_EARLIER.began_at, _EARLIER.id) < sa.tuple_(DossierStanding.began_at, DossierStanding.id),
    )
    .order_by(_EARLIER.began_at.desc(), _EARLIER.id.desc())
    .limit(1)
    .scalar_subquery()
)


def _day(moment: Any) -> sa.ColumnElement[date]:
    return sa.cast(sa.func.timezone(PARIS.key, moment), sa.Date)


def history(
    session: Session,
    solution: UUID,
    on: date | None,
    cursor: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Period]:
    """The standings of a solution that were ever public, the last first, in one query; `on` keeps those of that day."""
    ended_at = sa.func.lead(DossierStanding.began_at).over(
        partition_by=DossierStanding.candidature_id, order_by=[DossierStanding.began_at, DossierStanding.id]
    )
    periods = (
        _candidatures(
            DossierStanding.id,
            DossierStanding.began_at,
            sa.type_coerce(_STATE, DossierStanding.standing.type).label("state"),
            _day(DossierStanding.began_at).label("since"),
            _day(ended_at).label("until"),
        )
        .join(DossierStanding, _OF_DOSSIER)
        .where(Solution.id == solution, DossierStanding.standing.in_(_PUBLIC))
        # What was delisted, and is then found to be taken over in error, is delisted as it was.
        .where(DossierStanding.standing.is_distinct_from(_STANDING_BEFORE))
        .where(Candidature.state != State.WITHDRAWN)  # it was taken over in error
    ).subquery()
    keys = periods.c.began_at, periods.c.id
    select = sa.select(periods).order_by(*(key.desc() for key in keys)).limit(limit)
    if on is not None:
        select = select.where(periods.c.since <= on, sa.or_(periods.c.until.is_(None), periods.c.until > on))
    if cursor is not None:
        select = select.where(sa.tuple_(*keys) < sa.tuple_(*map(sa.literal, cursor)))
    return [Period(**row._asdict()) for row in session.execute(select)]


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
