"""A dry run of a takeover: what a file of past referencings tells, held against what is known; changes nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import IO
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.accounts.models import Organisation
from referencing.base.db import today
from referencing.base.french import counted
from referencing.base.permissions import Actor, Right, authorise
from referencing.catalogue.imports.problems import RowProblem
from referencing.catalogue.imports.tables import day_of
from referencing.catalogue.imports.text import fold, quoted
from referencing.catalogue.models import Dsr, DsrVersion
from referencing.catalogue.proposals import ProofKind
from referencing.equivalence.engine.facts import GENERAL_PROFILE
from referencing.solutions.models import NilStanding, Software
from referencing.solutions.nils import clean, clean_nil, look
from referencing.solutions.operations import COMPONENT, ROLE

from . import queries
from .layout import Column, Given, GivenOutcome, GivenReferencing, Outcome, PastFinding, read_given
from .queries import ListedProof

_DAYS = (Column.DEPOSITED_ON, Column.REFERENCED_ON)


@dataclass(frozen=True, slots=True)
class CheckedReferencing:
    """A past referencing that may be taken over, with what was found on its expected proofs, by code.

    `software` is its name as the file has it; `new_software` says that nobody registered it yet. `untold` counts the
    proofs of which nothing is told.
    """

    row: int
    organisation: str
    organisation_id: UUID
    nil: str
    software: str
    software_version: str
    commercial_name: str
    composition: Mapping[str, str]
    dsr: str
    version: int
    version_id: UUID
    profiles: Sequence[str]
    deposited_on: date | None
    referenced_on: date
    findings: Mapping[str, PastFinding]
    untold: int
    new_software: bool

    @property
    def outcomes(self) -> Mapping[Outcome, int]:
        """How many proofs have each outcome."""
        return Counter(finding.outcome for finding in self.findings.values())


@dataclass(frozen=True, slots=True)
class Report:
    """What would be taken over of a file, and its problems by row."""

    rows: int
    referencings: Sequence[CheckedReferencing]
    left_aside: int
    problems: Sequence[RowProblem]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the file may name, read once whatever its size."""

    organisations: Mapping[str, Organisation]
    softwares: Mapping[str, Sequence[Software]]
    dsrs: Mapping[str, Dsr]
    proofs: Mapping[UUID, Sequence[ListedProof]]
    names: Mapping[UUID, Mapping[str, str]]  # the codes of a version by what people write
    referenced: frozenset[tuple[UUID, str, UUID]]
    day: date


def check(session: Session, actor: Actor, file: IO[bytes]) -> Report:
    """What a file of past referencings would bring, and what is wrong with it, by row. Raises Forbidden, ForeignFile.

    A referencing of which anything is unknown or contradicts itself is told, and left aside whole; a proof is left
    aside alone.
    """
    authorise(actor, Right.TAKE_OVER)
    return dry_run(session, file)


def dry_run(session: Session, file: IO[bytes]) -> Report:
    """As `check`, for who administers the machine. Raises ForeignFile."""
    given = read_given(file)
    known = _known(session, given)
    problems = list(given.problems)
    checked: dict[tuple[str | int, ...], CheckedReferencing] = {}
    for referencing in given.referencings:
        usable = _check_referencing(known, referencing, problems)
        if usable is None:
            continue
        first = checked.setdefault(_identity(usable), usable)
        if first is not usable:
            problems.append(_repeated(usable, first))
    problems.sort(key=lambda problem: problem.row)
    return Report(given.rows, [*checked.values()], len(given.referencings) - len(checked), problems)


def _identity(checked: CheckedReferencing) -> tuple[str | int, ...]:
    """What no two referencings of a file have in common: rows may write one version of a DSR in several ways."""
    return checked.organisation, checked.nil, fold(checked.commercial_name), checked.dsr, checked.version


def _repeated(checked: CheckedReferencing, first: CheckedReferencing) -> RowProblem:
    return RowProblem(
        checked.row,
        "referencing_repeated",
        f"Le référencement de {quoted(checked.commercial_name)} sur {checked.dsr} (version {checked.version}) est déjà "
        f"à la ligne {first.row} : il est laissé de côté ici, tant que la version n'est pas écrite comme là-bas.",
    )


