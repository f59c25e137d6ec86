"""The guards that say which facts may be used for a target proof, and the policy that decides among them.

A fact f that speaks for proof p serves target proof x when no guard fails; every one that fails is named,
so that a person can be told what stands in the way.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from enum import IntEnum
from fnmatch import translate
from typing import NamedTuple

from .facts import (
    AlikeVersions,
    Certificate,
    Circumstances,
    Doubt,
    Embedding,
    ExpectedProof,
    FactStatus,
    Policy,
    Reuse,
    Target,
)


class Use(IntEnum):
    """The uses of a fact, the best first."""

    AUTO = 0
    CONFIRM = 1
    WAIT = 2
    BLOCKED = 3
    FOREIGN = 4  # another product's, and no embedding admits it here: nobody is told of it


class Judgement(NamedTuple):
    use: Use
    cases: tuple[str, ...]  # in alphabetical order
    confirm: bool  # the policy asks a verifier to look, or the issuer's list gives reason to
    reasons: tuple[str, ...] = ()
    policies: tuple[int, ...] = ()  # the place of the policy that decides, none when there is none
    #: By which its components count as the target's, in the order of roles.
    alike: tuple[AlikeVersions, ...] = ()
    embedding: Embedding | None = None  # by which it counts though another product's

    @property
    def declarations(self) -> int:
        """How many declarations it takes for the fact to count."""
        return len(self.alike) + (self.embedding is not None)


class Glob:
    """Case-sensitive globs of which one must match; an item is matched whole."""

    __slots__ = ("_match",)

    def __init__(self, patterns: Iterable[str]) -> None:
        self._match = re.compile(
            "|".join(f"(?:{translate(pattern)})" for pattern in patterns) or r"(?!)"
        ).match

    def __call__(self, values: Iterable[str]) -> bool:
        return any(self._match(value) for value in values)


#: The label of a case that a policy names to let findings on an embedded component through unseen.
EMBEDDED = "embedded"


class Manner(NamedTuple):
    """How a fact speaks, as far as policies see it; a certificate has no mode, and its dossier no standing."""

    mode: str | None = None
    other_name: bool = False
    other_parts: bool = False
    standing: str = ""
    embedded: bool = False


CERTIFIED = Manner()


class Terms(NamedTuple):
    """The use of a fact when no guard fails; without a policy, none."""

    judgement: Judgement
    never: bool
    max_age_days: int | None


class Passage:
    """The way from a proof that facts speak for to the goal: the terms of each manner of fact, decided once."""

    __slots__ = ("_features", "_policies", "_terms", "by_roles", "cases", "roles")

    def __init__(
        self,
        policies: "Policies",
        features: Mapping[str, Collection[str]],
        cases: frozenset[str],
        roles: tuple[str, ...],
        *,
        by_roles: bool,
    ) -> None:
        self._policies = policies
        self._features = features
        self.cases = cases
        self.roles = roles
        self.by_roles = by_roles  # the proof and the goal both depend on a role
        self._terms: dict[Manner, Terms] = {}

    def terms(self, manner: Manner) -> Terms:
        try:
            return self._terms[manner]
        except KeyError:
            return self._terms.setdefault(manner, self._decided_terms(manner))

    def _decided_terms(self, manner: Manner) -> Terms:
        mode, other_name, other_parts, standing, embedded = manner
        of_fact = {
            "certificate": mode is None,
            "commercial_name": other_name,
            "component": other_parts,
            EMBEDDED: embedded,
        }
        cases = tuple(sorted(self.cases | {case for case, true in of_fact.items() if true}))
        of_manner = {"mode": (mode or "",), "standing": (standing,), "case": cases}
        place = self._policies.first({**self._features, **of_manner})
        policy = None if place is None else self._policies.ordered[place]
        confirm = policy is not None and (
            policy.reuse is Reuse.CONFIRM or (embedded and EMBEDDED not in policy.when.get("case", ()))
        )
        return Terms(
            Judgement(
                Use.CONFIRM if confirm else Use.AUTO,
                cases,
                confirm,
                policies=() if place is None else (place,),
            ),
            policy is None or policy.reuse is Reuse.NEVER,
            None if policy is None else policy.max_age_days,
        )


class Policies:
    """An ordered list; the first whose every condition matches applies.

    Passages are kept by what they hang on, of which the conditions look at little: there are few of them.
    """

    def __init__(self, policies: Iterable[Policy]) -> None:
        self.ordered = tuple(policies)
        self._rules = [
            [(key, Glob(patterns)) for key, patterns in policy.when.items()] for policy in self.ordered
        ]
        self._looked_at = sorted({key for conditions in self._rules for key, _ in conditions})
        self._passages: dict[tuple[Collection[str] | bool, ...], Passage] = {}

    def first(self, features: Mapping[str, Collection[str]]) -> int | None:
        """The place of the policy that applies, None when none does."""
        for place, conditions in enumerate(self._rules):
            if all(glob(features.get(key, ())) for key, glob in conditions):
                return place
        return None

    def passage(self, proof: ExpectedProof, goal: ExpectedProof) -> Passage:
        features, cases = _features(proof, goal), _cases(proof, goal)
        roles, by_roles = tuple(sorted({*proof.roles, *goal.roles})), bool(proof.roles and goal.roles)
        looked_at = [features.get(feature, ()) for feature in self._looked_at]
        passage = Passage(self, features, cases, roles, by_roles=by_roles)
        return self._passages.setdefault((cases, roles, by_roles, *looked_at), passage)


def holders(target: Target) -> frozenset[str]:
    """The holders whose certificates count for this target: the product's own and those of what it embeds (montage)."""
    return frozenset({target.product, *target.composition.values()})


