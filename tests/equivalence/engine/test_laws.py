"""What must hold of every answer, whatever the case."""

import json
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from referencing.equivalence.engine.formats import resolve_case
from tests.equivalence.engine import oracle
from tests.equivalence.engine.strategies import cases

Json = dict[str, Any]

#: From the least help to the most.
RANK = {"required": 0, "awaiting": 1, "to_confirm": 2, "covered": 3}
STRENGTH = {None: 0, "partial": 1, "full": 2}

law = settings(max_examples=150, deadline=None)
shuffles = st.integers(0, 2**16).map(Random)


def items_of(case: Json) -> dict[str, Json]:
    return {item["proof"]: item for item in resolve_case(case)["items"]}


def shuffled(listed: list[Any], order: Random) -> list[Any]:
    return order.sample(listed, len(listed))


def facts_used(case: Json, item: Json) -> list[Json]:
    return [fact for fact in case["facts"] if fact["id"] in item["facts"]]


# --- order --------------------------------------------------------------------------------------------------


@law
@given(cases(), shuffles)
def test_order_of_facts_links_and_certificate_kinds_does_not_matter(case: Json, order: Random) -> None:
    links = [{**one, "from": shuffled(one["from"], order)} for one in case["correspondences"]]
    other = {
        **case,
        "facts": shuffled(case["facts"], order),
        "correspondences": shuffled(links, order),
        "certificate_kinds": shuffled(case["certificate_kinds"], order),
    }
    assert json.dumps(resolve_case(other)) == json.dumps(resolve_case(case))


@law
@given(cases(), shuffles)
def test_order_of_requirements_changes_only_the_order_of_items(case: Json, order: Random) -> None:
    other = {**case, "requirements": shuffled(case["requirements"], order)}
    assert items_of(other) == items_of(case)


@law
@given(cases())
def test_items_come_in_the_order_of_requirements_and_proofs(case: Json) -> None:
    assert [item["proof"] for item in resolve_case(case)["items"]] == [
        f"{requirement['dsr']}:{requirement['code']}#{proof['suffix']}"
        for requirement in case["requirements"]
        if requirement["dsr"] == case["target"]["dsr"]
        and requirement["profile"] in {"Général", *case["target"]["profiles"]}
        for proof in requirement["proofs"]
    ]


@law
@given(cases())
def test_summary_counts_the_items(case: Json) -> None:
    resolution = resolve_case(case)
    statuses = [item["status"] for item in resolution["items"]]
    assert resolution["summary"] == {status: statuses.count(status) for status in RANK}


# --- more facts ---------------------------------------------------------------------------------------------


@st.composite
def fewer_and_more(draw: st.DrawFn) -> tuple[Json, Json]:
    """A case without some of its facts, and the case."""
    more = draw(cases())
    kept = draw(st.lists(st.booleans(), min_size=len(more["facts"]), max_size=len(more["facts"])))
    facts = [fact for fact, keep in zip(more["facts"], kept, strict=True) if keep]
    return {**more, "facts": facts}, more


@law
@given(fewer_and_more())
def test_more_facts_never_lower_a_status(both: tuple[Json, Json]) -> None:
    fewer, more = map(items_of, both)
    assert not [proof for proof, item in fewer.items() if RANK[more[proof]["status"]] < RANK[item["status"]]]


@law
@given(fewer_and_more())
def test_more_facts_never_weaken_or_lengthen_what_keeps_its_status(both: tuple[Json, Json]) -> None:
    fewer, more = map(items_of, both)
    for proof, item in fewer.items():
        if item["status"] == more[proof]["status"] != "required":
            before, after = ((STRENGTH[one["strength"]], -one["depth"]) for one in (item, more[proof]))
            assert after >= before


# --- what may stand under an answer -------------------------------------------------------------------------


@law
@given(cases())
def test_nothing_revoked_is_ever_used(case: Json) -> None:
    used = [fact["revoked_on"] for item in resolve_case(case)["items"] for fact in facts_used(case, item)]
    assert not [day for day in used if day is not None and day <= case["as_of"]]


@law
@given(cases())
def test_nothing_expired_or_not_begun_is_ever_used(case: Json) -> None:
    for item in resolve_case(case)["items"]:
        for fact in facts_used(case, item):
            assert fact.get("date", fact.get("valid_from")) <= case["as_of"]
            assert (fact.get("valid_until") or "9999") > case["as_of"]


@law
@given(cases())
def test_nothing_rejected_is_ever_used(case: Json) -> None:
    used = [fact for item in resolve_case(case)["items"] for fact in facts_used(case, item)]
    assert not [fact for fact in used if fact.get("status") == "rejected"]


@law
@given(cases())
def test_nothing_of_another_product_or_holder_is_ever_used(case: Json) -> None:
    holders = {case["target"]["product"], *case["target"]["composition"].values()}
    for item in resolve_case(case)["items"]:
        for fact in facts_used(case, item):
            if fact["type"] == "verification":
                assert fact["product"] == case["target"]["product"]
            else:
                assert fact["holder"] in holders


@law
@given(cases())
def test_nothing_submitted_is_used_but_by_what_awaits_it(case: Json) -> None:
    for item in resolve_case(case)["items"]:
        submitted = [fact for fact in facts_used(case, item) if fact.get("status") == "submitted"]
        assert bool(submitted) == (item["status"] == "awaiting")


@law
@given(cases())
def test_nothing_that_no_policy_allows_is_ever_used(case: Json) -> None:
    """Without the policies that allow, nothing can be used at all."""
    never = [{**policy, "then": {**policy["then"], "reuse": "never"}} for policy in case["policies"]]
    assert {item["status"] for item in resolve_case({**case, "policies": never})["items"]} <= {"required"}


@law
@given(cases())
def test_blocked_facts_are_those_that_fail_a_guard(case: Json) -> None:
    proofs, goals = oracle.proofs_of(case), {goal.code: goal for goal in oracle.goals_of(case)}
    facts = {fact["id"]: fact for fact in case["facts"]}
    for item in resolve_case(case)["items"]:
        goal = goals[item["proof"]]
        for blocked in item["blocked"]:
            fact = facts[blocked["fact"]]
            failing = [
                oracle.judge(case, fact, proof, goal).codes for proof in oracle.spoken_for(case, fact, proofs)
            ]
            assert oracle.belongs(fact, case["target"])
            assert set(blocked["reasons"]) in failing