def _known(session: Session, given: Given) -> _Known:
    dsrs = queries.dsrs(session)
    named = {fold(referencing[Column.DSR]) for referencing in given.referencings}
    versions = [version.id for code in named & dsrs.keys() for version in queries.published(dsrs[code])]
    nils = {referencing[Column.NIL] for referencing in given.referencings}
    softwares = queries.softwares_by_nil(session, nils)
    proofs = queries.listed_proofs(session, versions)
    ids = [software.id for same_nil in softwares.values() for software in same_nil]
    return _Known(
        queries.organisations(session),
        softwares,
        dsrs,
        proofs,
        {version: _names(listed) for version, listed in proofs.items()},
        queries.referenced(session, ids),
        today(session),
    )


def _check_referencing(
    known: _Known, given: GivenReferencing, problems: list[RowProblem]
) -> CheckedReferencing | None:
    """The referencing, or None where it is left aside; what is wrong joins `problems`."""

    def tell(code: str, detail: str) -> None:
        problems.append(RowProblem(given.row, code, detail))

    faults = [*_faults(known, given)]
    for code, detail in faults:
        tell(code, f"{detail} Le référencement est laissé de côté.")
    organisation, version = _organisation(known, given), _version(known, given)
    referenced_on = day_of(given[Column.REFERENCED_ON])
    if faults or given.contradicted or organisation is None or version is None or referenced_on is None:
        return None
    software = _software(known, given)
    if software and given[Column.SOFTWARE] and fold(software.name) != fold(given[Column.SOFTWARE]):
        tell("software_differs", _renamed(software, given[Column.SOFTWARE]))
    findings, wrong = _findings(known, version.id, given, referenced_on)
    problems += wrong
    if not findings:
        tell("nothing_told", "Aucun résultat utilisable n'est donné : le référencement est laissé de côté.")
        return None
    listed = known.proofs[version.id]
    profiles = _applicable(listed, given, findings)
    untold = sum(proof.profile in profiles and proof.code not in findings for proof in listed)
    if untold:
        left = counted(untold, "preuve attendue", "preuves attendues")
        tell("proofs_untold", f"{left} sans résultat : rien n'en est supposé.")
    return CheckedReferencing(
        row=given.row,
        organisation=organisation.name,
        organisation_id=organisation.id,
        nil=clean_nil(given[Column.NIL]),
        software=given[Column.SOFTWARE],
        software_version=given[Column.SOFTWARE_VERSION],
        commercial_name=clean(given[Column.SOLUTION]),
        composition=dict(given.components()),
        dsr=version.dsr.code,
        version=version.number,
        version_id=version.id,
        profiles=sorted(profiles - {GENERAL_PROFILE}),
        deposited_on=day_of(given[Column.DEPOSITED_ON]),
        referenced_on=referenced_on,
        findings=findings,
        untold=untold,
        new_software=software is None,
    )


def _renamed(software: Software, name: str) -> str:
    return (
        f"Le logiciel de NIL {software.nil} s'appelle ici {quoted(software.name)} et non {quoted(name)} : son nom "
        "d'ici est gardé."
    )


def _faults(known: _Known, given: GivenReferencing) -> Iterator[tuple[str, str]]:
    yield from _faults_of_names(known, given)
    yield from _faults_of_list(known, given)
    yield from _faults_of_days(known, given)
    roles: set[str] = set()
    for role, component in given.components():
        if role in roles:
            yield "composition_invalid", f"La composition donne deux fois le rôle {quoted(role)}."
        roles.add(role)
        if not ROLE.fullmatch(role) or not COMPONENT.fullmatch(component):
            part = f"{role}={component}" if component else role
            yield (
                "composition_invalid",
                f"La composition porte {quoted(part)} : donnez « rôle=IDENTIFIANT@VERSION », séparés par « ; ».",
            )


