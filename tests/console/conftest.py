"""The console on databases of its own; each test begins with what it needs in the queues."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser as Chromium

from referencing.base.permissions import Role
from tests.candidatures.conftest import time
from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running
from tests.console.browser import Browser
from tests.console.chromium import Window, chromium, served
from tests.console.meeting import Meeting, meeting

__all__ = ["dossier", "people", "signed_in", "time"]

SignIn = Callable[..., Browser]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes chromium is marked so, in other rooms too, and need not say it."""
    for item in items:
        if isinstance(item, pytest.Function):
            defined = item._fixtureinfo.name2fixturedefs.get("browser")  # noqa: SLF001 - others have the name
            if defined and defined[-1].func.__annotations__.get("return") == Iterator[Chromium]:
                item.add_marker("browser")


def in_review(people: People) -> list[Dossier]:
    """Four proofs wait for a verifier."""
    return [people.in_review("LGC-V1")]


@pytest.fixture
def dossier(running: Running) -> Iterator[Dossier]:
    with running.after(in_review) as (_, (dossier,)):
        yield dossier


@pytest.fixture
def met(running: Running) -> Iterator[Meeting]:
    """A session that is booked, before its beginning."""
    with meeting(running) as booked:
        yield booked


@pytest.fixture
def people(dossier: Dossier) -> People:
    return dossier.people


@pytest.fixture
def signed_in(people: People) -> SignIn:
    """The browser of somebody who has just come in."""

    def come_in(role: Role, name: str = "Camille") -> Browser:
        browser = Browser(people.app.test_client())
        browser.sign_in(people(role, name).key)
        return browser

    return come_in


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def address(people: People) -> Iterator[str]:
    with served(people.app) as served_at:
        yield served_at


@pytest.fixture
def window(browser: Chromium, address: str) -> Iterator[Window]:
    """A window in which nothing may go wrong."""
    context = browser.new_context(locale="fr-FR")
    opened = Window(context.new_page(), address)
    yield opened
    context.close()
    assert opened.complaints == []


@pytest.fixture(params=[True, False], ids=["scripted", "plain"])
def either(request: pytest.FixtureRequest, browser: Chromium, address: str) -> Iterator[Window]:
    """A window with script, then one without."""
    context = browser.new_context(locale="fr-FR", java_script_enabled=request.param)
    opened = Window(context.new_page(), address)
    yield opened
    context.close()
    assert opened.complaints == []
