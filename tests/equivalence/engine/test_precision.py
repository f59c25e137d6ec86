"""Of correspondences between requirements and between their proofs, the more precise one speaks for its proof."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings

from referencing.equivalence.engine.clauses import narrowed
from referencing.equivalence.engine.formats import (
    dump_item,
    read_certificate_kind,
    read_correspondence,
    read_fact,
    read_policy,
    read_requirement,
    read_target,
    resolve_case,
)
from referencing.equivalence.engine.knowledge import Knowledge
from referencing.equivalence.engine.resolution import resolve
from tests.equivalence.engine.minimal import (
    GOAL,
    PAST,
    TODAY,
    TOMORROW,
    case,
    link,
    requirement,
    verification,
)
from tests.equivalence.engine.spelled_out import spelled_out
from tests.equivalence.engine.strategies import cases

Json = dict[str, Any]

OTHER = "LGC-V1:OTHER"
TWO = ("01.01", "01.02")
LISTED = [requirement(PAST, *TWO), requirement(OTHER, *TWO), requirement(GOAL, *TWO)]
PROVED = [verification(f"{code}#{suffix}", f"F{code}{suffix}") for code in (PAST, OTHER) for suffix in TWO]


def answers(one: Json) -> Mapping[str, Json]:
    """The items by what a rulebook with these correspondences says."""
    day = date.fromisoformat(one["as_of"])
    knowledge = Knowledge.of(
        day,
        map(read_requirement, one["requirements"]),
        narrowed(map(read_correspondence, one["correspondences"]), day),
        map(read_certificate_kind, one["certificate_kinds"]),
        map(read_policy, one["policies"]),
    )
    answer = resolve(knowledge, [read_fact(fact) for fact in one["facts"]], read_target(one))
    return {item.proof: dump_item(item) for item in answer.items}


def statuses(*links: Json) -> list[str]:
    """The statuses of both proofs of the goal."""
    found = answers(case(LISTED, links, PROVED))
    return [found[f"{GOAL}#{suffix}"]["status"] for suffix in TWO]


@pytest.mark.parametrize(
    ("of_requirements", "of_proofs", "first"),
    [
        ("intersects", "equal", "covered"),
        ("equal", "intersects", "to_confirm"),
        ("equal", "none", "required"),
        ("none", "superset", "covered"),
    ],
)
def test_the_more_precise_speaks_for_its_proof_and_the_other_for_the_rest(
    of_requirements: str, of_proofs: str, first: str
) -> None:
    whole, part = link(PAST, GOAL, of_requirements), link(f"{PAST}#01.01", f"{GOAL}#01.01", of_proofs, "C2")
    (_, alone), both = statuses(whole), statuses(whole, part)
    assert both == statuses(part, whole) == [first, alone]


def test_of_several_precise_ones_each_counts() -> None:
    assert statuses(
        link(PAST, GOAL, "equal"),
        link(f"{PAST}#01.01", f"{GOAL}#01.01", "none", "C2"),
        link(f"{PAST}#01.02", f"{GOAL}#01.01", "subset", "C3"),
    ) == ["to_confirm", "covered"]


def test_what_leads_from_other_requirements_still_counts() -> None:
    denied = link(f"{PAST}#01.01", f"{GOAL}#01.01", "none", "C2")
    assert statuses(link(OTHER, GOAL, "equal"), denied) == ["covered", "covered"]
    assert statuses(link([PAST, OTHER], GOAL, "equal"), denied) == ["covered", "covered"]
    together = link([f"{PAST}#01.01", f"{OTHER}#01.02"], f"{GOAL}#01.01", "none", "C2")
    assert statuses(link([PAST, OTHER], GOAL, "equal"), together) == ["required", "covered"]


@pytest.mark.parametrize("days", [{"valid_from": TOMORROW}, {"valid_until": TODAY}])
def test_it_speaks_on_its_days_alone(days: Json) -> None:
    denied = link(f"{PAST}#01.01", f"{GOAL}#01.01", "none", "C2", **days)
    assert statuses(link(PAST, GOAL, "equal"), denied) == ["covered", "covered"]


@settings(max_examples=150, deadline=None)
@given(cases())
def test_a_rulebook_says_what_its_rules_say_written_proof_by_proof(one: Json) -> None:
    expected = {item["proof"]: item for item in resolve_case(spelled_out(one))["items"]}
    for item in expected.values():
        item.pop("also", None)
    assert answers(one) == expected
