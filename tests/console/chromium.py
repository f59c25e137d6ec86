"""Debian's Chromium on the console served on loopback, watched: what it loads, what it complains of, what axe finds."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler

from tests import loopback

CHROMIUM = shutil.which("chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
AXE = Path(__file__).with_name("axe") / "axe-4.14.1.min.js"
SCHEMES, WIDTHS = ("light", "dark"), (320, 1280)


class _Answering(WSGIRequestHandler):
    #: Seconds: a browser opens lines ahead on which it asks nothing.
    timeout = 2


served = partial(loopback.served, handler=_Answering)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Skips the test where there is none."""
    if CHROMIUM is None:
        pytest.skip("Debian's chromium is not here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Window:
    """A person's window, with what went wrong in it."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    keys: int = 0
    pages: int = 0

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)
        self.page.on("request", self._notice)

    def _hear(self, message: Any) -> None:
        refused = "Failed to load resource" in message.text  # a form that is given back with what is wrong
        if message.type in {"error", "warning"} and not refused:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _notice(self, request: Any) -> None:
        if not request.url.startswith(self.address):
            self.complaints.append(f"{self.page.url} asks for {request.url}")

    def sign_in(self, key: str) -> None:
        self.page.goto(f"{self.address}/connexion")
        self.page.get_by_label("Votre clé").fill(key)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/travail")

    def open(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")

    def press(self, key: str) -> None:
        """One key, and the page that it leads to."""
        with self.page.expect_navigation():
            self.key(key)
        self.pages += 1

    def click(self, element: Locator) -> None:
        """A link or a button, and the page that it leads to."""
        with self.page.expect_navigation():
            element.click()
        self.pages += 1

    def key(self, key: str) -> None:
        """One key, which leads to no other page."""
        self.keys += 1
        self.page.keyboard.press(key)

    def until(self, condition: str) -> None:
        """Wait, 15 s at the most, for what the page's policy lets nobody but the debugger ask."""
        for _ in range(150):
            if self.page.evaluate(condition):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"not within 15 s: {condition}")

    def spent(self) -> tuple[int, int]:
        """The keys pressed and the pages loaded since this was last asked."""
        spent, self.keys, self.pages = (self.keys, self.pages), 0, 0
        return spent

    @property
    def title(self) -> str:
        return self.page.locator("h1").inner_text()

    def examine(self, name: str) -> list[str]:
        """What axe finds in this page in light and dark, narrow and wide; and what is wider than the window."""
        found = []
        for scheme in SCHEMES:
            for width in WIDTHS:
                self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                self.page.set_viewport_size({"width": width, "height": 900})
                found += [f"{name}, {scheme}, {width}: {said}" for said in self._axe()]
                found += [f"{name}: the key {key} means two things" for key in self._shared_keys()]
                if self.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    found.append(f"{name}, {width}: wider than the window")
        self.page.set_viewport_size({"width": 1280, "height": 900})
        return found

    def _shared_keys(self) -> list[str]:
        keys: list[str] = self.page.evaluate(
            "[...document.querySelectorAll('[data-key]')].map(element => element.dataset.key)"
        )
        return sorted({key for key in keys if keys.count(key) > 1})

    def _axe(self) -> list[str]:
        if not self.page.evaluate("'axe' in window"):
            # By the debugger, which the page's policy does not hold back.
            self.page.evaluate(AXE.read_text())
        ran = self.page.evaluate(
            "async () => (await axe.run(document, {iframes: false, resultTypes: ['violations']})).violations.map("
            "one => [one.id, one.nodes.map(node => node.target.join(' '))])"
        )
        return [json.dumps(one) for one in ran]


def click(window: Window, button: str, *, leads_to: str) -> None:
    """A button by its words, and a text of the page that it leads to."""
    named = re.compile(rf"^{re.escape(button)}( \S| Ctrl ⏎)?$")  # where there is script, with its key
    window.click(window.page.get_by_role("button", name=named))
    window.page.get_by_text(leads_to).first.wait_for()
