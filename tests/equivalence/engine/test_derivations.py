"""The derivation of an answer is a proof tree, checked node by node with the obvious reading of the rules."""

from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings

from referencing.equivalence.engine.formats import resolve_case
from tests.equivalence.engine import oracle
from tests.equivalence.engine.strategies import cases

Json = dict[str, Any]

law = settings(max_examples=150, deadline=None)


def derived(case: Json) -> list[Json]:
    return [item for item in resolve_case(case)["items"] if item["status"] != "required"]


def nodes(tree: Json) -> Iterator[Json]:
    yield tree
    for child in tree.get("from", ()):
        yield from nodes(child)


def leaves(item: Json) -> list[Json]:
    return [node for node in nodes(item["derivation"]) if "fact" in node]


def verdicts(case: Json, item: Json) -> list[tuple[Json, oracle.Verdict]]:
    """Each fact of a leaf with what the guards say of it there."""
    facts, proofs = {fact["id"]: fact for fact in case["facts"]}, oracle.proofs_of(case)
    goal = proofs[item["proof"]]
    return [
        (facts[leaf["fact"]], oracle.judge(case, facts[leaf["fact"]], proofs[leaf["proof"]], goal))
        for leaf in leaves(item)
    ]


def depth(tree: Json) -> int:
    return 1 + max(map(depth, tree["from"])) if "from" in tree else 0


def strength(tree: Json) -> str | None:
    if "fact" in tree:
        return "full"
    body = [strength(child) for child in tree["from"]]
    if None in body:
        return None
    return oracle.strength_of_head(tree["relation"], [one for one in body if one])


@law
@given(cases())
def test_root_is_the_proof_asked(case: Json) -> None:
    assert all(item["derivation"]["proof"] == item["proof"] for item in derived(case))


@law
@given(cases())
def test_every_leaf_is_a_fact_that_speaks_for_its_proof(case: Json) -> None:
    facts, proofs = {fact["id"]: fact for fact in case["facts"]}, oracle.proofs_of(case)
    for item in derived(case):
        for leaf in leaves(item):
            spoken = oracle.spoken_for(case, facts[leaf["fact"]], proofs)
            assert leaf["proof"] in [proof.code for proof in spoken]


@law
@given(cases())
def test_every_leaf_is_a_fact_that_passes_all_guards(case: Json) -> None:
    assert not [verdict for item in derived(case) for _, verdict in verdicts(case, item) if verdict.codes]


@law
@given(cases())
def test_every_step_is_a_clause_in_force_with_exactly_its_body(case: Json) -> None:
    clauses = set(oracle.clauses_of(case))
    for item in derived(case):
        for step in nodes(item["derivation"]):
            if "clause" in step:
                body = [child["proof"] for child in step["from"]]
                assert len(set(body)) == len(body)
                assert (
                    oracle.Clause(step["clause"], step["relation"], step["proof"], frozenset(body)) in clauses
                )


@law
@given(cases())
def test_strength_is_that_of_the_tree(case: Json) -> None:
    for item in derived(case):
        assert item["strength"] == strength(item["derivation"])


@law
@given(cases())
def test_depth_is_that_of_the_tree(case: Json) -> None:
    for item in derived(case):
        assert item["depth"] == depth(item["derivation"])


@law
@given(cases())
def test_facts_are_the_leaves_once_each(case: Json) -> None:
    for item in derived(case):
        assert sorted(item["facts"]) == sorted({leaf["fact"] for leaf in leaves(item)})


@law
@given(cases())
def test_cases_are_those_of_the_facts_used(case: Json) -> None:
    for item in derived(case):
        assert item["cases"] == sorted(
            frozenset[str]().union(*(verdict.cases for _, verdict in verdicts(case, item)))
        )


@law
@given(cases())
def test_confirm_says_whether_a_link_is_partial_and_whether_a_policy_asks(case: Json) -> None:
    for item in derived(case):
        asked = [verdict for _, verdict in verdicts(case, item) if verdict.reuse == "confirm"]
        assert item["confirm"] == ["partial"] * (item["strength"] == "partial") + ["policy"] * bool(asked)


@law
@given(cases())
def test_covered_is_full_and_stands_on_auto_alone(case: Json) -> None:
    for item in derived(case):
        if item["status"] == "covered":
            assert item["strength"] == "full"
            assert {verdict.reuse for _, verdict in verdicts(case, item)} == {"auto"}


@law
@given(cases())
def test_what_is_to_confirm_says_why(case: Json) -> None:
    assert all(item["confirm"] for item in derived(case) if item["status"] == "to_confirm")


@law
@given(cases())
def test_what_is_derived_lists_nothing_blocked(case: Json) -> None:
    assert not [item for item in derived(case) if item["blocked"]]
