"""The pictures of the README show what the pages are: each holds the elements of its page, which the page still has.

`REFERENCING_TAKE_PICTURES=1` before `pytest tests/console/test_pictures.py` takes them again.
"""

import io
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import Browser, ViewportSize

from demonstration.loading import Accesses, load
from referencing.base import db
from tests.conftest import Time, parts
from tests.console.chromium import Window, served

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
TAKES = bool(os.environ.get("REFERENCING_TAKE_PICTURES"))
#: The field of a picture that holds the elements of its page.
ELEMENTS = "Elements"
SIZE: ViewportSize = {"width": 1200, "height": 760}
#: Each element with its classes, a line each, indented by its depth; of neighbours alike the first one alone, for there
#: may be more lines on a page another day. Words are left out, and what only words make: emphasis, breaks, graphics.
_ELEMENTS = """
() => {
  const passed = new Set(["SCRIPT", "STRONG", "EM", "BR", "KBD", "OPTION", "DEL", "INS", "svg"]);
  const told = (element, depth) => {
    const lines = [" ".repeat(depth) + [element.localName, ...element.classList].join(".")];
    for (const child of element.children) {
      if (passed.has(child.tagName)) continue;
      const below = told(child, depth + 1);
      if (!lines.includes(below)) lines.push(below);
    }
    return lines.join("\\n");
  };
  return told(document.body, 0);
}
"""


@pytest.fixture
def accesses(app: Flask, time: Time) -> Accesses:
    """The cast of the demonstration."""
    time.now = datetime(2026, 11, 26, 14, 7, tzinfo=UTC)
    with db.transaction(parts(app).sessions) as session:
        return load(session, parts(app).vault)


@pytest.fixture
def window(app: Flask, browser: Browser) -> Iterator[Window]:
    with served(app) as address:
        context = browser.new_context(locale="fr-FR", viewport=SIZE, timezone_id="Europe/Paris")
        yield Window(context.new_page(), address)
        context.close()


def work(window: Window) -> None:
    assert window.title == "Mon travail"


def examine(window: Window) -> None:
    window.press("s")
    window.press("o")  # one more than what is in hand already


def confirm(window: Window) -> None:
    window.click(window.page.get_by_role("button", name="Réemplois à confirmer"))
    window.press("o")


def follow(window: Window) -> None:
    window.open("/dossiers")
    window.click(window.page.get_by_role("link", name="Alouette Hôpital").first)


@pytest.mark.parametrize(
    ("name", "person", "go"),
    [
        ("my-work", "VERIFICATEUR_2", work),
        ("examine", "VERIFICATEUR_2", examine),
        ("reuse", "VERIFICATEUR_2", confirm),
        ("dossier", "EDITEUR", follow),
    ],
)
def test_a_picture_is_of_the_page_as_it_is(
    window: Window, accesses: Accesses, name: str, person: str, go: Callable[[Window], None]
) -> None:
    window.sign_in(accesses[person].key)
    go(window)
    window.page.wait_for_load_state("networkidle")
    elements: str = window.page.evaluate(_ELEMENTS)
    file = PICTURES / f"{name}.png"
    if TAKES:
        noted = PngInfo()
        noted.add_text(ELEMENTS, elements, zip=True)
        Image.open(io.BytesIO(window.page.screenshot())).save(file, pnginfo=noted, optimize=True)
    with Image.open(file) as picture:
        assert picture.info.get(ELEMENTS) == elements, (
            f"{file.name} is out of date: take it again (see above)"
        )
