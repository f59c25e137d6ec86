"""Servers of others that are called, for e-mail and for sign-in: faulty, they hold nobody up, and are used again."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from time import monotonic, sleep
from uuid import UUID, uuid4

import pytest
import requests

from referencing.accounts.operations import set_email
from referencing.base import db
from referencing.base.permissions import Role
from referencing.mail.operations import write
from tests.accounts.openid.issuer import Issuer, is_installed, running
from tests.builders import person
from tests.duo.smtp import Mailbox, receiving
from tests.serving.conftest import Serving, answers, becomes, started
from tests.serving.lines import Fault, Line
from tests.serving.test_faults import BACK_WITHIN, LASTING, warnings_since

pytestmark = pytest.mark.services

#: Seconds in which a request is answered, whatever becomes of an issuer; a key has nothing to do with it.
BOUND, BOUND_OF_KEYS = 20.0, 5.0


@dataclass(frozen=True)
class Outside:
    """A server, and the lines by which it reaches an SMTP server and an issuer."""

    serving: Serving
    mailbox: Mailbox
    smtp: Line
    issuer: Issuer
    sign_in: Line
    recipient: UUID
    sessions: db.Sessions

    def write(self, subject: str) -> str:
        with db.transaction(self.sessions) as session:
            write(session, self.recipient, subject, subject, "Texte")
        return subject

    def message_ids(self) -> dict[str, set[str]]:
        """The identifiers of the letters that were taken, by subject."""
        taken = defaultdict[str, set[str]](set)
        for message in self.mailbox.messages:
            taken[message["subject"]].add(message["message-id"])
        return taken

    def leave(self) -> requests.Response:
        """Go to the issuer, as the button of the sign-in does."""
        return requests.get(
            f"{self.serving.url}/connexion/aupres/{self.issuer.name}", timeout=60, allow_redirects=False
        )

    def bear(self, key: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {key}"}
        return requests.get(f"{self.serving.url}/api/v1/me", headers=headers, timeout=60)


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    if not is_installed():
        pytest.skip("no oidc-provider: npm ci --prefix tests/accounts/openid/provider")
    with ExitStack() as stack:
        lines: list[Line] = []

        def by_line(port: int) -> int:
            lines.append(stack.enter_context(Line(("127.0.0.1", port))))
            return lines[-1].port

        mailbox = stack.enter_context(receiving())
        smtp = by_line(mailbox.port)
        issuer = stack.enter_context(running("agence", by_line))
        settings = {
            "SMTP_URL": f"smtp://127.0.0.1:{smtp}",
            "MAIL_FROM": "duo@agence.example.fr",
            "OIDC_ISSUERS": issuer.name,
            **issuer.settings,
        }
        serving = stack.enter_context(started(STOP_GRACE="0", **settings))
        engine = db.connect(serving.database)
        stack.callback(engine.dispose)
        sessions = db.sessions(engine)
        with db.transaction(sessions) as session:
            recipient = person(session, Role.EDITOR)
            set_email(session, recipient, "zoe@example.fr")
        yield Outside(serving, mailbox, lines[0], issuer, lines[1], recipient.account_id, sessions)


@pytest.mark.parametrize("fault", Fault)
def test_letters_wait_for_their_server_and_hold_up_nobody(outside: Outside, fault: Fault) -> None:
    offset = (outside.serving.folder / "log").stat().st_size
    outside.smtp.break_by(fault)
    written = {outside.write(f"{fault} {number}") for number in range(3)}
    until = monotonic() + LASTING
    while monotonic() < until:
        began = monotonic()
        assert outside.bear(outside.serving.key).status_code == 200
        assert monotonic() - began < BOUND_OF_KEYS
        sleep(0.2)
    outside.smtp.mend()
    written.add(outside.write(f"{fault} after"))
    becomes(lambda: written <= outside.message_ids().keys(), BACK_WITHIN)
    # Sent again where the answer was lost, but as what it is: one letter.
    assert all(len(identifiers) == 1 for identifiers in outside.message_ids().values())
    told = warnings_since(outside.serving.folder / "log", offset)
    assert told.total() < 30, told


@pytest.mark.parametrize("fault", Fault)
def test_who_signs_in_is_told_that_the_issuer_is_away_and_keys_work_on(
    outside: Outside, fault: Fault
) -> None:
    offset = (outside.serving.folder / "log").stat().st_size
    token = outside.issuer.signed(sub=f"somebody {uuid4()}")
    outside.sign_in.break_by(fault)
    statuses = defaultdict[str, set[int]](set)
    asked: dict[str, Callable[[], requests.Response]] = {
        "leave": outside.leave,
        "token": partial(outside.bear, token),
        "key": partial(outside.bear, outside.serving.key),
    }
    until = monotonic() + LASTING
    while monotonic() < until:
        for name, ask in asked.items():
            began = monotonic()
            statuses[name].add(ask().status_code)
            assert monotonic() - began < (BOUND_OF_KEYS if name == "key" else BOUND)
    outside.sign_in.mend()
    becomes(lambda: outside.leave().status_code == 303, BACK_WITHIN)
    becomes(lambda: outside.bear(token).status_code == 403, BACK_WITHIN)  # nobody has let them in yet
    assert statuses["key"] == {200}
    assert statuses["leave"] <= {303, 503}
    assert statuses["token"] <= {403, 503}
    if fault is Fault.REFUSED:  # the first; later a process may know what the issuer published
        assert 503 in statuses["leave"]
        assert 503 in statuses["token"]
    assert answers(outside.serving.port, "/readyz") == 200
    told = warnings_since(outside.serving.folder / "log", offset)
    assert told.total() < 30, told
