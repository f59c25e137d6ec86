"""Two versions of a component that are declared alike in a role: what was found with one counts with the other."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referencing.equivalence.engine.explanation import explain
from referencing.equivalence.engine.formats import read_item, resolve_case
from tests.equivalence.engine import oracle
from tests.equivalence.engine.minimal import (
    COVERED_DIRECTLY,
    GOAL,
    PAST,
    REQUIRED,
    TODAY,
    TOMORROW,
    YESTERDAY,
    case,
    certificate,
    goal,
    outcome,
    requirement,
    verification,
)
from tests.equivalence.engine.strategies import cases
from tests.equivalence.engine.test_derivations import leaves
from tests.equivalence.engine.test_laws import RANK

Json = dict[str, Any]

law = settings(max_examples=300, deadline=None)
OLD, NEW, NEXT = "M@3", "M@4", "M@5"


def declared(*components: str, role: str = "mss", name: str = "A1", **changes: Any) -> Json:
    return {
        "id": name,
        "role": role,
        "components": [*components],
        "valid_from": "2026-01-01",
        "revoked_on": None,
        **changes,
    }


def asked(
    *alike: Json, then: str = OLD, now: str = NEW, roles: tuple[str, ...] = ("mss",), **more: Any
) -> Json:
    """The goal depends on a role; the fact was found with one version of its component, the target embeds another."""
    facts = more.pop("facts", [verification(composition=dict.fromkeys(roles, then))])
    lists = [requirement(PAST, "01.01"), requirement(GOAL, "01.01", roles=[*roles])]
    composition = dict.fromkeys(roles, now)
    return case(lists, facts=facts, composition=composition, **more) | {"alike_versions": [*alike]}


def items_of(one: Json) -> dict[str, Json]:
    return {item["proof"]: item for item in resolve_case(one)["items"]}


@pytest.mark.parametrize("pair", [(OLD, NEW), (NEW, OLD)])
def test_it_counts_both_ways(pair: tuple[str, str]) -> None:
    assert outcome(goal(asked())) == REQUIRED
    item = goal(asked(declared(*pair)))
    assert outcome(item) == COVERED_DIRECTLY
    assert [one["id"] for one in item["derivation"]["alike"]] == ["A1"]
    assert item["cases"] == ["component", "same_dsr"]


@pytest.mark.parametrize(
    "other",
    [
        declared(OLD, NEW, role="dmp"),
        declared(OLD, NEXT),
        declared(OLD, NEW, valid_from=TOMORROW),
        declared(OLD, NEW, revoked_on=TODAY),
        declared(OLD, NEW, valid_from="2025-01-01", revoked_on=YESTERDAY),
    ],
)
def test_it_counts_in_its_role_between_these_two_and_on_its_days_alone(other: Json) -> None:
    item = goal(asked(other))
    assert outcome(item) == REQUIRED
    assert item["blocked"] == [{"fact": "F1", "reasons": ["component:mss"]}]


@pytest.mark.parametrize("day", [{"valid_from": TODAY}, {"revoked_on": TOMORROW}])
def test_it_counts_from_its_first_day_to_the_day_before_its_end(day: Json) -> None:
    assert outcome(goal(asked(declared(OLD, NEW, **day)))) == COVERED_DIRECTLY


def test_what_is_alike_to_the_alike_is_not_alike() -> None:
    chain = (declared(OLD, NEW, name="A1"), declared(NEW, NEXT, name="A2"))
    assert outcome(goal(asked(*chain, now=NEXT))) == REQUIRED
    assert outcome(goal(asked(*chain, declared(OLD, NEXT, name="A3"), now=NEXT))) == COVERED_DIRECTLY


def test_each_role_takes_a_declaration_of_its_own() -> None:
    both = ("dmp", "mss")
    only = goal(asked(declared(OLD, NEW), roles=both))
    assert only["blocked"] == [{"fact": "F1", "reasons": ["component:dmp"]}]
    item = goal(asked(declared(OLD, NEW), declared(OLD, NEW, role="dmp", name="A2"), roles=both))
    assert [one["id"] for one in item["derivation"]["alike"]] == ["A2", "A1"]


def test_the_policy_has_the_last_word_and_still_sees_another_component() -> None:
    looked_at = [{"when": {"case": "component"}, "then": {"reuse": "confirm"}}]
    item = goal(asked(declared(OLD, NEW), policies=looked_at))
    assert (item["status"], item["confirm"]) == ("to_confirm", ["policy"])
    never = [{"when": {"case": "component"}, "then": {"reuse": "never"}}]
    assert goal(asked(declared(OLD, NEW), policies=never))["blocked"][0]["reasons"] == ["policy_never"]


def test_no_certificate_is_held_by_what_is_alike() -> None:
    held = [certificate(holder=OLD)]
    assert outcome(goal(asked(declared(OLD, NEW), facts=held))) == REQUIRED
    assert outcome(goal(asked(declared(OLD, NEW), facts=held, now=OLD))) == COVERED_DIRECTLY


def test_a_fact_that_needs_no_declaration_comes_first() -> None:
    facts = [
        verification(name="F1", date="2026-02-01", composition={"mss": OLD}),
        verification(name="F2", date="2025-01-01", composition={"mss": NEW}),
    ]
    item = goal(asked(declared(OLD, NEW), facts=facts))
    assert (item["facts"], item["derivation"]) == (["F2"], {"proof": item["proof"], "fact": "F2"})


def test_the_explanation_names_the_declaration_with_its_versions_and_its_day() -> None:
    item = goal(asked(declared(OLD, NEW)))
    assert json.loads(json.dumps(item)) == item
    told = explain(read_item(item), {}, {item["facts"][0]: "la preuve de 2025"})
    (sentence,) = [one for one in told if "déclaration" in one]
    assert sentence == (
        "Elle a été obtenue avec une autre version du composant « mss » ; l'agence a déclaré "
        "équivalentes, pour ce rôle, les versions M@3 et M@4 à compter du 1er janvier 2026 (déclaration A1)."
    )
    assert OLD not in "".join(explain(read_item(item), {})), (
        "of a fact that is not to be known nothing is said"
    )


# --- laws ---------------------------------------------------------------------------------------------------


@law
@given(cases(), st.integers(0, 3))
def test_more_declarations_never_lower_a_status(more: Json, kept: int) -> None:
    fewer = {**more, "alike_versions": more["alike_versions"][:kept]}
    before, after = items_of(fewer), items_of(more)
    assert not [
        proof for proof, item in before.items() if RANK[after[proof]["status"]] < RANK[item["status"]]
    ]


@law
@given(cases())
def test_without_declarations_only_what_rests_on_them_is_answered_otherwise(one: Json) -> None:
    without = items_of({**one, "alike_versions": []})
    for proof, item in items_of(one).items():
        resting = item["derivation"] and any("alike" in leaf for leaf in leaves(item))
        if not resting and item["status"] == without[proof]["status"]:
            assert item["derivation"] == without[proof]["derivation"]


@law
@given(cases())
def test_a_derivation_names_a_declaration_for_each_role_in_which_its_fact_has_another_component(
    one: Json,
) -> None:
    facts, proofs = {fact["id"]: fact for fact in one["facts"]}, oracle.proofs_of(one)
    for proof, item in items_of(one).items():
        for leaf in leaves(item) if item["derivation"] else ():
            fact, named = facts[leaf["fact"]], leaf.get("alike", [])
            if fact["type"] == "certificate":
                assert not named
                continue
            roles = sorted({*proofs[proof].roles, *proofs[leaf["proof"]].roles})
            own = one["target"]["composition"]
            other = [role for role in roles if fact["composition"].get(role) != own.get(role)]
            assert [versions["role"] for versions in named] == other
            for versions in named:
                assert versions["id"] in oracle.declarations_between(one, fact, versions["role"])


@law
@given(cases())
def test_where_no_policy_looks_at_it_alike_is_as_good_as_the_same(one: Json) -> None:
    """Facts found with what counts as the target's component answer as if they had been found with that."""
    policies = [policy for policy in one["policies"] if "case" not in policy["when"]]
    own = one["target"]["composition"]
    same = {**one, "policies": policies, "facts": [_with_own(one, fact, own) for fact in one["facts"]]}
    answers = items_of({**one, "policies": policies})
    assert {proof: outcome(item) for proof, item in answers.items()} == {
        proof: outcome(item) for proof, item in items_of({**same, "alike_versions": []}).items()
    }


def _with_own(one: Json, fact: Json, own: Json) -> Json:
    if fact["type"] == "certificate":
        return fact
    alike = {role: own[role] for role in fact["composition"] if oracle.declarations_between(one, fact, role)}
    return {**fact, "composition": {**fact["composition"], **alike}}
