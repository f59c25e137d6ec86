"""Correspondences that the data suggests between two DSRs. Nothing is decided here: a person does. Pure.

Suggestions, scores and their order depend on the requirements alone, not on the order in which they come.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

from referencing.equivalence.engine.facts import Correspondence, Relation

from .likeness import Difference, Words, differences, likeness, words_of

#: What the text of a requirement weighs beside scenarios and proofs, which share the rest. Measured on the real lists,
#: where the table of the two vagues says what was meant: 147 of its 148 rows come first at this weight
#: (docs/adr/0021-workbench.md).
TEXT_WEIGHT = 2 / 3
LEAST = 0.6
MOST = 3


class Origin(StrEnum):
    """What a proposal was made from, the one that says most first."""

    CONFIRMATION = "confirmation"  # verifiers confirmed the reuse, of several softwares
    TABLE = "table"  # the table of one vague to the next
    RULE = "rule"  # a rule of the draft leads from the one requirement to the other
    SOCLE = "socle"  # both requirements descend from it
    LIKENESS = "likeness"


#: Which ground's relation is proposed, where there are several.
ORIGINS = tuple(Origin)


class Level(StrEnum):
    """What proposals are about."""

    REQUIREMENT = "requirement"
    PROOF = "proof"


class Part(StrEnum):
    """The parts of a wording, each compared apart."""

    TEXT = "text"  # of the requirement
    SCENARIO = "scenario"
    PROOF = "proof"  # what is expected as a proof


#: What is asked of who shows a proof: where it did not change, an earlier one shows as much.
SHOWN = (Part.SCENARIO, Part.PROOF)


@dataclass(frozen=True)
class Wording:
    """A requirement, or an expected proof of it, as a published version words it.

    `scenario` is that of the proof, or those of the requirement's proofs, each once; a requirement has no `proof`.
    """

    code: str  # DSR:REQUIREMENT, or DSR:REQUIREMENT#SUFFIX
    version_id: UUID
    chapter: str
    text: str
    scenario: str
    socle: str | None = None
    identical: bool = True
    proof: str = ""

    @cached_property
    def words(self) -> Mapping[Part, Words]:
        return {part: words_of(getattr(self, part)) for part in Part}

    @property
    def dsr(self) -> str:
        return self.code.partition(":")[0]

    @property
    def requirement(self) -> str:
        """The code of the requirement that this is, or is a proof of."""
        return self.code.partition("#")[0]

    @property
    def suffix(self) -> str:
        return self.code.partition("#")[2]

    @property
    def level(self) -> Level:
        return Level.PROOF if self.suffix else Level.REQUIREMENT


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One ground for a correspondence; `basis` says what it was read from."""

    sources: tuple[str, ...]
    target: str
    origin: Origin
    relation: Relation
    basis: Mapping[str, Any]

    @property
    def pair(self) -> tuple[frozenset[str], str]:
        return frozenset(self.sources), self.target


@dataclass(frozen=True, slots=True)
class Comparison:
    """Scores from 0 to 1, rounded so that every machine has the same; no score of a part that a side has not."""

    score: float
    likeness: Mapping[Part, float | None]
    differences: Mapping[Part, tuple[Difference, ...]]
    level: Level

    @property
    def plain(self) -> dict[str, Any]:
        """The likeness of each part and the words that differ, as they are kept and told."""
        return {
            "likeness": {part.value: share for part, share in self.likeness.items()},
            "differing": [
                {"part": part.value, "from": difference.before, "to": difference.after}
                for part, differences in self.differences.items()
                for difference in differences
            ],
        }

    @property
    def relation(self) -> Relation:
        """The relation that the words alone suggest: all of the one text in the other is a part of it.

        Of proofs, by what is to be shown; the text of the requirement is for a person to judge.
        """
        parts = SHOWN if self.level is Level.PROOF else Part
        differing = [difference for part in parts for difference in self.differences[part]]
        return Relation.between(
            covers=not any(difference.after for difference in differing),
            within=not any(difference.before for difference in differing),
        )


def compare(sources: Sequence[Wording], target: Wording) -> Comparison:
    """How alike the sources and the target are; several sources are read one after the other, what they share once."""
    source = sources[0] if len(sources) == 1 else _joint(sources)
    text = likeness(source.words[Part.TEXT], target.words[Part.TEXT])
    shown = _likeness_shown(source, target)
    return Comparison(
        _score(text, shown),
        {
            Part.TEXT: round(text, 4),
            **{part: round(shown[part], 4) if part in shown else None for part in SHOWN},
        },
        {part: tuple(differences(source.words[part], target.words[part])) for part in Part},
        target.level,
    )


def _joint(sources: Sequence[Wording]) -> Wording:
    text, scenario, proof = (
        "\n".join(dict.fromkeys(getattr(source, part) for source in sources)) for part in Part
    )
    return replace(sources[0], text=text, scenario=scenario, proof=proof)


