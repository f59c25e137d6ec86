"""Why an item stood as it did on a day, in French sentences that a court can follow. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from referencing.candidatures.record.states import ItemState
from referencing.equivalence.engine.explanation import explain, in_french, lacking, named
from referencing.equivalence.engine.facts import Certificate, Fact, Relation
from referencing.equivalence.engine.resolution import Item as Answer
from referencing.equivalence.engine.resolution import Status

_OUTCOMES = {
    "conform": "conforme",
    "nonconform": "non conforme",
    "complement": "à compléter",
}
_RELATIONS = {
    Relation.EQUAL: "demande la même chose que",
    Relation.SUPERSET: "demande au moins autant que",
    Relation.SUBSET: "demande une partie de ce que demande",
    Relation.INTERSECTS: "recoupe ce que demande",
    Relation.NONE: "n'a rien de commun avec",
}


@dataclass(frozen=True, slots=True)
class Asked:
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
class Said:
    """A verdict on the item, as known that day; `by` is for the agency alone. On a version, a reuse, or a claim."""

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
    """All that is told of an item on a day; `answer` is its reuse, or the nearest facts of what was required."""

    item: UUID
    proof: str
    day: date
    since: date
    state: ItemState
    words: str  # what a person reads for the state
    asked: Asked
    proof_text: str
    scenario: str
    composition: Mapping[str, str]
    answer: Answer | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    verifiers: Mapping[str, str] = field(default_factory=dict)
    rulebook: Rulebook | None = None
    rules: Sequence[Rule] = ()
    texts: Sequence[Asked] = ()
    supplied: Supplied | None = None
    claim: str | None = None
    verdicts: Sequence[Said] = ()


def narrate(account: Account) -> list[str]:
    """In the order in which one would tell it: what was asked, how it stood, on what, by which rules, who said so."""
    return [*_asked(account), *_supplied(account), *_reuse(account), *_verdicts(account), *missing(account)]


def _asked(account: Account) -> Iterator[str]:
    yield (
        f"Au {in_french(account.day)}, la preuve attendue {account.proof} était « {account.words} », "
        f"et l'était depuis le {in_french(account.since)}."
    )
    yield _demands(account.asked)
    yield f"La preuve attendue est : « {account.proof_text} »."


def _demands(asked: Asked) -> str:
    return f"L'exigence {asked.code} (version {asked.version} du DSR) demande : « {asked.text} »."


def _supplied(account: Account) -> Iterator[str]:
    if account.claim is not None:
        yield f"L'éditeur a déclaré cette preuve sans objet : « {account.claim} »."
    if account.supplied is not None:
        files = ", ".join(f"{name} (SHA-256 {sha256})" for name, sha256 in account.supplied.files)
        day = in_french(account.supplied.supplied_on)
        yield f"L'éditeur a fourni la version {account.supplied.version} le {day} : {files}."


def _reuse(account: Account) -> Iterator[str]:
    if account.answer is None:
        return
    yield from explain(account.answer, account.facts)
    for fact, name in account.verifiers.items():
        yield f"{_capital(named(account.facts[fact]))} : prononcée par {name}."
    for one in account.facts.values():
        if one.revoked_on is not None:
            gone = "il est révoqué" if isinstance(one, Certificate) else "elle est révoquée"
            yield f"{_capital(named(one))} : {gone} depuis le {in_french(one.revoked_on)}."
    if account.rulebook is not None:
        since = in_french(account.rulebook.since)
        yield f"Les règles sont celles du référentiel « {account.rulebook.label} », en vigueur depuis le {since}."
    yield from map(_rule, account.rules)
    for asked in account.texts:
        yield _demands(asked)
        if asked.socle is not None:
            kept = "en garde le texte" if asked.identical else "a son propre texte"
            yield f"Elle descend du socle {asked.socle} et {kept}."


def _rule(rule: Rule) -> str:
    days = [
        f"{word} {in_french(day)}"
        for word, day in (("à partir du", rule.valid_from), ("jusqu'à la veille du", rule.valid_until))
        if day is not None
    ]
    sources = " et ".join(rule.sources)
    valid = f", {' '.join(days)}" if days else ""
    return f"Correspondance « {rule.code} » : {sources} {_RELATIONS[rule.relation]} {rule.target}{valid}."


def _verdicts(account: Account) -> Iterator[str]:
    for said in account.verdicts:
        by = f" par {said.by}" if said.by else ""
        comment = f" : « {said.comment} »" if said.comment else ""
        yield f"Le {in_french(said.day)} (tour {said.round}), {_about(said)}{by}{comment}."
        if said.missing:
            until = f" avant le {in_french(said.due_on)}" if said.due_on else ""
            yield f"Il était demandé{until} : {' ; '.join(said.missing)}."
        if said.undone_on is not None:
            yield f"Ce verdict a été repris le {in_french(said.undone_on)} : « {said.undone_reason} »."


def _about(said: Said) -> str:
    found = _OUTCOMES[said.outcome]
    if said.grant is not None:
        words = {"conform": "confirmé", "nonconform": "refusé", "complement": "laissé à compléter"}
        return f"le réemploi proposé a été {words[said.outcome]}"
    if said.version is not None:
        return f"la version {said.version} (fichier de SHA-256 {said.file_sha256}) a été trouvée {found}"
    words = {"conform": "acceptée", "nonconform": "refusée", "complement": "trouvée incomplète"}
    return f"la déclaration « {said.claim} » a été {words[said.outcome]}"


def missing(account: Account) -> Iterator[str]:
    """What it would have taken for an item that was required."""
    if account.answer is None or account.answer.status is not Status.REQUIRED:
        return
    for blocked in account.answer.blocked:
        fact = account.facts[blocked.fact]
        lacks = " ; ".join(lacking(code, fact, account.composition) for code in blocked.reasons)
        yield f"Pour que {named(fact)} puisse servir, il manquait : {lacks}."
    yield "À défaut, il manquait la preuve attendue elle-même."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
