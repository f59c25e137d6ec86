"""What is made of the record, and what the forecast says of the dossiers under way."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from referencing.base.permissions import Role
from referencing.base.workdays import is_working_day
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.tasks.models import Task
from referencing.candidatures.verdicts import instruction
from referencing.reviews.queues import claims
from referencing.reviews.queues.outcomes import Outcome
from referencing.reviews.third_parties import third_parties
from referencing.steering import history_queries
from referencing.steering.forecast import forecast, read_record
from referencing.steering.habits import (
    DELAY,
    PACE,
    Answered,
    Past,
    active,
    habits_of,
    still_to_wait,
    supposed_of_third_parties,
    window,
)
from referencing.steering.simulation import Order, Scenario, Work
from tests.builders import Story, person, supply
from tests.conftest import Time

REVIEW, EQUIVALENCE, ADMISSIBILITY = "proof_review", "equivalence", "admissibility"
POOL = frozenset({REVIEW, EQUIVALENCE})
TUESDAY = date(2026, 4, 7)  # after Easter Monday
DAYS = window(TUESDAY)


def test_the_window_is_sixty_working_days_before_today() -> None:
    assert (len(DAYS), DAYS[-1]) == (60, date(2026, 4, 3))
    assert all(map(is_working_day, DAYS))


def answered(person: str, day: date, tasks: int, again: int = 0, queue: str = REVIEW) -> Answered:
    return Answered(queue, person, day, tasks, again)


def test_a_person_has_a_pace_for_every_day_since_their_first() -> None:
    """Nothing on the days between: leave is a part of the pace. What a Saturday saw is Friday's."""
    past = Past(
        [
            answered("anne", DAYS[-4], 20, 5),
            answered("anne", date(2026, 4, 4), 10),
            answered("bruno", DAYS[-2], 3, queue=EQUIVALENCE),
        ],
        {},
        {},
    )
    found, _ = habits_of(REVIEW, POOL, past, DAYS, grows=True)
    assert found.people == 2
    assert sorted(found.paces) == [0, 0, 0, 0, 10, 20]  # four days of Anne, two of Bruno
    assert found.again == 5 / 30


def test_who_answered_nothing_for_twenty_days_is_gone() -> None:
    past = Past([answered("anne", DAYS[-21], 50), answered("bruno", DAYS[-20], 50)], {}, {})
    assert active(past, POOL, DAYS) == ["bruno"]
    assert len(habits_of(REVIEW, POOL, past, DAYS, grows=True)[0].paces) == 20


def test_arrivals_are_counted_from_the_first_day_that_saw_one() -> None:
    past = Past([], {REVIEW: {DAYS[-3]: 7, DAYS[-1]: 2}}, {})
    assert habits_of(REVIEW, POOL, past, DAYS, grows=True)[0].arrivals == (7, 0, 2)


def test_too_short_a_record_is_replaced_and_told() -> None:
    found, said = habits_of(REVIEW, POOL, Past([answered("anne", DAYS[-1], 29)], {}, {}), DAYS, grows=True)
    assert (found.paces, found.people) == ((PACE,), 1)
    assert "29 réponses seulement" in said[0]


def test_a_record_that_is_long_enough_is_taken_as_it_is() -> None:
    past = Past([answered("anne", DAYS[-1], 30)], {}, {REVIEW: [4] * 10})
    found, said = habits_of(REVIEW, POOL, past, DAYS, grows=True)
    assert (found.paces, found.delays, said) == ((30,), (4,) * 10, [])


@pytest.mark.parametrize(
    ("waited", "left"), [(0, (5, 20)), (4, (1, 16)), (5, (15,)), (19, (1,)), (20, (5, 20)), (90, (5, 20))]
)
def test_what_is_left_of_a_third_partys_time(waited: int, left: tuple[int, ...]) -> None:
    """From ten that took 5 or 20 days; who takes longer than all of them is as if asked today."""
    assert tuple(sorted(set(still_to_wait([5, 20] * 5, waited, expected_in=2)))) == left


@pytest.mark.parametrize(("expected_in", "left"), [(7, 7), (0, 0), (-1, DELAY)])
def test_without_a_record_the_expected_day_is_believed_until_it_has_passed(
    expected_in: int, left: int
) -> None:
    assert still_to_wait([50] * 9, 3, expected_in) == (left,)