def _likeness_shown(source: Wording, target: Wording) -> dict[Part, float]:
    """How alike scenarios and proofs are, where both sides have some."""
    return {part: likeness(source.words[part], target.words[part]) for part in _shared(source, target)}


def _shared(source: Wording, target: Wording) -> list[Part]:
    return [part for part in SHOWN if source.words[part].folded and target.words[part].folded]


def _score(text: float, shown: Mapping[Part, float]) -> float:
    whole = TEXT_WEIGHT * text + (1 - TEXT_WEIGHT) * sum(shown.values()) / len(shown) if shown else text
    return round(whole, 4)


def from_socles(sources: Iterable[Wording], targets: Iterable[Wording]) -> Iterator[Suggestion]:
    """Suggest requirements of one socle: `equal` where both kept its text, else they overlap."""
    of_socle: dict[str, list[Wording]] = {}
    for source in sorted(sources, key=lambda wording: wording.code):
        if source.socle is not None:
            of_socle.setdefault(source.socle, []).append(source)
    for target in sorted(targets, key=lambda wording: wording.code):
        for source in of_socle.get(target.socle or "", ()):
            same = source.identical and target.identical
            basis = {"socle": source.socle, "from": _fidelity(source), "to": _fidelity(target)}
            relation = Relation.in_socle(identical=same)
            yield Suggestion((source.code,), target.code, Origin.SOCLE, relation, basis)


def _fidelity(wording: Wording) -> str:
    return "identical" if wording.identical else "overridden"


def from_likeness(
    sources: Iterable[Wording], targets: Iterable[Wording], least: float = LEAST, most: int = MOST
) -> Iterator[Suggestion]:
    """Suggest for each target the `most` sources that are most like it, the codes parting those that are as much so."""
    ordered = sorted(sources, key=lambda wording: wording.code)
    for target in sorted(targets, key=lambda wording: wording.code):
        alike = ((_alike(source, target, least), source) for source in ordered)
        scored = [(score, source) for score, source in alike if score and score >= least]
        scored.sort(key=lambda entry: (-entry[0], *_place(entry[1], target)))
        for score, source in scored[:most]:
            relation = compare([source], target).relation
            yield Suggestion((source.code,), target.code, Origin.LIKENESS, relation, {"score": score})


def _place(source: Wording, target: Wording) -> tuple[bool, str]:
    """Sorts sources that are as much alike: first the proof of the same suffix, then by code."""
    return source.suffix != target.suffix, source.code


def _alike(source: Wording, target: Wording, least: float) -> float:
    """The score of `compare`, or less than `least` without looking further."""
    enough = (least - (1 - TEXT_WEIGHT)) / TEXT_WEIGHT if _shared(source, target) else least
    # A hair less than what the rounded score asks for, so that rounding never hides one.
    text = likeness(source.words[Part.TEXT], target.words[Part.TEXT], max(0.0, enough - 0.001))
    return _score(text, _likeness_shown(source, target)) if text else 0.0


def from_table(rules: Iterable[tuple[int, Correspondence]]) -> Iterator[Suggestion]:
    """Suggest the numbered rows of the correspondences table."""
    for row, rule in rules:
        yield Suggestion(rule.sources, rule.target, Origin.TABLE, rule.relation, {"row": row})


def from_rules(rules: Iterable[Correspondence]) -> Iterator[Suggestion]:
    """Suggest what rules say already of requirements, for `between_proofs`."""
    for rule in sorted(rules, key=lambda rule: rule.id):
        if rule.relation.meets:
            yield Suggestion(rule.sources, rule.target, Origin.RULE, rule.relation, {"rule": rule.id})


def between_proofs(
    suggestions: Iterable[Suggestion], sources: Iterable[Wording], targets: Iterable[Wording]
) -> Iterator[Suggestion]:
    """Suggest for each proof of a target requirement the nearest proof of each requirement suggested as a source.

    Several sources stay joint: none of them shows alone what they are said to show together.
    """
    of_source, of_target = _by_requirement(sources), _by_requirement(targets)
    for suggestion in suggestions:
        candidates = [of_source[code] for code in suggestion.sources]
        for target in of_target[suggestion.target] if all(candidates) else ():
            nearest = [_nearest(proofs, target) for proofs in candidates]
            comparison = compare(nearest, target)
            yield Suggestion(
                tuple(source.code for source in nearest),
                target.code,
                suggestion.origin,
                comparison.relation,
                {**suggestion.basis, "score": comparison.score},
            )


def _nearest(proofs: Iterable[Wording], target: Wording) -> Wording:
    return min(proofs, key=lambda proof: (-compare([proof], target).score, *_place(proof, target)))


def _by_requirement(proofs: Iterable[Wording]) -> defaultdict[str, list[Wording]]:
    of_requirement: defaultdict[str, list[Wording]] = defaultdict(list)
    for proof in proofs:
        of_requirement[proof.requirement].append(proof)
    return of_requirement
