"""Making the draft of a DSR as a workbook and a table of socles say."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from referencing.base.db import new_id
from referencing.base.permissions import Actor, Right, authorise
from referencing.catalogue.imports.problems import RowProblem, problem
from referencing.catalogue.imports.requirement_rows import Column, ProofEntry, RequirementEntry
from referencing.catalogue.imports.socle_links import SocleLink, read_socles
from referencing.catalogue.imports.text import quoted
from referencing.catalogue.imports.workbook import read_workbook
from referencing.journal.operations import record
from referencing.platforms.queries import names

from . import queries
from .models import Dsr, DsrVersion, ExpectedProof, Requirement
from .proposals import propose, propose_platforms


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The result of an import: counts of the requirements read and changed, and the problems row by row."""

    version: int
    rows: int
    requirements: int
    proofs: int
    added: int
    changed: int
    removed: int
    unchanged: int
    problems: tuple[RowProblem, ...]


@dataclass(frozen=True, slots=True)
class SocleReport:
    version: int
    rows: int
    linked: int
    changed: int
    ignored: int
    problems: tuple[RowProblem, ...]


def import_requirements(session: Session, actor: Actor, code: str, file: BinaryIO) -> ImportReport:
    """Make the draft as the workbook says; opens a draft when there is something to change.

    Raises ForeignWorkbook when the file is not a REM: nothing is then changed.
    """
    authorise(actor, Right.EDIT_CATALOGUE)
    dsr = queries.dsr(session, code, lock=True)
    read = read_workbook(file, dispositif=dsr.dispositif)
    base = queries.draft(dsr) or queries.published(dsr)
    before = {one.code: one for one in queries.requirements(session, base.id)} if base else {}
    after = {
        entry.code: _completed(entry, before.get(entry.code), read.missing) for entry in read.requirements
    }
    added = [entry for entry in after.values() if entry.code not in before]
    changed = [
        entry for entry in after.values() if entry.code in before and _differs(before[entry.code], entry)
    ]
    removed = [one for code, one in before.items() if code not in after]
    version = base
    if added or changed or removed:
        version = _editable(session, dsr)
        _apply(session, dsr, version, added, changed, removed)
    report = ImportReport(
        version=version.number if version else 0,
        rows=read.rows,
        requirements=len(read.requirements),
        proofs=sum(len(entry.proofs) for entry in read.requirements),
        added=len(added),
        changed=len(changed),
        removed=len(removed),
        unchanged=len(after) - len(added) - len(changed),
        problems=read.problems,
    )
    if added or changed or removed:
        counts = {key: getattr(report, key) for key in ("version", "added", "changed", "removed")}
        record(session, actor, "dsr.imported", f"dsr:{code}", counts)
    return report


def link_socles(session: Session, actor: Actor, code: str, file: BinaryIO) -> SocleReport:
    """Set the socle from which each requirement descends; a requirement that the table does not name has none."""
    authorise(actor, Right.EDIT_CATALOGUE)
    dsr = queries.dsr(session, code, lock=True)
    table = read_socles(file, dispositif=dsr.dispositif, vague=dsr.vague)
    base = queries.draft(dsr) or queries.published(dsr)
    current = (
        {requirement.code: requirement for requirement in queries.requirements(session, base.id)}
        if base
        else {}
    )
    links = {link.requirement: (link.socle, link.fidelity) for link in table.entries}
    changed = {
        code
        for code, requirement in current.items()
        if (requirement.socle, requirement.socle_fidelity) != links.get(code, (None, None))
    }
    if changed:
        base = _editable(session, dsr)
        for requirement in queries.requirements(session, base.id):
            requirement.socle, requirement.socle_fidelity = links.get(requirement.code, (None, None))
        record(session, actor, "dsr.socles", f"dsr:{code}", {"version": base.number, "changed": len(changed)})
    unknown = [link for link in table.entries if link.requirement not in current]
    problems = (*table.problems, *(_unknown(link) for link in unknown))
    return SocleReport(
        version=base.number if base else 0,
        rows=table.rows,
        linked=len(links) - len(unknown),
        changed=len(changed),
        ignored=table.ignored,
        problems=problems,
    )


def _unknown(link: SocleLink) -> RowProblem:
    return problem(link.row, "requirement_unknown", value=quoted(link.requirement))


_WORDS = (
    "chapter",
    "title",
    "function",
    "text",
    "comment",
    "profile",
    "former_profile",
    "perimeter",
    "criticality",
)


_WORD_OF_COLUMN = {
    Column.COMMENT: "comment",
    Column.FORMER_PROFILE: "former_profile",
    Column.PERIMETER: "perimeter",
    Column.CRITICALITY: "criticality",
}