def test_too_few_answers_of_third_parties_are_told() -> None:
    (said,) = supposed_of_third_parties(Past([], {}, {}, [4] * 9))
    assert "9 réponses seulement" in said
    assert supposed_of_third_parties(Past([], {}, {}, [4] * 10)) == []


@pytest.fixture
def spring(story: Story, time: Time) -> Story:
    time.now = datetime(2026, 3, 30, 9, tzinfo=UTC)
    return story


def test_the_record_of_a_complement(spring: Story, time: Time) -> None:
    """Asked on Wednesday 1 April, answered on Tuesday 7: Thursday, Friday and Tuesday, Easter Monday being none."""
    dossier = spring.in_review(spring.solution(), "LGC-V1")
    time.now += timedelta(days=2)
    spring.find(dossier, "LGC-V1:INS.01#01.01", Outcome.COMPLEMENT)
    spring.find(dossier, "LGC-V1:INS.02#01.01")
    time.now += timedelta(days=6)
    supply(spring.session, spring.editor, dossier, "LGC-V1:INS.01#01.01")
    time.now += timedelta(days=1)
    past = history_queries.past(spring.session, window(date(2026, 4, 8)))
    verifier, lead = (str(one.account_id) for one in (spring.verifier, spring.lead))
    assert sorted(past.answered, key=lambda one: one.queue) == [
        Answered(ADMISSIBILITY, lead, date(2026, 3, 30), 1, 0),
        Answered(REVIEW, verifier, date(2026, 4, 1), 2, 1),
    ]
    assert past.opened[REVIEW] == {date(2026, 3, 30): 3, date(2026, 4, 7): 1}
    assert past.delays == {REVIEW: [3]}


def wait(story: Story, task: UUID, expected_on: date) -> None:
    claims.claim(story.session, story.verifier, task)
    third_parties.wait_for(
        story.session, story.verifier, task, party="CNDA", reason="Homologation.", expected_on=expected_on
    )


def tasks(story: Story, dossier: Candidature) -> list[UUID]:
    chosen = sa.select(Task.id).where(Task.candidature_id == dossier.id, Task.queue == REVIEW)
    return list(story.session.scalars(chosen.order_by(Task.id)))


def test_the_record_of_third_parties(spring: Story, time: Time) -> None:
    """Asked on Monday 30 March: one answers on Tuesday 7 April, five days; the other is taken back."""
    dossier = spring.in_review(spring.solution(), "LGC-V1")
    answered, taken_back, _ = tasks(spring, dossier)
    for one in (answered, taken_back):
        wait(spring, one, date(2026, 4, 10))
    time.now += timedelta(days=8)
    third_parties.note_answer(spring.session, spring.verifier, answered, "Vu.")
    third_parties.stop_waiting(spring.session, spring.verifier, taken_back)
    assert (
        history_queries.past(spring.session, window(date(2026, 4, 7))).third_parties == []
    )  # today is not over
    time.now += timedelta(days=1)
    past = history_queries.past(spring.session, window(date(2026, 4, 8)))
    assert past.third_parties == [5]
    assert past.delays == {}


def test_what_waits_for_third_parties_stands_by_itself(spring: Story, time: Time) -> None:
    dossier = spring.in_review(spring.solution(), "LGC-V1")
    first, second, _ = tasks(spring, dossier)
    wait(spring, first, date(2026, 4, 10))
    wait(spring, second, date(2026, 3, 31))
    time.now += timedelta(days=2)
    day, one = date(2026, 3, 30), str(dossier.id)

    def places(found: list[Work]) -> set[Work]:
        return {replace(work, place=0) for work in found}

    assert places(history_queries.works(spring.session, [])) == {
        Work(one, REVIEW, 1, 0, day),
        Work(one, REVIEW, 1, 0, day, comes_in=(6,)),
        Work(one, REVIEW, 1, 0, day, comes_in=(DELAY,)),
    }
    assert places(history_queries.works(spring.session, [1] * 9 + [8])) == {
        Work(one, REVIEW, 1, 0, day),
        Work(one, REVIEW, 1, 0, day, comes_in=(6,)),
    }


