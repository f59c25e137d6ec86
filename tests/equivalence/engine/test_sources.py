"""Which proofs have a part in showing which, as it is kept for all dossiers."""

from datetime import date
from random import Random
from typing import Any

from hypothesis import given

from referencing.equivalence.engine.formats import read_correspondence, read_requirement
from referencing.equivalence.engine.knowledge import Knowledge
from tests.equivalence.engine.minimal import GOAL, GOAL_PROOF, PAST, PAST_PROOF, TODAY, link, requirement
from tests.equivalence.engine.strategies import cases
from tests.equivalence.engine.test_laws import law, shuffled, shuffles

Json = dict[str, Any]


def known(requirements: list[Json], links: list[Json], day: str = TODAY) -> Knowledge:
    listed = map(read_requirement, requirements)
    return Knowledge.of(date.fromisoformat(day), listed, map(read_correspondence, links), (), ())


@law
@given(cases(), shuffles)
def test_the_sources_of_a_proof_do_not_hang_on_what_was_asked_before(case: Json, order: Random) -> None:
    knowledge = known(case["requirements"], case["correspondences"], case["as_of"])
    for code in shuffled(sorted(knowledge.proofs), order):
        proofs, clauses = knowledge.sources(code)
        assert proofs == tuple(sorted(knowledge.reaching([code])))
        assert clauses == tuple(sorted(one for proof in proofs for one in knowledge.clauses.get(proof, ())))


def test_proofs_that_show_each_other_keep_their_sources_once() -> None:
    asked = [requirement(PAST, "01.01"), requirement(GOAL, "01.01")]
    both = known(asked, [link(PAST, GOAL, name="C1"), link(GOAL, PAST, name="C2")])
    assert both.sources(PAST_PROOF) is both.sources(GOAL_PROOF)
    one_way = known(asked, [link(PAST, GOAL)])
    assert one_way.sources(GOAL_PROOF).proofs == tuple(sorted((PAST_PROOF, GOAL_PROOF)))
    assert one_way.sources(PAST_PROOF).proofs == (PAST_PROOF,)
