"""What people write is shown as they wrote it, and is never part of the page."""

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import People
from tests.console.conftest import SignIn

MARKUP = "\"><img src=x onerror=alert(1)>'"
SHOWN = "&lt;img src=x onerror=alert(1)&gt;"


def test_what_is_asked_for_is_unescaped_once_and_given_back_as_text(signed_in: SignIn) -> None:
    browser = signed_in(Role.LEAD)
    shown = browser.fetch("/dossiers?q=%253Cb%253E").get_data(as_text=True)
    assert 'value="%3Cb%3E"' in shown


@pytest.mark.parametrize("address", ["/dossiers", "/referencees"])
def test_markup_in_an_address_is_shown_not_run(signed_in: SignIn, address: str) -> None:
    name = "q" if address == "/dossiers" else "name"
    answer = signed_in(Role.LEAD).http.get(address, query_string={name: MARKUP}, base_url="http://127.0.0.1")
    shown = answer.get_data(as_text=True)
    assert "<img" not in shown
    assert SHOWN in shown


def test_markup_that_an_editor_wrote_is_shown_not_run(people: People, signed_in: SignIn) -> None:
    dossier = people.submitted(solution=people.solution(f"Alpha {MARKUP}"))
    lead = signed_in(Role.LEAD)
    for address in ("/dossiers", f"/dossiers/{dossier.id}"):
        shown = lead.fetch(address).get_data(as_text=True)
        assert "<img src=x" not in shown
        assert SHOWN in shown
