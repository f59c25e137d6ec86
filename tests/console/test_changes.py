"""What tells a page that it changed: to whom it is told, what it says, and what it costs."""

from uuid import UUID, uuid4

import pytest

from referencing.accounts.operations import identify
from referencing.base import db
from referencing.base.permissions import Entrance, Right, Role, may
from referencing.console.changes import Dossier as OfDossier
from referencing.console.changes import Place, Work, dossier_of, look, work_of
from referencing.web.streams import Observation
from tests.builders import statements
from tests.candidatures.dossiers import Dossier, People
from tests.console.browser import Browser
from tests.console.conftest import SignIn


def told(browser: Browser, address: str, seen: str | None = None) -> str | None:
    """The mark that the stream tells, None while nothing changed since the one that was seen."""
    answer = browser.fetch(f"{address}?vu={seen or ''}")
    assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
    lines = dict(line.split(": ", 1) for line in answer.get_data(as_text=True).split("\n") if ": " in line)
    return lines.get("data")


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VERIFIER, Role.LEAD, Role.AUDITOR])
def test_my_work_is_told_of_what_happens_and_of_nothing_twice(
    people: People, dossier: Dossier, signed_in: SignIn, role: Role
) -> None:
    browser = signed_in(role)
    mark = told(browser, "/travail/changements")
    assert mark
    assert told(browser, "/travail/changements", mark) is None
    people.editor.post(f"{dossier.path}/messages", {"text": "Une question."})
    later = told(browser, "/travail/changements", mark)
    assert later not in {None, mark}
    assert told(browser, "/travail/changements", later) is None


def test_an_editor_is_told_nothing_of_what_others_do(
    people: People, dossier: Dossier, signed_in: SignIn
) -> None:
    stranger = Browser(people.app.test_client())
    stranger.sign_in(people(Role.EDITOR, "Sacha", organisation="Autre éditeur").key)
    mark = told(stranger, "/travail/changements")
    people.editor.post(f"{dossier.path}/messages", {"text": "Une question."})
    assert (told(stranger, "/travail/changements", mark or "") or "") == (mark or "")
    assert stranger.fetch(f"/dossiers/{dossier.id}/changements").status_code == 404


def test_an_integration_is_told_nothing_of_what_a_dossier_goes_through(
    people: People, dossier: Dossier
) -> None:
    key = people(Role.INTEGRATION, "Machine").key
    with db.transaction(people.parts.sessions) as session:
        machine = identify(session, key)
    assert may(machine, Right.READ_CANDIDATURES)
    assert [*dossier_of(machine, UUID(dossier.id)), *work_of(machine)] == []
    for role in (Role.LEAD, Role.CATALOGUE):
        with db.transaction(people.parts.sessions) as session:
            assert work_of(identify(session, people(role).key)) == [Work(None)]


def test_a_page_is_as_its_stream_says_until_something_happens(
    people: People, dossier: Dossier, signed_in: SignIn
) -> None:
    browser = signed_in(Role.LEAD)
    address = f"/dossiers/{dossier.id}"
    shown = browser.fetch(address).get_data(as_text=True)
    mark = shown.partition('data-seen="')[2].partition('"')[0]
    assert told(browser, f"{address}/changements", mark) is None
    people.editor.post(f"{dossier.path}/messages", {"text": "Une question."})
    assert told(browser, f"{address}/changements", mark) is not None


def test_all_that_is_watched_is_looked_up_in_as_many_statements_as_one(
    people: People, dossier: Dossier
) -> None:
    others = [people.draft("LGC-V1", people.solution(name)) for name in ("Bêta", "Gamma")]
    costs = []
    for topics in (
        [OfDossier(UUID(others[0].id)), Work(None), Place(uuid4(), None)],
        [*(OfDossier(UUID(one.id)) for one in others), Work(None), Work(uuid4()), Place(uuid4(), uuid4())],
    ):
        with statements(people.parts.engine) as sent:
            look(
                people.parts.sessions,
                [Observation((topic,), "", Entrance(uuid4(), db.utc_now())) for topic in topics],
            )
        costs.append(len(sent))
    assert costs[0] == costs[1] <= 7
