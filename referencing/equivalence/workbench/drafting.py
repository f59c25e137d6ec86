"""Correspondences that the data suggests between two DSRs. Nothing is decided here: a person does. Pure.

Suggestions, scores and their order depend on the requirements alone, not on the order in which they come.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

from referencing.equivalence.engine.facts import Correspondence, Relation

from .likeness import Difference, Words, differences, likeness, words_of

#: What the text of a requirement weighs beside its scenarios. Measured on the real lists, where the table of the two
#: vagues says what was meant: 147 of its 148 rows come first at this weight (docs/adr/0021-workbench.md).
TEXT_WEIGHT = 2 / 3
LEAST = 0.6
MOST = 3


class Origin(StrEnum):
    """What a proposal was made from, the one that says most first."""

    TABLE = "table"  # the table of one vague to the next
    SOCLE = "socle"  # both requirements descend from it
    LIKENESS = "likeness"


#: Which ground's relation is proposed, where there are several.
ORIGINS = tuple(Origin)


@dataclass(frozen=True)
class Wording:
    """A requirement as a published version words it; `scenario` holds those of its proofs, each once."""

    code: str  # DSR:REQUIREMENT
    version_id: UUID
    chapter: str
    text: str
    scenario: str
    socle: str | None = None
    identical: bool = True

    @cached_property
    def text_words(self) -> Words:
        return words_of(self.text)

    @cached_property
    def scenario_words(self) -> Words:
        return words_of(self.scenario)

    @property
    def dsr(self) -> str:
        return self.code.partition(":")[0]


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
    """Scores from 0 to 1, rounded so that every machine has the same; no scenario score where a side has none."""

    score: float
    text: float
    scenario: float | None
    text_differences: tuple[Difference, ...]
    scenario_differences: tuple[Difference, ...]

    @property
    def relation(self) -> Relation:
        """The relation that the words alone suggest: all of the one text in the other is a part of it."""
        differing = (*self.text_differences, *self.scenario_differences)
        return Relation.between(
            covers=not any(difference.after for difference in differing),
            within=not any(difference.before for difference in differing),
        )


def compare(sources: Sequence[Wording], target: Wording) -> Comparison:
    """How alike the sources and the target are; several sources are read as one text, one after the other."""
    source = sources[0] if len(sources) == 1 else _joint(sources)
    text = likeness(source.text_words, target.text_words)
    scenario = None
    if source.scenario_words.folded and target.scenario_words.folded:
        scenario = likeness(source.scenario_words, target.scenario_words)
    return Comparison(
        _score(text, scenario),
        round(text, 4),
        None if scenario is None else round(scenario, 4),
        tuple(differences(source.text_words, target.text_words)),
        tuple(differences(source.scenario_words, target.scenario_words)),
    )


def _joint(sources: Sequence[Wording]) -> Wording:
    first = sources[0]
    text, scenario = ("\n".join(getattr(source, part) for source in sources) for part in ("text", "scenario"))
    return Wording(first.code, first.version_id, first.chapter, text, scenario)


def _score(text: float, scenario: float | None) -> float:
    whole = text if scenario is None else TEXT_WEIGHT * text + (1 - TEXT_WEIGHT) * scenario
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
        scored.sort(key=lambda entry: (-entry[0], entry[1].code))
        for score, source in scored[:most]:
            relation = compare([source], target).relation
            yield Suggestion((source.code,), target.code, Origin.LIKENESS, relation, {"score": score})


def _alike(source: Wording, target: Wording, least: float) -> float:
    """The score of `compare`, or less than `least` without looking further."""
    compared = bool(source.scenario_words.folded and target.scenario_words.folded)
    enough = (least - (1 - TEXT_WEIGHT)) / TEXT_WEIGHT if compared else least
    # A hair less than what the rounded score asks for, so that rounding never hides one.
    text = likeness(source.text_words, target.text_words, max(0.0, enough - 0.001))
    if text == 0:
        return 0.0
    return _score(text, likeness(source.scenario_words, target.scenario_words) if compared else None)


def from_table(rules: Iterable[tuple[int, Correspondence]]) -> Iterator[Suggestion]:
    """Suggest the numbered rows of the correspondences table."""
    for row, rule in rules:
        yield Suggestion(rule.sources, rule.target, Origin.TABLE, rule.relation, {"row": row})
