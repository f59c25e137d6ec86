"""The workbench of a draft: correspondences proposed from data, for people to decide (`decisions`).

Between requirements, or proof by proof: of a requirement that changed, the scenario and the expected proof may be
as they were.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.db import new_id
from referencing.base.errors import FieldError, Invalid
from referencing.base.permissions import Actor, Right, authorise
from referencing.catalogue.imports.problems import RowProblem
from referencing.catalogue.imports.tables import read_table
from referencing.equivalence.confirmations.queries import confirmed_between
from referencing.equivalence.engine import facts
from referencing.equivalence.rulebooks.models import Rulebook
from referencing.equivalence.rulebooks.operations import TABLE, draft
from referencing.equivalence.rulebooks.queries import correspondence_of
from referencing.equivalence.rulebooks.rulebooks import of_row
from referencing.journal.operations import record

from . import queries
from .drafting import (
    ORIGINS,
    Level,
    Origin,
    Suggestion,
    Wording,
    between_proofs,
    compare,
    from_likeness,
    from_rules,
    from_socles,
    from_table,
)
from .models import Proposal, ProposalState

#: Softwares of which verifiers have to have confirmed a reuse before it is proposed as a rule.
SOFTWARES = 2
#: Some five seconds of comparing, at the worst.
MOST_PAIRS = 1_000_000


@dataclass(frozen=True, slots=True)
class ProposalRequest:
    """The DSRs to compare, and the origins to look at; `chapter` narrows down the targets.

    A confirmed reuse counts from so many `softwares` on.
    """

    source: str
    target: str
    origins: Sequence[Origin]
    least: float
    most: int
    chapter: str | None = None
    level: Level = Level.REQUIREMENT
    softwares: int = SOFTWARES


@dataclass(slots=True)
class Counts:
    """The pairs suggested: new, open with other grounds or words, as they stood, decided before, rules already."""

    proposed: int = 0
    updated: int = 0
    unchanged: int = 0
    decided: int = 0
    in_draft: int = 0


@dataclass(frozen=True, slots=True)
class TableReport:
    counts: Counts
    rows: int
    problems: tuple[RowProblem, ...]


def propose(session: Session, actor: Actor, rulebook_id: UUID, request: ProposalRequest) -> Counts:
    """Propose between the published versions of two DSRs, or between their proofs. Raises Invalid, Conflict."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    rulebook = draft(session, rulebook_id)
    wordings = queries.wordings(session, {request.source, request.target})
    sources, targets = _sides(request, wordings.values())
    suggestions = _suggestions(request, map(correspondence_of, rulebook.correspondences), sources, targets)
    suggestions += _from_confirmations(session, request, sources, targets)
    return _store_proposals(session, actor, rulebook, suggestions, wordings)


def _suggestions(
    request: ProposalRequest,
    rules: Iterable[facts.Correspondence],
    sources: Sequence[Wording],
    targets: Sequence[Wording],
) -> list[Suggestion]:
    """What the origins suggest between requirements, or between their proofs.

    Likeness looks for sources of those proofs alone to whose requirement nothing else leads.
    """
    sides = {level: (_at(level, sources), _at(level, targets)) for level in Level}
    suggestions: list[Suggestion] = []
    if Origin.SOCLE in request.origins:
        suggestions += from_socles(*sides[Level.REQUIREMENT])
    compared, lacking = sides[request.level]
    if request.level is Level.PROOF:
        if Origin.RULE in request.origins:
            suggestions += from_rules(rules)
        suggestions = list(between_proofs(suggestions, *sides[Level.PROOF]))
        reached = {suggestion.target for suggestion in suggestions}
        lacking = [proof for proof in lacking if proof.code not in reached]
    if Origin.LIKENESS in request.origins:
        suggestions += from_likeness(compared, lacking, request.least, request.most)
    return suggestions