def _completed(
    entry: RequirementEntry, current: Requirement | None, missing: Collection[Column]
) -> RequirementEntry:
    """The entry with the current words where its list lacks a column: a list that is silent changes nothing."""
    if current is None:
        return entry
    words = (word for column, word in _WORD_OF_COLUMN.items() if column in missing)
    return replace(entry, **{word: getattr(current, word) for word in words})


def _differs(current: Requirement, entry: RequirementEntry) -> bool:
    return (
        current.position != entry.position
        or any(getattr(current, word) != getattr(entry, word) for word in _WORDS)
        or [_proof_words(proof) for proof in current.proofs]
        != [_proof_words(proof) for proof in entry.proofs]
    )


def _proof_words(proof: ExpectedProof | ProofEntry) -> tuple[str, ...]:
    return (
        proof.suffix,
        proof.number,
        proof.text,
        proof.scenario_number or "",
        proof.scenario_text or "",
    )


def _editable(session: Session, dsr: Dsr) -> DsrVersion:
    """The draft; when the last version is published, a new one that starts as its copy, corrections included."""
    version = queries.draft(dsr)
    if version is not None:
        return version
    last = queries.published(dsr)
    assert last is not None  # noqa: S101 - a DSR is created with its first draft
    version = DsrVersion(id=new_id(), dsr_id=dsr.id, number=last.number + 1)
    session.add(version)
    for requirement in queries.requirements(session, last.id):
        copy = Requirement(id=new_id(), version_id=version.id, **_columns(requirement, {"id", "version_id"}))
        for proof in requirement.proofs:
            fresh = {"id", "version_id", "requirement_id"}
            copy.proofs.append(ExpectedProof(id=new_id(), version_id=version.id, **_columns(proof, fresh)))
        session.add(copy)
    session.flush()
    return version


def _columns(row: Requirement | ExpectedProof, without: set[str]) -> dict[str, Any]:
    keys = (column.key for column in type(row).__mapper__.column_attrs)
    return {key: getattr(row, key) for key in keys if key not in without}


def _apply(
    session: Session,
    dsr: Dsr,
    version: DsrVersion,
    added: Iterable[RequirementEntry],
    changed: Iterable[RequirementEntry],
    removed: Iterable[Requirement],
) -> None:
    current = {one.code: one for one in queries.requirements(session, version.id)}
    called = names(session)
    for gone in removed:
        session.delete(current[gone.code])
    for entry in changed:
        _update(dsr, current[entry.code], entry, called)
    for entry in added:
        requirement = Requirement(id=new_id(), version_id=version.id, code=entry.code)
        _update(dsr, requirement, entry, called)
        session.add(requirement)
    session.flush()


def _update(
    dsr: Dsr, requirement: Requirement, entry: RequirementEntry, called: Mapping[str, Sequence[str]]
) -> None:
    moved = requirement.chapter != entry.chapter
    requirement.position = entry.position
    for word in _WORDS:
        setattr(requirement, word, getattr(entry, word))
    current = {proof.suffix: proof for proof in requirement.proofs}
    kept = []
    for position, expected in enumerate(entry.proofs, start=1):
        proof = current.get(expected.suffix)
        reworded = proof is None or proof.text != expected.text
        if proof is None:
            proof = ExpectedProof(
                id=new_id(),
                version_id=requirement.version_id,
                code=f"{dsr.code}:{entry.code}#{expected.suffix}",
                revision=0,
            )
        proof.suffix, proof.number, proof.text, proof.scenario_number, proof.scenario_text = _proof_words(
            expected
        )
        proof.position = position
        proof.wording = _wording(entry, expected)
        if reworded or (moved and not proof.corrected):
            _propose(proof, entry.chapter, called)
        kept.append(proof)
    requirement.proofs = kept


def _wording(entry: RequirementEntry, expected: ProofEntry) -> str:
    words = (entry.text, expected.scenario_text or "", expected.text)
    return hashlib.sha256("\n\n".join(words).encode()).hexdigest()


def _propose(proof: ExpectedProof, chapter: str, called: Mapping[str, Sequence[str]]) -> None:
    """Propose anew what a proof is: new words make an earlier correction void."""
    proposal = propose(proof.text, chapter)
    proof.guichet = proposal.guichet
    proof.kind = proposal.kind
    proof.roles = list(proposal.roles)
    proof.duo = proposal.duo
    proof.platforms = propose_platforms(proof.text, called)
    proof.live_without_trace = False
    proof.corrected = False
    proof.revision += 1
