"""Uploads with a browser's cookie: from a page of ours alone, for who supplies, on the version that the page showed."""

from base64 import b64encode
from typing import Any

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import Dossier, People
from tests.console.browser import HOST, Browser
from tests.console.conftest import SignIn


@pytest.fixture
def draft(people: People) -> Dossier:
    return people.draft("LGC-V1", people.solution("Bêta"))


def begin(browser: Browser, draft: Dossier, seen: int = 0, origin: str = f"http://{HOST}") -> Any:
    item = draft.item(draft.codes("required")[0])["id"]
    pairs = {"candidature": draft.id, "item": item, "filename": "film.mp4"}
    metadata = ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in pairs.items())
    headers = {
        "Origin": origin,
        "Upload-Length": "10",
        "Upload-Metadata": metadata,
        "Tus-Resumable": "1.0.0",
        "Accept": "application/problem+json",
    }
    return browser.post(f"/dossiers/{draft.id}/preuves/{item}/envois?vue={seen}", {}, headers)


def test_an_upload_begins_and_says_how_far_it_is(signed_in: SignIn, draft: Dossier) -> None:
    browser = signed_in(Role.EDITOR)
    begun = begin(browser, draft)
    assert begun.status_code == 201
    assert begun.headers["Location"].startswith("/envois/")
    stands = browser.http.head(begun.headers["Location"], base_url=f"http://{HOST}")
    assert (stands.headers["Upload-Offset"], stands.headers["Tus-Resumable"]) == ("0", "1.0.0")


def test_a_version_that_the_page_did_not_show_is_not_replaced(signed_in: SignIn, draft: Dossier) -> None:
    refused = begin(signed_in(Role.EDITOR), draft, seen=3)
    assert (refused.status_code, refused.mimetype) == (412, "application/problem+json")
    assert "entre-temps" in refused.json["detail"]


def test_it_is_for_who_supplies_and_from_a_page_of_ours(signed_in: SignIn, draft: Dossier) -> None:
    assert begin(signed_in(Role.VERIFIER), draft).status_code == 403
    assert begin(signed_in(Role.EDITOR), draft, origin="http://ailleurs.example").status_code == 403
