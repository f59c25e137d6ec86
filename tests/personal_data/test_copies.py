"""A person is given all that is held about them, and nothing of others."""

import json
from typing import Any

import pytest

from referencing.base.permissions import Role
from referencing.personal_data import copies
from referencing.personal_data.kinds import OF_ACCOUNTS
from tests.candidatures.dossiers import ALIZE, People
from tests.clients import Client
from tests.personal_data.conftest import ADDRESS, AGENT, PLACE, SAID, SUBJECT, WRITTEN, Somebody


def copy_of(client: Client, path: str = "/me/personal-data") -> dict[str, Any]:
    answer = client.send("GET", path)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    copy: dict[str, Any] = json.loads(answer.data)
    return copy


def rows(copy: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    (found,) = [one for one in copy["kinds"] if one["kind"] == kind]
    kept: list[dict[str, Any]] = found["rows"]
    return kept


def test_a_person_reads_what_is_held_about_them(somebody: Somebody) -> None:
    copy = copy_of(somebody.client)
    assert (copy["format"], copy["account"]) == ("personal-data/1", somebody.id)
    assert [one["kind"] for one in copy["kinds"]] == [kind.name for kind in OF_ACCOUNTS]
    assert rows(copy, "account")[0]["name"] == somebody.name
    assert rows(copy, "email_address")[0]["address"] == ADDRESS
    assert rows(copy, "browser_session")[0]["agent"] == AGENT
    assert rows(copy, "external_identity")[0]["email"] == ADDRESS
    assert {one["last_used_from"] for one in rows(copy, "account_key")} >= {PLACE}
    assert [one["text"] for one in rows(copy, "message")] == [WRITTEN]
    assert [one["comment"] for one in rows(copy, "verdict")] == [SAID]
    assert "account.email_set" in {one["action"] for one in rows(copy, "journal_entry")}
    (keys,) = [one for one in copy["kinds"] if one["kind"] == "account_key"]
    assert keys["columns"]["last_used_from"] == "Depuis l'adresse"
    assert "90 jours" in keys["kept"]


def test_it_holds_no_secret_and_nothing_of_others(people: People, somebody: Somebody) -> None:
    people.editor.post(f"{somebody.dossier.path}/messages", {"text": "Mot de l'éditeur."})
    written = json.dumps(copy_of(somebody.client), ensure_ascii=False)
    for other in ("Mot de l'éditeur.", ALIZE, f"jeton {SUBJECT}", somebody.client.key, "key_digest", ".txt"):
        assert other not in written


def test_a_lead_hands_it_over_and_the_record_says_so(people: People, somebody: Somebody) -> None:
    copy = copy_of(people.lead, f"/accounts/{somebody.id}/personal-data")
    assert rows(copy, "message")[0]["text"] == WRITTEN
    after = copy_of(somebody.client)
    (told,) = [one for one in rows(after, "journal_entry") if one["action"] == "account.copied"]
    assert told["detail"] == {}
    for role in (Role.AUDITOR, Role.VERIFIER, Role.EDITOR):
        people(role, f"Curieux {role}").refused(403, "GET", f"/accounts/{somebody.id}/personal-data")


def test_a_key_for_less_than_its_account_opens_no_copy(people: People, somebody: Somebody) -> None:
    words = {"name": "lecture", "rights": ["read_catalogue"]}
    narrow = Client(somebody.client.http, somebody.client.post("/me/keys", words)["key"])
    assert "portée" in narrow.refused(403, "GET", "/me/personal-data")["detail"]


def test_it_is_read_page_by_page_to_its_end(somebody: Somebody, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        somebody.client.post(f"{somebody.dossier.path}/messages", {"text": f"Mot {number}"})
    whole = rows(copy_of(somebody.client), "message")
    monkeypatch.setattr(copies, "_PAGE", 2)
    assert rows(copy_of(somebody.client), "message") == whole
    assert len(whole) == 8
