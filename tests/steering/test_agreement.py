"""How far second readers agree, by queue, chapter and couloir; counted by hand."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.permissions import Actor, Role
from referencing.candidatures.tasks.models import Queue
from referencing.reviews.queues import claims, queries
from referencing.reviews.queues.models import Arbiter
from referencing.reviews.queues.outcomes import Outcome
from referencing.reviews.second_readings import rates
from referencing.reviews.verdicts.operations import give_verdict
from referencing.steering.periods import Period
from referencing.steering.queries import By, Figures, figures
from referencing.steering.views import queues_sheet, queues_view
from tests.builders import Story, person, statements
from tests.candidatures.dossiers import sha256
from tests.conftest import Time
from tests.steering.conftest import three_proofs

FEBRUARY = Period(date(2026, 2, 1), date(2026, 2, 28))
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


@pytest.fixture(scope="module")
def prepared(shared: sa.Engine) -> Iterator[Story]:
    """Every finding is read a second time."""
    clock = Time()
    with db.sessions(shared, clock)() as session:
        story = three_proofs(session)
        words: dict[str, Any] = {"chapter": None, "verifier": None, "seed": "s"}
        rates.set_rate(session, story.lead, rate=100, on_disagreement=Arbiter.THIRD, **words)
        review_twice(story, clock)
        yield story


@pytest.fixture
def story(prepared: Story) -> Iterator[Story]:
    with db.undone(prepared.session):
        prepared.session.connection()  # the savepoint is set, else it would count as a statement of the test
        yield prepared


def read_again(session: Session, reader: Actor, outcome: Outcome) -> None:
    """What waits first for another reader."""
    task = claims.claim_next(session, reader, Queue.SECOND_READING)
    assert task is not None
    code = queries.task(session, reader, task).code or ""
    give_verdict(session, reader, task, outcome, "Vu.", sha256(code.encode()))
    session.expire_all()


def review_twice(story: Story, time: Time) -> None:
    """INS.01: two agree. INS.02: two disagree and a third decides. MSS.01: two disagree, and a third is awaited."""
    dossier = story.in_review(story.solution(), "LGC-V1")
    second, third = (person(story.session, Role.VERIFIER) for _ in range(2))
    for code, found in (
        ("INS.01", [Outcome.CONFORM]),
        ("INS.02", [Outcome.NONCONFORM, Outcome.CONFORM]),
        ("MSS.01", [Outcome.NONCONFORM]),
    ):
        story.find(dossier, f"LGC-V1:{code}#01.01")
        for reader, outcome in zip((second, third), found, strict=False):
            time.pass_days(1)
            read_again(story.session, reader, outcome)


def told(story: Story, by: By, over: Period = MARCH) -> dict[str | None, list[float | None]]:
    return {
        one.group: [one.second_readings, one.agreed, one.agreement]
        for one in figures(story.session, story.lead, by, over)
    }


def test_it_is_that_of_the_findings_first_given_in_a_queue(story: Story) -> None:
    found = told(story, By.QUEUE)
    assert found.pop("proof_review") == [2, 1, 50.0]
    assert set(map(tuple, found.values())) == {(0, 0, None)}


def test_a_disagreement_counts_once_a_finding_stands(story: Story) -> None:
    assert told(story, By.CHAPTER) == {"INS": [2, 1, 50.0], "MSS": [0, 0, None], None: [0, 0, None]}
    read_again(story.session, person(story.session, Role.VERIFIER), Outcome.NONCONFORM)
    assert told(story, By.CHAPTER)["MSS"] == [1, 0, 0.0]
    assert told(story, By.COULOIR) == {"c": [3, 1, 33.3]}


def test_it_is_of_the_period_in_which_the_second_reader_said_it(story: Story) -> None:
    """The first said so on 2, 3 and 5 March, the second a day later."""
    assert told(story, By.COULOIR, Period(date(2026, 3, 3), date(2026, 3, 3))) == {"c": [1, 1, 100.0]}
    assert told(story, By.COULOIR, Period(date(2026, 3, 5), date(2026, 3, 31)))["c"] == [0, 0, None]


def test_it_is_told_as_json_and_as_a_sheet(story: Story) -> None:
    found = figures(story.session, story.lead, By.CHAPTER, MARCH)
    (first, *_) = queues_view(By.CHAPTER, MARCH, found)["items"]
    assert [first["second_readings"], first["agreed"], first["agreement"]] == [2, 1, 50.0]
    heading, row, *_ = queues_sheet(By.CHAPTER, MARCH, found).splitlines()
    assert heading.endswith('"Secondes lectures","Concordantes","Concordance (%)"')
    assert row.endswith(',"2","1","50.0"')


def test_nothing_was_read_twice(story: Story) -> None:
    found: list[Figures] = list(figures(story.session, story.lead, By.QUEUE, FEBRUARY))
    assert {(one.second_readings, one.agreed, one.agreement) for one in found} == {(0, 0, None)}


def test_all_the_figures_take_three_statements(story: Story, shared: Any) -> None:
    with statements(shared) as sent:
        figures(story.session, story.lead, By.COULOIR, MARCH)
    assert len(sent) == 3
