"""A verifier's word on a reuse: confirmed, it lasts as long as its facts; refused, it is not asked again."""

from datetime import date

import pytest

from referencing.candidatures.filing.supplying import claim_not_applicable
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import ItemState
from referencing.candidatures.resolution.resolution import resolve_core
from referencing.equivalence.engine.facts import Correspondence, Relation
from referencing.equivalence.grants.models import GrantState
from referencing.reviews.queues.outcomes import Outcome
from tests.builders import CONFIRM, Asked, Story, equal, grants, publish_dsr, publish_rules, revoke, states
from tests.candidatures.resolution.worlds import GOAL, PAST, same


@pytest.fixture
def dossier(story: Story) -> Candidature:
    """In review, with a partial reuse to confirm and another item that keeps it there.

    Two other DSRs ask for what overlaps it too; their links come before and after the one that is used.
    """
    publish_dsr(story.session, "LGC-V2", Asked("INS/va1.01"), Asked("NEW.01"))
    for dsr in OTHERS:
        publish_dsr(story.session, dsr, Asked("INS.09"))
    publish_rules(story.session, same(Relation.INTERSECTS), *links(Relation.INTERSECTS))
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    return story.in_review(solution, "LGC-V2")


OTHERS = ["DPI-V2", "RIS-V2"]


def links(relation: Relation) -> list[Correspondence]:
    return [equal(f"{dsr}:INS.09", "LGC-V2:INS/va1.01", relation) for dsr in OTHERS]


def item(story: Story, dossier: Candidature) -> ItemState:
    return states(story.session, dossier)[GOAL]


def test_confirmed_it_stays_covered_though_the_engine_still_asks(story: Story, dossier: Candidature) -> None:
    story.find(dossier, GOAL)
    resolve_core(story.session, dossier.core_id)
    assert item(story, dossier) is ItemState.COVERED
    assert [grant.state for grant in grants(story.session)] == [GrantState.CONFIRMED]


def test_a_confirmation_says_who_gave_it(story: Story, dossier: Candidature) -> None:
    story.find(dossier, GOAL)
    (grant,) = grants(story.session)
    assert (grant.decided_by, grant.comment) == (story.verifier.account_id, "Vu.")


def test_a_confirmation_ends_with_the_fact_that_it_was_about(story: Story, dossier: Candidature) -> None:
    story.find(dossier, GOAL)
    revoke(story.session, PAST, date(2026, 3, 2))
    resolve_core(story.session, dossier.core_id)
    assert item(story, dossier) is ItemState.REQUIRED
    assert [grant.state for grant in grants(story.session)] == [GrantState.ENDED]


def test_a_confirmation_outlives_a_rulebook_under_which_it_would_still_be_asked(
    story: Story, dossier: Candidature
) -> None:
    story.find(dossier, GOAL)
    publish_rules(story.session, same(Relation.INTERSECTS), policies=[CONFIRM])
    resolve_core(story.session, dossier.core_id)
    assert item(story, dossier) is ItemState.COVERED


def test_a_confirmation_ends_with_the_rule_that_made_it_possible(story: Story, dossier: Candidature) -> None:
    story.find(dossier, GOAL)
    publish_rules(story.session)
    resolve_core(story.session, dossier.core_id)
    assert item(story, dossier) is ItemState.REQUIRED


def test_refused_it_is_required_and_not_proposed_again(story: Story, dossier: Candidature) -> None:
    story.find(dossier, GOAL, Outcome.NONCONFORM)
    resolve_core(story.session, dossier.core_id)
    assert item(story, dossier) is ItemState.REQUIRED
    assert [grant.state for grant in grants(story.session)] == [GrantState.REFUSED]


@pytest.mark.parametrize("outcome", [Outcome.CONFORM, Outcome.NONCONFORM])
def test_what_a_verifier_decided_holds_for_the_next_resolution_only_of_that_dossier(
    story: Story, dossier: Candidature, outcome: Outcome
) -> None:
    story.find(dossier, GOAL, outcome)
    other = story.draft(dossier.configuration.solution, "LGC-V2")
    assert item(story, other) is ItemState.TO_CONFIRM


@pytest.mark.parametrize("dsr", OTHERS)
def test_refused_it_is_proposed_anew_when_another_fact_comes(
    story: Story, dossier: Candidature, dsr: str
) -> None:
    story.find(dossier, GOAL, Outcome.NONCONFORM)
    story.verified(dossier.configuration.solution, dsr)
    assert item(story, dossier) is ItemState.TO_CONFIRM


@pytest.mark.parametrize("relation", [Relation.EQUAL, Relation.INTERSECTS])
def test_refused_it_may_await_another_fact(story: Story, dossier: Candidature, relation: Relation) -> None:
    story.find(dossier, GOAL, Outcome.NONCONFORM)
    publish_rules(story.session, same(Relation.INTERSECTS), *links(relation))
    story.submitted(dossier.configuration.solution, "DPI-V2")
    assert item(story, dossier) is ItemState.AWAITING


def test_refused_it_is_not_proposed_again_after_another_fact_came_and_went(
    story: Story, dossier: Candidature
) -> None:
    story.find(dossier, GOAL, Outcome.NONCONFORM)
    story.verified(dossier.configuration.solution, "DPI-V2")
    revoke(story.session, "DPI-V2:INS.09#01.01", date(2026, 3, 2))
    resolve_core(story.session, dossier.core_id)
    assert item(story, dossier) is ItemState.REQUIRED


def test_refused_it_is_not_proposed_again_after_a_claim_that_nothing_is_to_prove(
    story: Story, dossier: Candidature
) -> None:
    story.find(dossier, GOAL, Outcome.NONCONFORM)
    claim_not_applicable(story.session, story.editor, dossier.id, GOAL, "Un autre scénario est montré.")
    story.find(dossier, GOAL, Outcome.NONCONFORM)
    assert item(story, dossier) is ItemState.REQUIRED


def test_refused_it_is_covered_when_the_rules_say_that_it_is_the_same(
    story: Story, dossier: Candidature
) -> None:
    story.find(dossier, GOAL, Outcome.NONCONFORM)
    publish_rules(story.session, same(Relation.EQUAL))
    resolve_core(story.session, dossier.core_id)
    assert item(story, dossier) is ItemState.COVERED
