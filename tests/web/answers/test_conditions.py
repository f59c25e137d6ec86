"""What its reader has already is not sent again."""

from collections.abc import Callable

import pytest

from referencing.base.permissions import Role
from tests.clients import Client
from tests.web.conftest import Dossier


@pytest.fixture
def editor(as_: Callable[..., Client]) -> Client:
    return as_(Role.EDITOR)


def test_what_has_not_changed_is_not_sent_again_and_what_has_is(editor: Client) -> None:
    first = editor.send("GET", "/softwares")
    known = {"If-None-Match": first.headers["ETag"]}
    again = editor.send("GET", "/softwares", headers=known)
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    editor.post("/softwares", {"name": "Alpha", "nil": "NIL-A"})
    changed = editor.send("GET", "/softwares", headers=known)
    assert changed.status_code == 200
    assert changed.json is not None
    assert changed.json["items"][0]["name"] == "Alpha"
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_a_program_may_keep_what_it_was_answered_and_asks_again(editor: Client) -> None:
    assert editor.send("GET", "/softwares").headers["Cache-Control"] == "private, no-cache"
    assert editor.send("GET", "/softwares/none").headers["Cache-Control"] == "no-store"


def test_one_etag_serves_to_read_again_and_to_change(dossier: Dossier) -> None:
    """The dossier's state is in its ETag; a change is refused for another revision alone."""
    read = dossier.editor.send("GET", dossier.path, headers={"Accept-Encoding": "gzip"})
    known = {"If-None-Match": read.headers["ETag"]}
    assert dossier.editor.send("GET", dossier.path, headers=known).status_code == 304
    words = {"json": {"software_version": "3.0"}, "headers": {"If-Match": read.headers["ETag"]}}
    assert dossier.editor.send("PATCH", dossier.path, **words).status_code == 200
    assert dossier.editor.send("PATCH", dossier.path, **words).status_code == 412
    assert dossier.editor.send("GET", dossier.path, headers=known).status_code == 200


def test_a_dossier_that_was_filed_is_sent_again_although_nobody_edited_it(dossier: Dossier) -> None:
    read = dossier.editor.send("GET", dossier.path)
    dossier.editor.post(f"{dossier.path}/submission", {"incomplete": True}, 200)
    again = dossier.editor.send("GET", dossier.path, headers={"If-None-Match": read.headers["ETag"]})
    assert again.status_code == 200
    assert again.json is not None
    assert again.json["state"] == "submitted"


def test_what_another_may_do_with_it_is_another_answer(as_: Callable[..., Client]) -> None:
    """The description of oneself: nobody's ETag is anybody else's."""
    one, other = as_(Role.LEAD), as_(Role.AUDITOR)
    known = {"If-None-Match": one.send("GET", "/me").headers["ETag"]}
    assert other.send("GET", "/me", headers=known).status_code == 200
