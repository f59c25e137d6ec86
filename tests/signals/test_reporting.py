"""Anybody may tell what they saw, without a key; the answer is a receipt, and who they are is kept apart."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from referencing.base import db
from referencing.base.permissions import Role
from referencing.journal.models import Entry
from referencing.signals.models import Signal, SignalAuthor
from tests.clients import Client
from tests.conftest import parts
from tests.signals.conftest import SEEN, Anybody

AUTHOR = {"name": "Claude Ézéchiel", "email": "claude@exemple.fr", "telephone": "01 23 45 67 89"}


@pytest.fixture
def auditor(as_: Callable[..., Client]) -> Client:
    return as_(Role.AUDITOR, name="Ada")


def only(auditor: Client) -> Any:
    (found,) = auditor.get("/signals")["items"]
    return found


def journal(app: Flask) -> list[Entry]:
    with db.transaction(parts(app).sessions) as session:
        of_signals = sa.select(Entry).where(Entry.stream.startswith("signal:")).order_by(Entry.position)
        return list(session.scalars(of_signals))


def test_the_answer_is_a_receipt_and_nothing_else(anybody: Anybody) -> None:
    response = anybody.send()
    answered: Any = response.json
    assert (response.status_code, set(answered)) == (201, {"receipt"})
    assert re.fullmatch(r"SIG(-[A-Z2-7]{4}){7}", answered["receipt"])
    assert "Location" not in response.headers


def test_with_the_receipt_one_reads_the_status_and_nothing_of_the_solution(anybody: Anybody) -> None:
    receipt = anybody.tell()
    status: Any = anybody.status(f" {receipt.lower()} ").json
    assert set(status) == {"state", "received_on", "detail"}
    assert (status["state"], status["received_on"]) == ("received", "2026-03-02")


def test_a_receipt_that_is_none_is_not_found(anybody: Anybody) -> None:
    assert anybody.status("SIG-AAAA-AAAA-AAAA-AAAA").status_code == 404


def test_auditors_read_it_without_who_told_it(anybody: Anybody, auditor: Client) -> None:
    receipt = anybody.tell(author=AUTHOR, editor="Éditions Alizé", observed_on="2026-02-27")
    found = only(auditor)
    assert (found["receipt"], found["channel"], found["anonymous"]) == (receipt, "form", False)
    assert (found["solution"], found["editor"], found["observed_on"]) == (
        SEEN["solution"],
        "Éditions Alizé",
        "2026-02-27",
    )
    assert not set(AUTHOR.values()) & set(map(str, found.values()))
    assert auditor.get(f"/signals/{found['id']}") == found


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.AUDITOR}))
def test_nobody_but_auditors_reads_signals(
    anybody: Anybody, auditor: Client, as_: Callable[..., Client], role: Role
) -> None:
    anybody.tell(author=AUTHOR)
    one = only(auditor)["id"]
    other = as_(role, name="Autre")
    for path in ("/signals", f"/signals/{one}", f"/signals/{one}/author"):
        other.refused(403, "GET", path)


def test_that_an_author_is_read_is_in_the_journal_and_who_it_is_never_is(
    app: Flask, anybody: Anybody, auditor: Client
) -> None:
    anybody.tell(author=AUTHOR)
    one = only(auditor)["id"]
    assert auditor.get(f"/signals/{one}/author") == {**AUTHOR, "organisation": ""}
    written = journal(app)
    assert [(entry.action, entry.actor) for entry in written] == [
        ("signal.received", "referencing"),
        ("signal.author_read", "Ada"),
    ]
    assert not any(value in str(entry.detail) for entry in written for value in AUTHOR.values())


@pytest.mark.parametrize("author", [None, {}, {"name": ""}])
def test_nobody_has_to_say_who_they_are(anybody: Anybody, auditor: Client, author: object) -> None:
    anybody.tell(author=author)
    found = only(auditor)
    assert found["anonymous"]
    auditor.refused(404, "GET", f"/signals/{found['id']}/author")


def test_who_told_it_is_forgotten_when_they_ask(app: Flask, anybody: Anybody, auditor: Client) -> None:
    anybody.tell(author=AUTHOR)
    one = only(auditor)["id"]
    path = f"/signals/{one}/author"
    assert auditor.send("DELETE", path, json={"reason": "À sa demande."}).status_code == 204
    auditor.refused(404, "GET", path)
    auditor.refused(404, "DELETE", path, json={"reason": "Encore."})
    assert only(auditor)["anonymous"]
    with db.transaction(parts(app).sessions) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(SignalAuthor)) == 0


def test_the_form_sent_twice_with_one_key_is_one_signal(anybody: Anybody, auditor: Client) -> None:
    first, again = (anybody.send(**{"Idempotency-Key": "un-clic"}) for _ in range(2))
    assert first.json == again.json
    assert len(auditor.get("/signals")["items"]) == 1
    other = anybody.send({**SEEN, "description": "Autre chose."}, **{"Idempotency-Key": "un-clic"})
    assert other.status_code == 201, "of somebody else, who chose the same key"
    assert other.json != first.json


def test_two_clicks_at_once_are_one_signal(app: Flask, auditor: Client) -> None:
    def click(_: int) -> Any:
        return Anybody(app.test_client()).send(**{"Idempotency-Key": "un-clic"}).json

    with ThreadPoolExecutor(4) as clicks:
        answers = list(clicks.map(click, range(4)))
    assert answers == [{"receipt": only(auditor)["receipt"]}] * 4


def test_a_key_that_is_none_is_refused_and_not_taken_for_nobody(anybody: Anybody) -> None:
    assert anybody.send(Authorization="Bearer ref_inconnue").status_code == 401


def test_an_editor_with_its_key_fills_in_the_form_as_anybody_does(
    app: Flask, auditor: Client, as_: Callable[..., Client]
) -> None:
    assert set(as_(Role.EDITOR).post("/signals", SEEN)) == {"receipt"}
    with db.transaction(parts(app).sessions) as session:
        assert session.scalars(sa.select(Signal.recorded_by)).all() == [None]
    assert [(entry.account_id, entry.actor) for entry in journal(app)] == [(None, "referencing")]


def test_an_auditor_enters_what_came_otherwise(auditor: Client) -> None:
    entered = auditor.post("/signals", {**SEEN, "channel": "letter", "received_on": "2026-02-20"})
    found = auditor.get(f"/signals/{entered['id']}")
    assert (found["channel"], found["received_on"], found["receipt"]) == (
        "letter",
        "2026-02-20",
        entered["receipt"],
    )
    assert auditor.get(f"/signals/{auditor.post('/signals', SEEN)['id']}")["channel"] == "other"


@pytest.mark.parametrize("words", [{"channel": "email"}, {"received_on": "2026-02-20"}])
def test_only_an_auditor_says_how_and_when_it_came(
    anybody: Anybody, as_: Callable[..., Client], words: dict[str, str]
) -> None:
    assert anybody.send({**SEEN, **words}).status_code == 403
    as_(Role.VERIFIER).refused(403, "POST", "/signals", json={**SEEN, **words})


@pytest.mark.parametrize(
    ("words", "pointer"),
    [
        ({"description": " "}, "/description"),
        ({"description": "x" * 10_001}, "/description"),
        ({"solution": "\0"}, "/solution"),
        ({"observed_on": "2026-03-03"}, "/observed_on"),
        ({"author": {"email": "claude"}}, "/author/email"),
        ({"author": {"nir": "1"}}, "/author/nir"),
        ({"file": "x"}, "/file"),
    ],
)
def test_what_cannot_be_kept_is_said_by_its_place(
    anybody: Anybody, auditor: Client, words: dict[str, Any], pointer: str
) -> None:
    problem: Any = anybody.send({**SEEN, **words}).json
    assert [one["pointer"] for one in problem["errors"]] == [pointer]
    assert auditor.get("/signals")["items"] == []


def test_no_more_than_a_signal_takes_is_read(anybody: Anybody) -> None:
    assert anybody.send({**SEEN, "description": "x" * 200_000}).status_code == 413


def test_files_are_not_taken(app: Flask) -> None:
    sent = app.test_client().post("/api/v1/signals", data={"description": "x"})
    assert sent.status_code == 415


def test_signals_come_in_pages(anybody: Anybody, auditor: Client) -> None:
    receipts = [anybody.tell() for _ in range(5)]
    assert [one["receipt"] for one in auditor.every("/signals?limit=2")] == receipts
