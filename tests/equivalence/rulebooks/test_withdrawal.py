"""A rulebook that waits for its day is taken back before it, and is a draft again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.errors import Conflict, Forbidden, NotFound
from referencing.base.permissions import Actor, Role
from referencing.equivalence.rulebooks import history, queries
from referencing.equivalence.rulebooks.models import Rulebook
from referencing.equivalence.rulebooks.operations import publish_rulebook, supersede_rulebooks, write_rulebook
from referencing.equivalence.rulebooks.rulebooks import Rules
from referencing.equivalence.rulebooks.withdrawal import withdraw_rulebook
from tests.builders import ALWAYS, person, publish_rules
from tests.clients import Client
from tests.conftest import Time


@pytest.fixture
def lead(scratch: Session) -> Actor:
    return person(scratch, Role.LEAD)


@pytest.fixture
def waiting(scratch: Session, lead: Actor) -> Rulebook:
    """Published for the day after tomorrow."""
    book = write_rulebook(scratch, lead, "Règles", Rules((), (), (ALWAYS,)))
    return publish_rulebook(
        scratch, lead, book.id, valid_from=db.today(scratch) + timedelta(2), accept_warnings=True
    )


def test_it_is_a_draft_again_that_can_be_published_for_another_day(
    scratch: Session, lead: Actor, waiting: Rulebook, time: Time
) -> None:
    before = publish_rules(scratch)
    withdraw_rulebook(scratch, lead, waiting.id, "Une règle est à revoir.")
    assert (waiting.state, waiting.first_day, waiting.scheduled_at) == ("checked", None, None)
    with pytest.raises(NotFound):
        queries.visible_rulebook(scratch, person(scratch, Role.EDITOR), waiting.id)
    time.pass_days(2)
    supersede_rulebooks(scratch)
    assert queries.in_force(scratch) is before
    publish_rulebook(scratch, lead, waiting.id, accept_warnings=True)
    assert queries.in_force(scratch) is waiting


def test_the_journal_says_who_and_why(scratch: Session, lead: Actor, waiting: Rulebook) -> None:
    day = waiting.first_day
    assert day is not None
    withdraw_rulebook(scratch, lead, waiting.id, "Une règle est à revoir.")
    *_, last = history.history(scratch, lead, waiting.id, 0, 10)
    assert (last.action, last.account_id) == ("rulebook.withdrawn", lead.account_id)
    assert last.detail == {"reason": "Une règle est à revoir.", "valid_from": day.isoformat()}


def test_the_second_click_is_told_that_nothing_waits(
    scratch: Session, lead: Actor, waiting: Rulebook
) -> None:
    withdraw_rulebook(scratch, lead, waiting.id, "À revoir.")
    with pytest.raises(Conflict):
        withdraw_rulebook(scratch, lead, waiting.id, "À revoir.")


@pytest.mark.parametrize("noticed", [False, True])
def test_once_its_day_has_come_it_stays(
    scratch: Session, lead: Actor, waiting: Rulebook, time: Time, noticed: bool
) -> None:
    """Whether the job that puts it in force has run or not."""
    time.pass_days(2)
    if noticed:
        supersede_rulebooks(scratch)
    with pytest.raises(Conflict, match="04/03/2026"):
        withdraw_rulebook(scratch, lead, waiting.id, "Trop tard.")


def test_a_draft_and_what_is_in_force_are_not_withdrawn(scratch: Session, lead: Actor) -> None:
    draft = write_rulebook(scratch, lead, "Règles", Rules((), (), (ALWAYS,)))
    for book in (draft, publish_rules(scratch)):
        with pytest.raises(Conflict):
            withdraw_rulebook(scratch, lead, book.id, "À revoir.")


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.LEAD}))
def test_only_a_lead_withdraws(scratch: Session, waiting: Rulebook, role: Role) -> None:
    with pytest.raises(Forbidden):
        withdraw_rulebook(scratch, person(scratch, role), waiting.id, "À revoir.")


#: A policy that reuses all that can be.
ALL = {"when": {}, "then": {"reuse": "auto"}}


def test_over_http_with_a_reason(as_: Callable[..., Client]) -> None:
    lead = as_(Role.LEAD)
    path = f"/rulebooks/{lead.post('/rulebooks', {'label': 'Règles', 'policies': [ALL]})['id']}"
    lead.post(f"{path}/publication", {"valid_from": "2026-03-09", "accept_warnings": True}, 200)
    refused = lead.refused(422, "POST", f"{path}/withdrawal", json={"reason": " "})
    assert [one["pointer"] for one in refused["errors"]] == ["/reason"]
    answered = lead.post(f"{path}/withdrawal", {"reason": "À revoir."}, status=200)
    assert (answered["state"], answered["valid_from"]) == ("checked", None)
    assert lead.get(path)["state"] == "checked"