def test_the_forecast_learns_how_long_third_parties_take(spring: Story, time: Time) -> None:
    """Ten of them took 30 working days each; what is expected tomorrow is not believed any more."""
    slow = [spring.in_review(spring.solution(f"S{n}", f"NIL-{n}"), "LGC-V1") for n in range(10)]
    for one in slow:
        wait(spring, tasks(spring, one)[0], date(2026, 4, 1))
    time.now += timedelta(days=45)  # Thursday 14 May, Ascension: 29 working days, 30 the day after
    time.now += timedelta(days=1)
    for one in slow:
        third_parties.note_answer(spring.session, spring.lead, tasks(spring, one)[0], "Vu.")
        spring.withdraw(one)
    time.now += timedelta(days=3)
    dossier = spring.in_review(spring.solution("A", "NIL-A"), "LGC-V1")
    for task in tasks(spring, dossier):
        wait(spring, task, date(2026, 5, 19))
    first, again = (forecast(read_record(spring.session), Scenario(), seed=4, runs=20) for _ in range(2))
    assert first == again
    assert not any(said.startswith("Tiers") for said in first.assumptions)
    assert (first.dossiers[0].id, first.now.whole.median) == (str(dossier.id), date(2026, 7, 1))


def test_the_work_that_is_there_and_to_come(spring: Story) -> None:
    """Three proofs under review, one of them with the editor; three to read once a dossier is admitted."""
    reviewed = spring.in_review(spring.solution("A", "NIL-1"), "LGC-V1")
    spring.find(reviewed, "LGC-V1:INS.01#01.01", Outcome.COMPLEMENT)
    filed = spring.submitted(spring.solution("B", "NIL-2"), "LGC-V1")
    day = date(2026, 3, 30)
    a, b = str(reviewed.id), str(filed.id)
    assert set(history_queries.works(spring.session, [])) == {
        Work(a, REVIEW, 2, 0, day),
        Work(b, ADMISSIBILITY, 1, 1, day),
        Work(a, REVIEW, 1, -1, day, with_editor=True),
        Work(b, REVIEW, 3, 1, day, after=ADMISSIBILITY),
    }


def test_an_incomplete_dossier_comes_back_to_its_admissibility(spring: Story) -> None:
    filed = spring.submitted(spring.solution(), "LGC-V1")
    instruction.judge_admissibility(
        spring.session, spring.lead, filed.id, complete=False, comment="Il manque tout."
    )
    day, dossier = date(2026, 3, 30), str(filed.id)
    assert set(history_queries.works(spring.session, [])) == {
        Work(dossier, ADMISSIBILITY, 1, -1, day, with_editor=True),
        Work(dossier, REVIEW, 3, -1, day, after=ADMISSIBILITY),
    }


def test_what_is_decided_or_withdrawn_is_not_expected(spring: Story) -> None:
    spring.verified(spring.solution("A", "NIL-1"), "LGC-V1")
    spring.withdraw(spring.in_review(spring.solution("B", "NIL-2"), "LGC-V1"))
    found = forecast(read_record(spring.session), Scenario(), seed=1, runs=5)
    assert found.dossiers == []
    assert found.now.whole.median == date(2026, 3, 30)


def test_the_same_seed_says_the_same_and_the_variant_is_told_beside_it(spring: Story, time: Time) -> None:
    dossier = spring.in_review(spring.solution(), "LGC-V1")
    asked = Scenario(2, Order.SHORTEST_DOSSIER)
    first, again = (forecast(read_record(spring.session), asked, seed=4, runs=20) for _ in range(2))
    assert first == again
    assert [one.id for one in first.dossiers] == [str(dossier.id)]
    assert first.asked is not None
    assert (first.asked.whole.median or date.max) <= (first.now.whole.median or date.max)
    assert forecast(read_record(spring.session), Scenario(), seed=4, runs=20).asked is None


def test_what_had_to_be_supposed_is_said_of_queues_with_something_to_do(spring: Story) -> None:
    spring.in_review(spring.solution(), "LGC-V1")
    said = " ".join(forecast(read_record(spring.session), Scenario(), seed=1, runs=5).assumptions)
    assert "File « Examen des preuves » : 0 réponse seulement" in said
    assert "File « Suites" not in said


def test_other_verifiers_count_once_they_have_answered(spring: Story, time: Time) -> None:
    dossier = spring.in_review(spring.solution(), "LGC-V1")
    person(spring.session, Role.VERIFIER)
    spring.find(dossier, "LGC-V1:INS.01#01.01")
    time.now += timedelta(days=1)
    assert forecast(read_record(spring.session), Scenario(), seed=1, runs=5).verifiers == 1