def _from_confirmations(
    session: Session, request: ProposalRequest, sources: Iterable[Wording], targets: Iterable[Wording]
) -> Iterator[Suggestion]:
    """Suggest that earlier proofs show all that verifiers took them for, of several softwares and with no refusal."""
    if request.level is not Level.PROOF or Origin.CONFIRMATION not in request.origins:
        return
    earlier, later = ({wording.code for wording in side} for side in (sources, targets))
    for reuse in confirmed_between(session, request.source, request.target, request.softwares):
        if reuse.proof in later and earlier.issuperset(reuse.sources):
            basis = {"confirmed": reuse.confirmed, "refused": reuse.refused}
            proofs = tuple(reuse.sources)
            yield Suggestion(proofs, reuse.proof, Origin.CONFIRMATION, facts.Relation.SUPERSET, basis)


def _at(level: Level, wordings: Iterable[Wording]) -> list[Wording]:
    return [wording for wording in wordings if wording.level is level]


def _sides(request: ProposalRequest, wordings: Iterable[Wording]) -> tuple[list[Wording], list[Wording]]:
    """The requirements and proofs of both DSRs. Raises Invalid."""
    if request.source == request.target:
        raise Invalid("Nommez deux DSR différents.", [FieldError("/to", "C'est le même DSR que « from ».")])
    by_dsr: dict[str, list[Wording]] = {request.source: [], request.target: []}
    for wording in wordings:
        by_dsr[wording.dsr].append(wording)
    places = {"/from": request.source, "/to": request.target}
    missing = [
        FieldError(place, f"Le DSR « {dsr} » n'a pas de version publiée, ou aucune exigence.")
        for place, dsr in places.items()
        if not by_dsr[dsr]
    ]
    if missing:
        raise Invalid("Publiez ces DSR au catalogue, ou nommez-en d'autres.", missing)
    targets = [wording for wording in by_dsr[request.target] if request.chapter in {None, wording.chapter}]
    if not targets:
        raise Invalid(
            "Aucune exigence n'est de ce chapitre.", [FieldError("/chapter", "Vérifiez le chapitre.")]
        )
    pairs = len(_at(request.level, by_dsr[request.source])) * len(_at(request.level, targets))
    if pairs > MOST_PAIRS:
        raise Invalid(
            "Ces DSR sont trop grands pour être comparés d'un coup : procédez chapitre par chapitre.",
            [FieldError("/chapter", "Donnez un chapitre du DSR « to ».")],
        )
    return by_dsr[request.source], targets


