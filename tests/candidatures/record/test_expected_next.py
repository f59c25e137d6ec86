"""What comes next and when: a day while the agency has to move, the reason why there is none while it has not."""

from datetime import date

import pytest

from referencing.candidatures.clock.ledger import Holder
from referencing.candidatures.record.states import OPEN, State, expected_next
from tests.candidatures.dossiers import OLD_IDENTITY, People
from tests.conftest import Time

DUE = date(2026, 3, 23)

#: Every state of an open dossier and everybody who may hold its ball there: the step, its day, what it waits for.
TABLE = [
    (State.DRAFT, Holder.EDITOR, "filing", None, "dépôt"),
    (State.INCOMPLETE, Holder.EDITOR, "filing", None, "dépôt"),
    (State.SUBMITTED, Holder.AGENCY, "admissibility", DUE, None),
    (State.IN_REVIEW, Holder.AGENCY, "review", DUE, None),
    (State.IN_REVIEW, Holder.EDITOR, "review", None, "preuves à fournir"),
    (State.IN_REVIEW, Holder.THIRD_PARTY, "review", None, "tiers"),
    (State.DELIBERATION, Holder.AGENCY, "decision", DUE, None),
]


@pytest.mark.parametrize(("state", "held_by", "step", "on", "because"), TABLE)
def test_the_next_step_of_an_open_dossier(
    state: State, held_by: Holder, step: str, on: date | None, because: str | None
) -> None:
    following = expected_next(state, held_by, DUE)
    assert following is not None
    assert (following.step, following.on) == (step, on)
    assert following.reason is None if because is None else because in str(following.reason)


def test_the_table_names_every_open_state() -> None:
    assert {state for state, *_ in TABLE} == OPEN


@pytest.mark.parametrize("state", sorted(set(State) - OPEN))
def test_nothing_more_is_expected_of_a_closed_dossier(state: State) -> None:
    assert expected_next(state, None, None) is None


def test_an_editor_reads_what_comes_next_along_the_life_of_a_dossier(people: People, time: Time) -> None:
    dossier = people.draft("LGC-V1")
    seen = [dossier.read()["expected_next"]]
    dossier.supply_all()
    dossier.submit()  # Monday 2 March 2026: 15 working days from there
    seen.append(dossier.read()["expected_next"])
    dossier.judge()
    seen.append(dossier.read()["expected_next"])
    time.pass_days(2)
    for code in dossier.codes("under_review"):
        dossier.find(code, "complement" if code == OLD_IDENTITY else "conform", "Montrez la date.")
    time.pass_days(5)
    seen.append(dossier.read()["expected_next"])
    dossier.supply(OLD_IDENTITY, b"avec la date")  # Monday 9 March: 13 working days are left
    dossier.find(OLD_IDENTITY)
    seen.append(dossier.read()["expected_next"])
    dossier.decide("referenced")
    assert [(one["step"], one["on"], one["reason"] is None) for one in seen] == [
        ("filing", None, False),
        ("admissibility", "2026-03-23", True),
        ("review", "2026-03-23", True),
        ("review", None, False),
        ("decision", "2026-03-26", True),
    ]
    assert dossier.read()["expected_next"] is None
