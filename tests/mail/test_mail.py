"""Letters: written with what they tell, sent by a job to a real SMTP server, once as far as SMTP allows."""

import logging
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from referencing.accounts.email import mailbox
from referencing.accounts.operations import disable_account, remove_email, set_email
from referencing.base import db
from referencing.base.jobs import perform_all
from referencing.base.models import Job
from referencing.base.permissions import Actor, Role
from referencing.journal.models import Entry
from referencing.mail.message import Words, message
from referencing.mail.models import Letter, Outcome
from referencing.mail.operations import PAUSES, send_letter, write
from referencing.mail.relay import Relay, Undelivered
from tests.builders import person
from tests.clients import Client
from tests.conftest import Time, parts
from tests.duo.rooms.certificates import of_loopback
from tests.duo.smtp import Mailbox, receiving

FROM = "duo@agence.example.fr"
WORDS = Words(
    UUID(int=9),
    datetime(2026, 3, 2, 9, tzinfo=UTC),
    FROM,
    "zoe@example.fr",
    "Zoé Lefèvre",
    "Session DUO du 30 mars",
    "Bonjour,\n\nÀ bientôt.\n",
)


@dataclass
class Post:
    """One person, who is written to through an SMTP server; what is due is done with `relay`."""

    app: Flask
    time: Time
    server: Mailbox
    relay: Relay | None
    who: Actor

    def write(self, key: str = "duo:1", **more: Any) -> None:
        with db.transaction(parts(self.app).sessions) as session:
            write(session, self.who.account_id, key, "Sujet", "Texte.", **more)

    def work(self) -> int:
        def send(session: Any, letter_id: str) -> None:
            send_letter(session, letter_id, relay=self.relay)

        return perform_all(parts(self.app).sessions, {"send_letter": send})

    @property
    def letter(self) -> Letter:
        with parts(self.app).sessions() as session:
            return session.scalars(sa.select(Letter)).one()


@pytest.fixture
def smtp() -> Iterator[Mailbox]:
    with receiving() as running:
        yield running


@pytest.fixture
def post(app: Flask, time: Time, smtp: Mailbox) -> Post:
    with db.transaction(parts(app).sessions) as session:
        who = person(session, Role.EDITOR)
        set_email(session, who, "zoe@example.fr")
    return Post(app, time, smtp, Relay.of(smtp.url, FROM), who)


# What is written


def read(words: Words) -> EmailMessage:
    (one,) = Mailbox(taken=[message(words)]).messages
    return one


def unix(part: EmailMessage) -> str:
    content: str = part.get_content()
    return content.replace("\r\n", "\n")


def test_a_letter_says_who_writes_to_whom() -> None:
    made = read(WORDS)
    assert (made["from"], made["to"]) == (FROM, "Zoé Lefèvre <zoe@example.fr>")
    assert made["message-id"] == f"<{WORDS.letter_id}@agence.example.fr>"
    assert made["date"].datetime == WORDS.written_at
    assert unix(made) == WORDS.text


def test_an_invitation_is_beside_the_text_and_tells_its_method() -> None:
    made = read(
        replace(WORDS, calendar="BEGIN:VCALENDAR\r\nSUMMARY:é\r\nEND:VCALENDAR\r\n", method="REQUEST")
    )
    text, calendar = made.iter_parts()
    assert made.get_content_type() == "multipart/alternative"
    assert isinstance(text, EmailMessage)
    assert isinstance(calendar, EmailMessage)
    assert unix(text) == WORDS.text
    assert calendar.get_content_type() == "text/calendar"
    assert calendar.get_param("method") == "REQUEST"
    assert unix(calendar) == "BEGIN:VCALENDAR\nSUMMARY:é\nEND:VCALENDAR\n"


@pytest.mark.parametrize("method", [None, "REQUEST"])
def test_the_same_letter_is_the_same_bytes(method: str | None) -> None:
    words = replace(WORDS, calendar=method and "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", method=method)
    assert message(words) == message(words)


@given(st.text(min_size=1), st.text())
def test_whatever_a_name_and_a_subject_hold_there_is_no_other_header(name: str, subject: str) -> None:
    hostile = f"{name}\r\nBcc: evil@example.org\r\n\r\nBonjour {subject}"
    hostile = hostile.encode(errors="replace").decode()
    made = message(replace(WORDS, name=hostile, subject=hostile))
    head = made.partition(b"\r\n\r\n")[0].decode()
    headers = [line.partition(":")[0] for line in head.split("\r\n") if line[:1] not in {" ", "\t"}]
    assert headers == [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "Content-Type",
        "Content-Transfer-Encoding",
        "MIME-Version",
    ]
    assert all(len(line) <= 998 for line in head.split("\r\n"))


