"""What a form calls optional may be left out: every form that people come to is sent with the rest alone.

From all that is there, page by page, and from what each form that was sent leads to.
"""

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

from werkzeug.test import TestResponse

from referencing.base.permissions import Role
from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running
from tests.console.browser import HOST, Browser
from tests.console.forms import Form, Forms, Words
from tests.requests import organisations

#: How many addresses of one kind are looked at, and through how many forms one goes on.
MOST, DEEPEST = 6, 3
#: How many addresses take a form that is sent here; the others need what tests of their own prepare.
SENT = 90
PERSONS = {
    Role.EDITOR: "Camille",
    Role.VERIFIER: "Vasseur",
    Role.LEAD: "Dominique",
    Role.AUDITOR: "Camille",
    Role.CATALOGUE: "Auteur des listes",
    Role.EXPERT: "Xavière",
}
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LINK = re.compile(r'href="(/[^"#]*)')


class Step(NamedTuple):
    """Where a form goes, what its button says, and the names of its fields; without ids."""

    endpoint: str
    button: str
    fields: frozenset[str]


class Way(NamedTuple):
    """The page on which one begins, then the forms that are sent one after the other."""

    address: str
    steps: tuple[Step, ...]


class Walker:
    """Somebody in a browser, who is signed in again at each beginning."""

    def __init__(self, people: People, role: Role) -> None:
        self.browser = Browser(people.app.test_client())
        self.browser.sign_in(people(role, PERSONS[role]).key)
        cookie = self.browser.http.get_cookie("session", domain=HOST)
        assert cookie is not None
        self.session = cookie.value
        self.addresses = people.app.url_map.bind(HOST)
        self.links: list[str] = []

    def endpoint(self, address: str, method: str = "GET") -> str:
        return str(self.addresses.match(address.partition("?")[0], method)[0])

    def begin(self, address: str) -> Forms:
        self.browser.http.set_cookie("session", self.session, domain=HOST)
        return self.read(address, self.browser.fetch(address))

    def see(self, form: Form, answer: TestResponse) -> Forms:
        """Where a form leads to."""
        if answer.status_code != 303:
            return self.read(form.action, answer)
        answer.close()
        return self.read(answer.location, self.browser.fetch(answer.location))

    def read(self, address: str, answer: TestResponse) -> Forms:
        with answer:
            shown = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        self.links = [unescape(link) for link in _LINK.findall(shown)]
        return Forms(address, shown)

    def steps(self, forms: Forms) -> Iterator[tuple[Step, Form, Words]]:
        for form, button in forms.sendable():
            said = f"{button.get('name', '')}={_ID.sub('', button.get('value', ''))}"
            fields = frozenset(_ID.sub("", one.name) for one in form.fields)
            yield Step(self.endpoint(form.action, "POST"), said, fields), form, button

    def send(self, forms: Forms, wanted: Step) -> tuple[Form, TestResponse]:
        """Where it is refused, once more with all boxes ticked: some ask whether one is sure."""
        form, button = next((form, button) for step, form, button in self.steps(forms) if step == wanted)
        answer = self.browser.post(form.action, form.needed(button), form=form.encoding)
        if answer.status_code in {409, 422} and any(one.type == "checkbox" for one in form.fields):
            answer.close()
            answer = self.browser.post(form.action, form.needed(button, ticked=True), form=form.encoding)
        return form, answer


WALKERS: dict[Role, Walker] = {}


def come_in(people: People) -> list[Dossier]:
    """Everything is there, and somebody of each role has come in."""
    dossiers = organisations.filled(people)
    dossiers += [people.submitted("LGC-V1"), people.in_deliberation("LGC-V1")]
    people.jobs()
    WALKERS.update({role: Walker(people, role) for role in PERSONS})
    return dossiers


def beginnings(walker: Walker) -> Iterator[Way]:
    """Each form that one reaches by links."""
    waiting, seen, kinds = ["/travail", "/dossiers"], set[str](), Counter[str]()
    while waiting:
        address = waiting.pop(0)
        if address in seen or address.startswith(("/console/", "/api/")):
            continue
        seen.add(address)
        kind = walker.endpoint(address)
        kinds[kind] += 1
        if kinds[kind] <= MOST and not kind.startswith("console.files."):
            forms = walker.begin(address)
            waiting += walker.links
            yield from (Way(address, (step,)) for step, _, _ in walker.steps(forms))


def test_what_a_form_calls_optional_may_be_left_out(running: Running) -> None:
    sent, wrong = set[Step](), list[str]()
    with running.after(come_in):
        ways = {role: list(beginnings(walker)) for role, walker in WALKERS.items()}
    for role, begun in ways.items():
        wrong += walk(running, WALKERS[role], begun, sent)
    assert wrong == []
    assert len({step.endpoint for step in sent}) >= SENT


def walk(running: Running, walker: Walker, ways: list[Way], sent: set[Step]) -> Iterator[str]:
    """Send each form that was not sent yet, then those that it leads to; tells what goes wrong."""
    while ways:
        way = ways.pop(0)
        *before, last = way.steps
        if last in sent or last.endpoint.startswith("console.sign_in."):
            continue
        sent.add(last)
        with running.after(come_in):
            forms = walker.begin(way.address)
            for step in before:
                forms = walker.see(*walker.send(forms, step))
            form, answer = walker.send(forms, last)
            shown = walker.see(form, answer)
        yield from faults(way, form, answer.status_code, shown)
        if answer.status_code < 400 and len(way.steps) < DEEPEST:
            ways += [Way(way.address, (*way.steps, step)) for step, _, _ in walker.steps(shown)]


def faults(way: Way, form: Form, status: int, shown: Forms) -> Iterator[str]:
    if status not in {200, 201, 303, 404, 409, 422}:
        yield f"{way}: {status}"
    for one in form.fields:
        if one.optional and one.id in shown.wrong:
            yield f"{way}: « {one.label} »"
