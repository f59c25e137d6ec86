"""How correspondences and socles are read at the level of proofs."""

from typing import Any

import pytest

from tests.equivalence.engine.minimal import (
    COVERED_DIRECTLY,
    GOAL,
    PAST,
    PAST_PROOF,
    REQUIRED,
    TODAY,
    TOMORROW,
    YESTERDAY,
    case,
    goal,
    items,
    link,
    outcome,
    requirement,
    verification,
)

Json = dict[str, Any]

OTHER = "LGC-V1:OTHER"
COVERED_BY_ONE_LINK = ("covered", "full", 1)


def verified(*proofs: str) -> list[Json]:
    return [verification(proof, f"F{rank}") for rank, proof in enumerate(proofs)]


def statuses(one: Json) -> dict[str, str]:
    return {proof.partition(":")[2]: item["status"] for proof, item in items(one).items()}


# --- correspondences ----------------------------------------------------------------------------------------


def test_proofs_of_the_same_suffix_answer_each_other() -> None:
    asked = [requirement(PAST, "01.01", "01.02"), requirement(GOAL, "01.01", "01.02")]
    one = case(asked, [link(PAST, GOAL)], verified("LGC-V1:PAST#01.02"))
    assert statuses(one) == {"GOAL#01.01": "required", "GOAL#01.02": "covered"}


@pytest.mark.parametrize(
    ("proofs", "status"),
    [
        (["LGC-V1:PAST#01.01"], "required"),
        (["LGC-V1:PAST#01.02"], "required"),
        (["LGC-V1:PAST#01.01", "LGC-V1:PAST#01.02"], "covered"),
    ],
)
def test_a_proof_without_a_namesake_needs_all_proofs_of_the_source(proofs: list[str], status: str) -> None:
    asked = [requirement(PAST, "01.01", "01.02"), requirement(GOAL, "09.09")]
    assert statuses(case(asked, [link(PAST, GOAL)], verified(*proofs))) == {"GOAL#09.09": status}


@pytest.mark.parametrize(
    ("proofs", "status"),
    [
        ([PAST_PROOF], "required"),
        ([PAST_PROOF, "LGC-V1:OTHER#01.01"], "required"),
        ([PAST_PROOF, "LGC-V1:OTHER#01.01", "LGC-V1:OTHER#01.02"], "covered"),
    ],
)
def test_several_sources_count_all_together_namesake_or_not(proofs: list[str], status: str) -> None:
    asked = [requirement(PAST, "01.01"), requirement(OTHER, "01.01", "01.02"), requirement(GOAL, "01.01")]
    one = case(asked, [link([PAST, OTHER], GOAL)], verified(*proofs))
    assert statuses(one) == {"GOAL#01.01": status}


@pytest.mark.parametrize("relation", ["equal", "superset", "subset", "intersects"])
@pytest.mark.parametrize(
    "silent", ["LGC-V1:EMPTY", "LGC-V1:NOBODY", "LGC-V1:PAST#09.09", "LGC-V1:NOBODY#01.01"]
)
def test_a_source_that_asks_for_nothing_shows_nothing_with_others(silent: str, relation: str) -> None:
    asked = [requirement(PAST, "01.01"), requirement("LGC-V1:EMPTY"), requirement(GOAL, "01.01", "02.01")]
    one = case(asked, [link([PAST, silent], GOAL, relation)], verified(PAST_PROOF))
    assert statuses(one) == {"GOAL#01.01": "required", "GOAL#02.01": "required"}


def test_naming_a_source_twice_changes_nothing() -> None:
    asked = [requirement(PAST, "01.01", "02.01"), requirement(GOAL, "01.01", "03.01")]
    once, twice = (
        case(asked, [link(sources, GOAL)], verified(PAST_PROOF)) for sources in (PAST, [PAST, PAST])
    )
    assert items(twice) == items(once)
    assert statuses(twice) == {"GOAL#01.01": "covered", "GOAL#03.01": "required"}


