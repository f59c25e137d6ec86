"""Editor and agency write to each other about a dossier or one of its items, whatever its state."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from referencing.base.permissions import Role
from tests.builders import statements
from tests.candidatures.dossiers import OLD_IDENTITY, OLD_PART, Dossier, People
from tests.clients import escaped
from tests.conftest import Time
from tests.messages.exchange import NOBODY_S, form, read, texts, write

TALKING = [Role.EDITOR, Role.VERIFIER, Role.LEAD, Role.AUDITOR]
#: An expert talks about what they are asked, while they are.
SILENT = [role for role in Role if role not in {*TALKING, Role.EXPERT}]


def test_what_one_side_writes_the_other_reads(people: People, dossier: Dossier, time: Time) -> None:
    time.pass_days(1)
    sent = write(people.editor, dossier, "Quel format attendez-vous ?")
    (found,) = read(people.verifier, dossier)
    assert found == sent
    assert (found["text"], found["by"], found["role"]) == ("Quel format attendez-vous ?", "Camille", "editor")
    assert (found["candidature"], found["item"], found["sent_at"]) == (
        dossier.id,
        None,
        "2026-03-03T09:00:00Z",
    )


def test_a_message_has_an_address(people: People, dossier: Dossier) -> None:
    response = people.editor.send("POST", f"{dossier.path}/messages", json={"text": "Bonjour."})
    assert response.json is not None
    assert response.headers["Location"] == f"/api/v1/messages/{response.json['id']}"
    assert people.lead.get(f"/messages/{response.json['id']}") == response.json


def test_an_editor_sees_that_the_agency_wrote_and_not_who_in_it(people: People, dossier: Dossier) -> None:
    write(people.verifier, dossier, "Un PDF.")
    (theirs,) = read(people.editor, dossier)
    (ours,) = read(people.lead, dossier)
    assert (theirs["by"], theirs["role"]) == ("agence", "agency")
    assert (ours["by"], ours["role"]) == ("Vasseur", "verifier")
    shown = people.editor.send("GET", f"{dossier.path}/messages").get_data(as_text=True)
    assert "Vasseur" not in shown


@pytest.mark.parametrize("name", [lambda item: item["code"], lambda item: item["id"]], ids=["code", "id"])
def test_a_message_may_be_about_an_item(people: People, dossier: Dossier, name: Callable[[Any], str]) -> None:
    item = dossier.item(OLD_IDENTITY)
    write(people.editor, dossier, "Sur le dossier.")
    write(people.editor, dossier, "Sur la preuve.", item=name(item))
    write(people.editor, dossier, "Sur une autre.", item=OLD_PART)
    (found,) = read(people.verifier, dossier, f"?item={escaped(name(item))}")
    assert (found["text"], found["item"], found["code"]) == ("Sur la preuve.", item["id"], OLD_IDENTITY)


def test_an_item_that_the_dossier_does_not_have_cannot_be_written_about(
    people: People, dossier: Dossier
) -> None:
    other = people.draft("LGC-V2").item("LGC-V2:PSC.01#01.01")["id"]
    words = {"text": "Bonjour.", "item": other}
    people.editor.refused(404, "POST", f"{dossier.path}/messages", json=words)
    people.editor.refused(404, "GET", f"{dossier.path}/messages?item={other}")
    assert read(people.editor, dossier) == []


def test_messages_are_read_oldest_first_and_page_by_page(people: People, dossier: Dossier) -> None:
    for number in range(7):
        write((people.editor, people.verifier)[number % 2], dossier, str(number))
    assert texts(read(people.editor, dossier)) == list("0123456")
    assert texts(read(people.editor, dossier, "?limit=3")) == list("0123456")
    first = people.editor.get(f"{dossier.path}/messages?limit=5")
    write(people.editor, dossier, "7")
    rest = people.editor.get(f"{dossier.path}/messages?limit=5&cursor={first['next']}")
    assert texts(first["items"]) + texts(rest["items"]) == list("01234567")


@pytest.mark.parametrize(
    ("words", "pointer"),
    [
        ({}, "/text"),
        ({"text": " "}, "/text"),
        ({"text": "x" * 10_001}, "/text"),
        ({"text": "Bonjour.", "urgent": True}, "/urgent"),
        ({"text": "Bonjour.", "internal": "peut-être"}, "/internal"),
    ],
)
def test_what_is_no_message_is_pointed_at(
    people: People, dossier: Dossier, words: dict[str, Any], pointer: str
) -> None:
    problem = people.editor.refused(422, "POST", f"{dossier.path}/messages", json=words)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    problem = people.editor.refused(422, "POST", f"{dossier.path}/messages", **form(words))
    assert [error["pointer"] for error in problem["errors"]] == [f"/message{pointer}"]
    assert read(people.editor, dossier) == []


def test_a_body_that_is_neither_json_nor_a_form_is_refused(people: People, dossier: Dossier) -> None:
    people.editor.refused(415, "POST", f"{dossier.path}/messages", data="Bonjour.")


def withdrawn(people: People) -> Dossier:
    dossier = people.submitted("LGC-V1")
    dossier.withdraw()
    return dossier


def refused(people: People) -> Dossier:
    dossier = people.in_deliberation("LGC-V1")
    dossier.decide("refused")
    return dossier


CLOSED: list[Callable[[People], Dossier]] = [withdrawn, refused, lambda people: people.referenced("LGC-V1")]


@pytest.mark.parametrize("close", CLOSED, ids=["withdrawn", "refused", "referenced"])
def test_a_closed_dossier_can_still_be_talked_about_and_stays_closed(
    people: People, close: Callable[[People], Dossier]
) -> None:
    dossier = close(people)
    before = dossier.read()
    write(people.editor, dossier, "Pourquoi ?")
    write(people.lead, dossier, "Voici pourquoi.")
    assert texts(read(people.editor, dossier)) == ["Pourquoi ?", "Voici pourquoi."]
    assert dossier.read() == before


def test_a_message_on_an_item_to_be_completed_leaves_the_ball_where_it_is(people: People, time: Time) -> None:
    dossier = people.in_review("LGC-V1")
    for code in dossier.codes("under_review"):
        dossier.find(code, "complement", "Montrez la date.")
    time.pass_days(2)
    before, states = dossier.read(), dossier.states()
    assert before["holder"] == "editor"
    write(people.editor, dossier, "Laquelle ?", item=OLD_IDENTITY)
    write(people.verifier, dossier, "Celle du jour.", item=OLD_IDENTITY)
    assert (dossier.read(), dossier.states()) == (before, states)


def test_the_journal_tells_of_a_message_without_its_text(people: People, dossier: Dossier) -> None:
    sent = write(people.editor, dossier, "Très confidentiel.", item=OLD_IDENTITY)
    event = dossier.timeline()[-1]
    assert (event["action"], event["by"]) == ("message.sent", "Camille")
    digest = hashlib.sha256("Très confidentiel.".encode()).hexdigest()
    assert event["detail"] == {"message": sent["id"], "code": OLD_IDENTITY, "sha256": digest, "files": []}


def test_a_message_sent_twice_with_one_key_is_sent_once(people: People, dossier: Dossier) -> None:
    headers = {"Idempotency-Key": f"message-{dossier.id}"}
    sent = [
        people.editor.post(f"{dossier.path}/messages", {"text": "Une fois."}, headers=headers)
        for _ in range(2)
    ]
    assert sent[0] == sent[1]
    assert texts(read(people.editor, dossier)) == ["Une fois."]


@pytest.mark.parametrize("role", TALKING)
def test_people_of_both_sides_may_talk(people: People, dossier: Dossier, role: Role) -> None:
    write(people(role), dossier, "Bonjour.")
    assert texts(read(people(role), dossier)) == ["Bonjour."]


REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/messages", {}),
    ("POST", "/messages", {"json": {"text": "Bonjour."}}),
    ("POST", "/messages", form({"text": "Bonjour."})),
    ("GET", "/messages/read", {}),
    ("PUT", "/messages/read", {"json": {"message": NOBODY_S}}),
]


@pytest.mark.parametrize("role", SILENT)
@pytest.mark.parametrize(("method", "below", "body"), REQUESTS)
def test_machines_and_the_catalogue_do_not(
    people: People, dossier: Dossier, role: Role, method: str, below: str, body: dict[str, Any]
) -> None:
    people(role).refused(403, method, f"{dossier.path}{below}", **body)
    sent = write(people.editor, dossier)
    people(role).refused(403, "GET", f"/messages/{sent['id']}")


@pytest.mark.parametrize(("method", "below", "body"), REQUESTS)
def test_another_organisation_does_not_know_of_it(
    people: People, dossier: Dossier, method: str, below: str, body: dict[str, Any]
) -> None:
    rival = people(Role.EDITOR, organisation="Logiciels Mistral")
    found = rival.refused(404, method, f"{dossier.path}{below}", **body)
    assert found == rival.refused(404, method, f"/candidatures/{NOBODY_S}{below}", **body)
    sent = write(people.editor, dossier)
    assert rival.refused(404, "GET", f"/messages/{sent['id']}") == rival.refused(
        404, "GET", f"/messages/{NOBODY_S}"
    )


def test_a_longer_list_is_read_in_as_many_statements(people: People, dossier: Dossier) -> None:
    sent, verifier = [], people.verifier  # whose account is made before anything is counted
    for more in (1, 20):
        for _ in range(more):
            write(people.editor, dossier, item=OLD_IDENTITY)
        with statements(people.parts.engine) as found:
            read(verifier, dossier)
        sent.append(len(found))
    assert sent[0] == sent[1]
