"""What the agency notes for itself: an editor finds nothing of it, and nothing that is missing because of it."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from referencing.base import db
from referencing.base.permissions import Role
from referencing.journal.operations import verify
from referencing.journal.queries import stream
from tests.candidatures.dossiers import OLD_IDENTITY, Dossier, People
from tests.clients import escaped
from tests.messages.exchange import NOBODY_S, enclose, form, mark, read, reading, texts, write

SECRET = "Solution déjà refusée en 2024, à regarder de près"


@pytest.fixture
def notes(people: People, dossier: Dossier) -> Sequence[Any]:
    """Before, between and after two messages; one about an item, one with a file."""
    first = write(people.verifier, dossier, SECRET, internal=True)
    write(people.editor, dossier, "Bonjour.")
    second = write(people.verifier, dossier, SECRET, internal=True, item=OLD_IDENTITY)
    write(people.lead, dossier, "Bonjour à vous.", item=OLD_IDENTITY)
    third = enclose(people.lead, dossier, ("secret.pdf", SECRET.encode()), internal=True, text=SECRET)
    return first, second, third


def test_the_agency_reads_its_notes_among_the_messages(
    people: People, dossier: Dossier, notes: Sequence[Any]
) -> None:
    found = read(people(Role.AUDITOR), dossier)
    assert texts(found) == [SECRET, "Bonjour.", SECRET, "Bonjour à vous.", SECRET]
    assert [one["internal"] for one in found] == [True, False, True, False, True]
    file = notes[2]["attachments"][0]["id"]
    assert people.verifier.send("GET", f"/messages/{notes[2]['id']}/files/{file}").data == SECRET.encode()


def test_the_read_log_of_an_editor_has_no_reading_of_a_note(
    people: People, dossier: Dossier, notes: Sequence[Any]
) -> None:
    shown = enclose(people.lead, dossier, ("plan.pdf", b"Plan"), text="Voici.")
    for message in (notes[2], shown):
        people.verifier.send("GET", f"/messages/{message['id']}/files/{message['attachments'][0]['id']}")
    (told,) = (read for read in people.editor.get("/reads")["items"] if read["kind"] == "message")
    assert told["subject"] == shown["id"]
    auditor = people(Role.AUDITOR)
    assert {read["subject"] for read in auditor.get("/reads")["items"]} >= {notes[2]["id"], shown["id"]}


@pytest.mark.parametrize("limit", [1, 2, 500])
def test_an_editor_lists_the_messages_as_if_there_were_no_notes(
    people: People, dossier: Dossier, notes: Sequence[Any], limit: int
) -> None:
    assert texts(read(people.editor, dossier, f"?limit={limit}")) == ["Bonjour.", "Bonjour à vous."]
    about = f"?limit={limit}&item={escaped(OLD_IDENTITY)}"
    assert texts(read(people.editor, dossier, about)) == ["Bonjour à vous."]


def test_no_page_of_an_editor_is_shorter_because_of_a_note(
    people: People, dossier: Dossier, notes: Sequence[Any]
) -> None:
    first = people.editor.get(f"{dossier.path}/messages?limit=1")
    last = people.editor.get(f"{dossier.path}/messages?limit=1&cursor={first['next']}")
    assert (len(first["items"]), len(last["items"]), last["next"]) == (1, 1, None)


def test_a_note_by_its_id_is_to_an_editor_what_does_not_exist(
    people: People, dossier: Dossier, notes: Sequence[Any]
) -> None:
    none = people.editor.refused(404, "GET", f"/messages/{NOBODY_S}")
    file = notes[2]["attachments"][0]["id"]
    no_file = people.editor.refused(404, "GET", f"/messages/{NOBODY_S}/files/{NOBODY_S}")
    for note in notes:
        assert people.editor.refused(404, "GET", f"/messages/{note['id']}") == none
        assert people.editor.refused(404, "GET", f"/messages/{note['id']}/files/{file}") == no_file
        words = {"message": note["id"]}
        assert people.editor.refused(404, "PUT", f"{dossier.path}/messages/read", json=words) == none


def test_a_note_counts_for_nothing_that_an_editor_has_to_read(
    people: People, dossier: Dossier, notes: Sequence[Any]
) -> None:
    assert reading(people.editor, dossier) == {"unread": 1, "marks": []}
    last = read(people.editor, dossier)[-1]
    assert mark(people.editor, dossier, last)["unread"] == 0
    assert [one["read_at"] for one in read(people.verifier, dossier) if one["internal"]] == [None] * 3


def test_a_note_is_not_told_in_the_timeline_nor_in_the_feed(
    people: People, dossier: Dossier, notes: Sequence[Any]
) -> None:
    timeline = dossier.timeline()
    assert [one["action"] for one in timeline].count("message.sent") == 2
    assert all(after["number"] == before["number"] + 1 for before, after in pairwise(timeline))
    feed = people.editor.get(f"/events?candidature={dossier.id}")["items"]
    assert [one["number"] for one in feed] == [one["number"] for one in timeline]
    actions = {
        one["action"] for reader in (people.editor, people.lead) for one in reader.get("/events")["items"]
    }
    assert not any("note" in action for action in actions)


def test_nothing_that_an_editor_reads_holds_a_note(
    people: People, dossier: Dossier, notes: Sequence[Any]
) -> None:
    paths = [
        *(f"{dossier.path}{below}" for below in ("", "/items", "/timeline", "/messages", "/messages/read")),
        f"{dossier.path}/items/{escaped(OLD_IDENTITY)}",
        f"/events?candidature={dossier.id}",
        "/candidatures",
    ]
    answers = [people.editor.send("GET", path) for path in paths]
    assert [answer.status_code for answer in answers] == [200] * len(paths)
    hidden = [SECRET, "secret.pdf", *(note["id"] for note in notes)]
    assert not any(one in answer.get_data(as_text=True) for one in hidden for answer in answers)


def test_an_editor_writes_no_notes(people: People, dossier: Dossier) -> None:
    words = {"text": "Pour nous.", "internal": True}
    path = f"{dossier.path}/messages"
    assert "agence" in people.editor.refused(403, "POST", path, json=words)["detail"]
    people.editor.refused(403, "POST", path, **form(words, ("a.txt", b"a")))
    assert read(people.lead, dossier) == []


def test_a_note_is_written_in_the_journal_without_its_text(
    people: People, dossier: Dossier, notes: Sequence[Any]
) -> None:
    with db.transaction(people.parts.sessions) as session:
        written = stream(session, f"notes:{dossier.id}")
        assert [one.detail["message"] for one in written] == [note["id"] for note in notes]
        assert {one.action for one in written} == {"note.written"}
        assert SECRET not in str([one.detail for one in written])
        assert list(verify(session)) == []


def test_a_note_is_not_marked_as_read(people: People, dossier: Dossier, notes: Sequence[Any]) -> None:
    words = {"message": notes[0]["id"]}
    problem = people.lead.refused(422, "PUT", f"{dossier.path}/messages/read", json=words)
    assert "note interne" in problem["detail"]