def test_a_source_that_is_a_proof_answers_for_every_proof_of_the_target() -> None:
    asked = [requirement(PAST, "01.01", "01.02"), requirement(GOAL, "01.01", "01.02")]
    one = case(asked, [link("LGC-V1:PAST#01.02", GOAL)], verified("LGC-V1:PAST#01.02"))
    assert statuses(one) == {"GOAL#01.01": "covered", "GOAL#01.02": "covered"}


def test_a_target_that_is_a_proof_leaves_its_siblings_alone() -> None:
    asked = [requirement(PAST, "01.01", "01.02"), requirement(GOAL, "01.01", "01.02")]
    one = case(asked, [link(PAST, "LGC-V2:GOAL#01.02")], verified("LGC-V1:PAST#01.01", "LGC-V1:PAST#01.02"))
    assert statuses(one) == {"GOAL#01.01": "required", "GOAL#01.02": "covered"}


def test_a_target_that_is_a_proof_has_its_namesake() -> None:
    asked = [requirement(PAST, "01.01", "01.02"), requirement(GOAL, "01.02")]
    one = case(asked, [link(PAST, "LGC-V2:GOAL#01.02")], verified("LGC-V1:PAST#01.02"))
    assert statuses(one) == {"GOAL#01.02": "covered"}


def test_proofs_and_requirements_mix_in_one_body() -> None:
    asked = [requirement(PAST, "01.01"), requirement(OTHER, "01.01", "01.02"), requirement(GOAL, "01.01")]
    links = [link([PAST, "LGC-V1:OTHER#01.02"], GOAL)]
    one = case(asked, links, verified(PAST_PROOF, "LGC-V1:OTHER#01.02"))
    assert statuses(one) == {"GOAL#01.01": "covered"}


@pytest.mark.parametrize("source", [PAST, "LGC-V1:UNKNOWN"])
def test_a_source_without_proofs_shows_nothing(source: str) -> None:
    asked = [requirement(PAST), requirement(GOAL, "01.01")]
    item = goal(case(asked, [link(source, GOAL)]))
    assert (outcome(item), item["blocked"]) == (REQUIRED, [])


def test_a_correspondence_is_used_in_its_written_direction_only() -> None:
    assert outcome(goal(case(links=[link(GOAL, PAST)], facts=verified(PAST_PROOF)))) == REQUIRED


def test_a_correspondence_of_relation_none_shows_nothing() -> None:
    assert outcome(goal(case(links=[link(PAST, GOAL, "none")], facts=verified(PAST_PROOF)))) == REQUIRED


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (None, None, COVERED_BY_ONE_LINK),
        (YESTERDAY, None, COVERED_BY_ONE_LINK),
        (TODAY, None, COVERED_BY_ONE_LINK),
        (TOMORROW, None, REQUIRED),
        (None, TOMORROW, COVERED_BY_ONE_LINK),
        (None, TODAY, REQUIRED),
        (None, YESTERDAY, REQUIRED),
        (TODAY, TOMORROW, COVERED_BY_ONE_LINK),
        (YESTERDAY, TODAY, REQUIRED),
    ],
)
def test_a_correspondence_counts_from_its_first_day_until_its_end(
    start: str | None, end: str | None, expected: tuple[str, str | None, int | None]
) -> None:
    links = [link(PAST, GOAL, valid_from=start, valid_until=end)]
    assert outcome(goal(case(links=links, facts=verified(PAST_PROOF)))) == expected


def test_a_clause_bears_the_name_and_relation_of_its_correspondence() -> None:
    one = case(links=[link(PAST, GOAL, "superset", "C42")], facts=verified(PAST_PROOF))
    derivation = goal(one)["derivation"]
    assert (derivation["clause"], derivation["relation"]) == ("C42", "superset")


def test_a_circle_of_correspondences_shows_nothing_by_itself() -> None:
    links = [link(PAST, GOAL, name="C1"), link(GOAL, PAST, name="C2"), link(GOAL, GOAL, name="C3")]
    assert outcome(goal(case(links=links))) == REQUIRED


