"""What simulations look at, what they found, and whether it still holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.models import Organisation
from referencing.base.db import after, today
from referencing.base.errors import Conflict, NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import OPEN, State
from referencing.candidatures.tasks.models import Task
from referencing.candidatures.tasks.queries import UNANSWERED
from referencing.catalogue.models import Dsr, DsrVersion
from referencing.equivalence.engine.resolution import Status
from referencing.equivalence.rulebooks.models import Simulation, SimulationState
from referencing.equivalence.rulebooks.queries import in_force, revision_of, visible_rulebook
from referencing.journal.queries import anything_since
from referencing.solutions.models import Configuration, Solution
from referencing.steering import history_queries
from referencing.steering.habits import window
from referencing.steering.periods import midnight

from .effort import CONFIRMATION, REVIEW, Effort, effort_of
from .models import SimulatedChange, SimulatedDossier

NO_SIMULATION = "Cette simulation n'existe pas : vérifiez son identifiant."
#: Dossiers on which the agency has said its word.
DECIDED = frozenset({State.REFERENCED, State.REFUSED, State.SUSPENDED, State.DELISTED})
YEAR = timedelta(days=365)

#: What the journal tells of beside facts, requirement lists and dossiers.
_NO_FACTS = ("account:", "content:", "job:", "notes:", "organisation:", "rulebook:", "simulation:", "task:")
_NO_CHANGES = ("complement.", "expert.", "integration.", "items.", "message.", "opinion.", "upload.")


def simulation(
    session: Session, actor: Actor, rulebook_id: UUID, simulation_id: UUID, *, lock: bool = False
) -> Simulation:
    """Raises NotFound."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    select = sa.select(Simulation).where(
        Simulation.id == simulation_id, Simulation.rulebook_id == rulebook_id
    )
    if lock:
        select = select.with_for_update(key_share=True)
    found = session.scalar(select.execution_options(populate_existing=True))
    if found is None:
        raise NotFound(NO_SIMULATION)
    return found


