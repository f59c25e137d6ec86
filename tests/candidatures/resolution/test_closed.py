"""A closed dossier answers as of its closing day, whatever was found or published since."""

from datetime import date

import pytest

from referencing.candidatures.record.models import Candidature
from referencing.candidatures.resolution.resolved import as_it_stands
from referencing.equivalence.engine.facts import Relation
from referencing.equivalence.engine.resolution import Status
from tests.builders import Asked, Story, perform_jobs, publish_dsr, publish_rules, revoke
from tests.candidatures.resolution.worlds import PAST, same
from tests.conftest import Time


@pytest.fixture
def closed(story: Story, time: Time) -> Candidature:
    """Withdrawn while its only item was covered; ten days have passed."""
    publish_rules(story.session, same())
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    dossier = story.draft(solution, "LGC-V2")
    story.withdraw(dossier)
    time.pass_days(10)
    return dossier


def status(story: Story, dossier: Candidature) -> Status:
    resolution, _ = as_it_stands(story.session, dossier)
    return resolution.items[0].status


def test_it_still_says_what_it_stood_on(story: Story, closed: Candidature) -> None:
    assert status(story, closed) is Status.COVERED


def test_a_revocation_that_came_later_changes_nothing(story: Story, closed: Candidature) -> None:
    revoke(story.session, PAST, date(2026, 3, 12))
    assert status(story, closed) is Status.COVERED


def test_a_rulebook_that_came_later_changes_nothing(story: Story, closed: Candidature) -> None:
    publish_rules(story.session)
    assert status(story, closed) is Status.COVERED


def test_words_that_came_later_change_nothing(story: Story, closed: Candidature) -> None:
    publish_dsr(story.session, "LGC-V1", Asked("INS.01", text="D'autres mots."))
    assert status(story, closed) is Status.COVERED


def test_a_fact_that_came_later_does_not_cover(story: Story, time: Time) -> None:
    publish_rules(story.session, same())
    solution = story.solution()
    dossier = story.draft(solution, "LGC-V2")
    story.withdraw(dossier)
    time.pass_days(10)
    story.verified(solution, "LGC-V1")
    assert status(story, dossier) is Status.REQUIRED


def test_it_answers_under_the_last_rulebook_of_its_life_even_if_that_changed_nothing(
    story: Story, time: Time
) -> None:
    publish_rules(story.session)
    solution = story.solution()
    dossier = story.draft(solution, "LGC-V2")
    publish_rules(story.session, same(Relation.INTERSECTS))
    perform_jobs(story.session)
    story.withdraw(dossier)
    story.verified(solution, "LGC-V1")
    assert status(story, dossier) is Status.TO_CONFIRM
