"""An editor supplies a large file in a real browser: the line is cut, the page is closed, and the upload goes on."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error

from referencing.catalogue.proposals import ProofKind
from referencing.console.prepare import routes
from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running
from tests.console.chromium import Window
from tests.contents import content_for


def drafted(people: People) -> list[Dossier]:
    return [people.draft("LGC-V1")]


@pytest.fixture
def draft(running: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dossier]:
    """In a console to which every file is a large one."""
    monkeypatch.setattr(routes, "LARGE", 0)
    with running.after(drafted) as (_, (draft,)):
        yield draft


@pytest.fixture
def people(draft: Dossier) -> People:
    return draft.people


@pytest.fixture
def film(draft: Dossier, tmp_path: Path) -> Path:
    """For the first item."""
    code = draft.codes("required")[0]
    name, content = content_for(ProofKind(draft.item(code)["kind"]), code.encode())
    path = tmp_path / name
    path.write_bytes(content)
    return path


class Line:
    """The line to the server, which breaks in the middle of each of so many requests that bring bytes."""

    def __init__(self, window: Window, cuts: int) -> None:
        self.cuts = cuts
        self.offsets: list[int] = []
        window.page.route("**/envois/*", self.carry)

    def carry(self, route: Any) -> None:
        request = route.request
        if request.method != "PATCH":
            route.continue_()
            return
        self.offsets.append(int(request.headers["upload-offset"]))
        if len(self.offsets) > self.cuts:
            route.continue_()
            return
        body = request.post_data_buffer
        headers = {name: value for name, value in request.headers.items() if name != "content-length"}
        route.fetch(post_data=body[: len(body) // 2], headers=headers)
        with suppress(Error):  # the page may be gone
            route.abort("connectionreset")


def choose(window: Window, draft: Dossier, file: Path) -> None:
    window.open(f"/dossiers/{draft.id}/preparer")
    window.page.locator("#supply input[type=file]").first.set_input_files(file)


def test_an_upload_that_is_cut_goes_on_where_it_was(window: Window, draft: Dossier, film: Path) -> None:
    size = film.stat().st_size
    line = Line(window, cuts=1)
    window.sign_in(draft.people.editor.key)
    choose(window, draft, film)
    window.key("f")
    window.page.get_by_text("1 preuve fournie.").wait_for()
    assert line.offsets == [0, size // 2]
    (code,) = draft.codes("supplied")
    (file,) = draft.item(code)["proof"]["files"]
    assert (file["filename"], file["size"]) == (film.name, size)


def test_an_upload_goes_on_in_a_page_that_was_opened_again(
    window: Window, draft: Dossier, film: Path
) -> None:
    line = Line(window, cuts=1_000)
    window.sign_in(draft.people.editor.key)
    choose(window, draft, film)
    window.page.get_by_role("button", name="Fournir ces fichiers").click()
    window.page.get_by_text("Coupé : reprise…").wait_for()
    kept = window.page.evaluate("JSON.stringify(localStorage)")
    assert "/envois/" in kept, "where the upload goes on"
    assert film.name not in kept
    choose(window, draft, film)
    before, line.cuts = len(line.offsets), 0
    window.page.get_by_role("button", name="Fournir ces fichiers").click()
    window.page.get_by_text("1 preuve fournie.").wait_for()
    (reached,) = line.offsets[before:]
    assert reached >= film.stat().st_size // 2
    assert "/envois/" not in window.page.evaluate("JSON.stringify(localStorage)")
    assert len(draft.codes("supplied")) == 1


def test_what_is_refused_is_told_beside_its_file(window: Window, draft: Dossier, tmp_path: Path) -> None:
    program = tmp_path / "outil.exe"
    program.write_bytes(b"MZ" + bytes(500))
    window.sign_in(draft.people.editor.key)
    choose(window, draft, program)
    window.key("f")
    told = window.page.locator("[data-upload].wrong [data-how-far]")
    told.wait_for()
    assert "outil.exe" in told.inner_text()
    assert window.examine("an upload that was refused") == []
    assert draft.codes("supplied") == []
