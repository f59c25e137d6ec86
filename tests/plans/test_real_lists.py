"""A plan on the real lists: one software, on the four of them that the real cases hold, of which nothing is known."""

import json
from datetime import date

import pytest

from referencing.candidatures.record.states import ItemState, Track
from referencing.equivalence.engine.facts import Target
from referencing.equivalence.engine.formats import read_correspondence, read_policy, read_requirement
from referencing.equivalence.engine.knowledge import Knowledge
from referencing.equivalence.grants.known import KnownFacts
from referencing.equivalence.rulebooks.queries import KnownRules
from referencing.plans.planning import CERTAIN, LIKELY, plan
from referencing.plans.suppositions import Basis, Line, Suppositions
from tests.catalogue.workbooks import CASES, needs_real_cases, real_requirements

DSRS = ("LGC-V1", "LGC-V2", "DPI-V2", "DB-V2")


def suppositions(names: int) -> Suppositions:
    """A dossier for each of so many commercial names of the software, on each list."""
    cases = [json.loads(file.read_text("utf-8")) for file in sorted(CASES.glob("real-*.json"))]
    links = {link["id"]: link for case in cases for link in case["correspondences"]}
    requirements = [one for listed in real_requirements().values() for one in listed]
    knowledge = Knowledge.of(
        date.fromisoformat(cases[0]["as_of"]),
        map(read_requirement, requirements),
        map(read_correspondence, links.values()),
        (),
        map(read_policy, cases[0]["policies"]),
    )
    rules = KnownRules(knowledge, dict.fromkeys(knowledge.proofs, "words"), date.min, date.max)
    targets = [Target(dsr, "NIL-1", f"Nom {name}") for name in range(names) for dsr in DSRS]
    lines = [
        Line(rank, goal.code, ItemState.REQUIRED, Track.ASYNC)
        for rank, target in enumerate(targets)
        for profile, goal in knowledge.goals(target.dsr)
        if profile in target.asked_profiles
    ]
    return Suppositions([Basis(target, rules, KnownFacts((), frozenset())) for target in targets], lines)


@needs_real_cases
@pytest.mark.parametrize(("names", "figures"), [(1, (682, 459, 381)), (3, (2046, 489, 397))])
def test_how_much_is_supplied_once_instead_of_everywhere(names: int, figures: tuple[int, int, int]) -> None:
    supposed = suppositions(names)
    plans = [plan(supposed, enough) for enough in (CERTAIN, LIKELY)]
    assert all(made.exact for made in plans)
    assert (len(supposed.lines), *(len(made.supplies) for made in plans)) == figures
