"""How a draft of a requirement list differs from the version in force: words part by part, and all that rules look at.

Pure. A requirement that only moved, or of which only a comment changed, is as it was.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from referencing.equivalence.engine.facts import ExpectedProof, Requirement
from referencing.equivalence.workbench.drafting import SHOWN, Part, Wording
from referencing.equivalence.workbench.likeness import differences

from .states import Change


@dataclass(frozen=True)
class RequirementList:
    """A version of a list: its requirements in their order, and the words of these and of their proofs by code."""

    requirements: tuple[Requirement, ...]
    wordings: Mapping[str, Wording]

    @cached_property
    def by_code(self) -> Mapping[str, Requirement]:
        return {requirement.full_code: requirement for requirement in self.requirements}


@dataclass(frozen=True, slots=True)
class Difference:
    """How a requirement differs: the words `differing` in its text, its other `attributes`, its proofs that differ.

    Words are `part`, `from` and `to`, plain; a part that differs by marks alone (case, accents, punctuation) has one
    difference of no words. A proof is plain too: `code`, `change`, `differing`, `attributes`. `shown_unchanged`: the
    scenarios and expected proofs that both versions have are the same, letter by letter.
    """

    code: str
    chapter: str
    change: Change
    differing: list[dict[str, str]] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    proofs: list[dict[str, Any]] = field(default_factory=list)
    shown_unchanged: bool = True


def differing_proofs(before: RequirementList, after: RequirementList) -> set[str]:
    """The proofs that only one of the lists has, or of which the other asks otherwise, or has other attributes."""
    earlier, later = _proofs(before), _proofs(after)
    return {code for code in earlier.keys() | later.keys() if earlier.get(code) != later.get(code)}


def _proofs(listed: RequirementList) -> dict[str, tuple[Any, ...]]:
    return {
        proof.code: (requirement.profile, proof, *_texts(listed.wordings[proof.code]))
        for requirement in listed.requirements
        for proof in requirement.proofs
    }


def _texts(wording: Wording) -> tuple[str, ...]:
    return tuple(getattr(wording, part) for part in Part)


def compared(
    before: RequirementList, after: RequirementList, reached: Collection[str]
) -> Iterator[Difference]:
    """The requirements that differ, or of which a proof is among the `reached`, chapter by chapter."""
    codes = dict.fromkeys((*after.by_code, *before.by_code))
    chapters = {
        chapter: place for place, chapter in enumerate(dict.fromkeys(_chapters(before, after, codes)))
    }
    for code in sorted(codes, key=lambda code: chapters[_now(before, after, code).chapter]):
        difference = _difference(before, after, code)
        proofs = (proof.code for listed in (before, after) for proof in _proofs_of(listed, code))
        if difference.change is not Change.REACHED or not {*proofs}.isdisjoint(reached):
            yield difference


def _now(before: RequirementList, after: RequirementList, code: str) -> Wording:
    """The words of a requirement as the draft has them, of one that is removed as it was."""
    return after.wordings[code] if code in after.by_code else before.wordings[code]


def _chapters(before: RequirementList, after: RequirementList, codes: Collection[str]) -> Iterator[str]:
    return (_now(before, after, code).chapter for code in codes)


def _proofs_of(listed: RequirementList, code: str) -> tuple[ExpectedProof, ...]:
    return listed.by_code[code].proofs if code in listed.by_code else ()


def _difference(before: RequirementList, after: RequirementList, code: str) -> Difference:
    chapter = _now(before, after, code).chapter
    if code not in before.by_code:
        return Difference(code, chapter, Change.ADDED)
    if code not in after.by_code:
        return Difference(code, chapter, Change.REMOVED)
    words = _words(before.wordings[code], after.wordings[code], [Part.TEXT])
    attributes = _attributes(before.by_code[code], after.by_code[code], ("profile", "socle", "identical"))
    if before.wordings[code].chapter != chapter:
        attributes.append("chapter")
    proofs = list(_differing_proofs_of(before, after, code))
    shown_unchanged = not any(proof["differing"] for proof in proofs)
    differs = words or attributes or proofs
    change = Change.CHANGED if differs else Change.REACHED
    return Difference(code, chapter, change, words, attributes, proofs, shown_unchanged)


def _differing_proofs_of(
    before: RequirementList, after: RequirementList, code: str
) -> Iterator[dict[str, Any]]:
    earlier, later = ({proof.code: proof for proof in _proofs_of(listed, code)} for listed in (before, after))
    for proof in dict.fromkeys((*later, *earlier)):
        if proof not in earlier or proof not in later:
            change = Change.ADDED if proof in later else Change.REMOVED
            yield {"code": proof, "change": change.value, "differing": [], "attributes": []}
            continue
        words = _words(before.wordings[proof], after.wordings[proof], SHOWN)
        attributes = _attributes(earlier[proof], later[proof], ("guichet", "kind", "roles"))
        if words or attributes:
            changed = Change.CHANGED.value
            yield {"code": proof, "change": changed, "differing": words, "attributes": attributes}


def _words(before: Wording, after: Wording, parts: Collection[Part]) -> list[dict[str, str]]:
    """The differing words of these parts; a part that differs by marks alone has one difference of no words."""
    differing = []
    for part in parts:
        if getattr(before, part) == getattr(after, part):
            continue
        pairs = [(one.before, one.after) for one in differences(before.words[part], after.words[part])]
        differing += [{"part": part.value, "from": gone, "to": come} for gone, come in pairs or [("", "")]]
    return differing


def _attributes(before: object, after: object, names: Collection[str]) -> list[str]:
    return [name for name in names if getattr(before, name) != getattr(after, name)]
