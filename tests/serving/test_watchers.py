"""A page's stream is kept by the server without a thread, tells of what happens, and is refused to who has too many."""

from collections.abc import Iterator
from contextlib import ExitStack
from time import monotonic
from uuid import uuid4

import pytest
import requests

from referencing.accounts.operations import create_account
from referencing.base import db
from referencing.base.permissions import Role
from referencing.web.streams import MOST_OF_ONE
from tests.serving.conftest import Serving
from tests.serving.served import PROCESSES

pytestmark = pytest.mark.usefixtures("serving")


@pytest.fixture
def lead(serving: Serving) -> Iterator[requests.Session]:
    """A browser in which a lead is signed in."""
    with requests.Session() as browser:
        sign_in(serving.url, browser, open_account(serving, Role.LEAD))
        yield browser


def sign_in(url: str, browser: requests.Session, key: str) -> None:
    here = {"Origin": url, "Sec-Fetch-Site": "same-origin"}
    signed_in = browser.post(f"{url}/connexion", data={"key": key}, headers=here, timeout=20)
    assert signed_in.url.endswith("/travail")


def open_account(serving: Serving, role: Role) -> str:
    """The account's key; the journal tells of it."""
    engine = db.connect(serving.database)
    with db.transaction(db.sessions(engine)) as session:
        key = create_account(session, f"Dominique {uuid4()}", role, None)
    engine.dispose()
    return key


def watch(url: str, browser: requests.Session) -> requests.Response:
    return browser.get(f"{url}/travail/changements", stream=True, timeout=20)


def marks(stream: requests.Response) -> Iterator[str]:
    return (line[6:] for line in stream.iter_lines(1, decode_unicode=True) if line.startswith("data: "))


def test_what_happens_is_told_by_whichever_process_keeps_the_stream(
    serving: Serving, lead: requests.Session
) -> None:
    with ExitStack() as ends:
        told = [marks(ends.enter_context(watch(serving.url, lead))) for _ in range(3)]
        before = {next(stream) for stream in told}
        open_account(serving, Role.AUDITOR)
        after = {next(stream) for stream in told}
    assert len(before) == len(after) == 1
    assert before != after


def test_a_page_whose_session_ended_hears_nothing_more_within_seconds_and_the_others_go_on(
    serving: Serving, lead: requests.Session
) -> None:
    key = open_account(serving, Role.LEAD)
    with requests.Session() as browser, ExitStack() as ends:
        sign_in(serving.url, browser, key)
        told, others = (marks(ends.enter_context(watch(serving.url, one))) for one in (browser, lead))
        assert next(told) == next(others)
        mine = {"Authorization": f"Bearer {key}"}
        requests.delete(f"{serving.url}/api/v1/me/sessions", headers=mine, timeout=20).raise_for_status()
        ended = monotonic()
        assert len([*told]) <= 1, "that its session ended may be told before it is let go"
        assert monotonic() - ended < 10, "a stream lasts ten minutes else"
        heard = next(others)
        open_account(serving, Role.AUDITOR)
        assert next(others) != heard


def test_who_watches_too_much_is_told_so(serving: Serving, lead: requests.Session) -> None:
    with ExitStack() as ends:
        streams = [ends.enter_context(watch(serving.url, lead)) for _ in range(PROCESSES * MOST_OF_ONE + 1)]
    assert 429 in {stream.status_code for stream in streams}
    assert 200 in {stream.status_code for stream in streams}
