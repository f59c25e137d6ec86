"""Entering certificates: once each, renewed by another period, corrected by another row."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.errors import Conflict, Forbidden, Invalid, NotFound
from referencing.base.models import Job
from referencing.base.permissions import Actor, Role
from referencing.certificates.operations import Words, correct_certificate, enter_certificate
from referencing.certificates.queries import checked
from referencing.solutions.models import Certificate, Solution
from tests.builders import ALIZE, person, solution
from tests.conftest import Time

OTHER = "Mistral Santé"


@pytest.fixture
def editor(scratch: Session) -> Actor:
    return person(scratch, Role.EDITOR)


@pytest.fixture
def own(scratch: Session, editor: Actor) -> Solution:
    return solution(scratch, editor)


@pytest.fixture
def lead(scratch: Session) -> Actor:
    return person(scratch, Role.LEAD)


def enter(session: Session, actor: Actor, software: UUID, **changes: Any) -> Certificate:
    words: dict[str, Any] = {
        "kind": "DMP",
        "holder": "NIL-1",
        "number": "2026-1",
        "valid_from": date(2026, 1, 1),
        "valid_until": None,
    }
    return enter_certificate(session, actor, software, Words(**{**words, **changes}))


def test_a_certificate_is_entered_for_the_core_of_the_software(scratch: Session, own: Solution) -> None:
    entered = enter(scratch, person(scratch, Role.LEAD), own.software_id)
    assert (entered.core_id, entered.holder) == (own.software.core_id, "NIL-1")


def test_the_dossiers_of_the_software_are_resolved_again(scratch: Session, own: Solution) -> None:
    enter(scratch, person(scratch, Role.LEAD), own.software_id)
    (job,) = scratch.scalars(sa.select(Job))
    assert (job.task, job.arguments) == ("resolve_software", {"core_id": str(own.software.core_id)})


@pytest.mark.parametrize("organisation", [ALIZE, OTHER])
def test_an_integration_without_permission_does_not_know_the_software(
    scratch: Session, own: Solution, organisation: str
) -> None:
    with pytest.raises(NotFound):
        enter(scratch, person(scratch, Role.INTEGRATION, organisation), own.software_id)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.INTEGRATION, Role.LEAD}))
def test_nobody_else_enters_a_certificate(scratch: Session, own: Solution, role: Role) -> None:
    with pytest.raises(Forbidden):
        enter(scratch, person(scratch, role), own.software_id)


@pytest.mark.parametrize("end", [date(2025, 12, 31), date(2026, 1, 1)], ids=["before", "the same day"])
def test_a_certificate_ends_after_it_begins(scratch: Session, own: Solution, end: date) -> None:
    with pytest.raises(Invalid) as refusal:
        enter(scratch, person(scratch, Role.LEAD), own.software_id, valid_until=end)
    assert [error.pointer for error in refusal.value.errors] == ["/valid_until"]


def test_a_certificate_is_entered_once(scratch: Session, own: Solution) -> None:
    lead = person(scratch, Role.LEAD)
    enter(scratch, lead, own.software_id)
    with pytest.raises(Conflict):
        enter(scratch, lead, own.software_id, kind=" DMP ", valid_from=date(2025, 1, 1))


@pytest.mark.parametrize(
    "change", [{"kind": "DMN"}, {"number": "2026-2"}, {"holder": "messagerie@1.0"}], ids=lambda one: str(*one)
)
def test_another_kind_number_or_holder_is_another_certificate(
    scratch: Session, own: Solution, change: dict[str, Any]
) -> None:
    lead = person(scratch, Role.LEAD)
    first = enter(scratch, lead, own.software_id)
    assert enter(scratch, lead, own.software_id, **change).id != first.id


def test_two_softwares_may_embed_the_same_certified_component(
    scratch: Session, editor: Actor, own: Solution
) -> None:
    lead = person(scratch, Role.LEAD)
    other = solution(scratch, editor, nil="NIL-2")
    for one in (own, other):
        assert enter(scratch, lead, one.software_id, holder="messagerie@1.0").software_id == one.software_id


# --- renewals and corrections -------------------------------------------------------------------------------

TO_2027 = {"valid_from": date(2026, 1, 1), "valid_until": date(2027, 1, 1)}
WORDS = Words("DMP", "NIL-1", "2026-1", date(2026, 1, 1), date(2027, 1, 1))


def standing(session: Session, software: Solution) -> list[Certificate]:
    found = [one.certificate for one in checked(session, Certificate.core_id == software.software.core_id)]
    return [one for one in found if one.revoked_on is None]


def test_the_same_number_for_a_later_period_is_a_renewal(
    scratch: Session, own: Solution, lead: Actor
) -> None:
    first = enter(scratch, lead, own.software_id, **TO_2027)
    second = enter(scratch, lead, own.software_id, valid_from=date(2027, 1, 1))
    assert {one.id for one in standing(scratch, own)} == {first.id, second.id}


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2026, 12, 31), None),
        (date(2025, 1, 1), date(2026, 1, 2)),
        (date(2025, 1, 1), None),
        (date(2026, 3, 1), date(2026, 4, 1)),
    ],
)
def test_a_period_that_overlaps_is_no_renewal(
    scratch: Session, own: Solution, lead: Actor, start: date, end: date | None
) -> None:
    first = enter(scratch, lead, own.software_id, **TO_2027)
    with pytest.raises(Conflict, match=f"{first.id}/correction"):
        enter(scratch, lead, own.software_id, valid_from=start, valid_until=end)


def test_the_nil_and_the_id_of_a_software_are_one_holder(
    scratch: Session, own: Solution, lead: Actor
) -> None:
    assert enter(scratch, lead, own.software_id, holder=str(own.software_id)).holder == "NIL-1"
    with pytest.raises(Conflict):
        enter(scratch, lead, own.software_id)


def test_a_correction_takes_the_place_of_what_was_wrong(
    scratch: Session, own: Solution, lead: Actor, time: Time
) -> None:
    wrong = enter(scratch, lead, own.software_id, **TO_2027)
    time.pass_days(3)
    right = correct_certificate(
        scratch, lead, wrong.id, Words("DMP", "NIL-1", "2026-1", date(2026, 2, 1), None), "Coquille."
    )
    scratch.refresh(wrong)
    assert (wrong.replaced_by, wrong.revoked_on) == (right.id, date(2026, 3, 5))
    assert standing(scratch, own) == [right]
    assert right.valid_from == date(2026, 2, 1)


def test_what_was_corrected_is_not_corrected_again(scratch: Session, own: Solution, lead: Actor) -> None:
    wrong = enter(scratch, lead, own.software_id, **TO_2027)
    right = correct_certificate(
        scratch, lead, wrong.id, Words("DMP", "NIL-1", "9", date(2026, 1, 1), None), "x"
    )
    with pytest.raises(Conflict, match=str(right.id)):
        correct_certificate(scratch, lead, wrong.id, WORDS, "Encore.")


def test_a_correction_that_says_the_same_changes_nothing(
    scratch: Session, own: Solution, lead: Actor
) -> None:
    entered = enter(scratch, lead, own.software_id, **TO_2027)
    before = scratch.scalar(sa.select(sa.func.count()).select_from(Job))
    assert correct_certificate(scratch, lead, entered.id, WORDS, "Rien.").id == entered.id
    assert scratch.scalar(sa.select(sa.func.count()).select_from(Job)) == before


def test_a_correction_cannot_become_another_that_stands(scratch: Session, own: Solution, lead: Actor) -> None:
    enter(scratch, lead, own.software_id, **TO_2027)
    other = enter(scratch, lead, own.software_id, number="2026-2")
    with pytest.raises(Conflict):
        correct_certificate(scratch, lead, other.id, WORDS, "Mauvais numéro.")
