"""An item is in a session or in a queue: the database refuses both, equivalence goes first, and the age is kept."""

from datetime import time, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from referencing.base.db import new_id
from referencing.base.errors import Conflict, Invalid
from referencing.candidatures.filing import operations as dossiers
from referencing.candidatures.record.models import Item
from referencing.candidatures.record.queries import counts_of
from referencing.candidatures.record.states import State, Track, holder
from referencing.candidatures.tasks.models import Task
from referencing.catalogue.proposals import ProofKind
from referencing.duo.conduct import operations, verdicts
from referencing.duo.conduct.ending import Leftovers
from referencing.duo.conduct.verdicts import LiveVerdict, Notes
from referencing.duo.sessions import queries
from referencing.duo.sessions.phases import Phase
from referencing.reviews.queues.claims import claim, claim_next
from referencing.reviews.queues.outcomes import Outcome
from referencing.reviews.third_parties import third_parties
from referencing.reviews.verdicts.operations import give_verdict
from tests.builders import Asked, entries, equal, publish_dsr, publish_rules, supply
from tests.duo.live import Live

CODE = "LGC-V2:{}#01.01"


def test_the_database_refuses_a_task_on_what_is_in_a_session(live: Live) -> None:
    running = live.running()
    item = live.line(running, "X2").item
    known = live.session.scalars(sa.select(Task).where(Task.item_id.is_not(None)).limit(1)).one()
    columns = {
        c.key: getattr(known, c.key) for c in Task.__mapper__.column_attrs if c.key not in {"id", "track"}
    }
    with pytest.raises(IntegrityError, match="fk_task_item_id_track_item"), live.session.begin_nested():
        live.session.execute(sa.insert(Task).values(**{**columns, "id": new_id(), "item_id": item.id}))


def test_the_database_refuses_to_put_in_a_session_what_waits_in_a_queue(live: Live) -> None:
    running = live.running()
    waiting = (
        sa.select(Task.item_id).where(Task.closed_at.is_(None), Task.item_id.is_not(None)).scalar_subquery()
    )
    moved = sa.update(Item).where(Item.id == waiting)
    with pytest.raises(IntegrityError), live.session.begin_nested():
        live.session.execute(moved.values(track=Track.DUO))
    with pytest.raises(IntegrityError, match="one_track"), live.session.begin_nested():
        live.session.execute(moved.values(session_id=running.id))


def test_what_is_on_an_agenda_is_not_supplied_and_what_is_taken_off_it_can_be(live: Live) -> None:
    booked = live.booked()
    with pytest.raises(Conflict, match="ordre du jour"):
        supply(live.session, live.editor, booked.candidature, CODE.format("X2"))
    kept = [CODE.format(one) for one in ("X3", "X1", "X4")]
    operations.set_agenda(live.session, live.editor, booked.id, booked.revision, kept)
    assert live.lines(booked) == {"X2": "withdrawn", "X3": "planned", "X1": "planned", "X4": "planned"}
    supply(live.session, live.editor, booked.candidature, CODE.format("X2"))
    assert live.items(booked.candidature)["X2"] == ("under_review", "async")
    assert live.waiting(booked.candidature)["X2"] == "duo_follow_up"


def test_what_waits_in_a_queue_is_moved_to_a_session_by_name_and_comes_back_with_its_age(live: Live) -> None:
    candidature = live.dossier()
    supply(live.session, live.editor, candidature, CODE.format("X2"))
    live.time.pass_days(7)  # five working days in the queue
    slot = live.offer(day=(live.time.now + timedelta(days=2)).date())
    booked = live.book(candidature, slot, [CODE.format("X2")])
    assert live.items(candidature)["X2"] == ("supplied", "duo")
    assert "X2" not in live.waiting(candidature)
    live.interrupt(live.opened(booked))
    assert live.items(candidature)["X2"] == ("under_review", "async")
    task = live.session.scalars(
        sa.select(Task).where(Task.code == CODE.format("X2"), Task.closed_at.is_(None))
    ).one()
    assert task.queue == "duo_follow_up"
    fresh = live.session.scalars(
        sa.select(Task.last_day).where(Task.code == CODE.format("DOC"), Task.closed_at.is_(None))
    ).one()
    # Two days of waiting for the session are not the agency's: the five before are.
    assert (task.last_day - fresh).days == 2


def test_what_somebody_has_in_hand_is_not_taken_from_them(live: Live) -> None:
    candidature = live.dossier()
    supply(live.session, live.editor, candidature, CODE.format("X2"))
    task = live.session.scalars(sa.select(Task.id).where(Task.code == CODE.format("X2"))).one()
    claim(live.session, live.verifier, task)
    with pytest.raises(Invalid):
        live.book(candidature, live.offer(), [CODE.format("X2")])


