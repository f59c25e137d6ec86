"""Who has read up to where: each person for themselves, and the other side is told."""

from referencing.base.permissions import Role
from tests.candidatures.dossiers import Dossier, People
from tests.clients import Client
from tests.conftest import Time
from tests.messages.exchange import mark, read, reading, write


def test_what_the_other_side_wrote_is_to_be_read_and_what_one_s_own_wrote_is_not(
    people: People, dossier: Dossier
) -> None:
    write(people.editor, dossier)
    write(people.editor, dossier)
    write(people.verifier, dossier)
    assert reading(people.editor, dossier)["unread"] == 1
    assert reading(people.verifier, dossier)["unread"] == 2
    assert reading(people.lead, dossier)["unread"] == 2


def test_a_mark_is_of_a_person(people: People, dossier: Dossier) -> None:
    first, second = write(people.editor, dossier), write(people.editor, dossier)
    assert mark(people.verifier, dossier, first)["unread"] == 1
    assert mark(people.verifier, dossier, second)["unread"] == 0
    assert reading(people.lead, dossier)["unread"] == 2


def test_the_side_that_wrote_sees_when_it_was_first_read(
    people: People, dossier: Dossier, time: Time
) -> None:
    first, second = write(people.editor, dossier), write(people.editor, dossier)
    time.pass_days(1)
    mark(people.verifier, dossier, first)
    time.pass_days(1)
    mark(people.lead, dossier, second)
    assert [one["read_at"] for one in read(people.editor, dossier)] == [
        "2026-03-03T09:00:00Z",
        "2026-03-04T09:00:00Z",
    ]
    assert [one["read_at"] for one in read(people.lead, dossier)] == [None, None]


def test_what_was_written_after_the_mark_was_not_read(people: People, dossier: Dossier) -> None:
    mark(people.verifier, dossier, write(people.editor, dossier))
    later = write(people.editor, dossier)
    assert read(people.editor, dossier)[-1]["id"] == later["id"]
    assert read(people.editor, dossier)[-1]["read_at"] is None


def test_reading_one_s_own_side_marks_nothing_of_it_as_read(people: People, dossier: Dossier) -> None:
    sent = write(people.editor, dossier)
    mark(people(Role.EDITOR, "Sacha"), dossier, sent)
    assert read(people.editor, dossier)[0]["read_at"] is None


def test_a_mark_only_moves_forward(people: People, dossier: Dossier, time: Time) -> None:
    first, second = write(people.editor, dossier), write(people.editor, dossier)
    told = mark(people.verifier, dossier, second)
    time.pass_days(1)
    assert mark(people.verifier, dossier, first) == told
    (seen,) = reading(people.editor, dossier)["marks"]
    assert (seen["message"], seen["read_at"]) == (second["id"], "2026-03-02T09:00:00Z")


def test_an_editor_sees_how_far_the_agency_has_read_and_not_who_in_it(
    people: People, dossier: Dossier
) -> None:
    first, second = write(people.editor, dossier), write(people.editor, dossier)
    mark(people.verifier, dossier, first)
    mark(people.lead, dossier, second)
    assert [(one["by"], one["message"]) for one in reading(people.editor, dossier)["marks"]] == [
        ("agence", second["id"])
    ]


def test_the_agency_sees_who_of_the_editor_has_read(people: People, dossier: Dossier) -> None:
    first, second = write(people.lead, dossier), write(people.lead, dossier)
    mark(people(Role.EDITOR, "Sacha"), dossier, first)
    mark(people.editor, dossier, second)
    assert [(one["by"], one["message"]) for one in reading(people.verifier, dossier)["marks"]] == [
        ("Camille", second["id"]),
        ("Sacha", first["id"]),
    ]


def test_a_message_of_another_dossier_marks_nothing(people: People, dossier: Dossier) -> None:
    other = write(people.editor, people.submitted("LGC-V1"))
    path = f"{dossier.path}/messages/read"
    people.verifier.refused(422, "PUT", path, json={"message": other["id"]})
    assert reading(people.editor, dossier)["marks"] == []


def inbox(reader: Client) -> list[str]:
    return [one["id"] for one in reader.every("/messages/unread")]


def test_what_is_written_about_a_closed_dossier_waits_for_a_lead(people: People, dossier: Dossier) -> None:
    dossier.withdraw()
    sent = write(people.editor, dossier, "Pouvez-vous nous confirmer le retrait ?")
    assert sent["id"] in inbox(people.lead)
    assert sent["id"] not in inbox(people.verifier)


def test_a_verifier_who_reads_it_leaves_it_in_the_lead_s_inbox(people: People, dossier: Dossier) -> None:
    dossier.withdraw()
    sent = write(people.editor, dossier)
    assert mark(people.verifier, dossier, sent)["unread"] == 0
    assert sent["id"] in inbox(people.lead)
    assert read(people.editor, dossier)[-1]["read_at"] is None
    mark(people.lead, dossier, sent)
    assert sent["id"] not in inbox(people.lead)
    assert read(people.editor, dossier)[-1]["read_at"] is not None


def test_while_it_is_open_any_of_the_agency_reads_it(people: People, dossier: Dossier) -> None:
    sent = write(people.editor, dossier)
    assert sent["id"] in inbox(people.verifier)
    mark(people.verifier, dossier, sent)
    assert sent["id"] not in inbox(people.lead)
