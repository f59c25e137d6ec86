"""What leads see of the work that waits: in bands by its working days, in hand or not."""

from collections import Counter
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.errors import Invalid
from referencing.base.workdays import days_until, paris_day
from referencing.candidatures.tasks.models import Task
from referencing.catalogue.models import Dsr
from referencing.reviews.queues.claims import claim
from referencing.steering.periods import Period
from referencing.steering.queries import By, period
from tests.builders import Asked, Story, publish_dsr
from tests.conftest import Time
from tests.reviews.recount import kept
from tests.steering.test_figures import at, grouped


def test_what_nobody_answered_counts_nowhere(story: Story, time: Time) -> None:
    dossier = story.in_review(story.solution(), "LGC-V1")
    story.withdraw(dossier)
    queue = grouped(story, By.QUEUE)["proof_review"]
    assert (queue.waiting, queue.closed, sum(queue.weeks.values())) == (0, 0, 0)


@pytest.mark.parametrize(
    ("opened", "now", "age", "left"),
    [
        (("2026-03-29", "21:30"), "2026-04-01", "3-5", ">10"),  # Sunday 23:30 in Paris: 30, 31, 1
        (("2026-03-29", "22:30"), "2026-04-01", "0-2", ">10"),  # Monday 00:30
        (("2026-03-27", "09:00"), "2026-04-06", "3-5", "6-10"),  # Easter Monday is no working day: 5
        (("2026-03-27", "09:00"), "2026-04-07", "6-10", "6-10"),
        (("2026-03-02", "09:00"), "2026-03-23", "11-15", "0-2"),  # the fifteenth day
        (("2026-03-02", "09:00"), "2026-03-24", ">15", "overdue"),
    ],
)
def test_an_open_task_is_of_the_band_of_its_working_days(
    story: Story, time: Time, opened: tuple[str, str], now: str, age: str, left: str
) -> None:
    time.now = at(*opened)
    story.submitted(story.solution(), "LGC-V1")
    time.now = at(now)
    queue = grouped(story, By.QUEUE)["admissibility"]
    assert [band for band, tasks in queue.ages.items() if tasks] == [age]
    assert [band for band, tasks in queue.days_left.items() if tasks] == [left]


def band(days: int) -> str:
    return next(
        name
        for most, name in ((2, "0-2"), (5, "3-5"), (10, "6-10"), (15, "11-15"), (999, ">15"))
        if days <= most
    )


def test_the_bands_are_those_of_a_plain_recount(story: Story, time: Time) -> None:
    """Over Ascension and the weekends around it, for tasks opened at every hour of forty days."""
    publish_dsr(story.session, "DPI-V1", *(Asked(f"D.{n}") for n in range(40)))
    story.in_review(story.solution(), "DPI-V1")
    tasks = story.session.scalars(sa.select(Task).where(Task.closed_at.is_(None))).all()
    told, plain = {}, {}
    for today in ("2026-05-14", "2026-05-15", "2026-05-16", "2026-05-17", "2026-05-18"):
        time.now = at(today)
        for n, task in enumerate(tasks):
            task.opened_at = time.now - timedelta(days=n, hours=n % 24)
        story.session.flush()
        told[today] = Counter(grouped(story, By.QUEUE)["proof_review"].ages)
        opened = [paris_day(task.opened_at) for task in tasks]
        plain[today] = Counter(band(days_until(date.fromisoformat(today), day)) for day in opened)
    assert told == plain


def test_a_couloir_that_is_put_right_has_the_tasks_that_were_open(story: Story) -> None:
    dossier = story.submitted(story.solution(), "LGC-V1")
    story.session.execute(sa.update(Dsr).values(couloir="Imagerie"))
    assert grouped(story, By.COULOIR)["Imagerie"].waiting == 1
    story.withdraw(dossier)
    assert "Imagerie" not in grouped(story, By.COULOIR)
    assert kept(story.session) == {}


def test_in_hand_is_what_a_claim_stands_on(story: Story, time: Time) -> None:
    dossier = story.in_review(story.solution(), "LGC-V1")
    task = story.session.scalars(
        sa.select(Task.id).where(Task.candidature_id == dossier.id, Task.code.is_not(None))
    )
    claim(story.session, story.verifier, task.all()[0])
    queue = grouped(story, By.QUEUE)["proof_review"]
    assert (queue.waiting, queue.in_hand) == (2, 1)
    time.now += timedelta(hours=5)
    queue = grouped(story, By.QUEUE)["proof_review"]
    assert (queue.waiting, queue.in_hand) == (3, 0)


def test_unless_told_the_period_is_that_of_the_twelve_weeks(story: Story, time: Time) -> None:
    time.now = at("2026-04-08")
    assert period(story.session, story.lead, None, None) == Period(date(2026, 1, 19), date(2026, 4, 8))


def test_a_period_that_ends_before_it_starts_is_refused(story: Story) -> None:
    with pytest.raises(Invalid):
        period(story.session, story.lead, date(2026, 3, 2), date(2026, 3, 1))


def test_every_queue_is_told_even_when_it_is_empty(scratch: Session) -> None:
    assert len(grouped(Story(scratch), By.QUEUE)) == 6
