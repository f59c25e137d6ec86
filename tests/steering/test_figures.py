"""What leads see of the queues, on a history whose figures are counted by hand."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from referencing.base import db
from referencing.candidatures.tasks.models import Task
from referencing.reviews.queues.outcomes import Outcome
from referencing.steering.periods import Period, week_name
from referencing.steering.queries import By, Figures, figures, loads
from tests.builders import Story, supply
from tests.conftest import Time
from tests.steering.conftest import three_proofs


def at(day: str, hour: str = "09:00") -> datetime:
    """In UTC."""
    return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=UTC)


SPRING = Period(date(2026, 3, 1), date(2026, 4, 30))


def grouped(story: Story, by: By, over: Period = SPRING) -> dict[str | None, Figures]:
    return {one.group: one for one in figures(story.session, story.lead, by, over)}


@pytest.fixture(scope="module")
def prepared(shared: sa.Engine) -> Iterator[Story]:
    clock = Time()
    with db.sessions(shared, clock)() as session:
        story = three_proofs(session)
        answer_four_times(story, clock)
        yield story


@pytest.fixture
def story(prepared: Story) -> Iterator[Story]:
    with db.undone(prepared.session):
        yield prepared


def answer_four_times(story: Story, time: Time) -> None:
    """Four verdicts. Summer time begins on Sunday 29 March; 6 April is Easter Monday."""
    time.now = at("2026-03-02")
    dossier = story.in_review(story.solution(), "LGC-V1")
    time.now = at("2026-03-06")  # 3, 4, 5, 6 March: 4 days
    story.find(dossier, "LGC-V1:INS.02#01.01", Outcome.COMPLEMENT)
    time.now = at("2026-03-12")  # 3-6 and 9-12 March: 8 days
    story.find(dossier, "LGC-V1:INS.01#01.01")
    time.now = at("2026-03-27", "23:30")  # Saturday in Paris; the 4 days used stay used
    supply(story.session, story.editor, dossier, "LGC-V1:INS.02#01.01")
    time.now = at("2026-03-29", "22:30")  # Monday 30 March, 00:30 in Paris: 4 + 5 + 5 + 5 + 1 = 20 days
    story.find(dossier, "LGC-V1:MSS.01#01.01")
    time.now = at("2026-04-07")  # 30, 31 March, 1, 2, 3 and 7 April: 4 + 6 = 10 days
    story.find(dossier, "LGC-V1:INS.02#01.01")
    time.now = at("2026-04-08")


def test_days_used_are_those_of_all_the_agencys_turns(story: Story) -> None:
    """4, 8, 10 and 20 days: on average 10.5, and nine in ten, so all four, took 20 or fewer."""
    queue = grouped(story, By.QUEUE)["proof_review"]
    assert (queue.closed, queue.average_days, queue.p90_days) == (4, 10.5, 20)


def test_admissibility_has_figures_of_its_own(story: Story) -> None:
    queue = grouped(story, By.QUEUE)["admissibility"]
    assert (queue.closed, queue.average_days, queue.p90_days) == (1, 0, 0)
    assert queue.rounds_per_item is None


def test_rounds_are_the_verdicts_that_a_settled_item_needed(story: Story) -> None:
    """One, one, and two with the complement."""
    assert grouped(story, By.QUEUE)["proof_review"].rounds_per_item == pytest.approx(4 / 3)


def test_a_verdict_belongs_to_its_iso_week_in_paris(story: Story) -> None:
    """That of Sunday 22:30 UTC is of the week that begins on Monday 30 March."""
    found = grouped(story, By.QUEUE)["proof_review"].weeks
    assert len(found) == 12
    assert {week_name(monday): closed for monday, closed in found.items() if closed} == {
        "2026-W10": 1,
        "2026-W11": 1,
        "2026-W14": 1,
        "2026-W15": 1,
    }


def test_chapters(story: Story) -> None:
    found = grouped(story, By.CHAPTER)
    assert list(found) == ["INS", "MSS", None]
    assert [one.closed for one in found.values()] == [3, 1, 1]
    assert found["INS"].average_days == pytest.approx(22 / 3)
    assert found["INS"].rounds_per_item == 1.5
    assert found["MSS"].average_days == 20


def test_couloirs(story: Story) -> None:
    (only,) = grouped(story, By.COULOIR).values()
    assert (only.group, only.closed, only.average_days) == ("c", 5, 42 / 5)


@pytest.mark.parametrize(
    ("first", "last", "closed"),
    [
        ("2026-03-06", "2026-03-12", 2),
        ("2026-03-07", "2026-03-11", 0),
        ("2026-03-30", "2026-03-30", 1),  # what was closed on Sunday evening in UTC
        ("2026-03-29", "2026-03-29", 0),
    ],
)
def test_a_period_has_both_its_days_by_the_clock_of_paris(
    story: Story, first: str, last: str, closed: int
) -> None:
    over = Period(date.fromisoformat(first), date.fromisoformat(last))
    assert grouped(story, By.QUEUE, over)["proof_review"].closed == closed


def test_what_was_closed_before_the_days_were_kept_counts_without_days(story: Story) -> None:
    story.session.execute(sa.update(Task).where(Task.outcome == "complement").values(days_used=None))
    queue = grouped(story, By.QUEUE)["proof_review"]
    assert (queue.closed, queue.average_days) == (4, 38 / 3)


def test_the_load_of_each_verifier_and_of_who_else_answered(story: Story) -> None:
    found = {one.id: one for one in loads(story.session, story.lead, SPRING)}
    verifier, lead = found[story.verifier.account_id], found[story.lead.account_id]
    assert (verifier.in_hand, verifier.closed, verifier.average_days) == (0, 4, 10.5)
    assert (lead.role, lead.closed) == ("lead", 1)
    assert story.editor.account_id not in found
