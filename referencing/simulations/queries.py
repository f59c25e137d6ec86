"""The dossiers that simulations look at, the changes that they found, and whether these still hold."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.orm import Session

from referencing.accounts.models import Account, Organisation
from referencing.accounts.visible_queries import readable_id
from referencing.base.db import after, today
from referencing.base.errors import Conflict, NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import OPEN, State
from referencing.candidatures.tasks.models import Task
from referencing.candidatures.tasks.queries import UNANSWERED
from referencing.catalogue.models import Dsr, DsrVersion
from referencing.equivalence.engine.resolution import Status
from referencing.equivalence.rulebooks.models import Correspondence, Simulation, SimulationState
from referencing.equivalence.rulebooks.queries import in_force, revision_of, visible_rulebook
from referencing.equivalence.workbench.models import Proposal
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
NO_FACTS = (
    *(
        "account:",
        "campaign:",
        "content:",
        "estimate:",
        "job:",
        "notes:",
        "organisation:",
        "record:",
        "rulebook:",
    ),
    *("simulation:", "survey:", "task:"),
)
NO_CHANGES = ("complement.", "expert.", "integration.", "items.", "message.", "opinion.", "upload.")


def simulation(
    session: Session, actor: Actor, rulebook_id: UUID, simulation_id: UUID, *, lock: bool = False
) -> Simulation:
    """A simulation of this rulebook, locked on demand. Raises NotFound."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    select = sa.select(Simulation).where(
        Simulation.id == simulation_id, Simulation.rulebook_id == rulebook_id
    )
    if lock:
        select = select.with_for_update(key_share=True)
    stored_simulation = session.scalar(select.execution_options(populate_existing=True))
    if stored_simulation is None:
        raise NotFound(NO_SIMULATION)
    return stored_simulation


