"""The dossiers of a plan, open and planned, with all that the engine is told of them; nothing is locked or kept."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.db import today
from referencing.base.errors import FieldError, Invalid
from referencing.base.permissions import Actor
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import ItemState, Track
from referencing.candidatures.resolution.resolved import Resolved, refusals, target_of
from referencing.catalogue.models import DsrVersion
from referencing.equivalence.engine.facts import GENERAL_PROFILE, Target
from referencing.equivalence.grants.fact_queries import read_facts
from referencing.equivalence.rulebooks import queries as rulebooks
from referencing.preflight.planned import Planned
from referencing.solutions.models import Solution
from referencing.solutions.operations import components_by_role

from . import queries
from .certificates import ObtainableCertificate, errors, obtained
from .suppositions import Basis, Line, Suppositions

#: Open dossiers that one plan is made over, and planned ones: each has some hundreds of lines.
MOST, MOST_PLANNED = 30, 20


@dataclass(frozen=True, slots=True)
class Considered:
    """A dossier of a plan: an open one (`candidature`), or the one that was planned in this place (`planned`).

    In DUO (`live`), a planned one shows in a session what can be shown there.
    """

    version: DsrVersion
    solution: Solution
    basis: Basis
    candidature: Candidature | None = None
    planned: int | None = None
    live: bool = False


@dataclass(frozen=True, slots=True)
class Agenda:
    """The dossiers of a plan, what is supposed of their lines, and the certificates that are reckoned with."""

    dossiers: Sequence[Considered]
    suppositions: Suppositions
    certificates: Sequence[ObtainableCertificate] = ()

    @property
    def lines(self) -> Sequence[Line]:
        return self.suppositions.lines

    @property
    def alone(self) -> int:
        """How many lines are to be supplied as things stand, if none followed from another."""
        return sum(line.required for line in self.lines)


#: What the engine is told of a target by a version, with the refusals of its dossier.
_Basis = Callable[[Solution, Target, DsrVersion, Mapping[str, Sequence[frozenset[str]]]], Basis]


def agenda(
    session: Session,
    actor: Actor,
    candidatures: Sequence[UUID] | None,
    planned: Sequence[Planned],
    certificates: Sequence[ObtainableCertificate] = (),
) -> Agenda:
    """The organisation's open dossiers, or those named, then the planned ones; with the certificates to be obtained.

    Raises Invalid for what does not exist or cannot be, and where more dossiers are open, or planned, than a plan is
    made over.
    """
    day = today(session)
    rulebook_id, latest = rulebooks.in_force_on(session, day)
    facts_of = cache(partial(read_facts, session, day=day))

    def basis(
        solution: Solution,
        target: Target,
        version: DsrVersion,
        refused: Mapping[str, Sequence[frozenset[str]]],
    ) -> Basis:
        lists = rulebooks.lists_with(version, latest)
        rules = rulebooks.rules_of_lists(session, lists, rulebook_id, day)
        known = facts_of(UUID(target.product)).worded(rules.wordings)
        known = replace(
            known, facts=(*known.facts, *obtained(certificates, solution.software_id, target.product, day))
        )
        component = str(solution.software_id) if solution.software.fills else None
        return Basis(known.counting(target, day), rules, known, refused, component)

    considered = [*_open(session, basis, _named(session, actor, candidatures))]
    considered += _planned(session, actor, basis, planned, latest)
    wrong = [*errors(certificates, [(one.solution.software_id, one.basis) for one in considered])]
    if wrong:
        raise Invalid("Retirez du plan les certificats qui n'y peuvent servir.", wrong)
    lines = _lines(session, considered)
    return Agenda(considered, Suppositions([dossier.basis for dossier in considered], lines), certificates)


def _named(session: Session, actor: Actor, named: Sequence[UUID] | None) -> Sequence[Candidature]:
    dossiers = queries.open_dossiers(session, actor, named, MOST + 1)
    if len(dossiers) > MOST:
        raise Invalid(
            "Choisissez les candidatures du plan : votre organisation en a trop d'ouvertes pour un seul.",
            [FieldError("/candidatures", f"{MOST} candidatures au plus.")],
        )
    there = {dossier.id for dossier in dossiers}
    errors = [
        FieldError(f"/candidatures/{place}", "Cette candidature n'existe pas, ou n'est plus ouverte.")
        for place, candidature_id in enumerate(named or ())
        if candidature_id not in there
    ]
    if errors:
        raise Invalid("Retirez du plan les candidatures qui n'en peuvent être.", errors)
    return dossiers


def _open(session: Session, basis: _Basis, dossiers: Sequence[Candidature]) -> Iterator[Considered]:
    refused = refusals(session, [dossier.id for dossier in dossiers]) if dossiers else {}
    for dossier in dossiers:
        solution = dossier.configuration.solution
        known = basis(solution, target_of(dossier), dossier.version, refused[dossier.id])
        yield Considered(dossier.version, solution, known, dossier)


def _planned(
    session: Session,
    actor: Actor,
    basis: _Basis,
    planned: Sequence[Planned],
    latest: Mapping[UUID, UUID],
) -> Iterator[Considered]:
    if not planned:
        return
    if len(planned) > MOST_PLANNED:
        told = f"{MOST_PLANNED} candidatures prévues au plus."
        raise Invalid("Retirez du plan des candidatures prévues.", [FieldError("/planned", told)])
    versions = queries.versions(session, {dossier.dsr for dossier in planned}, latest.values())
    solutions = queries.solutions(session, actor, {dossier.solution for dossier in planned})
    errors: list[FieldError] = []
    for place, dossier in enumerate(planned):
        errors += [
            FieldError(f"/planned/{place}{error.pointer}", error.detail)
            for error in _errors(dossier, versions, solutions)
        ]
    if errors:
        raise Invalid("Corrigez les candidatures prévues.", errors)
    for place, dossier in enumerate(planned):
        version, solution = versions[dossier.dsr], solutions[dossier.solution]
        known = basis(solution, _target(dossier, solution), version, {})
        _refuse_profiles(dossier, place, known)
        yield Considered(version, solution, known, planned=place, live=dossier.mode is Track.DUO)


def _errors(
    dossier: Planned, versions: Mapping[str, DsrVersion], solutions: Mapping[UUID, Solution]
) -> Iterator[FieldError]:
    if dossier.dsr not in versions:
        yield FieldError("/dsr", f"Le DSR « {dossier.dsr} » n'existe pas : voyez la liste des DSR.")
    if dossier.solution not in solutions:
        yield FieldError("/solution", "Cette solution n'existe pas : vérifiez son identifiant.")
    try:
        components_by_role(dossier.composition)
    except Invalid as error:
        yield from error.errors


def _target(dossier: Planned, solution: Solution) -> Target:
    return Target(
        dsr=dossier.dsr,
        product=str(solution.software.core_id),
        solution=solution.commercial_name,
        composition=components_by_role(dossier.composition),
        profiles=frozenset(dossier.profiles),
        fills=frozenset(solution.software.fills),
    )


def _refuse_profiles(dossier: Planned, place: int, basis: Basis) -> None:
    """Raises Invalid for a profile that the DSR does not have."""
    of_dsr = {profile for profile, _ in basis.rules.knowledge.goals(dossier.dsr)}
    errors = [
        FieldError(f"/planned/{place}/profiles/{index}", f"Le profil « {profile} » n'existe pas dans ce DSR.")
        for index, profile in enumerate(dossier.profiles)
        if profile not in of_dsr | {GENERAL_PROFILE}
    ]
    if errors:
        raise Invalid(f"Choisissez parmi les profils : {', '.join(sorted(of_dsr))}.", errors)


def _lines(session: Session, dossiers: Sequence[Considered]) -> list[Line]:
    """The lines dossier by dossier, those of each in the order of its requirements."""
    opened = [dossier.candidature.id for dossier in dossiers if dossier.candidature]
    rows: dict[UUID, list[queries.ItemRow]] = defaultdict(list)
    for row in queries.item_rows(session, opened) if opened else ():
        rows[row.candidature_id].append(row)
    in_duo = {dossier.version.id for dossier in dossiers if dossier.live}
    shown_live = queries.shown_live(session, in_duo) if in_duo else frozenset()
    lines: list[Line] = []
    for number, dossier in enumerate(dossiers):
        if dossier.candidature:
            lines += [
                Line(number, row.code, row.state, row.track, claimed=row.claimed)
                for row in rows[dossier.candidature.id]
            ]
        else:
            lines += _planned_lines(number, dossier, shown_live)
    return lines


def _planned_lines(
    number: int, dossier: Considered, shown_live: frozenset[tuple[UUID, str]]
) -> Iterator[Line]:
    """The lines as they would stand on the day of drafting."""
    basis = dossier.basis
    for answer in Resolved.of(basis.target, None, basis.rules, basis.known).resolution.items:
        live = dossier.live and (dossier.version.id, answer.proof) in shown_live
        yield Line(number, answer.proof, ItemState(answer.status), Track.DUO if live else Track.ASYNC)
