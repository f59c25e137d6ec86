"""Rules in which one of them lets nothing through without a verifier any more. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from glob import escape

from referencing.equivalence.engine.facts import Policy, Relation, Requirement, Reuse
from referencing.equivalence.rulebooks.rulebooks import Rules, rule_name


def fallen(rules: Rules, rule: str, requirements: Sequence[Requirement]) -> Rules:
    """The rules by which what leaned on `rule` for certain is to be confirmed; the same where nothing did.

    A policy asks for confirmation. A correspondence shows in part what it showed in full, so that what goes through it
    is confirmed wherever it leads. A socle is of the lists, not of the rules: each policy that asks for no confirmation
    does for the requirements that a way by this socle leads to, and only then goes on as before.
    """
    if rule.startswith("socle:"):
        codes = _led_to(rule, rules, requirements)
        split = [(policy, each) for policy in rules.policies for each in _split(policy, codes)]
        return replace(
            rules, policies=tuple(each for of, each in split if each is of or each not in rules.policies)
        )
    return replace(
        rules,
        correspondences=tuple(
            replace(link, relation=_in_part(link.relation)) if rule_name(link) == rule else link
            for link in rules.correspondences
        ),
        policies=tuple(
            _confirmed(policy) if rule_name(policy) == rule else policy for policy in rules.policies
        ),
    )


def _in_part(relation: Relation) -> Relation:
    return Relation.between(covers=False, within=relation.within) if relation.covers else relation


def _confirmed(policy: Policy) -> Policy:
    return replace(policy, reuse=Reuse.CONFIRM) if policy.reuse is Reuse.AUTO else policy


def _led_to(rule: str, rules: Rules, requirements: Sequence[Requirement]) -> list[str]:
    """The requirements that descend from a socle, and those that they show in turn, by other rules and socles."""
    led_to = {each.full_code for each in requirements if f"socle:{each.socle}" == rule}
    while True:
        socles = {each.socle for each in requirements if each.socle and each.full_code in led_to}
        further = {each.full_code for each in requirements if each.socle in socles}
        for link in rules.correspondences:
            if not led_to.isdisjoint(code.partition("#")[0] for code in link.sources):
                further.add(link.target.partition("#")[0])
        if further <= led_to:
            return sorted({each.code for each in requirements if each.full_code in led_to})
        led_to |= further


def _split(policy: Policy, codes: Sequence[str]) -> list[Policy]:
    """A policy, after one that asks for confirmation of what it would let through for these requirements."""
    globs = policy.when.get("requirement", ("*",))
    among = tuple(escape(code) for code in codes if any(fnmatchcase(code, glob) for glob in globs))
    if policy.reuse is not Reuse.AUTO or not among:
        return [policy]
    return [Policy({**policy.when, "requirement": among}, Reuse.CONFIRM, policy.max_age_days), policy]


def chapters(rules: Rules, rule: str, requirements: Iterable[Requirement]) -> list[str]:
    """The chapters of the proofs that a rule leads from and to: in which more findings are read a second time.

    Those of a policy are the chapters that it is about.
    """
    links = [link for link in rules.correspondences if rule_name(link) == rule]
    policies = [policy for policy in rules.policies if rule_name(policy) == rule]
    codes = {code.partition("#")[0] for link in links for code in (*link.sources, link.target)}
    return sorted(
        {
            proof.chapter
            for requirement in requirements
            for proof in requirement.proofs
            if requirement.full_code in codes
            or f"socle:{requirement.socle}" == rule
            or any(_is_about(policy, proof.chapter) for policy in policies)
        }
    )


def _is_about(policy: Policy, chapter: str) -> bool:
    return any(fnmatchcase(chapter, glob) for glob in policy.when.get("chapter", ("*",)))
