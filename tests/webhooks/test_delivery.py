"""What a receiver is told: all that its side may read, in order, signed anew each time, until it is taken."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature

from referencing.base import db
from referencing.base.outgoing.receivers import Connection
from referencing.base.permissions import Role
from referencing.mail.models import Letter
from referencing.webhooks import delivery
from referencing.webhooks.models import Webhook
from referencing.webhooks.pauses import LONGEST_ASKED, PAUSES, pause
from tests.builders import statements
from tests.webhooks.conftest import SETTLED, Post, log, make, read
from tests.webhooks.receivers import REACH, Receiver, receiver


def test_an_event_is_told_by_its_ids_and_signed_in_both_ways(post: Post) -> None:
    with receiver() as there:
        made = make(post.people.editor, there.address)
        (message,) = post.happen(post.dossiers[0])
        post.tell()
        (told,) = there.received
    assert told.id == message
    assert told.words == {
        "type": SETTLED,
        "timestamp": post.time.now.isoformat().replace("+00:00", "Z"),
        "data": {"candidature": post.dossiers[0].id, "number": int(message.rpartition("_")[2])},
    }
    assert told.headers["webhook-timestamp"] == str(int(post.time.now.timestamp()))
    assert told.is_signed_with(made["secret"])
    told.verify(made["public_key"])
    (attempt,) = log(post.people.editor, made)
    assert (attempt["message_id"], attempt["outcome"], attempt["status"]) == (message, "delivered", 204)
    assert attempt["candidature"] == post.dossiers[0].id


def test_events_come_in_the_order_of_the_feed_and_once(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "AT_ONCE", 3)
    with receiver() as there:
        make(post.people.editor, there.address)
        expected = [message for _ in range(3) for each in post.dossiers for message in post.happen(each)]
        post.tell()
        post.tell()
        assert [one.id for one in there.received] == expected


def test_a_webhook_is_told_of_the_events_that_were_chosen_and_of_nothing_before_it(post: Post) -> None:
    draft = post.dossiers[0]
    with receiver() as there, receiver() as choosy:
        post.happen(draft)
        make(post.people.editor, there.address)
        make(post.people.editor, choosy.address, events=["candidature.submitted"])
        post.happen(draft)
        draft.submit(incomplete=True)
        post.tell()
        assert there.events == [SETTLED, "candidature.submitted"]
        assert choosy.events == ["candidature.submitted"]


def test_each_side_is_told_what_it_may_read(post: Post) -> None:
    """A rival of nothing, the agency of what was filed."""
    draft, _, filed = post.dossiers
    rival = post.people(Role.EDITOR, organisation="Logiciels Mistral")
    with receiver() as of_rival, receiver() as of_agency:
        make(rival, of_rival.address)
        make(post.people.lead, of_agency.address)
        post.happen(draft)
        expected = post.happen(filed)
        post.tell()
        assert of_rival.received == []
        assert [one.id for one in of_agency.received] == expected


def test_what_is_not_taken_is_told_again_with_its_id_and_signed_anew(post: Post) -> None:
    with receiver([500, 503, 204]) as there:
        made = make(post.people.editor, there.address)
        expected = post.happen(post.dossiers[0], 2)
        post.tell()
        assert [one.id for one in there.received] == expected[:1]
        assert read(post.people.editor, made)["failures"] == 1
        post.tell()
        assert len(there.received) == 1, "not before its pause"
        post.time.now += timedelta(hours=2)
        post.tell()
        post.time.now += timedelta(hours=2)
        post.tell()
        assert [one.id for one in there.received] == [expected[0]] * 3 + expected[1:]
        stamps = [one.headers["webhook-timestamp"] for one in there.received[:3]]
        assert len(set(stamps)) == 3
        assert all(one.is_signed_with(made["secret"]) for one in there.received)
        assert len({one.headers["webhook-signature"] for one in there.received}) == 4
    assert [one["attempt"] for one in log(post.people.editor, made)] == [1, 3, 2, 1]
    assert read(post.people.editor, made)["failures"] == 0


def test_after_three_days_it_is_switched_off_with_a_letter_and_catches_up_once_it_is_on(post: Post) -> None:
    editor = post.people.editor
    with receiver([500]) as there:
        made = make(editor, there.address)
        expected = post.happen(post.dossiers[0], 3)
        begun = post.time.now
        while (state := read(editor, made))["state"] == "on":
            post.time.now += timedelta(hours=1)
            post.tell()
            assert post.time.now - begun < timedelta(days=5)
        assert state["state"] == "failed"
        assert post.time.now - begun >= timedelta(days=3)
        assert len(there.received) == len(PAUSES) + 1
        assert {one.id for one in there.received} == set(expected[:1])
        with db.transaction(post.people.parts.sessions) as session:
            (letter,) = session.scalars(sa.select(Letter).where(Letter.subject_key.startswith("webhook:")))
            assert letter.subject == "Webhook arrêté : Notre chaîne"
        post.time.now += timedelta(days=6)
        expected += post.happen(post.dossiers[1])
        post.tell()
        there.received.clear()
        there.answers = [204]
        assert editor.post(f"/webhooks/{made['id']}/activation", status=200)["failures"] == 0
        post.tell()
        assert [one.id for one in there.received] == expected


def test_who_answers_that_it_is_gone_is_told_nothing_more(post: Post) -> None:
    with receiver([410]) as there:
        made = make(post.people.lead, there.address)
        post.happen(post.dossiers[2], 2)
        post.tell()
        assert read(post.people.lead, made)["state"] == "gone"
        post.time.now += timedelta(days=1)
        post.tell()
        assert len(there.received) == 1


def test_the_secret_before_signs_for_a_day_after_a_rotation(post: Post) -> None:
    editor = post.people.editor
    with receiver() as there:
        made = make(editor, there.address)
        renewed = editor.post(f"/webhooks/{made['id']}/rotation", status=200)
        assert renewed["secret"] != made["secret"]
        post.happen(post.dossiers[0])
        post.tell()
        (both,) = there.received
        assert both.is_signed_with(made["secret"])
        assert both.is_signed_with(renewed["secret"])
        both.verify(renewed["public_key"])
        post.time.now += timedelta(hours=25)
        post.happen(post.dossiers[0])
        post.tell()
        later = there.received[-1]
        assert later.is_signed_with(renewed["secret"])
        assert not later.is_signed_with(made["secret"])
        with pytest.raises(InvalidSignature):
            later.verify(made["public_key"])


def test_a_process_with_another_key_sends_nothing(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    with receiver() as there:
        made = make(post.people.editor, there.address)
        post.happen(post.dossiers[0])
        post.people.editor.post(f"/webhooks/{made['id']}/test", status=202)
        post.tell(replace(post.sender, key=b"another key of thirty-two bytes."))
        assert there.received == []
        assert read(post.people.editor, made)["state"] == "on"
    assert caplog.text.count("WEBHOOK_KEY") == 1, "a test that it cannot sign is not taken up without end"


def test_who_moves_meanwhile_is_told_the_rest_where_they_are_now(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "AT_ONCE", 1)
    with receiver() as old, receiver() as new:
        made = make(post.people.editor, old.address)
        expected = post.happen(post.dossiers[0], 2)
        with first_batch(post, old) as batch:
            batch.tell(float("inf"))
            of = {"If-Match": f'"{made["revision"]}"'}
            moved = {"address": new.address}
            post.people.editor.send("PATCH", f"/webhooks/{made['id']}", of, json=moved)
            with db.transaction(post.people.parts.sessions) as session:
                batch.note(session)
        post.tell()
        assert [one.id for one in (*old.received, *new.received)] == expected
        assert len(new.received) == 1


def test_what_a_dead_process_held_is_told_again_once_it_is_held_no_more(post: Post) -> None:
    """It died after its delivery and before the note: the receiver knows the message by its id."""
    with receiver() as there:
        make(post.people.editor, there.address)
        expected = post.happen(post.dossiers[0])
        with first_batch(post, there) as batch:
            batch.tell(float("inf"))
        assert post.tell() == 0
        post.time.now += delivery.HELD
        post.tell()
        assert [one.id for one in there.received] == expected * 2
        with db.transaction(post.people.parts.sessions) as session:
            assert batch.note(session) is None, "it comes back, and holds nothing any more"
        assert post.tell() == 0


@contextmanager
def first_batch(post: Post, there: Receiver) -> Iterator[delivery.Batch]:
    """What is told first to the only webhook, which is held."""
    with db.transaction(post.people.parts.sessions) as session:
        (held,) = delivery.take(session, {False: 9})[False]
        webhook = session.get_one(Webhook, held)
    with Connection(there.address, REACH) as connection:
        yield delivery.Batch(post.sender, webhook, connection)


def test_nothing_is_asked_of_the_feed_when_nobody_listens(post: Post) -> None:
    post.happen(post.dossiers[0], 5)
    with statements(post.people.parts.engine) as asked:
        post.tell()
    assert ["FROM webhook" in one.statement for one in asked] == [True], "one look for both lanes"


def test_pauses_cover_three_days_and_never_agree() -> None:
    least = [pause(failures, 0) for failures in range(1, len(PAUSES) + 1)]
    assert sum((each for each in least if each), timedelta()) >= timedelta(days=3)
    assert pause(len(PAUSES) + 1, 0) is None
    assert pause(3, 0.1) != pause(3, 0.2)
    assert pause(1, 0, asked=600) == timedelta(minutes=10)
    assert pause(1, 0, asked=10**9) == LONGEST_ASKED
