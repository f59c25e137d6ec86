"""What the owner of a webhook does over HTTP, and what nobody else may."""

from typing import Any

import pytest
import sqlalchemy as sa

from referencing.base import db
from referencing.base.permissions import Role
from referencing.registers import tables
from referencing.webhooks import operations
from tests.webhooks.conftest import Post, make, read
from tests.webhooks.receivers import receiver

PUBLIC = "https://receiver.example/in"


def pointers(problem: Any) -> list[str]:
    return [error["pointer"] for error in problem["errors"]]


def test_a_webhook_shows_its_secret_once(post: Post) -> None:
    editor = post.people.editor
    asked, once = {"label": "Notre chaîne", "address": PUBLIC}, {"Idempotency-Key": "once"}
    made = editor.expect(201, editor.send("POST", "/webhooks", once, json=asked))
    assert made["secret"].startswith("whsec_")
    assert made["public_key"].startswith("whpk_")
    again = editor.expect(201, editor.send("POST", "/webhooks", once, json=asked))
    assert (again["id"], again["secret"]) == (made["id"], None)
    assert "renouvelez" in again["withheld"]
    shown = read(editor, made)
    assert "secret" not in shown
    assert shown["actions"] == ["change", "remove", "rotate", "switch_off", "test"]
    assert [each["id"] for each in editor.every("/webhooks")] == [made["id"]]


def test_no_secret_is_in_the_database(post: Post) -> None:
    """Who copies it signs nothing: secrets follow from a key that is elsewhere."""
    made = make(post.people.editor, PUBLIC)
    renewed = post.people.editor.post(f"/webhooks/{made['id']}/rotation", status=200)
    with db.transaction(post.people.parts.sessions) as session:
        for table in tables().sorted_tables:
            words = session.scalar(
                sa.text(f"SELECT coalesce(string_agg(t::text, ''), '') FROM \"{table.name}\" t")
            )
            for secret in (made["secret"], renewed["secret"]):
                assert secret.removeprefix("whsec_") not in (words or ""), table.name


def test_what_is_given_wrongly_is_said_beside_its_field(post: Post) -> None:
    def refused(**words: Any) -> list[str]:
        asked = {"label": "Notre chaîne", "address": PUBLIC, **words}
        return pointers(post.people.editor.refused(422, "POST", "/webhooks", json=asked))

    assert refused(address="https://10.1.2.3/") == ["/address"]
    assert refused(address="ftp://receiver.example/") == ["/address"]
    assert refused(events=["candidature.unheard"]) == ["/events/0"]
    assert refused(label=" ") == ["/label"]


def test_a_webhook_is_changed_by_who_has_read_it(post: Post) -> None:
    editor = post.people.editor
    made = make(editor, PUBLIC)
    path, of = f"/webhooks/{made['id']}", {"If-Match": f'"{made["revision"]}"'}
    asked = {"events": ["candidature.decided"]}
    changed = editor.expect(200, editor.send("PATCH", path, of, json=asked))
    assert (changed["events"], changed["address"]) == (["candidature.decided"], PUBLIC)
    editor.refused(412, "PATCH", path, json=asked, headers=of)
    editor.refused(428, "PATCH", path, json={})
    now = {"If-Match": '"2"'}
    wrong = editor.refused(422, "PATCH", path, json={"address": "https://10.0.0.1/"}, headers=now)
    assert pointers(wrong) == ["/address"]
    assert editor.send("DELETE", path, headers=now).status_code == 204
    editor.refused(404, "GET", path)


def test_another_side_finds_none_of_them(post: Post) -> None:
    made = make(post.people.editor, PUBLIC)
    rival = post.people(Role.EDITOR, organisation="Logiciels Mistral")
    for stranger in (rival, post.people.lead):
        assert list(stranger.every("/webhooks")) == []
        for method, path in (
            *(("GET", ""), ("GET", "/deliveries"), ("POST", "/test"), ("POST", "/rotation")),
            *(("POST", "/deactivation"), ("POST", "/activation")),
        ):
            stranger.refused(404, method, f"/webhooks/{made['id']}{path}")


def test_an_organisation_has_fifty_at_the_most(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MOST_WEBHOOKS", 2)
    for _ in range(2):
        make(post.people.editor, PUBLIC)
        make(post.people.lead, PUBLIC)
    for owner in (post.people.editor, post.people.lead):
        owner.refused(409, "POST", "/webhooks", json={"label": "Un de trop", "address": PUBLIC})


def test_what_its_state_does_not_allow_is_refused(post: Post) -> None:
    editor = post.people.editor
    made = make(editor, PUBLIC)
    path = f"/webhooks/{made['id']}"
    assert editor.post(f"{path}/deactivation", status=200)["state"] == "off"
    assert "Le webhook est arrêté" in editor.refused(409, "POST", f"{path}/deactivation")["detail"]
    assert editor.post(f"{path}/activation", status=200)["state"] == "on"
    editor.refused(409, "POST", f"{path}/activation")


def test_a_test_is_delivered_though_the_webhook_is_off(post: Post) -> None:
    editor = post.people.editor
    with receiver() as there:
        made = make(editor, there.address)
        editor.post(f"/webhooks/{made['id']}/deactivation", status=200)
        assert editor.post(f"/webhooks/{made['id']}/test", status=202)["test_asked_at"]
        post.tell()
        assert there.events == ["webhook.test"]
        assert there.received[0].is_signed_with(made["secret"])
        assert read(editor, made)["test_asked_at"] is None
        post.tell()
        assert len(there.received) == 1
