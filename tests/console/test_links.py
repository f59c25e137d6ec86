"""A link changes nothing: whoever follows all that a page offers reads, and no more."""

import re
from html import unescape

import pytest

from referencing.base.permissions import Role
from tests.builders import statements
from tests.candidatures.dossiers import People
from tests.console.browser import HOST
from tests.console.conftest import SignIn

#: What reading writes: that a session or a key is used, who looks at a page for a while, and who read a file.
NOTED = {"browser_session", "account_key", "looker", "file_read"}
#: What an address, without its ids, makes by being asked for: the figures that it shows, once in a while.
MADE = {"/pilotage/prevision": {"forecast", "job"}}
_LINK = re.compile(r'(?:href|src)="(/[^"#]*)')
_WRITES = re.compile(r"(?:INSERT INTO|(?<!DO )(?<!FOR )UPDATE|DELETE FROM) +\"?(\w+)")
MOST = 150


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VERIFIER, Role.LEAD, Role.AUDITOR, Role.CATALOGUE])
def test_following_every_link_changes_nothing(people: People, signed_in: SignIn, role: Role) -> None:
    people.in_review()
    browser = signed_in(role)
    waiting, seen, written = ["/travail", "/dossiers"], set[str](), set[str]()
    while waiting and len(seen) < MOST:
        address = waiting.pop(0)
        page = re.sub(r"[0-9a-f-]{36}", "", address)
        if page in seen or address.startswith("/console/"):
            continue
        seen.add(page)
        with (
            statements(people.parts.engine) as sent,
            browser.http.get(address, base_url=f"http://{HOST}") as answer,
        ):
            shown = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
            assert answer.status_code < 500, address
        tables = {table for one in sent for table in _WRITES.findall(one.statement)}
        written |= tables - MADE.get(page.partition("?")[0], set())
        waiting += [unescape(link) for link in _LINK.findall(shown)]
    assert len(seen) > 8
    assert written - NOTED == set()