def simulations(
    session: Session, actor: Actor, rulebook_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Simulation]:
    """Of one rulebook, in the order of asking."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    rulebook = visible_rulebook(session, actor, rulebook_id)
    select = sa.select(Simulation).where(Simulation.rulebook_id == rulebook.id)
    return session.scalars(after(select, [Simulation.id], cursor).limit(limit)).all()


def to_look_at(session: Session) -> sa.Select[Any]:
    """The open dossiers, and those that were decided within a year; like ones together, by list and day."""
    decided = Candidature.state.in_(sorted(DECIDED))
    order = (Candidature.version_id, decided, Candidature.deposited_on, Candidature.id)
    recently = Candidature.closed_on > today(session) - YEAR
    return sa.select(
        sa.func.row_number().over(order_by=order).label("position"),
        Candidature.id.label("candidature_id"),
        decided.label("decided"),
    ).where(
        Candidature.state.in_(sorted(OPEN)) | (decided & recently & Candidature.deposited_on.is_not(None))
    )


def next_dossiers(session: Session, of: Simulation, limit: int) -> Sequence[SimulatedDossier]:
    return session.scalars(
        sa.select(SimulatedDossier)
        .where(SimulatedDossier.simulation_id == of.id, SimulatedDossier.position > of.done)
        .order_by(SimulatedDossier.position)
        .limit(limit)
    ).all()


def figures(session: Session, simulation_id: UUID) -> list[dict[str, Any]]:
    """How many items would go from where to where, by dispositif and chapter."""
    by = (
        SimulatedChange.decided,
        SimulatedChange.dispositif,
        SimulatedChange.chapter,
        SimulatedChange.before,
        SimulatedChange.after,
    )
    rows = session.execute(
        sa.select(*by, sa.func.count().label("items"))
        .where(SimulatedChange.simulation_id == simulation_id)
        .group_by(*by)
        .order_by(*by)
    )
    return [dict(row) for row in rows.mappings()]


def efforts(session: Session) -> list[Effort]:
    """What a task of each queue cost lately."""
    days = window(today(session))
    answered = history_queries.past(session, days).answered
    rows = session.execute(
        sa.select(Task.queue, sa.cast(sa.func.avg(Task.days_used), sa.Float()))
        .where(
            Task.closed_at >= midnight(days[0]),
            Task.closed_at < midnight(today(session)),
            Task.outcome.not_in(UNANSWERED),
        )
        .group_by(Task.queue)
    )
    average: dict[str, float | None] = {queue: days_used for queue, days_used in rows}  # noqa: C416 - rows, not pairs
    return [effort_of(queue, answered, average.get(queue)) for queue in (REVIEW, CONFIRMATION)]


def changed_since(session: Session, of: Simulation) -> dict[str, str]:
    """Why it may say something else if it were asked for again: a code, and a sentence."""
    current = in_force(session)
    found = {
        "draft": revision_of(session, of.rulebook_id) != of.revision,
        "rules_in_force": (current.id if current else None) != of.against_id,
        "day": of.applies_on < today(session),
        "facts": anything_since(session, of.position, but_streams=_NO_FACTS, but_actions=_NO_CHANGES),
    }
    return {code: _CHANGED[code] for code, changed in found.items() if changed}


_CHANGED = {
    "draft": "Le projet de règles a été modifié depuis.",
    "rules_in_force": "D'autres règles sont entrées en vigueur depuis.",
    "day": "Le jour pour lequel elle a été demandée est passé.",
    "facts": "Des candidatures, des preuves, des certificats ou des listes d'exigences ont changé depuis.",
}


@dataclass(frozen=True, slots=True)
class Selection:
    """Which changes are asked for; None for all."""

    decided: bool | None = None
    dispositif: str | None = None
    chapter: str | None = None
    before: Status | None = None
    after: Status | None = None

    def of(self, rows: Any) -> list[sa.ColumnElement[bool]]:
        asked = {name: getattr(self, name) for name in self.__slots__}
        return [getattr(rows, name) == value for name, value in asked.items() if value is not None]


@dataclass(frozen=True, slots=True)
class Changed:
    change: SimulatedChange
    dsr: str
    organisation: str
    commercial_name: str


def changes(
    session: Session, of: Simulation, selection: Selection, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Changed]:
    """Dossier by dossier, in the order of the items. Raises Conflict while there is nothing to read."""
    finished(of)
    wanted = sa.select(SimulatedChange).where(
        SimulatedChange.simulation_id == of.id, *selection.of(SimulatedChange)
    )
    keys = [SimulatedChange.dossier, SimulatedChange.position]
    return _named(session, session.scalars(after(wanted, keys, cursor).limit(limit)).all())


def sample(
    session: Session, of: Simulation, selection: Selection, *, seed: int, size: int
) -> Sequence[Changed]:
    """One of each kind of change, then another of each, until there are `size`: as SHA-256(`SEED:ITEM`) orders them.

    A kind is whether the dossier was decided, and from where to where.
    """
    finished(of)
    place = sa.func.sha256(
        sa.func.convert_to(sa.func.concat(str(seed), ":", SimulatedChange.item_id), "UTF8")
    )
    kind = (SimulatedChange.decided, SimulatedChange.before, SimulatedChange.after)
    turn = sa.func.row_number().over(partition_by=kind, order_by=place)
    drawn = (
        sa.select(SimulatedChange.dossier, SimulatedChange.position, turn.label("turn"))
        .where(SimulatedChange.simulation_id == of.id, *selection.of(SimulatedChange))
        .order_by(turn, *kind)
        .limit(size)
        .subquery("drawn")
    )
    rows = session.scalars(
        sa.select(SimulatedChange)
        .join(
            drawn,
            (drawn.c.dossier == SimulatedChange.dossier) & (drawn.c.position == SimulatedChange.position),
        )
        .where(SimulatedChange.simulation_id == of.id)
        .order_by(drawn.c.turn, *kind)
    )
    return _named(session, rows.all())


def finished(of: Simulation) -> Simulation:
    """Raises Conflict when it has no answer, or not yet."""
    if of.state is SimulationState.RUNNING:
        raise Conflict("Cette simulation n'est pas terminée : suivez son avancement et revenez ensuite.")
    if of.state is not SimulationState.FINISHED:
        raise Conflict("Cette simulation n'est pas allée à son terme : demandez-en une nouvelle.")
    return of


def _named(session: Session, rows: Sequence[SimulatedChange]) -> list[Changed]:
    names = {
        candidature: tuple(who)
        for candidature, *who in session.execute(
            sa.select(Candidature.id, Dsr.code, Organisation.name, Solution.commercial_name)
            .join(DsrVersion, DsrVersion.id == Candidature.version_id)
            .join(Dsr, Dsr.id == DsrVersion.dsr_id)
            .join(Organisation, Organisation.id == Candidature.organisation_id)
            .join(Configuration, Configuration.id == Candidature.configuration_id)
            .join(Solution, Solution.id == Configuration.solution_id)
            .where(Candidature.id.in_({row.candidature_id for row in rows}))
        )
    }
    return [Changed(row, *names[row.candidature_id]) for row in rows]
