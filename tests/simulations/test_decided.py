"""The past year's dossiers: what would have been asked on the day of their filing."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from referencing.base.db import today
from referencing.candidatures.filing import supplying
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import Action
from referencing.candidatures.verdicts import instruction
from referencing.equivalence.engine.facts import CertificateKind
from referencing.equivalence.rulebooks.operations import write_rulebook
from referencing.equivalence.rulebooks.rulebooks import Rules
from referencing.solutions.models import Certificate, Solution
from tests.builders import ALWAYS, Asked, Story, publish_dsr, publish_rules, verification_of
from tests.candidatures.resolution.worlds import GOAL, PAST, same
from tests.conftest import Time
from tests.simulations.running import draft_rules, ended, moves, rows


@pytest.fixture
def solution(story: Story) -> Solution:
    publish_rules(story.session)
    return story.solution()


def decided(story: Story, solution: Solution, dsr: str = "LGC-V2") -> Candidature:
    return refused_or_not(story, story.verified(solution, dsr), Action.REFERENCE)


def refused_or_not(story: Story, dossier: Candidature, action: Action) -> Candidature:
    instruction.decide(story.session, story.lead, dossier.id, action=action, comment="Vu.")
    story.session.flush()
    story.session.expire_all()
    return dossier


def announced(story: Story) -> list[tuple[str, str, str]]:
    simulation = ended(story.session, draft_rules(story.session, same()))
    return [
        (code, before, after) for _, code, before, after in moves(story.session, simulation, decided=True)
    ]


@pytest.mark.parametrize("action", [Action.REFERENCE, Action.REFUSE])
def test_what_was_known_of_another_dossier_would_have_counted(
    story: Story, solution: Solution, action: Action
) -> None:
    story.verified(solution, "LGC-V1")
    refused_or_not(story, story.verified(solution, "LGC-V2"), action)
    assert announced(story) == [(GOAL, "required", "covered")]


def test_what_was_found_after_the_filing_would_not(story: Story, solution: Solution, time: Time) -> None:
    first = story.in_review(solution, "LGC-V1")
    second = story.in_review(solution, "LGC-V2")
    time.pass_days(1)
    story.find(first, PAST)
    story.find(second, GOAL)
    refused_or_not(story, second, Action.REFERENCE)
    assert announced(story) == []


def test_what_was_revoked_since_counts_as_it_did_on_that_day(
    story: Story, solution: Solution, time: Time
) -> None:
    story.verified(solution, "LGC-V1")
    decided(story, solution)
    time.pass_days(3)
    verification_of(story.session, PAST).revoked_on = date(2026, 3, 5)
    assert announced(story) == [(GOAL, "required", "covered")]
    verification_of(story.session, PAST).revoked_on = date(2026, 3, 2)
    assert announced(story) == []


def test_its_own_proofs_do_not_count(story: Story, solution: Solution) -> None:
    """Found on the very day of the filing, they would cover themselves."""
    decided(story, solution)
    simulation = ended(story.session, draft_rules(story.session, same()))
    assert (simulation.total, simulation.items, simulation.figures) == (1, 1, [])


def test_a_certificate_counts_once_it_was_entered(story: Story, solution: Solution) -> None:
    decided(story, solution)
    certificate = story.certificate(solution, "DMP")
    kinds = (CertificateKind("DMP", ({"dsr": "LGC-V2"},)),)
    draft = write_rulebook(story.session, story.lead, "Projet", Rules((), kinds, (ALWAYS,)))
    found = []
    for entered in (datetime(2026, 3, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, 10, tzinfo=UTC)):
        changed = sa.update(Certificate).where(Certificate.id == certificate.id).values(created_at=entered)
        story.session.execute(changed)
        draft.revision += 1
        simulation = ended(story.session, draft)
        found.append([after for *_, after in moves(story.session, simulation, decided=True)])
    assert found == [[], ["covered"]]


def test_what_still_awaits_a_verdict_is_not_counted(story: Story, solution: Solution) -> None:
    story.submitted(solution, "LGC-V1")
    decided(story, solution)
    assert announced(story) == []


def test_the_lists_are_those_of_the_day_and_the_rules_those_of_today(
    story: Story, solution: Solution, time: Time
) -> None:
    story.verified(solution, "LGC-V1")
    decided(story, solution)
    time.pass_days(10)
    publish_dsr(story.session, "LGC-V1", Asked("INS.01", text="D'autres mots."))
    assert announced(story) == [(GOAL, "required", "covered")]


def test_only_what_was_decided_within_a_year_is_looked_at(
    story: Story, solution: Solution, time: Time
) -> None:
    story.verified(solution, "LGC-V1")
    dossier = decided(story, solution)
    story.withdraw(story.draft(solution, "LGC-V2"))
    time.pass_days(364)
    assert announced(story) == [(GOAL, "required", "covered")]
    time.pass_days(1)
    simulation = ended(story.session, draft_rules(story.session, same()))
    assert simulation.total == 1, "the first one, which nobody has decided"
    assert rows(story.session, simulation, decided=True) == []
    assert dossier.closed_on == today(story.session) - timedelta(365)


def test_what_does_not_apply_is_left_out(story: Story, solution: Solution) -> None:
    story.verified(solution, "LGC-V1")
    dossier = story.draft(solution, "LGC-V2")
    supplying.claim_not_applicable(story.session, story.editor, dossier.id, GOAL, "L'autre scénario.")
    story.submit(dossier)
    story.admit(dossier)
    story.find(dossier, GOAL)
    refused_or_not(story, dossier, Action.REFERENCE)
    assert announced(story) == []
