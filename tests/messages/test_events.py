"""The feed: what happened on all that one may read, to be asked again from where one was."""

import base64
import json
from typing import Any

import pytest

from referencing.base.permissions import Role
from referencing.journal.operations import SYSTEM, record
from tests.builders import statements
from tests.candidatures.dossiers import OLD_IDENTITY, Dossier, People
from tests.clients import Client
from tests.messages.exchange import NOBODY_S, write
from tests.web.cursors import cursor

RIVAL = "Logiciels Mistral"


class Reader:
    """Somebody who polls, and goes on from where they were."""

    def __init__(self, client: Client, query: str = "limit=100") -> None:
        self.client, self.query, self.reached = client, query, ""

    def poll(self) -> list[Any]:
        page = self.client.get(f"/events?{self.query}{self.reached and f'&cursor={self.reached}'}")
        self.reached = page["next"]
        found: list[Any] = page["items"]
        return found

    def all(self) -> list[Any]:
        return [event for page in iter(self.poll, []) for event in page]


@pytest.fixture
def follower(people: People) -> Reader:
    """An editor who has read all that happened so far."""
    reader = Reader(people.editor)
    reader.all()
    return reader


def told(events: list[Any]) -> list[tuple[str, str]]:
    return [(event["candidature"], event["action"]) for event in events]


def test_what_happens_on_any_dossier_is_told_in_the_order_in_which_it_happened(
    people: People, follower: Reader
) -> None:
    one = people.draft("LGC-V1")
    other = people.draft("LGC-V1")
    other.submit(incomplete=True)
    one.submit(incomplete=True)
    write(people.lead, other)
    one.judge("incomplete", "Il manque tout.")
    assert told(follower.all()) == [
        (one.id, "candidature.drafted"),
        (other.id, "candidature.drafted"),
        (other.id, "candidature.submitted"),
        (one.id, "candidature.submitted"),
        (other.id, "message.sent"),
        (one.id, "candidature.found_incomplete"),
    ]


def test_the_feed_says_of_a_dossier_what_its_timeline_says(people: People, follower: Reader) -> None:
    dossier = people.in_deliberation("LGC-V1")
    events = follower.all()
    assert [{**event, "candidature": dossier.id} for event in dossier.timeline()] == events


def test_the_next_cursor_is_always_there_and_leads_to_what_is_new(people: People, follower: Reader) -> None:
    assert follower.poll() == []
    dossier = people.draft("LGC-V1")
    (event,) = follower.poll()
    assert event["candidature"] == dossier.id
    response = people.editor.send("GET", f"/events?cursor={follower.reached}")
    assert response.json == {"items": [], "next": follower.reached}
    assert response.headers["Link"] == f'</api/v1/events?cursor={follower.reached}>; rel="next"'


def test_who_has_no_dossier_yet_can_wait_for_the_first_event(people: People) -> None:
    reader = Reader(people(Role.EDITOR, organisation="Éditions Zéphyr"))
    assert reader.poll() == []
    assert reader.reached


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_the_pages_together_are_the_whole(people: People, dossier: Dossier, limit: int) -> None:
    for number in range(4):
        write(people.editor, dossier, str(number))
    assert Reader(people.editor, f"limit={limit}").all() == Reader(people.editor, "limit=500").all()


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VERIFIER])
def test_the_feed_can_be_of_one_dossier(people: People, dossier: Dossier, role: Role) -> None:
    people.draft("LGC-V1")
    reader = Reader(people(role), f"candidature={dossier.id}")
    assert {told_id for told_id, _ in told(reader.all())} == {dossier.id}
    write(people.editor, dossier)
    people.draft("LGC-V1")
    assert told(reader.all()) == [(dossier.id, "message.sent")]


def test_a_cursor_serves_with_and_without_the_filter(
    people: People, dossier: Dossier, follower: Reader
) -> None:
    follower.all()
    write(people.editor, dossier, "Un.")
    follower.query = f"candidature={dossier.id}"
    assert len(follower.all()) == 1
    people.draft("LGC-V1")
    follower.query = ""
    assert [event["action"] for event in follower.all()] == ["candidature.drafted"]


