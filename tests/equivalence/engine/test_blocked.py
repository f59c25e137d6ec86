"""What a `required` item says of the facts that stand in the way: at most three, the nearest first."""

from typing import Any

import pytest
from hypothesis import given, settings

from referencing.equivalence.engine.formats import resolve_case
from tests.equivalence.engine import oracle
from tests.equivalence.engine.minimal import (
    GOAL,
    GOAL_PROOF,
    PAST,
    PAST_PROOF,
    YESTERDAY,
    case,
    certificate,
    goal,
    link,
    requirement,
    verification,
)
from tests.equivalence.engine.strategies import cases

Json = dict[str, Any]

law = settings(max_examples=150, deadline=None)

REJECTED = {"status": "rejected"}
REVOKED = {"revoked_on": YESTERDAY}


def required(one: Json) -> list[Json]:
    return [item for item in resolve_case(one)["items"] if item["status"] == "required"]


def own_facts(one: Json, proof: str) -> list[tuple[str, str, int]]:
    """The facts of the product and its holders: name, proof for which it speaks, number of guards it fails."""
    proofs = oracle.proofs_of(one)
    return [
        (fact["id"], spoken.code, len(oracle.judge(one, fact, spoken, proofs[proof]).codes))
        for fact in one["facts"]
        if oracle.belongs(fact, one["target"])
        for spoken in oracle.spoken_for(one, fact, proofs)
    ]


def reached(one: Json, proof: str, shown: set[str]) -> bool:
    """Whether these proofs show that one, even in part."""
    return any(proof in found for found in oracle.established(shown, oracle.clauses_of(one)))


@law
@given(cases())
def test_at_most_three_are_shown_once_each_and_the_nearest_first(one: Json) -> None:
    for item in required(one):
        codes = [len(blocked["reasons"]) for blocked in item["blocked"]]
        assert len({blocked["fact"] for blocked in item["blocked"]}) == len(codes) <= 3
        assert codes == sorted(codes)
        assert 0 not in codes


@law
@given(cases())
def test_something_is_shown_exactly_when_guards_alone_stand_in_the_way(one: Json) -> None:
    for item in required(one):
        everything = {spoken for _, spoken, _ in own_facts(one, item["proof"])}
        assert bool(item["blocked"]) == reached(one, item["proof"], everything)


@law
@given(cases())
def test_a_fact_that_alone_would_do_is_left_out_only_for_nearer_ones(one: Json) -> None:
    for item in required(one):
        shown = {blocked["fact"]: len(blocked["reasons"]) for blocked in item["blocked"]}
        own = own_facts(one, item["proof"])
        usable = {spoken for _, spoken, failing in own if not failing}
        for fact, spoken, failing in own:
            if failing and reached(one, item["proof"], {*usable, spoken}):
                assert fact in shown or len(shown) == 3
                assert shown.get(fact, max(shown.values())) <= failing


def test_the_fewest_codes_come_first() -> None:
    facts = [verification(name="F1", **REJECTED, **REVOKED), verification(name="F2", **REVOKED)]
    assert [blocked["fact"] for blocked in goal(case(facts=facts))["blocked"]] == ["F2", "F1"]


def test_only_three_are_shown() -> None:
    facts = [verification(name=f"F{rank}", **REVOKED) for rank in range(5)]
    assert len(goal(case(facts=facts))["blocked"]) == 3


def test_a_fact_at_the_end_of_a_chain_is_shown() -> None:
    one = case(links=[link(PAST, GOAL)], facts=[verification(PAST_PROOF, **REVOKED)])
    assert goal(one)["blocked"] == [{"fact": "F1", "reasons": ["revoked"]}]


@pytest.mark.parametrize(
    "links",
    [
        [],
        [link(GOAL, PAST)],
        [link(PAST, GOAL, "none")],
        [link(PAST, GOAL, valid_until=YESTERDAY)],
        [link(PAST, "LGC-V1:MID", "subset"), link("LGC-V1:MID", GOAL, "superset", "C2")],
    ],
    ids=["no link", "the other way", "relation none", "no longer in force", "too weak"],
)
def test_a_fact_that_would_not_reach_the_goal_is_not_shown(links: list[Json]) -> None:
    asked = [requirement(code, "01.01") for code in (PAST, "LGC-V1:MID", GOAL)]
    assert goal(case(asked, links, [verification(PAST_PROOF, **REVOKED)]))["blocked"] == []


