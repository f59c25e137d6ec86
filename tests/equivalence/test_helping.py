"""Who confirms a reuse is shown every fact that helps; the derivation stays one of several."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from referencing.equivalence.engine.formats import resolve_case
from tests.conftest import SHARED
from tests.equivalence.engine.minimal import GOAL, case, goal, link, requirement, verification
from tests.equivalence.engine.strategies import cases

Json = dict[str, Any]

SIX = SHARED / "inputs" / "six-partial-sources.json"
PARTS = [f"LGC-V1:PART.{number}" for number in range(3)]


def of_parts(*facts: Json, relation: str = "intersects", **words: Any) -> Json:
    asked = [*(requirement(part, "01.01") for part in PARTS), requirement(GOAL, "01.01")]
    links = [link(part, GOAL, relation, f"C{rank}") for rank, part in enumerate(PARTS)]
    return goal(case(asked, links, facts, **words))


def verified(rank: int, **changes: Any) -> Json:
    return verification(f"{PARTS[rank]}#01.01", f"F{rank}", **changes)


def test_every_part_is_shown_beside_that_of_the_derivation() -> None:
    item = of_parts(verified(0), verified(1), verified(2))
    assert (item["facts"], item["also"]) == (["F0"], ["F1", "F2"])
    assert item["derivation"]["clause"] == "C0"


def test_two_findings_on_one_proof_both_help() -> None:
    item = of_parts(verified(0), {**verified(0), "id": "F9"})
    assert (item["facts"], item["also"]) == (["F0"], ["F9"])


def test_what_may_not_be_reused_does_not_help() -> None:
    revoked, awaited = verified(1, revoked_on="2026-01-01"), verified(2, status="submitted")
    assert "also" not in of_parts(verified(0), revoked, awaited)


def test_what_is_covered_is_not_looked_at() -> None:
    assert "also" not in of_parts(verified(0), verified(1), relation="equal")


@pytest.mark.skipif(not SIX.exists(), reason=f"{SIX} is not here")
def test_six_partial_sources_are_all_shown() -> None:
    (item,) = resolve_case(json.loads(SIX.read_text()))["items"]
    assert sorted([*item["facts"], *item["also"]]) == ["F1", "F2", "F3", "F4", "F5", "F6"]


@settings(max_examples=150, deadline=None)
@given(cases())
def test_each_fact_that_helps_could_be_in_the_derivation(some: Json) -> None:
    """What helps is of use by itself or with others: without all the other helpers on its proofs it is still shown."""
    for item in resolve_case(some)["items"]:
        helpers = {*item["facts"], *item.get("also", ())}
        alone = {**some, "facts": [fact for fact in some["facts"] if fact["id"] in helpers]}
        again = {one["proof"]: one for one in resolve_case(alone)["items"]}[item["proof"]]
        if item["status"] == "to_confirm":
            assert (again["status"], again["strength"]) == ("to_confirm", item["strength"])
            assert again["facts"] == item["facts"]
            assert again.get("also", []) == item.get("also", [])
        else:
            assert "also" not in item