# How it is sent


def test_a_letter_is_sent_once_its_transaction_has_committed(post: Post) -> None:
    with parts(post.app).sessions() as lost:
        write(lost, post.who.account_id, "duo:0", "Sujet", "Texte.")
        lost.rollback()
    post.write()
    post.work()
    assert post.server.recipients == ["zoe@example.fr"]
    assert [one["subject"] for one in post.server.messages] == ["Sujet"]
    assert post.letter.outcome is Outcome.SENT


def test_what_was_told_is_not_told_again(post: Post) -> None:
    post.write()
    post.work()
    post.write()
    assert post.work() == 0
    assert len(post.server.taken) == 1


@dataclass(frozen=True)
class Crashing(Relay):
    """The process dies after the server has taken the letter, before that is known here."""

    def deliver(self, recipient: str, message: bytes) -> None:
        super().deliver(recipient, message)
        raise SystemExit


def test_after_a_crash_between_the_server_and_the_mark_the_same_letter_comes_again(post: Post) -> None:
    post.write()
    real = post.relay
    assert real is not None
    post.relay = Crashing(real.scheme, real.host, real.port, real.sender)
    with pytest.raises(SystemExit):
        post.work()
    assert post.letter.outcome is Outcome.WAITING
    post.relay = real
    post.time.now += timedelta(minutes=6)  # as what a dead worker had is handed over
    post.work()
    first, second = post.server.taken
    assert first == second
    post.time.now += timedelta(hours=1)
    assert post.work() == 0


@pytest.mark.parametrize("where", ["to_recipients", "to_contents"])
def test_a_server_that_asks_to_come_back_gets_the_letter_later(post: Post, where: str) -> None:
    getattr(post.server, where).append("451 Greylisted")
    post.write()
    post.work()
    assert (post.letter.outcome, post.server.taken) == (Outcome.WAITING, [])
    post.time.now += PAUSES[0]
    post.work()
    assert (post.letter.outcome, len(post.server.taken)) == (Outcome.SENT, 1)