def test_a_fact_of_a_body_that_misses_another_is_not_shown() -> None:
    asked = [requirement(code, "01.01") for code in (PAST, "LGC-V1:OTHER", GOAL)]
    one = case(asked, [link([PAST, "LGC-V1:OTHER"], GOAL)], [verification(PAST_PROOF, **REVOKED)])
    assert goal(one)["blocked"] == []


@pytest.mark.parametrize(
    "links",
    [
        [link([PAST, "LGC-V1:OTHER"], GOAL)],
        [link(PAST, "LGC-V1:MID", "subset"), link("LGC-V1:MID", GOAL, "superset", "C2")],
        [link(PAST, "LGC-V1:MID", "intersects"), link("LGC-V1:MID", GOAL, "intersects", "C2")],
    ],
    ids=["its body misses another", "a part where all is needed", "an overlap with an overlap"],
)
def test_a_fact_that_would_not_help_is_not_shown_beside_those_that_would(links: list[Json]) -> None:
    asked = [requirement(code, "01.01") for code in (PAST, "LGC-V1:MID", "LGC-V1:OTHER", GOAL)]
    would = [verification(GOAL_PROOF, "F1", **REVOKED), verification("LGC-V1:MID#01.01", "F2", **REVOKED)]
    helpful = would if len(links) == 2 else would[:1]
    item = goal(case(asked, links, [*helpful, verification(PAST_PROOF, "F3", **REVOKED)]))
    assert [blocked["fact"] for blocked in item["blocked"]] == [fact["id"] for fact in helpful]


def test_a_fact_whose_body_is_within_reach_yet_too_weak_elsewhere_is_not_shown() -> None:
    far, part, other = "LGC-V1:FAR", "LGC-V1:PART", "LGC-V1:OTHER"
    asked = [requirement(code, "01.01") for code in (PAST, far, part, other, GOAL)]
    links = [
        link([PAST, other], GOAL, name="C1"),
        link(far, part, "subset", "C2"),
        link(part, other, "superset", "C3"),
    ]
    proofs = (GOAL_PROOF, PAST_PROOF, f"{far}#01.01")
    facts = [verification(proof, f"F{rank}", **REVOKED) for rank, proof in enumerate(proofs)]
    assert [blocked["fact"] for blocked in goal(case(asked, links, facts))["blocked"]] == ["F0"]


def test_a_certificate_that_speaks_for_several_proofs_is_shown_where_it_is_nearest() -> None:
    asked = [requirement(PAST, "01.01", guichet="CNDA"), requirement(GOAL, "01.01")]
    policies = [
        {"when": {"source_guichet": "CNDA"}, "then": {"reuse": "never"}},
        {"when": {}, "then": {"reuse": "auto"}},
    ]
    kinds = [{"kind": "DMN", "covers": [{}]}]
    one = case(asked, [link(PAST, GOAL)], [certificate(**REVOKED)], policies, kinds)
    assert goal(one)["blocked"] == [{"fact": "F1", "reasons": ["revoked"]}]


def test_only_the_blocked_part_of_a_body_is_shown() -> None:
    asked = [requirement(code, "01.01") for code in (PAST, "LGC-V1:OTHER", GOAL)]
    facts = [verification(PAST_PROOF, "F1"), verification("LGC-V1:OTHER#01.01", "F2", **REVOKED)]
    one = case(asked, [link([PAST, "LGC-V1:OTHER"], GOAL)], facts)
    assert goal(one)["blocked"] == [{"fact": "F2", "reasons": ["revoked"]}]


def test_nothing_is_shown_of_what_is_covered() -> None:
    facts = [verification(GOAL_PROOF, "F1"), verification(GOAL_PROOF, "F2", **REVOKED)]
    assert goal(case(facts=facts))["blocked"] == []
