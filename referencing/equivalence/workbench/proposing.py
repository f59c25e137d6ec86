"""The workbench of a draft: correspondences proposed from data, for people to decide (`workbench_decisions`)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.db import new_id
from referencing.base.errors import FieldError, Invalid
from referencing.base.permissions import Actor, Right, authorise
from referencing.catalogue.imports.problems import RowProblem
from referencing.catalogue.imports.tables import read_table
from referencing.equivalence.engine import facts
from referencing.equivalence.rulebooks.models import Rulebook
from referencing.equivalence.rulebooks.operations import TABLE, draft
from referencing.equivalence.rulebooks.rulebooks import of_row
from referencing.journal.operations import record

from . import queries
from .drafting import ORIGINS, Origin, Suggestion, Wording, compare, from_likeness, from_socles, from_table
from .models import Proposal, ProposalStatus

#: Some five seconds of comparing, at the worst.
MOST_PAIRS = 1_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """From which DSR to which, and what to look at; `chapter` narrows down the targets."""

    source: str
    target: str
    origins: Sequence[Origin]
    least: float
    most: int
    chapter: str | None = None


@dataclass(slots=True)
class Counts:
    """Of the pairs found: new, open with other grounds or words, as they stood, decided before, rules already."""

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


def propose(session: Session, actor: Actor, rulebook_id: UUID, asked: Asked) -> Counts:
    """From socle links and from likeness, between the published versions of two DSRs. Raises Invalid, Conflict."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    rulebook = draft(session, rulebook_id)
    known = queries.wordings(session, {asked.source, asked.target})
    sources, targets = _sides(asked, known.values())
    suggestions: list[Suggestion] = []
    if Origin.SOCLE in asked.origins:
        suggestions += from_socles(sources, targets)
    if Origin.LIKENESS in asked.origins:
        suggestions += from_likeness(sources, targets, asked.least, asked.most)
    return _keep(session, actor, rulebook, suggestions, known)


def _sides(asked: Asked, known: Iterable[Wording]) -> tuple[list[Wording], list[Wording]]:
    if asked.source == asked.target:
        raise Invalid("Nommez deux DSR différents.", [FieldError("/to", "C'est le même DSR que « from ».")])
    by_dsr: dict[str, list[Wording]] = {asked.source: [], asked.target: []}
    for one in known:
        by_dsr[one.dsr].append(one)
    places = {"/from": asked.source, "/to": asked.target}
    missing = [
        FieldError(place, f"Le DSR « {dsr} » n'a pas de version publiée, ou aucune exigence.")
        for place, dsr in places.items()
        if not by_dsr[dsr]
    ]
    if missing:
        raise Invalid("Publiez ces DSR au catalogue, ou nommez-en d'autres.", missing)
    targets = [one for one in by_dsr[asked.target] if asked.chapter in {None, one.chapter}]
    if not targets:
        raise Invalid(
            "Aucune exigence n'est de ce chapitre.", [FieldError("/chapter", "Vérifiez le chapitre.")]
        )
    if len(by_dsr[asked.source]) * len(targets) > MOST_PAIRS:
        raise Invalid(
            "Ces DSR sont trop grands pour être comparés d'un coup : procédez chapitre par chapitre.",
            [FieldError("/chapter", "Donnez un chapitre du DSR « to ».")],
        )
    return by_dsr[asked.source], targets


def propose_from_table(session: Session, actor: Actor, rulebook_id: UUID, file: BinaryIO) -> TableReport:
    """From the rows of the correspondences table; a row that names what no published DSR has is reported."""
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
    known = queries.wordings(session, {code.partition(":")[0] for code in codes})
    read: dict[tuple[frozenset[str], str], tuple[int, facts.Correspondence]] = {}
    for number, rule in numbered:
        first_row, first = read.setdefault((frozenset(rule.sources), rule.target), (number, rule))
        if fault := _fault(rule, known) or _contradicted(rule, first, first_row):
            problems.append(RowProblem(number, *fault))
    good = [(number, rule) for number, rule in read.values() if _fault(rule, known) is None]
    counts = _keep(session, actor, rulebook, list(from_table(good)), known)
    problems.sort(key=lambda one: one.row)
    return TableReport(counts, rows, tuple(problems))