@pytest.mark.parametrize("where", ["to_recipients", "to_contents"])
def test_what_a_server_refuses_for_good_is_not_tried_again(
    post: Post, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    getattr(post.server, where).append("550 No such user zoe@example.fr")
    post.write()
    post.work()
    post.time.pass_days(2)
    assert post.work() == 0
    assert post.letter.outcome is Outcome.REFUSED
    assert "zoe@example.fr" not in caplog.text


def test_a_server_that_is_never_there_is_given_up_and_leaves_no_dead_job(post: Post) -> None:
    post.relay = Relay.of("smtp://127.0.0.1:1", FROM)
    post.write()
    for pause in [timedelta(0), *PAUSES]:
        assert post.letter.outcome is Outcome.WAITING
        post.time.now += pause
        post.work()
    assert post.letter.outcome is Outcome.ABANDONED
    with parts(post.app).sessions() as session:
        assert session.scalars(sa.select(Job.dead_at).where(Job.dead_at.is_not(None))).all() == []


def test_a_reminder_that_comes_too_late_is_not_sent(post: Post) -> None:
    post.write(useful_until=post.time.now + timedelta(minutes=5))
    post.time.now += timedelta(minutes=5)
    post.work()
    assert (post.letter.outcome, post.server.taken) == (Outcome.ABANDONED, [])


def test_without_a_server_nothing_is_sent_and_that_is_said(post: Post) -> None:
    post.relay = None
    post.write()
    post.work()
    assert (post.letter.outcome, post.server.taken) == (Outcome.NO_SERVER, [])


def test_who_has_no_address_is_not_written_to_and_that_is_said(post: Post) -> None:
    post.write()
    with db.transaction(parts(post.app).sessions) as session:
        remove_email(session, post.who)
    post.work()
    assert (post.letter.outcome, post.server.taken) == (Outcome.NO_ADDRESS, [])


def test_a_closed_account_is_not_written_to(post: Post) -> None:
    with db.transaction(parts(post.app).sessions) as session:
        disable_account(session, post.who.name, Role.EDITOR, "Éditions Alizé")
    post.write()
    post.work()
    assert post.letter.outcome is Outcome.NO_ADDRESS


# The server


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's side; the client trusts it."""
    certificate = of_loopback(tmp_path / "server.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.filterwarnings(
    "ignore:Requiring AUTH:UserWarning"
)  # of a server that is in TLS from the first byte
@pytest.mark.parametrize(("scheme", "how"), [("smtp", "starttls"), ("smtps", "tls")])
def test_a_password_is_given_inside_tls_and_told_to_nobody(
    scheme: str, how: str, tls: ssl.SSLContext, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with receiving(password=b"s3cret/%", **{how: tls}) as guarded:
        url = f"{scheme}://duo:{{}}@127.0.0.1:{guarded.port}"
        good, bad = Relay.of(url.format("s3cret%2F%25"), FROM), Relay.of(url.format("s3cret-not"), FROM)
        assert good is not None
        assert bad is not None
        good.deliver("zoe@example.fr", message(WORDS))
        with pytest.raises(Undelivered, match="code 535") as refused:
            bad.deliver("zoe@example.fr", message(WORDS))
    assert guarded.recipients == ["zoe@example.fr"]
    assert "s3cret" not in f"{caplog.text} {good!r} {refused.value}"


def test_a_server_whose_certificate_is_not_trusted_is_given_nothing(
    tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with receiving(starttls=tls) as stranger:
        relay = Relay.of(stranger.url, FROM)
        assert relay is not None
        with pytest.raises(Undelivered, match="SSLCertVerificationError"):
            relay.deliver("zoe@example.fr", message(WORDS))
    assert stranger.taken == []


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://127.0.0.1", FROM),
        ("smtp://", FROM),
        ("smtp://h/x", FROM),
        ("smtp://user:s3cret@h", None),
        ("smtp://user:s3cret@h", "pas une adresse"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_without_saying_the_password(
    url: str, sender: str | None
) -> None:
    with pytest.raises(ValueError, match="must be") as raised:
        Relay.of(url, sender)
    assert "s3cret" not in str(raised.value)


# The addresses


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("zoe@example.fr", "zoe@example.fr"),
        (" Zoe.Lefevre+duo@Exemple.FR ", "Zoe.Lefevre+duo@exemple.fr"),
        ("contact@santé.example", "contact@xn--sant-epa.example"),
    ],
)
def test_an_address_is_kept_as_it_goes_into_an_envelope(said: str, kept: str) -> None:
    assert mailbox(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "",
        "zoe",
        "zoe@",
        "@example.fr",
        "zoe@localhost",
        "zoe@127.0.0.1",
        "zoé@example.fr",
        "a b@example.fr",
        "zoe@example..fr",
        "zoe@-example.fr",
        ".zoe@example.fr",
        "zoe@example.fr\r\nBcc: x@example.fr",
        "a@b@example.fr",
        '"a"@example.fr',
        "zoe@example.fr, x@example.fr",
        "<zoe@example.fr>",
        "z" * 65 + "@example.fr",
        "zoe@" + "a." * 130 + "fr",
    ],
)
def test_what_is_no_address_is_none(said: str) -> None:
    assert mailbox(said) is None


def test_a_person_sets_changes_and_removes_their_address(as_: Callable[..., Client], app: Flask) -> None:
    editor = as_(Role.EDITOR)
    assert (editor.get("/me")["email"], editor.get("/me")["email_is_sent"]) == (None, False)
    assert editor.put("/me/email", {"address": "zoe@Example.fr"})["email"] == "zoe@example.fr"
    assert editor.put("/me/email", {"address": "lea@example.fr"})["email"] == "lea@example.fr"
    assert editor.get("/me")["email"] == "lea@example.fr"
    for _ in range(2):
        editor.expect(204, editor.send("DELETE", "/me/email"))
    assert editor.get("/me")["email"] is None
    with parts(app).sessions() as session:
        of_address = sa.select(Entry).where(Entry.action.like("account.email%")).order_by(Entry.position)
        entries = session.scalars(of_address).all()
    assert [entry.action for entry in entries] == ["account.email_set"] * 2 + ["account.email_removed"]
    assert "example.fr" not in str([entry.detail for entry in entries])


def test_what_is_no_address_is_told_to_the_person(as_: Callable[..., Client]) -> None:
    problem = as_(Role.EDITOR).refused(422, "PUT", "/me/email", json={"address": "zoe"})
    assert problem["errors"] == [
        {
            "pointer": "/address",
            "detail": "Donnez une adresse de messagerie, par exemple prenom.nom@exemple.fr.",
        }
    ]


def test_a_machine_has_no_address(as_: Callable[..., Client]) -> None:
    machine = as_(Role.INTEGRATION)
    machine.refused(403, "PUT", "/me/email", json={"address": "zoe@example.fr"})
    machine.refused(403, "DELETE", "/me/email")