#: All that the use of a fact hangs on, besides the passage: a certificate is judged by itself.
Judged = Circumstances | Certificate


def belongs(judged: Judged, target: Target) -> bool:
    """Whether such facts are about the target's product, or held by it or by one of its components.

    Or they were verified of a product that it embeds: then the passage says whether they may serve.
    """
    if isinstance(judged, Certificate):
        return judged.holder in holders(target)
    return judged.product == target.product or (
        judged.status is FactStatus.VERIFIED
        and any(judged.product == embedding.embedded for embedding in target.embeddings)
    )


class Judgements(dict[Passage, Judgement]):
    """The use of the facts of some circumstances, which belong to the target, by the passage from their proof to the
    goal: judged once for all of them.
    """

    __slots__ = ("day", "judged", "target")

    def __init__(self, judged: Judged, target: Target, day: date) -> None:
        self.judged = judged
        self.target = target
        self.day = day

    def __missing__(self, passage: Passage) -> Judgement:
        return self.setdefault(passage, _judge(self.judged, passage, self.target, self.day))


_FOREIGN = Judgement(Use.FOREIGN, (), confirm=False)


def _judge(fact: Judged, passage: Passage, target: Target, day: date) -> Judgement:
    own = isinstance(fact, Certificate) or fact.product == target.product
    embedding = None if own else _embedding(fact, passage, target)
    if embedding is None and not own:
        return _FOREIGN
    terms = passage.terms(_manner(fact, target))
    others = _other_components(fact, passage, target)
    reasons = _failed_guards(fact, day)
    reasons += [f"component:{role}" for role, versions in others if versions is None]
    if terms.never:
        reasons.append("policy_never")
    if terms.max_age_days is not None:
        age = ((target.deposited_on or day) - fact.day).days
        if age > terms.max_age_days:
            reasons.append("too_old")
    judgement = terms.judgement
    if isinstance(fact, Certificate):
        if fact.doubt is not None:
            judgement = judgement._replace(use=Use.CONFIRM, confirm=True)
    elif fact.status is FactStatus.SUBMITTED:
        judgement = judgement._replace(use=Use.WAIT)
    if reasons:
        return judgement._replace(use=Use.BLOCKED, reasons=tuple(reasons))
    if not others and embedding is None:
        return judgement
    return judgement._replace(
        alike=tuple([versions for _, versions in others if versions]), embedding=embedding
    )


def _embedding(fact: Judged, passage: Passage, target: Target) -> Embedding | None:
    """What lets another product's finding serve: never more than the roles that it fills as a component."""
    if isinstance(fact, Certificate) or not passage.by_roles:
        return None
    return next(
        (
            embedding
            for embedding in target.embeddings
            if embedding.embedded == fact.product and embedding.roles.issuperset(passage.roles)
        ),
        None,
    )


def _manner(fact: Judged, target: Target) -> Manner:
    if isinstance(fact, Certificate):
        return CERTIFIED
    other_name, other_parts = fact.solution != target.solution, fact.composition != target.composition
    return Manner(fact.mode, other_name, other_parts, fact.standing, fact.product != target.product)


def _other_components(
    fact: Judged, passage: Passage, target: Target
) -> list[tuple[str, AlikeVersions | None]]:
    """The roles that count and in which the fact has another component than the target, with what makes them alike."""
    if isinstance(fact, Certificate) or not passage.roles:
        return []
    then, now = fact.composition, target.composition
    return [
        (role, target.alike.get((role, then.get(role, ""))))
        for role in passage.roles
        if then.get(role) != now.get(role)
    ]


def _failed_guards(fact: Judged, day: date) -> list[str]:
    reasons = []
    if fact.revoked_on is not None and fact.revoked_on <= day:
        reasons.append("revoked")
    if fact.day > day:
        reasons.append("not_yet")
    if isinstance(fact, Certificate):
        if fact.valid_until is not None and fact.valid_until <= day:
            reasons.append("expired")
        if fact.doubt is Doubt.HOLDER_UNPROVEN:
            reasons.append(Doubt.HOLDER_UNPROVEN.value)
        return reasons
    if fact.status is FactStatus.REJECTED:
        reasons.append("rejected")
    return reasons


def _cases(proof: ExpectedProof, goal: ExpectedProof) -> frozenset[str]:
    of_pair = {
        "same_dsr": proof.dsr == goal.dsr,
        "inter_vague": proof.vague != goal.vague,
        "inter_dispositif": proof.dispositif != goal.dispositif,
    }
    return frozenset(case for case, true in of_pair.items() if true)


def _features(proof: ExpectedProof, goal: ExpectedProof) -> dict[str, Collection[str]]:
    return {
        "guichet": (goal.guichet,),
        "chapter": (goal.chapter,),
        "requirement": (goal.requirement,),
        "kind": (goal.kind,),
        "dispositif": (goal.dispositif,),
        "vague": (str(goal.vague),),
        "source_guichet": (proof.guichet,),
    }