def _fault(rule: facts.Correspondence, known: Mapping[str, Wording]) -> tuple[str, str] | None:
    """The code and the sentence of what makes a row useless here."""
    unknown = next((code for code in (*rule.sources, rule.target) if code not in known), None)
    if unknown is None:
        return None
    said = f"« {unknown} » n'est d'aucun DSR publié : vérifiez le code, ou publiez ce DSR d'abord."
    return "unknown_requirement", said


def _contradicted(
    rule: facts.Correspondence, first: facts.Correspondence, first_row: int
) -> tuple[str, str] | None:
    if rule.relation is first.relation:
        return None
    return (
        "relation_conflict",
        f"La ligne {first_row} dit autre chose des mêmes exigences : elle seule est lue.",
    )


def _keep(
    session: Session,
    actor: Actor,
    rulebook: Rulebook,
    suggestions: Iterable[Suggestion],
    known: Mapping[str, Wording],
) -> Counts:
    """One proposal for what is said from and to. What somebody decided stays; what is a rule already is none."""
    by_pair: dict[tuple[frozenset[str], str], list[Suggestion]] = {}
    for one in suggestions:
        by_pair.setdefault(one.pair, []).append(one)
    standing = {
        (frozenset(one.sources), one.target): one for one in queries.of_rulebook(session, rulebook.id)
    }
    rules = {(frozenset(rule.sources), rule.target) for rule in rulebook.correspondences}
    counts = Counts()
    for pair, found in by_pair.items():
        proposal = standing.get(pair)
        if proposal is not None and proposal.status is not ProposalStatus.PROPOSED:
            counts.decided += 1
        elif pair in rules:
            counts.in_draft += 1
        elif proposal is None:
            session.add(_new(rulebook, found, known))
            counts.proposed += 1
        elif _refresh(proposal, found, known):
            counts.updated += 1
        else:
            counts.unchanged += 1
    if counts.proposed or counts.updated:
        session.flush()
        origins = sorted({one.origin.value for one in suggestions})
        record(session, actor, "workbench.proposed", stream(rulebook), {"origins": origins, **asdict(counts)})
    return counts


def stream(rulebook: Rulebook) -> str:
    """The workbench's own: that of the rulebook is read by editors once it is published."""
    return f"workbench:{rulebook.id}"


def _new(rulebook: Rulebook, found: Sequence[Suggestion], known: Mapping[str, Wording]) -> Proposal:
    first = found[0]
    return Proposal(
        id=new_id(),
        rulebook_id=rulebook.id,
        code=f"{'+'.join(first.sources)} → {first.target}",
        sources=list(first.sources),
        target=first.target,
        source_dsr=known[first.sources[0]].dsr,
        target_dsr=known[first.target].dsr,
        status=ProposalStatus.PROPOSED,
        **_grounded([], found),
        **_compared(first.sources, first.target, known),
    )


def _refresh(proposal: Proposal, found: Sequence[Suggestion], known: Mapping[str, Wording]) -> bool:
    """Whether anything of an open proposal changed."""
    said = {**_grounded(proposal.grounds, found), **_compared(proposal.sources, proposal.target, known)}
    if all(getattr(proposal, key) == value for key, value in said.items()):
        return False
    for key, value in said.items():
        setattr(proposal, key, value)
    proposal.revision += 1
    return True


def _grounded(grounds: Iterable[Mapping[str, Any]], found: Iterable[Suggestion]) -> dict[str, Any]:
    """One ground for each origin, the newest; the relation proposed is that of the one that says most."""
    by_origin = {Origin(ground["origin"]): dict(ground) for ground in grounds}
    for one in found:
        words = {"origin": one.origin.value, "relation": one.relation.value, "basis": dict(one.basis)}
        by_origin[one.origin] = words
    ordered = [by_origin[origin] for origin in ORIGINS if origin in by_origin]
    return {"grounds": ordered, "relation": facts.Relation(ordered[0]["relation"])}


def _compared(sources: Sequence[str], target: str, known: Mapping[str, Wording]) -> dict[str, Any]:
    found = compare([known[code] for code in sources], known[target])
    differing = {"text": found.text_differences, "scenario": found.scenario_differences}
    return {
        "source_version_id": known[sources[0]].version_id,
        "target_version_id": known[target].version_id,
        "chapter": known[target].chapter,
        "score": found.score,
        "likeness": {"text": found.text, "scenario": found.scenario},
        "differing": [
            {"part": part, "from": one.before, "to": one.after}
            for part in differing
            for one in differing[part]
        ],
    }
