"""Which facts may be used for a target proof: the guards, and the policy that decides among them.

A fact f that speaks for proof p serves target proof x when no guard fails; every one that fails is named,
so that a person can be told what stands in the way.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from enum import IntEnum
from fnmatch import translate
from typing import NamedTuple

from .facts import Certificate, ExpectedProof, Fact, FactStatus, Policy, Reuse, Target, Verification


class Use(IntEnum):
    """What a fact is good for, the best first."""

    AUTO = 0
    CONFIRM = 1
    WAIT = 2
    BLOCKED = 3


class Judgement(NamedTuple):
    use: Use
    cases: frozenset[str]
    confirm: bool  # the policy asks a verifier to look, or the issuer's list gives reason to
    reasons: tuple[str, ...] = ()


class Glob:
    """Case-sensitive globs of which one must match; an item is matched whole."""

    __slots__ = ("_match",)

    def __init__(self, patterns: Iterable[str]) -> None:
        self._match = re.compile(
            "|".join(f"(?:{translate(pattern)})" for pattern in patterns) or r"(?!)"
        ).match

    def __call__(self, values: Iterable[str]) -> bool:
        return any(self._match(value) for value in values)


class Policies:
    """An ordered list; the first whose every condition matches applies.

    What was found is kept by the features that some condition looks at: there are few of these.
    """

    def __init__(self, policies: Iterable[Policy]) -> None:
        self._rules = [
            (policy, [(key, Glob(patterns)) for key, patterns in policy.when.items()]) for policy in policies
        ]
        self._looked_at = sorted({key for _, conditions in self._rules for key, _ in conditions})
        self._found: dict[tuple[Collection[str], ...], Policy | None] = {}

    def find(self, features: Mapping[str, Collection[str]]) -> Policy | None:
        key = tuple([features.get(feature, ()) for feature in self._looked_at])
        try:
            return self._found[key]
        except KeyError:
            return self._found.setdefault(key, self._first(features))

    def _first(self, features: Mapping[str, Collection[str]]) -> Policy | None:
        for policy, conditions in self._rules:
            if all(glob(features.get(key, ())) for key, glob in conditions):
                return policy
        return None


def holders(target: Target) -> frozenset[str]:
    """Whose certificates count for this target: the product's own and those of what it embeds (montage)."""
    return frozenset({target.product, *target.composition.values()})


def belongs(fact: Fact, target: Target) -> bool:
    """Whether the fact is about the target's product, or held by it or by one of its components."""
    if isinstance(fact, Verification):
        return fact.product == target.product
    return fact.holder in holders(target)


def judge(
    fact: Fact,
    proof: ExpectedProof,
    goal: ExpectedProof,
    target: Target,
    day: date,
    policies: Policies,
) -> Judgement:
    """What `fact`, which speaks for `proof` and belongs to the target, is good for when `goal` is asked."""
    cases = _cases(fact, proof, goal, target)
    policy = policies.find(_features(fact, proof, goal, cases))
    reasons = [*_failing(fact, proof, goal, target, day), *_failing_policy(fact, policy, target, day)]
    doubted = isinstance(fact, Certificate) and fact.doubt is not None
    confirm = doubted or (policy is not None and policy.reuse is Reuse.CONFIRM)
    if reasons:
        use = Use.BLOCKED
    elif isinstance(fact, Verification) and fact.status is FactStatus.SUBMITTED:
        use = Use.WAIT
    else:
        use = Use.CONFIRM if confirm else Use.AUTO
    return Judgement(use, cases, confirm, tuple(reasons))


def _failing(
    fact: Fact, proof: ExpectedProof, goal: ExpectedProof, target: Target, day: date
) -> Iterable[str]:
    if fact.revoked_on is not None and fact.revoked_on <= day:
        yield "revoked"
    if fact.day > day:
        yield "not_yet"
    if isinstance(fact, Certificate):
        if fact.valid_until is not None and fact.valid_until <= day:
            yield "expired"
        return
    if fact.status is FactStatus.REJECTED:
        yield "rejected"
    for role in sorted({*proof.roles, *goal.roles}):
        if fact.composition.get(role) != target.composition.get(role):
            yield f"component:{role}"


def _failing_policy(fact: Fact, policy: Policy | None, target: Target, day: date) -> Iterable[str]:
    if policy is None or policy.reuse is Reuse.NEVER:
        yield "policy_never"
    if policy is not None and policy.max_age_days is not None:
        age = ((target.deposited_on or day) - fact.day).days
        if age > policy.max_age_days:
            yield "too_old"


def _cases(fact: Fact, proof: ExpectedProof, goal: ExpectedProof, target: Target) -> frozenset[str]:
    cases = set()
    if proof.dsr == goal.dsr:
        cases.add("same_dsr")
    if proof.vague != goal.vague:
        cases.add("inter_vague")
    if proof.dispositif != goal.dispositif:
        cases.add("inter_dispositif")
    if isinstance(fact, Certificate):
        cases.add("certificate")
    else:
        if fact.solution != target.solution:
            cases.add("commercial_name")
        if fact.composition != target.composition:
            cases.add("component")
    return frozenset(cases)


def _features(
    fact: Fact, proof: ExpectedProof, goal: ExpectedProof, cases: frozenset[str]
) -> dict[str, Collection[str]]:
    return {
        "guichet": (goal.guichet,),
        "chapter": (goal.chapter,),
        "requirement": (goal.requirement,),
        "kind": (goal.kind,),
        "dispositif": (goal.dispositif,),
        "vague": (str(goal.vague),),
        "source_guichet": (proof.guichet,),
        "mode": (fact.mode if isinstance(fact, Verification) else "",),
        "case": cases,
    }