def _faults_of_names(known: _Known, given: GivenReferencing) -> Iterator[tuple[str, str]]:
    for column in (Column.ORGANISATION, Column.NIL, Column.SOLUTION):
        if not given[column]:
            yield "name_missing", f"La colonne « {column} » est vide."
    name, nil = given[Column.ORGANISATION], clean_nil(given[Column.NIL])
    organisation = _organisation(known, given)
    if name and organisation is None:
        yield (
            "organisation_unknown",
            f"L'organisation {quoted(name)} n'est pas inscrite : inscrivez-la d'abord.",
        )
    if organisation is None:
        return
    siren = "".join(given[Column.SIREN].split())
    if siren and organisation.siren and siren != organisation.siren:
        yield "siren_differs", f"Le SIREN {quoted(siren)} n'est pas celui de {quoted(organisation.name)}."
    software = _software(known, given)
    if software is None and _belongs_elsewhere(known, nil):
        yield "nil_elsewhere", f"Le NIL {quoted(nil)} est celui d'un logiciel d'une autre organisation."
    elif software is None and not given[Column.SOFTWARE]:
        yield "name_missing", f"Le logiciel de NIL {quoted(nil)} n'est pas connu : donnez son nom."


def _belongs_elsewhere(known: _Known, nil: str) -> bool:
    same_nil = known.softwares.get(look(nil), ())
    return any(software.nil_standing is not NilStanding.REFUSED for software in same_nil)


def _faults_of_list(known: _Known, given: GivenReferencing) -> Iterator[tuple[str, str]]:
    dsr = known.dsrs.get(fold(given[Column.DSR]))
    if dsr is None:
        yield "dsr_unknown", f"Le DSR {quoted(given[Column.DSR])} n'existe pas : voyez la liste des DSR."
        return
    version = _version(known, given)
    if version is None:
        numbers = ", ".join(str(one.number) for one in queries.published(dsr)) or "aucune"
        told = given[Column.DSR_VERSION]
        wrong = f"La version {quoted(told)} de {dsr.code} n'est pas publiée" if told else "La version manque"
        yield "version_unknown", f"{wrong} : donnez l'une de celles qui le sont ({numbers})."
        return
    of_version = {fold(proof.profile) for proof in known.proofs.get(version.id, ())}
    for profile in given.profiles():
        if fold(profile) not in of_version:
            yield "profile_unknown", f"Le profil {quoted(profile)} n'existe pas dans {dsr.code}."
    software = _software(known, given)
    if software and (software.id, fold(given[Column.SOLUTION]), version.id) in known.referenced:
        yield (
            "already_referenced",
            f"La solution {quoted(given[Column.SOLUTION])} est déjà référencée ici sur {dsr.code} "
            f"(version {version.number}).",
        )


def _faults_of_days(known: _Known, given: GivenReferencing) -> Iterator[tuple[str, str]]:
    days = {column: day_of(given[column]) for column in _DAYS}
    for column, day in days.items():
        if day is None and (given[column] or column is Column.REFERENCED_ON):
            yield (
                "date_invalid",
                f"La colonne « {column} » porte {quoted(given[column])} : donnez un jour de 1990 à 2099, AAAA-MM-JJ "
                "ou JJ/MM/AAAA.",
            )
        elif day is not None and day > known.day:
            yield "date_to_come", f"La colonne « {column} » porte un jour à venir, {day:%d/%m/%Y}."
    deposited_on, referenced_on = days[Column.DEPOSITED_ON], days[Column.REFERENCED_ON]
    if deposited_on and referenced_on and referenced_on < deposited_on:
        yield "dates_contradict", "Le référencement serait d'avant le dépôt."


def _organisation(known: _Known, given: GivenReferencing) -> Organisation | None:
    return known.organisations.get(fold(given[Column.ORGANISATION]))


def _software(known: _Known, given: GivenReferencing) -> Software | None:
    """The organisation's own software of that NIL."""
    organisation, same_nil = _organisation(known, given), known.softwares.get(look(given[Column.NIL]), ())
    return next((one for one in same_nil if organisation and one.organisation_id == organisation.id), None)


def _version(known: _Known, given: GivenReferencing) -> DsrVersion | None:
    """The version that is told; where none is, the only one that was published."""
    dsr = known.dsrs.get(fold(given[Column.DSR]))
    versions = queries.published(dsr) if dsr else []
    told = fold(given[Column.DSR_VERSION]).removeprefix("v")
    if not told:
        return versions[0] if len(versions) == 1 else None
    return next((version for version in versions if str(version.number) == told), None)


