"""A head goes where the settings say, by jobs that are tried again; an authority says when it was there."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from referencing.base import db
from referencing.base.jobs import Task, perform_all
from referencing.base.models import Job
from referencing.heads.models import Head, HeadStamp
from referencing.heads.notary import Notary
from referencing.heads.signing import sign
from referencing.heads.stamps import Authority, NotStamped
from referencing.heads.statements import line_of, read
from referencing.heads.tasks import send_head, stamp_head
from referencing.mail.relay import Relay
from tests.conftest import Time, parts
from tests.duo.smtp import receiving
from tests.heads.conftest import write


@dataclass
class Server:
    """Answers what it is told to, in turns, then 204, or what `answering` makes of a body."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    taken: list[bytes] = field(default_factory=list)
    answering: Any = None


@pytest.fixture
def server_of_heads() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.taken.append(body)
            answer = state.answering(body) if state.answering else b""
            self.send_response(state.statuses.pop(0) if state.statuses else (200 if answer else 204))
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        state.url = f"http://127.0.0.1:{http.server_port}/heads"
        thread = Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield state
        finally:
            http.shutdown()
            thread.join()


def signed(app: Flask, notary: Notary) -> str:
    """The line of a head of something new."""
    write(parts(app).sessions, 1, None)
    with db.transaction(parts(app).sessions) as session:
        return line_of(sign(session, notary))


def work(app: Flask, notary: Notary, relay: Relay | None = None) -> None:
    tasks: dict[str, Task] = {
        "send_head": partial(send_head, notary=notary, relay=relay),
        "stamp_head": partial(stamp_head, notary=notary),
    }
    perform_all(parts(app).sessions, tasks)


def test_a_head_goes_to_every_place_once(
    app: Flask, time: Time, notary: Notary, server_of_heads: Server, tmp_path: Path
) -> None:
    file = tmp_path / "têtes.jsonl"
    server_of_heads.statuses = [500, 302]
    with receiving() as mailbox:
        places = (file.as_uri(), "mailto:greffe@example.fr", server_of_heads.url)
        relay = Relay.of(mailbox.url, "agence@example.fr")
        everywhere = Notary(notary.key, places)
        first = signed(app, everywhere)
        work(app, everywhere, relay)
        assert len(server_of_heads.taken) == 1, "which failed, and is tried again later"
        for _ in range(2):
            time.pass_days(1)
            work(app, everywhere, relay)
        second = signed(app, everywhere)
        work(app, everywhere, relay)
        assert file.read_text().splitlines() == [first, second]
        assert server_of_heads.taken == [f"{line}\n".encode() for line in (first, first, first, second)]
        assert mailbox.recipients == ["greffe@example.fr"] * 2
        words = [message.get_content() for message in mailbox.messages]
        assert [read(text.splitlines()[3]) for text in words] == [read(first), read(second)]
    with db.transaction(parts(app).sessions) as session:
        arguments = session.scalars(sa.select(Job.arguments).where(Job.task == "send_head"))
        assert not any(server_of_heads.url in str(argument) for argument in arguments), "it may hold a secret"


def test_a_line_that_a_crash_left_is_not_written_twice(app: Flask, notary: Notary, tmp_path: Path) -> None:
    file = tmp_path / "heads.jsonl"
    in_file = Notary(notary.key, (file.as_uri(),))
    line = signed(app, in_file)
    file.write_text(f"{line}\n")
    work(app, in_file)
    assert file.read_text() == f"{line}\n"


def test_a_place_that_the_settings_no_longer_have_gets_nothing(
    app: Flask, notary: Notary, server_of_heads: Server
) -> None:
    signed(app, Notary(notary.key, (server_of_heads.url,)))
    work(app, Notary(notary.key))
    assert server_of_heads.taken == []


# An authority of OpenSSL

CONFIGURATION = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[stamps]
basicConstraints = critical, CA:false
extendedKeyUsage = critical, timeStamping
keyUsage = critical, digitalSignature
"""


class OpenSSL:
    """An authority with its root, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.configuration = folder / "openssl.cnf"
        self.configuration.write_text(CONFIGURATION.format(folder=folder))
        (folder / "serial").write_text("01")
        new = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650")
        self.run(*new, "-subj", "/CN=Racine", "-keyout", "root.key", "-out", "root.pem")
        self.run(
            *(*new, "-subj", "/CN=Horodatage", "-keyout", "tsa.key", "-out", "tsa.pem"),
            *(
                "-CA",
                "root.pem",
                "-CAkey",
                "root.key",
                "-config",
                self.configuration,
                "-extensions",
                "stamps",
            ),
        )

    def run(self, *arguments: Any) -> bytes:
        done = subprocess.run(
            ["openssl", *map(str, arguments)], cwd=self.folder, capture_output=True, check=True
        )
        return done.stdout

    def stamp(self, query: bytes) -> bytes:
        (self.folder / "query.tsq").write_bytes(query)
        self.run(
            *("ts", "-reply", "-queryfile", "query.tsq", "-out", "reply.tsr"),
            *("-config", self.configuration, "-section", "here"),
        )
        return (self.folder / "reply.tsr").read_bytes()


def authority_at(server: Server, openssl: OpenSSL) -> Authority:
    root = (openssl.folder / "root.pem").read_text()
    authority = Authority.of({"RECORD_TIMESTAMP_URL": server.url, "RECORD_TIMESTAMP_CERTIFICATES": root})
    assert authority is not None
    return authority


@pytest.fixture(scope="module")
def openssl(tmp_path_factory: pytest.TempPathFactory) -> OpenSSL:
    return OpenSSL(tmp_path_factory.mktemp("tsa"))


def stamps(app: Flask) -> list[HeadStamp]:
    with parts(app).sessions() as session:
        return [*session.scalars(sa.select(HeadStamp))]


def test_an_authority_stamps_a_head_and_openssl_agrees(
    app: Flask, time: Time, notary: Notary, server_of_heads: Server, openssl: OpenSSL
) -> None:
    authority = authority_at(server_of_heads, openssl)
    stamped = Notary(notary.key, authority=authority)
    server_of_heads.statuses = [503]
    server_of_heads.answering = openssl.stamp
    line = signed(app, stamped)
    work(app, stamped)
    assert stamps(app) == [], "it was not to be had"
    time.pass_days(1)
    work(app, stamped)
    (stamp,) = stamps(app)
    (openssl.folder / "head.json").write_text(line)
    (openssl.folder / "stamp.tsr").write_bytes(stamp.token)
    said = openssl.run(*("ts", "-verify", "-data", "head.json", "-in", "stamp.tsr", "-CAfile", "root.pem"))
    assert b"OK" in said
    with parts(app).sessions() as session:
        assert session.scalars(sa.select(Head)).one().stamp is not None


def test_a_stamp_that_does_not_hold_is_not_kept(
    app: Flask, notary: Notary, server_of_heads: Server, openssl: OpenSSL, tmp_path: Path
) -> None:
    other = OpenSSL(tmp_path)
    authority = authority_at(server_of_heads, other)
    stamped = Notary(notary.key, authority=authority)
    server_of_heads.answering = openssl.stamp
    signed(app, stamped)
    work(app, stamped)
    assert (len(server_of_heads.taken), stamps(app)) == (1, [])
    for nonsense in (b"no answer", openssl.stamp(server_of_heads.taken[0])[:-20]):
        server_of_heads.answering = lambda _, nonsense=nonsense: nonsense
        with pytest.raises(NotStamped, match=r"^(ValueError|VerificationError)$"):
            authority.stamp(b"head")