def test_what_waits_for_a_third_party_is_not_shown_live_before_it_has_answered(live: Live) -> None:
    candidature, slot, code = live.dossier(), live.offer(), CODE.format("X2")
    supply(live.session, live.editor, candidature, code)
    task = live.session.scalars(sa.select(Task.id).where(Task.code == code)).one()
    day = live.time.now.date()
    third_parties.wait_for(
        live.session, live.lead, task, party="CNDA", reason="Jeu de test.", expected_on=day
    )
    with pytest.raises(Invalid), live.session.begin_nested():
        live.book(candidature, slot, [code])
    booked = live.book(candidature, slot)
    with pytest.raises(Invalid), live.session.begin_nested():
        operations.set_agenda(live.session, live.editor, booked.id, booked.revision, [code])
    assert live.waiting(candidature)["X2"] == "duo_follow_up"
    third_parties.note_answer(live.session, live.lead, task, "Le jeu est bon.")
    operations.set_agenda(live.session, live.editor, booked.id, booked.revision, [code])
    assert "X2" not in live.waiting(candidature)


def test_what_is_on_an_agenda_is_not_handed_to_a_third_party(live: Live) -> None:
    """The task that it waited in was closed by the booking: it comes off the agenda first, by name."""
    candidature, code = live.dossier(), CODE.format("X2")
    supply(live.session, live.editor, candidature, code)
    task = live.session.scalars(sa.select(Task.id).where(Task.code == code)).one()
    booked = live.book(candidature, live.offer(), [code])
    day = live.time.now.date()
    with pytest.raises(Conflict):
        third_parties.wait_for(
            live.session, live.lead, task, party="CNDA", reason="Jeu de test.", expected_on=day
        )
    assert live.lines(booked) == {"X2": "planned"}


def test_the_follow_up_of_what_was_not_supplied_asks_for_it(live: Live) -> None:
    running = live.running()
    live.close(running)
    task = claim_next(live.session, live.verifier, "duo_follow_up")
    assert task is not None
    with pytest.raises(Conflict), live.session.begin_nested():
        give_verdict(live.session, live.verifier, task, Outcome.CONFORM, "Vu.", None)
    asked = give_verdict(live.session, live.verifier, task, Outcome.COMPLEMENT, "Une vidéo.", None)
    states = live.items(running.candidature)
    assert list(states.values()).count(("complement", "async")) == 1
    assert asked.closed_at is not None


def test_the_editor_holds_the_ball_until_the_session_and_the_agency_has_what_it_left(live: Live) -> None:
    def ball() -> str | None:
        return holder(State.IN_REVIEW, counts_of(live.session, [candidature.id])[candidature.id])

    candidature = live.dossier("LGC-V2", "NIL-1", Asked("X2", kind=ProofKind.DEMONSTRATION))
    assert ball() == "editor"
    booked = live.booked(candidature)
    assert ball() == "editor"
    live.show(live.opened(booked), "X2")
    assert ball() == "agency"
    live.close(booked)
    assert ball() == "agency"


def two(live: Live) -> tuple[str, str]:
    """Two DSRs of which the second accepts what was shown for the first."""
    shown = [Asked(f"X{n}", kind=ProofKind.DEMONSTRATION) for n in (1, 2)]
    for dsr in ("LGC-V1", "LGC-V2"):
        publish_dsr(live.session, dsr, *shown)
    publish_rules(live.session, equal("LGC-V1:X1#01.01", "LGC-V2:X1#01.01"))
    return "LGC-V1", "LGC-V2"


def test_what_a_live_verdict_establishes_leaves_the_agendas_of_the_other_dossiers_at_once(live: Live) -> None:
    old, new = two(live)
    software = live.story.solution()
    first, second = (live.story.draft(software, dsr, mode=Track.DUO) for dsr in (old, new))
    for one in (first, second):
        live.story.submit(one)
        live.story.admit(one)
    here = live.book(first, live.offer(ends_at=time(11)))
    there = live.book(second, live.offer(live.colleague(), day=here.starts_at.date() + timedelta(days=1)))
    live.opened(here)
    code = "LGC-V1:X1#01.01"
    line = queries.line(live.session, here.id, code)
    said = LiveVerdict(Outcome.CONFORM, "Vu.", notes=Notes(recording="r"))
    verdicts.decide(live.session, live.verifier, live.vault, here.id, code, line.revision, said)
    live.session.expire_all()
    assert live.items(second)["X1"] == ("covered", "duo"), "in the same transaction"
    live.follow(second)
    assert live.lines(there) == {"X1": "covered", "X2": "planned"}


def test_a_dossier_that_is_withdrawn_calls_its_session_off(live: Live) -> None:
    booked = live.booked()
    dossiers.withdraw(live.session, live.editor, booked.candidature.id)
    live.follow(booked.candidature)
    assert booked.phase is Phase.CANCELLED
    assert set(live.lines(booked).values()) == {"withdrawn"}


def test_each_move_is_in_the_timeline(live: Live) -> None:
    running = live.running()
    live.decide(running, "X2")
    live.close(running, Leftovers.QUEUE)
    moves = [
        one.detail["to"] for one in entries(live.session, running.candidature) if one.action == "item.moved"
    ]
    assert moves == ["duo", "duo_follow_up"]