def _applicable(
    proofs: Sequence[ListedProof], given: GivenReferencing, findings: Mapping[str, PastFinding]
) -> frozenset[str]:
    """The profiles that are told, with the one of everybody; where none is, those that the findings are of."""
    told = {fold(profile) for profile in given.profiles()}
    told = told or {fold(proof.profile) for proof in proofs if proof.code in findings}
    return frozenset(proof.profile for proof in proofs if fold(proof.profile) in told) | {GENERAL_PROFILE}


def _findings(
    known: _Known, version_id: UUID, given: GivenReferencing, referenced_on: date
) -> tuple[dict[str, PastFinding], list[RowProblem]]:
    """What was found on each proof, by code, and what is wrong: of a proof told two ways nothing is kept."""
    names = known.names.get(version_id, {})
    tests = {one.code for one in known.proofs.get(version_id, ()) if one.kind is ProofKind.PENTEST}
    problems: list[RowProblem] = []
    first: dict[str, GivenOutcome] = {}
    contradicted: set[str] = set()
    for told in given.outcomes:
        code = names.get(_name(told.proof))
        fault = (
            ("proof_unknown", "n'est pas dans cette version du DSR : la ligne est laissée de côté")
            if code is None
            else _fault(told, first.get(code), referenced_on, of_test=code in tests)
        )
        if fault is not None:
            detail = f"La preuve {quoted(told.proof)} {fault[1]}."
            problems.append(RowProblem(told.row, fault[0], detail))
        if code is not None and fault is not None and fault[0] == "proof_contradiction":
            contradicted.add(code)
        if code is not None and fault is None:
            first[code] = told
    findings = {
        code: PastFinding(told.outcome, day_of(told.found_on) or referenced_on, day_of(told.performed_on))
        for code, told in first.items()
        if code not in contradicted
    }
    return findings, problems


def _fault(
    told: GivenOutcome, earlier: GivenOutcome | None, referenced_on: date, *, of_test: bool
) -> tuple[str, str] | None:
    """What makes a row of a known proof unusable: a code and the end of a sentence."""
    fault = _fault_of_days(told, referenced_on, of_test=of_test)
    if fault is not None or earlier is None:
        return fault
    if replace(earlier, row=told.row, proof=told.proof) == told:
        return (
            "proof_repeated",
            f"est déjà à la ligne {earlier.row}, avec le même résultat : cette ligne-ci ne compte pas",
        )
    return "proof_contradiction", f"est dite autrement à la ligne {earlier.row} : aucune des deux ne compte"


def _fault_of_days(told: GivenOutcome, referenced_on: date, *, of_test: bool) -> tuple[str, str] | None:
    for verb, text in (("vérifiée", told.found_on), ("issue d'un test fait", told.performed_on)):
        day = day_of(text) if text else None
        if text and day is None:
            unusable = f"est dite {verb} {quoted(text)}, qui n'est pas un jour du programme"
            return "date_invalid", f"{unusable} : la ligne est laissée de côté"
        if day and day > referenced_on:
            return "dates_contradict", f"serait {verb} après le référencement : la ligne est laissée de côté"
    if told.performed_on and not of_test:
        return "test_unexpected", "n'est pas d'un test d'intrusion : elle ne porte pas de jour de test"
    if of_test and told.outcome is Outcome.CONFORM and not told.performed_on:
        return "test_undated", "est d'un test d'intrusion sans date : il n'est pas conforme, donnez son jour"
    return None


def _names(proofs: Sequence[ListedProof]) -> dict[str, str]:
    """The codes by what people write: the code, the code without its DSR, or the number where it names one alone."""
    numbers = Counter(_name(proof.number) for proof in proofs)
    names = {_name(proof.number): proof.code for proof in proofs if numbers[_name(proof.number)] == 1}
    for proof in proofs:
        names[_name(proof.code.partition(":")[2])] = names[_name(proof.code)] = proof.code
    return names


def _name(text: str) -> str:
    return "".join(fold(text).split())
