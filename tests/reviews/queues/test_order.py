"""Where a task stands and why, as it is told: warnings and sentences, without a database."""

from datetime import date
from uuid import uuid4

import pytest

from referencing.reviews.queues.order import Alert, Due, Priority, days_left, explain, latest, warning

MONDAY = date(2026, 3, 2)
JUNE = date(2027, 6, 30)


@pytest.mark.parametrize(
    ("left", "alert"),
    [
        (15, None),
        (6, None),
        (5, Alert.SOON),
        (3, Alert.SOON),
        (2, Alert.URGENT),
        (1, Alert.URGENT),
        (0, Alert.URGENT),  # due today
        (-1, Alert.OVERDUE),
        (-40, Alert.OVERDUE),
    ],
)
def test_a_warning_is_given_at_five_and_two_days_left_and_when_overdue(
    left: int, alert: Alert | None
) -> None:
    assert warning(left) is alert


@pytest.mark.parametrize(
    ("last_day", "today", "left"),
    [
        ("2026-03-23", "2026-03-02", 15),
        ("2026-03-23", "2026-03-01", 16),  # a Sunday, the day before
        ("2026-03-23", "2026-03-23", 0),
        ("2026-03-23", "2026-03-24", -1),
        ("2026-03-20", "2026-03-22", 0),  # due on Friday; no working day has passed by Sunday
        ("2026-03-20", "2026-03-23", -1),
        ("2026-05-12", "2026-05-18", -3),  # over Ascension: Wednesday, the bridge, Monday
        ("2027-01-04", "2026-12-31", 1),
    ],
)
def test_days_left_are_working_days(last_day: str, today: str, left: int) -> None:
    assert days_left(date.fromisoformat(last_day), date.fromisoformat(today)) == left


@pytest.mark.parametrize(
    ("due", "day"), [(Due.OVERDUE, "2026-02-27"), (Due.IN_2, "2026-03-04"), (Due.IN_5, "2026-03-09")]
)
def test_a_list_is_narrowed_down_to_what_is_due_by_a_day(due: Due, day: str) -> None:
    assert latest(due, MONDAY) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (15, "15 jours ouvrés restants"),
        (2, "2 jours ouvrés restants"),
        (1, "1 jour ouvré restant"),
        (0, "0 jour ouvré restant"),
        (-1, "en retard de 1 jour ouvré"),
        (-3, "en retard de 3 jours ouvrés"),
    ],
)
def test_the_order_is_told_by_the_days_left(left: int, said: str) -> None:
    assert explain(left, None) == said


@pytest.mark.parametrize(
    ("priority", "said"),
    [
        (
            Priority(None, None, "DPI", 2, None, "afflux", JUNE),
            "5 jours ouvrés restants ; priorité : DPI, vague 2, jusqu'au 30 juin 2027 (afflux)",
        ),
        (
            Priority("equivalence", "INS", None, None, uuid4(), "comité", JUNE),
            "5 jours ouvrés restants ; priorité : file equivalence, chapitre INS, cette candidature, "
            "jusqu'au 30 juin 2027 (comité)",
        ),
    ],
)
def test_a_boost_is_told_with_what_it_names_and_its_last_day(priority: Priority, said: str) -> None:
    assert explain(5, priority) == said
