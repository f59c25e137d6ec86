"""Why an item stood as it did on a day, in French sentences that a court can follow. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from referencing.candidatures.record.states import ItemState
from referencing.equivalence.engine.explanation import RELATIONS, explain, in_french, lacking, named
from referencing.equivalence.engine.facts import Certificate, Fact, Relation
from referencing.equivalence.engine.resolution import Item as Answer
from referencing.equivalence.engine.resolution import Status

_OUTCOMES = {
    "conform": "conforme",
    "nonconform": "non conforme",
    "complement": "à compléter",
}


@dataclass(frozen=True, slots=True)
class RequirementText:
    """A requirement as the version of its DSR that applied words it."""

    code: str  # DSR:REQUIREMENT
    version: int
    text: str
    socle: str | None
    identical: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A correspondence that the derivation uses."""

    code: str
    sources: tuple[str, ...]
    target: str
    relation: Relation
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Rulebook:
    id: UUID
    label: str
    since: date


@dataclass(frozen=True, slots=True)
class Supplied:
    """The version of the proof that the item stood on; files are name and SHA-256."""

    id: UUID
    version: int
    supplied_on: date
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PastVerdict:
    """A verdict on a version, a reuse or a claim, as it stood that day; `by` is for the agency alone."""

    id: UUID
    day: date
    round: int
    outcome: str
    comment: str
    missing: tuple[str, ...]
    due_on: date | None
    by: str | None
    version: int | None
    file_sha256: str | None
    grant: UUID | None
    claim: str | None
    undone_on: date | None
    undone_reason: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """All that an explanation says of an item on a day; `answer` is its reuse, or the nearest facts where required."""

    item: UUID
    proof: str
    day: date
    since: date
    state: ItemState
    words: str  # what a person reads for the state
    requirement: RequirementText
    proof_text: str
    scenario: str
    composition: Mapping[str, str]
    answer: Answer | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    verifiers: Mapping[str, str] = field(default_factory=dict)
    rulebook: Rulebook | None = None
    rules: Sequence[Rule] = ()
    texts: Sequence[RequirementText] = ()
    supplied: Supplied | None = None
    taken_over: Fact | None = None  # with a referencing from before this service
    claim: str | None = None
    verdicts: Sequence[PastVerdict] = ()


def narrate(account: Account) -> list[str]:
    """The sentences: what was required, how the item stood, on what, by which rules, who said so, what was missing."""
    return [
        *_standing(account),
        *_supplied(account),
        *_taken_over(account),
        *_reuse(account),
        *_verdicts(account),
        *missing(account),
    ]


def _standing(account: Account) -> Iterator[str]:
    yield (
        f"Au {in_french(account.day)}, la preuve attendue {account.proof} était « {account.words} », "
        f"et l'était depuis le {in_french(account.since)}."
    )
    yield _demands(account.requirement)
    yield f"La preuve attendue est : « {account.proof_text} »."


def _demands(requirement: RequirementText) -> str:
    return f"L'exigence {requirement.code} (version {requirement.version} du DSR) demande : « {requirement.text} »."


def _supplied(account: Account) -> Iterator[str]:
    if account.claim is not None:
        yield f"L'éditeur a déclaré cette preuve sans objet : « {account.claim} »."
    if account.supplied is not None:
        files = ", ".join(f"{name} (SHA-256 {sha256})" for name, sha256 in account.supplied.files)
        day = in_french(account.supplied.supplied_on)
        yield f"L'éditeur a fourni la version {account.supplied.version} le {day} : {files}."


def _taken_over(account: Account) -> Iterator[str]:
    fact = account.taken_over
    if fact is not None:
        revoked = f" ; elle est révoquée depuis le {in_french(fact.revoked_on)}" if fact.revoked_on else ""
        yield f"Elle repose sur {named(fact)}{revoked}."


def _reuse(account: Account) -> Iterator[str]:
    if account.answer is None:
        return
    yield from explain(account.answer, account.facts)
    for fact, name in account.verifiers.items():
        yield f"{_capital(named(account.facts[fact]))} : prononcée par {name}."
    for cited in account.facts.values():
        if cited.revoked_on is not None:
            revoked = "il est révoqué" if isinstance(cited, Certificate) else "elle est révoquée"
            yield f"{_capital(named(cited))} : {revoked} depuis le {in_french(cited.revoked_on)}."
    if account.rulebook is not None:
        since = in_french(account.rulebook.since)
        yield f"Les règles sont celles du référentiel « {account.rulebook.label} », en vigueur depuis le {since}."
    yield from map(_rule, account.rules)
    for requirement in account.texts:
        yield _demands(requirement)
        if requirement.socle is not None:
            wording = "en garde le texte" if requirement.identical else "a son propre texte"
            yield f"Elle descend du socle {requirement.socle} et {wording}."


def _rule(rule: Rule) -> str:
    days = [
        f"{word} {in_french(day)}"
        for word, day in (("à partir du", rule.valid_from), ("jusqu'à la veille du", rule.valid_until))
        if day is not None
    ]
    sources = " et ".join(rule.sources)
    valid = f", {' '.join(days)}" if days else ""
    return f"Correspondance « {rule.code} » : {sources} {RELATIONS[rule.relation]} {rule.target}{valid}."


def _verdicts(account: Account) -> Iterator[str]:
    for verdict in account.verdicts:
        by = f" par {verdict.by}" if verdict.by else ""
        comment = f" : « {verdict.comment} »" if verdict.comment else ""
        yield f"Le {in_french(verdict.day)} (tour {verdict.round}), {_about(verdict)}{by}{comment}."
        if verdict.missing:
            until = f" avant le {in_french(verdict.due_on)}" if verdict.due_on else ""
            yield f"Il était demandé{until} : {' ; '.join(verdict.missing)}."
        if verdict.undone_on is not None:
            yield f"Ce verdict a été repris le {in_french(verdict.undone_on)} : « {verdict.undone_reason} »."


def _about(verdict: PastVerdict) -> str:
    outcome = _OUTCOMES[verdict.outcome]
    if verdict.grant is not None:
        words = {"conform": "confirmé", "nonconform": "refusé", "complement": "laissé à compléter"}
        return f"le réemploi proposé a été {words[verdict.outcome]}"
    if verdict.version is not None:
        return (
            f"la version {verdict.version} (fichier de SHA-256 {verdict.file_sha256}) a été trouvée {outcome}"
        )
    words = {"conform": "acceptée", "nonconform": "refusée", "complement": "trouvée incomplète"}
    return f"la déclaration « {verdict.claim} » a été {words[verdict.outcome]}"


def missing(account: Account) -> Iterator[str]:
    """What was missing for a reuse of an item that was required."""
    if account.answer is None or account.answer.status is not Status.REQUIRED:
        return
    for blocked in account.answer.blocked:
        fact = account.facts[blocked.fact]
        lacks = " ; ".join(lacking(code, fact, account.composition) for code in blocked.reasons)
        yield f"Pour que {named(fact)} puisse servir, il manquait : {lacks}."
    yield "À défaut, il manquait la preuve attendue elle-même."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
