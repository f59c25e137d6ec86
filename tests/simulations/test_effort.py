"""What a task costs verifiers, from the record, and what a change of rules saves."""

from datetime import date

import pytest

from referencing.equivalence.engine.resolution import Status
from referencing.simulations.effort import CONFIRMATION, REVIEW, Effort, assumptions, effort_of, work_of
from referencing.simulations.figures import grouped, totals
from referencing.steering.habits import Answered

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def test_a_day_is_shared_among_all_that_somebody_answered_in_it() -> None:
    """Anne: a day for 10 proofs, half a day for 10 proofs and as many reuses. Bruno: a day for 20 proofs."""
    record = [
        Answered(REVIEW, "anne", MONDAY, 10, 4),
        Answered(REVIEW, "anne", TUESDAY, 10, 0),
        Answered(CONFIRMATION, "anne", TUESDAY, 10, 0),
        Answered(REVIEW, "bruno", MONDAY, 20, 4),
    ]
    found = effort_of(REVIEW, record, 3.5)
    assert found == Effort(REVIEW, 40, 2.5 / 40, 8 / 40, 3.5)
    assert not found.supposed


def test_too_short_a_record_is_replaced_and_told() -> None:
    found = effort_of(CONFIRMATION, [Answered(CONFIRMATION, "anne", MONDAY, 29, 29)], None)
    assert found == Effort(CONFIRMATION, 29, 0.2, 0.25, None)
    assert "29 réponses seulement" in assumptions([found])[-1]
    assert not any("seulement" in one for one in assumptions([Effort(REVIEW, 30, 0.1, 0, 1.0)]))


def test_a_proof_that_is_always_asked_again_is_not_read_for_ever() -> None:
    found = effort_of(REVIEW, [Answered(REVIEW, "anne", MONDAY, 30, 30)], None)
    assert work_of({REVIEW: found, CONFIRMATION: found})[Status.REQUIRED] == pytest.approx(10 / 30)


def test_what_an_item_costs_by_how_it_stands() -> None:
    work = work_of(
        {REVIEW: Effort(REVIEW, 40, 0.3, 0.25, None), CONFIRMATION: Effort(CONFIRMATION, 40, 0.1, 0.5, None)}
    )
    assert work == {
        Status.REQUIRED: pytest.approx(0.4),  # read four times out of three
        Status.TO_CONFIRM: pytest.approx(0.3),  # and one in two has to be read after all
        Status.COVERED: 0,
        Status.AWAITING: 0,
    }


def test_figures_are_added_up_by_dispositif_and_chapter_and_in_all() -> None:
    work = {Status.REQUIRED: 2.0, Status.TO_CONFIRM: 0.5, Status.COVERED: 0.0, Status.AWAITING: 0.0}
    words = ("decided", "dispositif", "chapter", "before", "after", "items")
    figures = [
        dict(zip(words, row, strict=True))
        for row in (
            (False, "LGC", "INS", "required", "covered", 3),
            (False, "LGC", "INS", "covered", "required", 1),
            (False, "LGC", "INS", "covered", "covered", 5),
            (False, "LGC", "MSS", "required", "to_confirm", 2),
            (True, "DPI", "INS", "required", "awaiting", 1),
        )
    ]
    ins, mss, dpi = grouped(figures, work).values()
    assert [ins.become(status) for status in Status] == [3, 0, 0, 1]
    assert (ins.otherwise, ins.days) == (5, 4.0)
    assert (mss.become(Status.TO_CONFIRM), mss.days) == (2, 3.0)
    assert (dpi.become(Status.AWAITING), dpi.days) == (1, 2.0)
    both = totals(figures, work)
    assert (both[False].days, both[True].days) == (7.0, 2.0)
