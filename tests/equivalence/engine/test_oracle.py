"""The engine gives the published answers, and those of the obvious answer on cases that nobody wrote."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from referencing.equivalence.engine.formats import resolve_case
from tests.conftest import SHARED
from tests.equivalence.engine import oracle
from tests.equivalence.engine.strategies import cases, dealt

PUBLISHED = SHARED / "equivalence" / "cases"
NAMES = sorted(path.name for path in PUBLISHED.glob("*.json"))
#: The obvious answer takes half a minute on a case of real size.
SMALL = [name for name in NAMES if not name.startswith("real-")]

absent = pytest.mark.skipif(not NAMES, reason=f"the published cases are not in {PUBLISHED}")


def published(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    case = json.loads((PUBLISHED / name).read_text())
    return case, case.pop("expected")


def compared(case: dict[str, Any]) -> dict[str, Any]:
    """What compare.py looks at."""
    return {
        item["proof"]: {key: item[key] for key in ("status", "strength", "depth")}
        for item in resolve_case(case)["items"]
    }


@absent
@pytest.mark.parametrize("name", NAMES)
def test_engine_gives_the_published_answer(name: str) -> None:
    case, expected = published(name)
    assert compared(case) == expected


@absent
@pytest.mark.parametrize("name", SMALL)
def test_oracle_gives_the_published_answer(name: str) -> None:
    case, expected = published(name)
    assert oracle.answers(case) == expected


@pytest.mark.parametrize("count", [1_000, pytest.param(20_000, marks=pytest.mark.endurance)])
def test_engine_gives_the_obvious_answer_to_many_dealt_cases(count: int) -> None:
    """Other cases than the search finds that begins with simple ones: each seed deals a well-shuffled one."""
    for seed in range(count):
        case = dealt(seed)
        assert compared(case) == oracle.answers(case), f"the case dealt from {seed}"


@settings(max_examples=500, deadline=None)
@given(cases())
def test_engine_gives_the_obvious_answer(case: dict[str, Any]) -> None:
    assert compared(case) == oracle.answers(case)
