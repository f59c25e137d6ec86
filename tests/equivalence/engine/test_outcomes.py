"""What was found for one target is kept for others: no answer may hang on what was asked before."""

from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referencing.equivalence.engine import knowledge
from referencing.equivalence.engine.facts import Fact
from referencing.equivalence.engine.formats import (
    read_certificate_kind,
    read_correspondence,
    read_fact,
    read_policy,
    read_requirement,
    read_target,
)
from referencing.equivalence.engine.knowledge import Knowledge
from referencing.equivalence.engine.resolution import helping, resolve
from tests.equivalence.engine.strategies import dealt
from tests.equivalence.engine.test_laws import law

Json = dict[str, Any]
seeds = st.integers(0, 2**32)


def known(case: Json) -> Knowledge:
    return Knowledge.of(
        date.fromisoformat(case["as_of"]),
        map(read_requirement, case["requirements"]),
        map(read_correspondence, case["correspondences"]),
        map(read_certificate_kind, case["certificate_kinds"]),
        map(read_policy, case["policies"]),
    )


def some_of(facts: list[Fact], order: Random) -> list[Fact]:
    return order.sample(facts, order.randint(0, len(facts)))


@pytest.mark.parametrize("kept", [1, knowledge.OUTCOMES_KEPT])
@law
@given(seeds)
def test_no_answer_hangs_on_what_was_asked_before(kept: int, seed: int) -> None:
    case, order = dealt(seed), Random(seed)
    target, facts = read_target(case), [read_fact(fact) for fact in case["facts"]]
    asked_before = known(case)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(knowledge, "OUTCOMES_KEPT", kept)
        for _ in range(6):
            there = some_of(facts, order)
            answer, fresh = resolve(asked_before, there, target), known(case)
            assert answer == resolve(fresh, there, target)
            codes = {item.proof for item in answer.items}
            assert helping(asked_before, there, target, codes) == helping(fresh, there, target, codes)
    goals = [goal for _, goal in asked_before.goals(target.dsr)]
    assert all(len(goal.outcomes) <= kept for goal in goals)