def test_the_shortest_way_is_taken() -> None:
    asked = [requirement(code, "01.01") for code in (PAST, OTHER, GOAL)]
    links = [link(PAST, OTHER, name="C1"), link(OTHER, GOAL, name="C2"), link(PAST, GOAL, name="C3")]
    assert outcome(goal(case(asked, links, verified(PAST_PROOF)))) == COVERED_BY_ONE_LINK


def test_depth_is_that_of_the_deepest_child() -> None:
    asked = [requirement(code, "01.01") for code in (PAST, OTHER, "LGC-V1:FAR", GOAL)]
    links = [link([PAST, OTHER], GOAL, name="C1"), link("LGC-V1:FAR", OTHER, name="C2")]
    one = case(asked, links, verified(PAST_PROOF, "LGC-V1:FAR#01.01"))
    assert outcome(goal(one)) == ("covered", "full", 2)


def test_a_step_that_needs_a_full_body_takes_the_long_full_way_not_the_short_partial_one() -> None:
    """MID is had in part at depth 1 and in full at depth 2; only the latter overlaps with the goal."""
    mid, far, near = "LGC-V1:MID", "LGC-V1:FAR", "LGC-V1:NEAR"
    asked = [requirement(code, "01.01") for code in (PAST, near, far, mid, GOAL)]
    links = [
        link(PAST, mid, "subset", "C1"),
        link(far, near, "equal", "C2"),
        link(near, mid, "equal", "C3"),
        link(mid, GOAL, "intersects", "C4"),
    ]
    item = goal(case(asked, links, [verification(PAST_PROOF, "F1"), verification(f"{far}#01.01", "F2")]))
    assert (outcome(item), item["facts"]) == (("to_confirm", "partial", 3), ["F2"])


def test_a_fact_of_the_proof_itself_needs_no_link() -> None:
    one = case(links=[link(PAST, GOAL)], facts=verified(PAST_PROOF, "LGC-V2:GOAL#01.01"))
    assert outcome(goal(one)) == COVERED_DIRECTLY


# --- socles -------------------------------------------------------------------------------------------------


def descending(past: str | None, now: str | None, *suffixes: str) -> list[Json]:
    """PAST and GOAL, of the same socle where they are of one."""
    return [
        requirement(code, *(suffixes or ("01.01",)), socle=fidelity and "SC.INS/00", socle_fidelity=fidelity)
        for code, fidelity in ((PAST, past), (GOAL, now))
    ]


@pytest.mark.parametrize(
    ("past", "now", "expected"),
    [
        ("identical", "identical", ("covered", "full", 2)),
        ("overridden", "identical", ("to_confirm", "partial", 2)),
        ("identical", "overridden", ("to_confirm", "partial", 2)),
        ("overridden", "overridden", REQUIRED),  # an overlap with an overlap tells nothing
        ("identical", None, REQUIRED),
        (None, "identical", REQUIRED),
    ],
)
def test_requirements_of_one_socle_answer_each_other(
    past: str | None, now: str | None, expected: tuple[str, str | None, int | None]
) -> None:
    assert outcome(goal(case(descending(past, now), facts=verified(PAST_PROOF)))) == expected


def test_another_socle_answers_nothing() -> None:
    past, now = descending("identical", "identical")
    assert outcome(goal(case([{**past, "socle": "SC.INS/01"}, now], facts=verified(PAST_PROOF)))) == REQUIRED


def test_a_socle_joins_proofs_of_the_same_suffix_only() -> None:
    one = case(descending("identical", "identical", "01.01", "01.02"), facts=verified("LGC-V1:PAST#01.02"))
    assert statuses(one) == {"GOAL#01.01": "required", "GOAL#01.02": "covered"}


def test_a_socle_stands_in_the_derivation_under_its_own_name() -> None:
    assert goal(case(descending("identical", "identical"), facts=verified(PAST_PROOF)))["derivation"] == {
        "proof": "LGC-V2:GOAL#01.01",
        "clause": "socle:SC.INS/00",
        "relation": "equal",
        "from": [
            {
                "proof": "SC.INS/00#01.01",
                "clause": "socle:SC.INS/00",
                "relation": "equal",
                "from": [{"proof": PAST_PROOF, "fact": "F0"}],
            }
        ],
    }