def propose_from_table(session: Session, actor: Actor, rulebook_id: UUID, file: BinaryIO) -> TableReport:
    """Propose the rows of the correspondences table; a row that names what no published DSR has is reported."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    rulebook = draft(session, rulebook_id)
    numbered: list[tuple[int, facts.Correspondence]] = []
    problems: list[RowProblem] = []
    rows = 0
    for number, row in read_table(file, TABLE):
        rows += 1
        try:
            numbered.append((number, of_row(row)))
        except ValueError as error:
            problems.append(RowProblem(number, "correspondence", str(error)))
    codes = {code for _, rule in numbered for code in (*rule.sources, rule.target)}
    wordings = queries.wordings(session, {code.partition(":")[0] for code in codes})
    read: dict[tuple[frozenset[str], str], tuple[int, facts.Correspondence]] = {}
    for number, rule in numbered:
        first_row, first = read.setdefault((frozenset(rule.sources), rule.target), (number, rule))
        if fault := _fault(rule, wordings) or _contradicted(rule, first, first_row):
            problems.append(RowProblem(number, *fault))
    good = [(number, rule) for number, rule in read.values() if _fault(rule, wordings) is None]
    counts = _store_proposals(session, actor, rulebook, list(from_table(good)), wordings)
    problems.sort(key=lambda problem: problem.row)
    return TableReport(counts, rows, tuple(problems))


def _fault(rule: facts.Correspondence, wordings: Mapping[str, Wording]) -> tuple[str, str] | None:
    """The code and the sentence of why a row is useless here, or None."""
    unknown = next((code for code in (*rule.sources, rule.target) if code not in wordings), None)
    if unknown is None:
        return None
    detail = f"« {unknown} » n'est d'aucun DSR publié : vérifiez le code, ou publiez ce DSR d'abord."
    return "unknown_requirement", detail


def _contradicted(
    rule: facts.Correspondence, first: facts.Correspondence, first_row: int
) -> tuple[str, str] | None:
    if rule.relation is first.relation:
        return None
    return (
        "relation_conflict",
        f"La ligne {first_row} dit autre chose des mêmes exigences : elle seule est lue.",
    )


def _store_proposals(
    session: Session,
    actor: Actor,
    rulebook: Rulebook,
    suggestions: Iterable[Suggestion],
    wordings: Mapping[str, Wording],
) -> Counts:
    """Keep one proposal for each pair: what somebody decided stays, what is a rule already is not proposed."""
    by_pair: dict[tuple[frozenset[str], str], list[Suggestion]] = {}
    for suggestion in suggestions:
        by_pair.setdefault(suggestion.pair, []).append(suggestion)
    standing = {
        (frozenset(proposal.sources), proposal.target): proposal
        for proposal in queries.proposals_of(session, rulebook.id)
    }
    rules = {(frozenset(rule.sources), rule.target) for rule in rulebook.correspondences}
    counts = Counts()
    for pair, grounds in by_pair.items():
        proposal = standing.get(pair)
        if proposal is not None and proposal.state is not ProposalState.PROPOSED:
            counts.decided += 1
        elif pair in rules:
            counts.in_draft += 1
        elif proposal is None:
            session.add(_new_proposal(rulebook, grounds, wordings))
            counts.proposed += 1
        elif _refresh(proposal, grounds, wordings):
            counts.updated += 1
        else:
            counts.unchanged += 1
    if counts.proposed or counts.updated:
        session.flush()
        origins = sorted({suggestion.origin.value for suggestion in suggestions})
        record(session, actor, "workbench.proposed", stream(rulebook), {"origins": origins, **asdict(counts)})
    return counts


def stream(rulebook: Rulebook) -> str:
    """The workbench's own stream: the rulebook's is read by editors once it is published."""
    return f"workbench:{rulebook.id}"


def _new_proposal(
    rulebook: Rulebook, suggestions: Sequence[Suggestion], wordings: Mapping[str, Wording]
) -> Proposal:
    first = suggestions[0]
    return Proposal(
        id=new_id(),
        rulebook_id=rulebook.id,
        code=f"{'+'.join(first.sources)} → {first.target}",
        sources=list(first.sources),
        target=first.target,
        source_dsr=wordings[first.sources[0]].dsr,
        target_dsr=wordings[first.target].dsr,
        state=ProposalState.PROPOSED,
        **_grounded([], suggestions),
        **_compared(first.sources, first.target, wordings),
    )


def _refresh(proposal: Proposal, suggestions: Sequence[Suggestion], wordings: Mapping[str, Wording]) -> bool:
    """Bring an open proposal up to date; answers whether anything of it changed."""
    fresh = {
        **_grounded(proposal.grounds, suggestions),
        **_compared(proposal.sources, proposal.target, wordings),
    }
    if all(getattr(proposal, key) == value for key, value in fresh.items()):
        return False
    for key, value in fresh.items():
        setattr(proposal, key, value)
    proposal.revision += 1
    return True


def _grounded(grounds: Iterable[Mapping[str, Any]], suggestions: Iterable[Suggestion]) -> dict[str, Any]:
    """The grounds, the newest of each origin; the relation proposed is that of the one that says most."""
    by_origin = {Origin(ground["origin"]): dict(ground) for ground in grounds}
    for suggestion in suggestions:
        by_origin[suggestion.origin] = {
            "origin": suggestion.origin.value,
            "relation": suggestion.relation.value,
            "basis": dict(suggestion.basis),
        }
    ordered = [by_origin[origin] for origin in ORIGINS if origin in by_origin]
    return {"grounds": ordered, "relation": facts.Relation(ordered[0]["relation"])}


def _compared(sources: Sequence[str], target: str, wordings: Mapping[str, Wording]) -> dict[str, Any]:
    comparison = compare([wordings[code] for code in sources], wordings[target])
    return {
        "source_version_id": wordings[sources[0]].version_id,
        "target_version_id": wordings[target].version_id,
        "chapter": wordings[target].chapter,
        "score": comparison.score,
        **comparison.plain,
    }
