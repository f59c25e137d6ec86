"""Why the proofs of a decided dossier are reused: the derivations, with the rules and facts that they rest on.

Written as a case of the specification of equivalence (`equivalence-case/1`) that has nothing but what they use. They
are found again from the facts of each reuse, by the rules and the lists under which the dossier was decided.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from referencing.base.db import end_of
from referencing.candidatures.explanations.evidence import rules_of
from referencing.candidatures.explanations.sentences import Rule, Rulebook
from referencing.candidatures.record.confidentiality import veiled_derivation
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.queries import facts_of_others
from referencing.candidatures.resolution.resolved import Resolved, sources_of
from referencing.equivalence.engine.facts import (
    Certificate,
    Fact,
    Policy,
    Requirement,
    Target,
    Verification,
)
from referencing.equivalence.engine.formats import dump_item
from referencing.equivalence.engine.resolution import Item, Status, leaves_of, resolve
from referencing.equivalence.grants.models import Grant, GrantState
from referencing.solutions.cores import one_on

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reuses:
    """The derivations of a dossier as a case, and the rulebook that they are by, None where there was none."""

    case: Json
    rulebook: Rulebook | None


def derivations(
    session: Session, dossier: Candidature, day: date, grants: Mapping[str, Grant]
) -> Reuses | None:
    """Why a dossier that was decided on a `day` reuses what it does (`grants`, by proof, in order); None without any.

    It is told as its organisation may read it: facts of others are cited by names that say nothing.
    """
    if not grants:
        return None
    then = one_on(session, dossier.software_id, day)
    resolved = Resolved.under(session, dossier, dossier.rulebook_id, day, then, {*grants})
    items = [item for code, grant in grants.items() if (item := _item(resolved, code, grant)) is not None]
    cited = {leaf.fact for item in items for leaf in leaves_of(item.derivation)}
    others = sorted(facts_of_others(session, dossier.organisation_id, cited))
    told = [_told(item, grants[item.proof], others) for item in items]
    steps = [step for item in told for step in _steps(item["derivation"])]
    clauses = {step["clause"] for step in steps if "clause" in step}
    rulebook, rules = rules_of(session, dossier.rulebook_id, sorted(clauses), end_of(day))
    own = [fact for fact in resolved.known.facts if fact.id in cited and fact.id not in others]
    nil = dossier.configuration.solution.software.nil
    proven = {item.proof for item in items}
    case = {
        "as_of": day.isoformat(),
        "target": _target(resolved.target, nil),
        "requirements": [*map(_requirement, _named(resolved, rules, steps))],
        "correspondences": [*map(_rule, rules)],
        "certificate_kinds": _kinds(resolved, own),
        "policies": [*map(_policy, resolved.rules.knowledge.policies.ordered)],
        "facts": [
            _fact(fact, resolved.target.product, nil) for fact in sorted(own, key=lambda fact: fact.id)
        ],
        "hidden_facts": sorted(
            {step["fact"] for step in steps if "fact" in step} - {fact.id for fact in own}
        ),
        "items": told,
        "unproven": [code for code in grants if code not in proven],
    }
    return Reuses(case, rulebook)


def _item(resolved: Resolved, code: str, grant: Grant) -> Item | None:
    """What the engine answers on the facts of a reuse alone; None where they no longer showed it on that day."""
    sources = sources_of(grant)
    facts = [fact for fact in resolved.known.facts if fact.id in sources]
    items = resolve(resolved.rules.knowledge, facts, resolved.target, {code}).items
    shown = {Status.COVERED, Status.TO_CONFIRM} if grant.state is GrantState.CONFIRMED else {Status.COVERED}
    return next((item for item in items if item.status in shown), None)


def _told(item: Item, grant: Grant, others: Collection[str]) -> Json:
    told = dump_item(item)
    del told["blocked"]
    derivation = veiled_derivation(told["derivation"], others)
    facts = {step["fact"] for step in _steps(derivation) if "fact" in step}
    confirmed = grant.state is GrantState.CONFIRMED
    return {**told, "derivation": derivation, "facts": sorted(facts), "confirmed": confirmed}


def _steps(derivation: Json) -> Iterator[Json]:
    yield derivation
    for source in derivation.get("from", ()):
        yield from _steps(source)


def _named(resolved: Resolved, rules: Iterable[Rule], steps: Iterable[Json]) -> list[Requirement]:
    """The requirements that the derivations and their rules name, each with all its proofs."""
    named = {step["proof"] for step in steps} | {
        code for rule in rules for code in (*rule.sources, rule.target)
    }
    codes = {code.partition("#")[0] for code in named}
    return [listed for listed in resolved.rules.knowledge.requirements if listed.full_code in codes]


def _kinds(resolved: Resolved, facts: Iterable[Fact]) -> list[Json]:
    used = {fact.kind for fact in facts if isinstance(fact, Certificate)}
    kinds = resolved.rules.knowledge.kinds
    return [
        {"kind": kind, "covers": [{**cover} for cover in kinds[kind].covers]}
        for kind in sorted(used & {*kinds})
    ]


def _target(target: Target, nil: str) -> Json:
    return {
        "dsr": target.dsr,
        "product": nil,
        "solution": target.solution,
        "composition": {**target.composition},
        "profiles": sorted(target.profiles),
        "deposited_on": _day(target.deposited_on),
    }


def _requirement(listed: Requirement) -> Json:
    first = listed.proofs[0]
    return {
        "dsr": listed.dsr,
        "dispositif": first.dispositif,
        "vague": first.vague,
        "code": listed.code,
        "chapter": first.chapter,
        "profile": listed.profile,
        "socle": listed.socle,
        "identical": listed.identical,
        "proofs": [
            {"suffix": proof.suffix, "guichet": proof.guichet, "kind": proof.kind, "roles": [*proof.roles]}
            for proof in listed.proofs
        ],
    }


def _rule(rule: Rule) -> Json:
    return {
        "id": rule.code,
        "from": [*rule.sources],
        "to": rule.target,
        "relation": rule.relation,
        "valid_from": _day(rule.valid_from),
        "valid_until": _day(rule.valid_until),
    }


def _policy(policy: Policy) -> Json:
    then = {"reuse": policy.reuse, "max_age_days": policy.max_age_days}
    return {"when": {key: [*globs] for key, globs in policy.when.items()}, "then": then}


def _fact(fact: Fact, product: str, nil: str) -> Json:
    """A fact as the case tells it; what the software holds, and what was found on it, is named by its NIL."""
    if isinstance(fact, Verification):
        found = fact.circumstances
        return {
            "id": fact.id,
            "type": "verification",
            "proof": fact.proof,
            "product": nil if found.product == product else found.product,
            "solution": found.solution,
            "status": found.status,
            "mode": found.mode,
            "date": _day(found.day),
            "composition": {**found.composition},
            "revoked_on": _day(found.revoked_on),
            "standing": found.standing,
        }
    return {
        "id": fact.id,
        "type": "certificate",
        "kind": fact.kind,
        "holder": nil if fact.holder == product else fact.holder,
        "valid_from": _day(fact.day),
        "valid_until": _day(fact.valid_until),
        "revoked_on": _day(fact.revoked_on),
        "doubt": fact.doubt,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
