"""What the engine answers is what a new dossier's items say, and what they stand on is kept."""

from referencing.candidatures.record.states import ItemState
from referencing.equivalence.engine.facts import Relation
from referencing.equivalence.engine.resolution import Strength
from referencing.equivalence.grants.models import GrantState
from tests.builders import ALWAYS, CONFIRM, Story, grants, publish_rules, state, supply, verification_of
from tests.candidatures.resolution.worlds import GOAL, PAST, same


def test_without_any_fact_a_proof_is_required(story: Story) -> None:
    publish_rules(story.session, same())
    assert state(story.session, story.draft(story.solution(), "LGC-V2")) is ItemState.REQUIRED


def test_a_proof_verified_under_another_code_covers(story: Story) -> None:
    publish_rules(story.session, same())
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    assert state(story.session, story.draft(solution, "LGC-V2")) is ItemState.COVERED


def test_a_grant_says_what_it_stands_on_and_why(story: Story) -> None:
    rules = publish_rules(story.session, same())
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    dossier = story.draft(solution, "LGC-V2")
    (grant,) = grants(story.session)
    assert [source.verification_id for source in grant.sources] == [verification_of(story.session, PAST).id]
    assert (grant.candidature_id, grant.proof_code, grant.rulebook_id) == (dossier.id, GOAL, rules.id)
    assert (grant.state, grant.strength) == (GrantState.GRANTED, Strength.FULL)
    assert grant.cases == ["inter_vague"]
    assert grant.derivation == {
        "proof": GOAL,
        "clause": "LGC-V1:INS.01 → LGC-V2:INS/va1.01",
        "relation": "equal",
        "from": [{"proof": PAST, "fact": str(verification_of(story.session, PAST).id)}],
    }


def test_a_partial_link_is_to_confirm(story: Story) -> None:
    publish_rules(story.session, same(Relation.INTERSECTS))
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    assert state(story.session, story.draft(solution, "LGC-V2")) is ItemState.TO_CONFIRM
    (grant,) = grants(story.session)
    assert (grant.state, grant.strength, grant.confirm) == (
        GrantState.PROPOSED,
        Strength.PARTIAL,
        ["partial"],
    )


def test_a_policy_that_asks_for_a_look_is_to_confirm(story: Story) -> None:
    publish_rules(story.session, same(), policies=[CONFIRM])
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    assert state(story.session, story.draft(solution, "LGC-V2")) is ItemState.TO_CONFIRM
    (grant,) = grants(story.session)
    assert grant.confirm == ["policy"]


def test_a_proof_under_review_is_awaited_and_grants_nothing_yet(story: Story) -> None:
    publish_rules(story.session, same())
    solution = story.solution()
    story.submitted(solution, "LGC-V1")
    assert state(story.session, story.draft(solution, "LGC-V2")) is ItemState.AWAITING
    assert grants(story.session) == []


def test_a_proof_of_a_dossier_not_filed_yet_is_not_awaited(story: Story) -> None:
    publish_rules(story.session, same())
    solution = story.solution()
    supply(story.session, story.editor, story.draft(solution, "LGC-V1"), PAST)
    assert state(story.session, story.draft(solution, "LGC-V2")) is ItemState.REQUIRED


def test_a_proof_of_another_software_serves_nobody_else(story: Story) -> None:
    publish_rules(story.session, same())
    story.verified(story.solution(), "LGC-V1")
    assert state(story.session, story.draft(story.solution(nil="NIL-2"), "LGC-V2")) is ItemState.REQUIRED


def test_without_a_rulebook_nothing_is_reused(story: Story) -> None:
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    assert state(story.session, story.draft(solution, "LGC-V1")) is ItemState.REQUIRED


def test_the_same_proof_asked_again_is_covered_by_the_policy_alone(story: Story) -> None:
    publish_rules(story.session, policies=[ALWAYS])
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    assert state(story.session, story.draft(solution, "LGC-V1")) is ItemState.COVERED
