"""Bad cases are refused in one line; a resolution has the fields of `equivalence-resolution/1`, no others."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from referencing.equivalence.engine.formats import BadCase, resolve_case
from tests.equivalence.engine.minimal import (
    ALWAYS,
    GOAL,
    GOAL_PROOF,
    PAST,
    PAST_PROOF,
    YESTERDAY,
    case,
    certificate,
    link,
    requirement,
    verification,
)

Json = dict[str, Any]
Path = tuple[str | int, ...]

WHOLE = case(
    [requirement(PAST, "01.01"), requirement("LGC-V1:OTHER", "01.01"), requirement(GOAL, "01.01")],
    [link([PAST, "LGC-V1:OTHER"], GOAL)],
    [verification(PAST_PROOF, "F2"), certificate("F1")],
    kinds=[{"kind": "DMN", "covers": [{"requirement": "OTHER"}]}],
)
MAY_BE_NULL = {"socle", "socle_fidelity", "valid_until", "revoked_on", "deposited_on"}


def fields(value: Any, at: Path = ()) -> Iterator[Path]:
    if isinstance(value, dict):
        yield from ((*at, key) for key in value)
    named = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in named:
        yield from fields(inner, (*at, key))


def optional(path: Path) -> bool:
    """May be null, or is a key of a selection, where a missing one matches all."""
    link_start = path[0] == "correspondences" and path[-1] == "valid_from"
    return path[-1] in MAY_BE_NULL or link_start or "covers" in path[:-1]


def holder(one: Any, path: Path) -> Any:
    for key in path[:-1]:
        one = one[key]
    return one


def without(path: Path) -> Json:
    changed = deepcopy(WHOLE)
    del holder(changed, path)[path[-1]]
    return changed


def instead(path: Path, value: Any) -> Json:
    changed = deepcopy(WHOLE)
    holder(changed, path)[path[-1]] = value
    return changed


def refusal(one: Any) -> str:
    with pytest.raises(BadCase) as refused:
        resolve_case(one)
    return str(refused.value)


REQUIRED_FIELDS = [path for path in fields(WHOLE) if not optional(path)]


@pytest.mark.parametrize("path", REQUIRED_FIELDS, ids=lambda path: ".".join(map(str, path)))
def test_a_missing_field_is_named_in_one_line(path: Path) -> None:
    said = refusal(without(path))
    assert f"'{path[-1]}'" in said or path[-1] == "format"
    assert "\n" not in said


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("format",), "equivalence-case/2", "equivalence-case/1"),
        (("as_of",), "2 mars 2026", "2 mars 2026"),
        (("as_of",), None, "must be str"),
        (("requirements",), None, "NoneType"),
        (("correspondences", 0, "relation"), "similar", "similar"),
        (("correspondences", 0, "valid_until"), "2026-13-01", "month must be in 1..12"),
        (("policies", 0, "then", "reuse"), "perhaps", "perhaps"),
        (("facts", 0, "type"), "rumour", "rumour"),
        (("facts", 0, "status"), "lost", "lost"),
        (("facts", 0, "date"), "2025-02-30", "day is out of range"),
        (("facts", 1, "valid_from"), "soon\nor later", r"soon\nor later"),
        (("target", "deposited_on"), "", "''"),
    ],
)
def test_a_value_that_means_nothing_is_named_in_one_line(path: Path, value: Any, named: str) -> None:
    said = refusal(instead(path, value))
    assert named in said
    assert "\n" not in said


@pytest.mark.parametrize("value", [None, [], "case", 1, {}], ids=repr)
def test_what_is_not_a_case_is_refused(value: Any) -> None:
    assert "equivalence-case/1" in refusal(value)


def test_expected_answers_are_no_input() -> None:
    assert resolve_case({**WHOLE, "expected": {GOAL_PROOF: "nonsense"}}) == resolve_case(WHOLE)


def test_a_resolution_of_what_is_covered() -> None:
    assert resolve_case(WHOLE) == {
        "format": "equivalence-resolution/1",
        "items": [
            {
                "proof": GOAL_PROOF,
                "status": "covered",
                "strength": "full",
                "depth": 1,
                "facts": ["F1", "F2"],
                "cases": ["certificate", "inter_vague"],
                "derivation": {
                    "proof": GOAL_PROOF,
                    "clause": "C1",
                    "relation": "equal",
                    "from": [
                        {"proof": "LGC-V1:OTHER#01.01", "fact": "F1"},
                        {"proof": PAST_PROOF, "fact": "F2"},
                    ],
                },
                "confirm": [],
                "blocked": [],
            }
        ],
        "summary": {"covered": 1, "to_confirm": 0, "awaiting": 0, "required": 0},
    }


def test_a_resolution_of_what_is_required() -> None:
    assert resolve_case(case(facts=[verification(revoked_on=YESTERDAY)])) == {
        "format": "equivalence-resolution/1",
        "items": [
            {
                "proof": GOAL_PROOF,
                "status": "required",
                "strength": None,
                "depth": None,
                "facts": [],
                "cases": [],
                "derivation": None,
                "confirm": [],
                "blocked": [{"fact": "F1", "reasons": ["revoked"]}],
            }
        ],
        "summary": {"covered": 0, "to_confirm": 0, "awaiting": 0, "required": 1},
    }


@pytest.mark.parametrize(
    ("profile", "profiles", "asked"),
    [
        ("Général", [], True),
        ("Général", ["IAM"], True),
        ("IAM", ["IAM"], True),
        ("IAM", [], False),
        ("IAM", ["Général", "Médecin traitant"], False),
    ],
)
def test_only_requirements_of_the_profiles_are_items(profile: str, profiles: list[str], asked: bool) -> None:
    one = case([requirement(GOAL, "01.01", profile=profile)], policies=ALWAYS, profiles=profiles)
    assert bool(resolve_case(one)["items"]) == asked


def test_proofs_of_another_profile_still_show_others() -> None:
    asked = [requirement("LGC-V2:APART", "01.01", profile="IAM"), requirement(GOAL, "01.01")]
    one = case(asked, [link("LGC-V2:APART", GOAL)], [verification("LGC-V2:APART#01.01")])
    assert [item["status"] for item in resolve_case(one)["items"]] == ["covered"]


def test_only_requirements_of_the_target_dsr_are_items() -> None:
    assert [item["proof"] for item in resolve_case(case())["items"]] == [GOAL_PROOF]