@pytest.fixture
def rival(people: People) -> str:
    """A dossier of another organisation, on which something was said."""
    editor = people(Role.EDITOR, organisation=RIVAL)
    words = {"dsr": "LGC-V1", "solution": people.solution(editor=editor), "software_version": "1.0"}
    dossier = str(editor.post("/candidatures", words)["id"])
    editor.post(f"/candidatures/{dossier}/messages", {"text": "Bonjour."})
    return dossier


def test_an_organisation_is_told_of_its_own_dossiers_only(
    people: People, follower: Reader, rival: str
) -> None:
    assert follower.all() == []
    theirs = Reader(people(Role.EDITOR, organisation=RIVAL)).all()
    assert {event["candidature"] for event in theirs} >= {rival}
    problem = people.editor.refused(404, "GET", f"/events?candidature={rival}")
    assert problem == people.editor.refused(404, "GET", f"/events?candidature={NOBODY_S}")


def test_the_agency_is_told_of_every_organisation_s_but_of_no_draft(
    people: People, dossier: Dossier, rival: str
) -> None:
    editor = people(Role.EDITOR, organisation=RIVAL)
    assert rival not in {event["candidature"] for event in Reader(people(Role.AUDITOR)).all()}
    editor.post(f"/candidatures/{rival}/submission", {"incomplete": True}, status=200)
    found = {event["candidature"] for event in Reader(people(Role.AUDITOR)).all()}
    assert {dossier.id, rival} <= found


def test_an_editor_is_told_that_the_agency_acted_and_not_who(people: People, follower: Reader) -> None:
    dossier = people.in_review("LGC-V1")
    dossier.find(OLD_IDENTITY)
    by = {(event["by"], event["role"]) for event in follower.all()}
    assert by == {("Camille", "editor"), ("agence", "agency")}
    agency = Reader(people.lead, f"candidature={dossier.id}").all()
    assert {"Vasseur", "Dominique"} <= {event["by"] for event in agency}


@pytest.mark.parametrize("role", [Role.INTEGRATION, Role.CATALOGUE])
def test_machines_and_the_catalogue_are_told_nothing(people: People, dossier: Dossier, role: Role) -> None:
    people(role).refused(403, "GET", "/events")
    people(role).refused(403, "GET", f"/events?candidature={dossier.id}")


def test_an_event_that_commits_late_is_told_before_what_came_after_it(
    people: People, dossier: Dossier, follower: Reader
) -> None:
    follower.all()
    with people.parts.sessions() as slow, slow.begin():
        record(slow, SYSTEM, "candidature.settled", f"candidature:{dossier.id}", {})
        later = people.draft("LGC-V1")
        assert follower.poll() == []
    assert told(follower.all()) == [(dossier.id, "candidature.settled"), (later.id, "candidature.drafted")]


@pytest.mark.parametrize("forged", ["garbage", cursor("x"), cursor("1"), cursor("software:1", "1")])
def test_a_cursor_that_was_not_given_here_is_refused(people: People, forged: str) -> None:
    assert "curseur" in people.editor.refused(400, "GET", f"/events?cursor={forged}")["detail"]


def test_a_cursor_does_not_count_what_others_do(
    people: People, dossier: Dossier, follower: Reader, rival: str
) -> None:
    follower.all()
    keys = json.loads(base64.urlsafe_b64decode(follower.reached + "=="))
    assert keys == [f"candidature:{dossier.id}", str(len(dossier.timeline()))]
    theirs = cursor(f"candidature:{rival}", "1")
    people.editor.refused(400, "GET", f"/events?cursor={theirs}")
    assert people.verifier.get(f"/events?cursor={theirs}")["next"]


def test_a_longer_feed_is_read_in_as_many_statements(people: People, dossier: Dossier) -> None:
    sent = []
    for more in (1, 20):
        for _ in range(more):
            write(people.editor, dossier)
        with statements(people.parts.engine) as found:
            people.editor.get("/events")
        sent.append(len(found))
    assert sent[0] == sent[1]
