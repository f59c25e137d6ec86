"""What leads see of the queues, on a history whose figures are counted by hand."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.errors import Invalid
from referencing.base.workdays import days_until, paris_day
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.tasks.models import Task
from referencing.reviews.queues.claims import claim
from referencing.reviews.queues.outcomes import Outcome
from referencing.steering.periods import Period, week_name
from referencing.steering.queries import By, Figures, figures, loads, period
from tests.builders import Asked, Story, publish_dsr, supply
from tests.conftest import Time


def at(day: str, hour: str = "09:00") -> datetime:
    """In UTC."""
    return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=UTC)


SPRING = Period(date(2026, 3, 1), date(2026, 4, 30))


def grouped(story: Story, by: By, over: Period = SPRING) -> dict[str | None, Figures]:
    return {one.group: one for one in figures(story.session, story.lead, by, over)}


@pytest.fixture
def history(story: Story, time: Time) -> Candidature:
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
    return dossier


@pytest.mark.usefixtures("history")
def test_days_used_are_those_of_all_the_agencys_turns(story: Story) -> None:
    """4, 8, 10 and 20 days: on average 10.5, and nine in ten, so all four, took 20 or fewer."""
    queue = grouped(story, By.QUEUE)["proof_review"]
    assert (queue.closed, queue.average_days, queue.p90_days) == (4, 10.5, 20)


@pytest.mark.usefixtures("history")
def test_admissibility_has_figures_of_its_own(story: Story) -> None:
    queue = grouped(story, By.QUEUE)["admissibility"]
    assert (queue.closed, queue.average_days, queue.p90_days) == (1, 0, 0)
    assert queue.rounds_per_item is None


@pytest.mark.usefixtures("history")
def test_rounds_are_the_verdicts_that_a_settled_item_needed(story: Story) -> None:
    """One, one, and two with the complement."""
    assert grouped(story, By.QUEUE)["proof_review"].rounds_per_item == pytest.approx(4 / 3)


@pytest.mark.usefixtures("history")
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


@pytest.mark.usefixtures("history")
def test_chapters(story: Story) -> None:
    found = grouped(story, By.CHAPTER)
    assert list(found) == ["INS", "MSS", None]
    assert [one.closed for one in found.values()] == [3, 1, 1]
    assert found["INS"].average_days == pytest.approx(22 / 3)
    assert found["INS"].rounds_per_item == 1.5
    assert found["MSS"].average_days == 20


@pytest.mark.usefixtures("history")
def test_couloirs(story: Story) -> None:
    (only,) = grouped(story, By.COULOIR).values()
    assert (only.group, only.closed, only.average_days) == ("c", 5, 42 / 5)


@pytest.mark.usefixtures("history")
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


def test_what_nobody_answered_counts_nowhere(story: Story, time: Time) -> None:
    dossier = story.in_review(story.solution(), "LGC-V1")
    story.withdraw(dossier)
    queue = grouped(story, By.QUEUE)["proof_review"]
    assert (queue.waiting, queue.closed, sum(queue.weeks.values())) == (0, 0, 0)


@pytest.mark.usefixtures("history")
def test_what_was_closed_before_the_days_were_kept_counts_without_days(story: Story) -> None:
    story.session.execute(sa.update(Task).where(Task.outcome == "complement").values(days_used=None))
    queue = grouped(story, By.QUEUE)["proof_review"]
    assert (queue.closed, queue.average_days) == (4, 38 / 3)


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


@pytest.mark.parametrize("today", ["2026-05-14", "2026-05-15", "2026-05-16", "2026-05-17", "2026-05-18"])
def test_the_bands_are_those_of_a_plain_recount(story: Story, time: Time, today: str) -> None:
    """Over Ascension and the weekends around it, for tasks opened at every hour of forty days."""
    publish_dsr(story.session, "DPI-V1", *(Asked(f"D.{n}") for n in range(40)))
    story.in_review(story.solution(), "DPI-V1")
    time.now = at(today)
    opened = []
    for n, task in enumerate(story.session.scalars(sa.select(Task).where(Task.closed_at.is_(None)))):
        task.opened_at = time.now - timedelta(days=n, hours=n % 24)
        opened.append(paris_day(task.opened_at))
    story.session.flush()
    plain = Counter(band(days_until(date.fromisoformat(today), day)) for day in opened)
    assert Counter(grouped(story, By.QUEUE)["proof_review"].ages) == plain


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


@pytest.mark.usefixtures("history")
def test_the_load_of_each_verifier_and_of_who_else_answered(story: Story) -> None:
    found = {one.id: one for one in loads(story.session, story.lead, SPRING)}
    verifier, lead = found[story.verifier.account_id], found[story.lead.account_id]
    assert (verifier.in_hand, verifier.closed, verifier.average_days) == (0, 4, 10.5)
    assert (lead.role, lead.closed) == ("lead", 1)
    assert story.editor.account_id not in found


def test_unless_told_the_period_is_that_of_the_twelve_weeks(story: Story, time: Time) -> None:
    time.now = at("2026-04-08")
    assert period(story.session, story.lead, None, None) == Period(date(2026, 1, 19), date(2026, 4, 8))


def test_a_period_that_ends_before_it_starts_is_refused(story: Story) -> None:
    with pytest.raises(Invalid):
        period(story.session, story.lead, date(2026, 3, 2), date(2026, 3, 1))


def test_every_queue_is_told_even_when_it_is_empty(scratch: Session) -> None:
    assert len(grouped(Story(scratch), By.QUEUE)) == 6