def simulations(
    session: Session, actor: Actor, rulebook_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Simulation]:
    """The simulations of a rulebook, in the order of asking."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    rulebook = visible_rulebook(session, actor, rulebook_id)
    select = sa.select(Simulation).where(Simulation.rulebook_id == rulebook.id)
    return session.scalars(after(select, [Simulation.id], cursor).limit(limit)).all()


def to_look_at(session: Session) -> sa.Select[Any]:
    """The open dossiers, and those that were decided within a year; alike ones stand together, by list and day."""
    decided = Candidature.state.in_(sorted(DECIDED))
    order = (Candidature.version_id, decided, Candidature.deposited_on, Candidature.id)
    recently = Candidature.closed_on > today(session) - YEAR
    filed_here = Candidature.deposited_on.is_not(None) & Candidature.takeover_id.is_(None)
    return sa.select(
        sa.func.row_number().over(order_by=order).label("position"),
        Candidature.id.label("candidature_id"),
        decided.label("decided"),
    ).where(Candidature.state.in_(sorted(OPEN)) | (decided & recently & filed_here))


def dossiers_from(
    session: Session, simulation: Simulation, first: int, limit: int
) -> Sequence[SimulatedDossier]:
    """The dossiers with these numbers that a simulation has yet to look at."""
    numbers = SimulatedDossier.position.between(first, first + limit - 1)
    return session.scalars(
        sa.select(SimulatedDossier)
        .where(SimulatedDossier.simulation_id == simulation.id, numbers)
        .order_by(SimulatedDossier.position)
    ).all()


def figures(session: Session, simulation_id: UUID) -> list[dict[str, Any]]:
    """The number of items that would go from each status to each, by dispositif and chapter."""
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


def batches(session: Session, simulation: Simulation) -> list[dict[str, Any]]:
    """The decisions of the workbench that made rules of the draft, in their order, each with the moves that lean on it.

    An item that leans on rules of several decisions counts with each.
    """
    decided = session.execute(
        sa.select(*_DECISION, sa.func.count().label("rules"), _REASON.label("reason"))
        .join(Correspondence, Correspondence.proposal_id == Proposal.id)
        .where(Correspondence.rulebook_id == simulation.rulebook_id)
        .group_by(*_DECISION)
        .order_by(*_DECISION)
    ).all()
    moves: dict[tuple[datetime, UUID], list[dict[str, Any]]] = defaultdict(list)
    for row in session.execute(_moves_by_decision(simulation)).mappings():
        move = {name: row[name] for name in ("decided", "before", "after", "items")}
        moves[row["decided_at"], row["decided_by"]].append(move)
    return [
        {
            "decided_at": row.decided_at.isoformat(),
            "decided_by": str(row.decided_by),
            "rules": row.rules,
            "reason": row.reason,
            "moves": moves[row.decided_at, row.decided_by],
        }
        for row in decided
    ]


#: What was decided in one request has one moment.
_DECISION = (Proposal.decided_at, Proposal.decided_by)
#: The reason that all of it has; a request may give each proposal its own.
_REASON = sa.case(
    (sa.func.count(sa.distinct(sa.func.coalesce(Proposal.reason, ""))) == 1, sa.func.min(Proposal.reason))
)


def _moves_by_decision(
    simulation: Simulation,
) -> sa.Select[datetime | None, UUID | None, bool, Status, Status, int]:
    by = (*_DECISION, SimulatedChange.decided, SimulatedChange.before, SimulatedChange.after)
    item = sa.tuple_(SimulatedChange.dossier, SimulatedChange.position)
    path = sa.cast("$.**.clause", JSONPATH())
    clauses = sa.func.jsonb_path_query(SimulatedChange.derivation_after, path)
    named = clauses.table_valued("clause", name="named").render_derived()
    name = named.c.clause.op("#>>")(sa.text("'{}'"))
    return (
        sa.select(*by, sa.func.count(sa.distinct(item)).label("items"))
        .select_from(SimulatedChange)
        .join(named, sa.true())
        .join(Correspondence, Correspondence.code == name)
        .join(Proposal, Proposal.id == Correspondence.proposal_id)
        .where(
            SimulatedChange.simulation_id == simulation.id,
            Correspondence.rulebook_id == simulation.rulebook_id,
        )
        .group_by(*by)
        .order_by(*by)
    )


def named_batches(session: Session, simulation: Simulation) -> list[dict[str, Any]]:
    """The batches of a simulation, with the name of who decided; none before it is finished."""
    people = {UUID(batch["decided_by"]) for batch in simulation.batches}
    rows = session.execute(sa.select(Account.id, Account.name).where(Account.id.in_(people)))
    names = {str(row.id): row.name for row in rows}
    return [
        {
            **batch,
            "decided_at": datetime.fromisoformat(batch["decided_at"]),
            "decided_by": names[batch["decided_by"]],
        }
        for batch in simulation.batches
    ]


def efforts(session: Session) -> list[Effort]:
    """The effort that a task of each queue cost lately."""
    days = window(today(session))
    answered = history_queries.past(session, days).answered
    rows = session.execute(
        sa.select(Task.queue, sa.cast(sa.func.avg(Task.days_used), sa.Float()).label("average_days"))
        .where(
            Task.closed_at >= midnight(days[0]),
            Task.closed_at < midnight(today(session)),
            Task.outcome.not_in(UNANSWERED),
        )
        .group_by(Task.queue)
    )
    average: dict[str, float | None] = {row.queue: row.average_days for row in rows}
    return [effort_of(queue, answered, average.get(queue)) for queue in (REVIEW, CONFIRMATION)]


def changed_since(session: Session, simulation: Simulation) -> dict[str, str]:
    """Why a simulation may say something else if it were asked for again: sentences by their codes."""
    current = in_force(session)
    changes = {
        "draft": revision_of(session, simulation.rulebook_id) != simulation.revision,
        "rules_in_force": (current.id if current else None) != simulation.against_id,
        "day": simulation.applies_on < today(session),
        "facts": anything_since(session, simulation.position, but_streams=NO_FACTS, but_actions=NO_CHANGES),
    }
    return {code: _CHANGED[code] for code, changed in changes.items() if changed}


_CHANGED = {
    "draft": "Le projet de règles a été modifié depuis.",
    "rules_in_force": "D'autres règles sont entrées en vigueur depuis.",
    "day": "Le jour pour lequel elle a été demandée est passé.",
    "facts": "Des candidatures, des preuves, des certificats ou des listes d'exigences ont changé depuis.",
}


@dataclass(frozen=True, slots=True)
class Selection:
    """The changes to select; None does not narrow them down."""

    decided: bool | None = None
    dispositif: str | None = None
    chapter: str | None = None
    before: Status | None = None
    after: Status | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """The conditions on SimulatedChange."""
        criteria = {name: getattr(self, name) for name in self.__slots__}
        return [
            getattr(SimulatedChange, name) == value for name, value in criteria.items() if value is not None
        ]


@dataclass(frozen=True, slots=True)
class NamedChange:
    """A change with the names of its dossier."""

    change: SimulatedChange
    dsr: str
    organisation: str
    commercial_name: str


def changes(
    session: Session,
    actor: Actor,
    simulation: Simulation,
    selection: Selection,
    cursor: Sequence[Any] | None,
    limit: int,
) -> Sequence[NamedChange]:
    """The changes dossier by dossier, in the order of the items. Raises Conflict while there is nothing to read.

    Those of drafts, and of organisations in conflict with the actor, are counted in the figures only.
    """
    require_finished(simulation)
    selected = sa.select(SimulatedChange).where(*_to_read(session, actor, simulation, selection))
    keys = [SimulatedChange.dossier, SimulatedChange.position]
    return _named(session, session.scalars(after(selected, keys, cursor).limit(limit)).all())


def sample(
    session: Session, actor: Actor, simulation: Simulation, selection: Selection, *, seed: int, size: int
) -> Sequence[NamedChange]:
    """One of each kind of change, then another of each, until there are `size`: as SHA-256(`SEED:ITEM`) orders them.

    A kind is whether the dossier was decided, and from where to where.
    """
    require_finished(simulation)
    place = sa.func.sha256(
        sa.func.convert_to(sa.func.concat(str(seed), ":", SimulatedChange.item_id), "UTF8")
    )
    kind = (SimulatedChange.decided, SimulatedChange.before, SimulatedChange.after)
    turn = sa.func.row_number().over(partition_by=kind, order_by=place)
    drawn = (
        sa.select(SimulatedChange.dossier, SimulatedChange.position, turn.label("turn"))
        .where(*_to_read(session, actor, simulation, selection))
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
        .where(SimulatedChange.simulation_id == simulation.id)
        .order_by(drawn.c.turn, *kind)
    )
    return _named(session, rows.all())


def _to_read(
    session: Session, actor: Actor, simulation: Simulation, selection: Selection
) -> Sequence[sa.ColumnElement[bool]]:
    return [
        SimulatedChange.simulation_id == simulation.id,
        readable_id(session, actor, SimulatedChange.candidature_id),
        *selection.conditions(),
    ]


def require_finished(simulation: Simulation) -> Simulation:
    """The simulation itself. Raises Conflict when it has no answer, or not yet."""
    if simulation.state is SimulationState.RUNNING:
        raise Conflict("Cette simulation n'est pas terminée : suivez son avancement et revenez ensuite.")
    if simulation.state is not SimulationState.FINISHED:
        raise Conflict("Cette simulation n'est pas allée à son terme : demandez-en une nouvelle.")
    return simulation


def _named(session: Session, changes: Sequence[SimulatedChange]) -> list[NamedChange]:
    dossiers = names_of(session, {change.candidature_id for change in changes})
    return [
        NamedChange(change, dossier.dsr, dossier.organisation, dossier.commercial_name)
        for change in changes
        for dossier in [dossiers[change.candidature_id]]
    ]


def names_of(session: Session, candidatures: Collection[UUID]) -> dict[UUID, Any]:
    """The `dsr`, `organisation` and `commercial_name` of dossiers, by id."""
    rows = session.execute(
        sa.select(
            Candidature.id,
            Dsr.code.label("dsr"),
            Organisation.name.label("organisation"),
            Solution.commercial_name,
        )
        .join(DsrVersion, DsrVersion.id == Candidature.version_id)
        .join(Dsr, Dsr.id == DsrVersion.dsr_id)
        .join(Organisation, Organisation.id == Candidature.organisation_id)
        .join(Configuration, Configuration.id == Candidature.configuration_id)
        .join(Solution, Solution.id == Configuration.solution_id)
        .where(Candidature.id.in_(candidatures))
    )
    return {row.id: row for row in rows}
