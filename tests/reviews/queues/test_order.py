"""Where a task stands and why, as its sentences tell it: without a database."""

from datetime import date
from uuid import uuid4

import pytest

from referencing.reviews.queues.order import Priority, explain

JUNE = date(2027, 6, 30)


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
            "5 jours ouvrés restants ; priorité : file « Réemplois à confirmer », chapitre INS, cette candidature, "
            "jusqu'au 30 juin 2027 (comité)",
        ),
    ],
)
def test_a_boost_is_told_with_what_it_names_and_its_last_day(priority: Priority, said: str) -> None:
    assert explain(5, priority) == said
