"""A platform is looked at, is down, is told of, comes back: over HTTP, against servers on loopback."""

from datetime import timedelta
from itertools import chain
from typing import Any
from uuid import UUID
from xml.etree.ElementTree import fromstring

import pytest
import sqlalchemy as sa

from referencing.base import db
from referencing.base.permissions import Role
from referencing.mail.models import Letter
from referencing.platforms import watch
from referencing.platforms.models import ProbeSight
from referencing.platforms.sights import follow_platforms
from referencing.platforms.watch import Lookout, Watch
from referencing.webhooks.delivery import Sender, deliver, take
from referencing.webhooks.keys import service_key
from tests.builders import statements
from tests.clients import Client
from tests.platforms.conftest import Watched
from tests.platforms.servers import serving
from tests.webhooks.conftest import make
from tests.webhooks.receivers import REACH, receiver


def ago(watched: Watched, hours: int) -> str:
    return (watched.time.now - timedelta(hours=hours)).isoformat()


def opened(watched: Watched, **words: Any) -> Any:
    given = {"impact": "down", "title": "Panne électrique", **words}
    return watched.lead.post(f"{watched.path}/incidents", given)


def integration(watched: Watched) -> tuple[Client, str]:
    """An integration that holds a key for heartbeats alone, and its account."""
    client = watched.people(Role.INTEGRATION)
    words = {"name": "Signal", "rights": ["push_heartbeats"]}
    narrow = client.post("/me/keys", words)
    return Client(client.http, narrow["key"]), client.get("/me")["id"]


def test_a_platform_that_fails_from_two_places_is_down_and_comes_back(watched: Watched) -> None:
    with serving() as server:
        watched.probe(server.address)
        watched.look("Paris")
        watched.look("Lyon")
        assert (watched.state, watched.incidents) == ("up", [])
        server.sends = b"HTTP/1.1 500 No\r\n\r\n"
        watched.look("Paris", times=2)
        assert watched.state == "degraded", "seen from one place only"
        first_seen = watched.incidents[0]["begun_at"]
        watched.look("Lyon", times=2)
        assert watched.state == "down"
        (incident,) = watched.incidents
        assert (incident["impact"], incident["by_rule"], incident["begun_at"]) == ("down", True, first_seen)
        assert incident["title"] == "Gazelle : la réponse n'a pas le statut attendu"
        server.sends = b"HTTP/1.1 200 OK\r\n\r\n"
        watched.look("Paris")
        watched.look("Lyon")
        assert watched.state == "up"
    closed = [one for one in watched.incidents if one["impact"] == "down"]
    assert [one["state"] for one in closed] == ["closed"]
    assert closed[0]["notes"][0]["text"] == "Les sondes n'observent plus rien."


def test_what_probes_see_is_one_row_for_each_place_however_long_they_look(watched: Watched) -> None:
    with serving() as server:
        watched.probe(server.address)
        watched.look("Paris", times=30)
        watched.look("Lyon", times=5)
    with db.transaction(watched.people.parts.sessions) as session:
        rows = session.scalars(sa.select(ProbeSight).order_by(ProbeSight.place)).all()
        assert [(row.place, row.streak) for row in rows] == [("Lyon", 5), ("Paris", 30)]


def test_what_is_due_is_looked_at_by_threads_and_a_look_under_way_is_noted_at_the_end(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "ENDING", 60.0)
    with serving() as server:
        server.after = 0.2
        watched.probe(server.address)
        threads = Watch(Lookout(watched.people.parts.sessions, "Paris", REACH, watched.time))
        threads.start()
        assert server.met.wait(60)
        threads.stop()
    (probe,) = watched.lead.get(f"{watched.path}/probes")["items"]
    assert [(sight["place"], sight["sighting"]) for sight in probe["sights"]] == [("Paris", "fine")]


def test_a_place_that_looks_no_more_does_not_keep_a_platform_up(watched: Watched) -> None:
    with serving() as server:
        watched.probe(server.address)
        watched.look("Lyon")
    watched.pass_minutes(10)
    watched.look("Paris", times=2)
    assert watched.state == "down"


def test_only_the_integration_that_is_named_sends_the_heartbeat_and_its_silence_is_a_failure(
    watched: Watched,
) -> None:
    sender, account = integration(watched)
    sender.refused(403, "POST", f"{watched.path}/heartbeats", json={})
    watched.probe(kind="heartbeat", label="Moniteur", steps=[], account=account)
    sender.post(f"{watched.path}/heartbeats", {})
    assert watched.anybody("/heartbeats")["items"][0]["heard_at"] is not None
    watched.people.verifier.refused(403, "POST", f"{watched.path}/heartbeats", json={})
    sender.refused(403, "GET", "/candidatures")
    watched.pass_minutes(3)
    with db.transaction(watched.people.parts.sessions) as session:
        follow_platforms(session)
    assert watched.state == "down"
    sender.post(f"{watched.path}/heartbeats", {"state": "fine"})
    assert watched.state == "up"
    for _ in range(2):
        sender.post(f"{watched.path}/heartbeats", {"state": "degraded"})
    assert watched.state == "degraded"


def test_maintenance_is_said_in_advance_and_no_incident_is_opened_meanwhile(watched: Watched) -> None:
    begins, ends = (watched.time.now + timedelta(minutes=minutes) for minutes in (30, 90))
    words = {"title": "Mise à jour", "starts_at": begins.isoformat(), "ends_at": ends.isoformat()}
    planned = watched.lead.post(f"{watched.path}/maintenances", words)
    assert watched.state == "up"
    with serving() as server:
        watched.probe(server.address)
    watched.pass_minutes(84)
    watched.look(times=3)
    assert (watched.state, watched.incidents) == ("maintenance", [])
    watched.look(times=4)
    (incident,) = watched.incidents
    assert incident["begun_at"].startswith(ends.isoformat()[:16]), "not before the maintenance was over"
    cancel = f"/platforms/maintenances/{planned['id']}/cancellation"
    assert watched.lead.post(cancel, {"reason": "Reportée."}, 200)["actions"] == []
    watched.lead.refused(409, "POST", cancel, json={"reason": "Encore."})
    past = {**words, "starts_at": ago(watched, 3), "ends_at": ago(watched, 2)}
    watched.lead.refused(422, "POST", f"{watched.path}/maintenances", json=past)


def test_an_incident_is_told_corrected_closed_and_may_never_have_been(watched: Watched) -> None:
    watched.pass_minutes(6 * 60)
    incident = opened(watched, begun_at=ago(watched, 5))
    at = f"/platforms/incidents/{incident['id']}"
    assert incident["actions"] == ["close", "correct", "retract", "tell"]
    watched.lead.post(f"{at}/notes", {"text": "Le prestataire est sur place."})
    watched.lead.refused(422, "POST", f"{at}/correction", json={"reason": "?", "ended_at": ago(watched, 1)})
    watched.lead.refused(422, "POST", f"{at}/closing", json={"note": "?", "ended_at": ago(watched, 6)})
    watched.lead.refused(422, "POST", f"{at}/closing", json={"note": "?", "ended_at": ago(watched, -1)})
    watched.lead.post(f"{at}/closing", {"note": "Réparé.", "ended_at": ago(watched, 1)}, 200)
    assert watched.anybody()["months"][0]["minutes_down"] == 4 * 60
    assert watched.anybody()["since"].startswith(ago(watched, 1)[:16]), "it stands so since it came back"
    fixed = {"reason": "Commencé plus tard.", "begun_at": ago(watched, 3)}
    corrected = watched.lead.post(f"{at}/correction", fixed, 200)
    assert [note["text"] for note in corrected["notes"]] == ["Le prestataire est sur place.", "Réparé."]
    assert watched.anybody()["months"][0]["minutes_down"] == 2 * 60, "counted anew"
    watched.lead.post(f"{at}/retraction", {"reason": "C'était notre réseau."}, 200)
    assert (watched.incidents, watched.anybody()["months"][0]["minutes_down"]) == ([], 0)
    watched.lead.refused(409, "POST", f"{at}/notes", json={"text": "Encore."})


def test_anybody_reads_and_nobody_is_told_where_probes_look(watched: Watched) -> None:
    with serving() as server:
        watched.probe(server.address)
        watched.look()
        shown = str([watched.anybody(path) for path in ("", "/incidents", "/maintenances", "/heartbeats")])
        assert str(server.port) not in shown
    assert watched.anybody()["actions"] == []
    assert "change" in watched.lead.get(watched.path)["actions"]
    assert watched.people.editor.get(watched.path)["actions"] == []
    watched.people.editor.refused(403, "GET", f"{watched.path}/probes")
    with statements(watched.people.parts.engine) as sent:
        watched.anybody()
    assert len(sent) <= 8


@pytest.mark.parametrize(
    "words",
    [
        {"kind": "http", "steps": [{"address": "ftp://platform.example/"}]},
        {"kind": "http", "steps": [{"address": "https://10.0.0.1/"}]},
        {"kind": "tcp", "steps": [{"address": "https://platform.example/"}]},
        {"kind": "tls", "steps": [{"address": "tls://a.example:443"}, {"address": "tls://b.example:443"}]},
        {"kind": "http", "steps": []},
        {"kind": "heartbeat", "steps": []},
        {"kind": "heartbeat", "account": "{lead}"},
    ],
)
def test_a_probe_that_could_never_look_is_refused(watched: Watched, words: dict[str, Any]) -> None:
    lead = watched.lead.get("/me")["id"]
    given = {key: lead if value == "{lead}" else value for key, value in words.items()}
    problem = watched.lead.refused(422, "POST", f"{watched.path}/probes", json={"label": "Sonde", **given})
    assert problem["errors"]


def test_a_platform_is_changed_by_who_has_read_it_and_retired_with_its_past_kept(watched: Watched) -> None:
    opened(watched)
    stale = watched.lead.send("PATCH", watched.path, {"If-Match": '"7"'}, json={"name": "Gazelle 4"})
    assert stale.status_code == 412
    changed = watched.lead.send("PATCH", watched.path, {"If-Match": '"1"'}, json={"name": "Gazelle 4"})
    assert changed.json is not None
    assert (changed.json["name"], changed.json["words"]) == ("Gazelle 4", ["Gazelle"])
    same = {"code": "gazelle", "name": "Autre"}
    watched.lead.refused(409, "POST", "/platforms", json=same)
    watched.lead.refused(422, "POST", "/platforms", json={**same, "code": "gazelle\n"})
    watched.lead.post(f"{watched.path}/retirement", {"reason": "Remplacée."}, 200)
    watched.lead.refused(409, "POST", f"{watched.path}/incidents", json={"impact": "down", "title": "?"})
    assert len(watched.incidents) == 1
    listed = watched.people.app.test_client().get("/api/v1/platforms").json
    assert listed is not None
    assert listed["items"] == []


def test_the_feeds_tell_what_was_said_last(watched: Watched) -> None:
    first = opened(watched, title="Une <panne> & plus")
    watched.pass_minutes(1)
    second = opened(watched, impact="degraded", title="Lenteurs")
    watched.pass_minutes(1)
    watched.lead.post(f"/platforms/incidents/{first['id']}/closing", {"note": "Finie."}, 200)
    http = watched.people.app.test_client()
    atom = http.get("/api/v1/platforms/feed")
    assert atom.content_type.startswith("application/atom+xml")
    names = {"a": "http://www.w3.org/2005/Atom"}
    entries = fromstring(atom.get_data()).findall("a:entry", names)
    assert [entry.findtext("a:id", None, names) for entry in entries] == [
        f"urn:uuid:{one['id']}" for one in (first, second)
    ]
    assert "Une <panne> & plus" in str(entries[0].findtext("a:content", None, names))
    feed = http.get("/api/v1/platforms/feed?format=json")
    assert feed.content_type == "application/feed+json"
    words = feed.get_json(force=True)
    assert words["version"] == "https://jsonfeed.org/version/1.1"
    assert words["items"][0]["title"] == "Gazelle : indisponible, incident clos"
    assert words["items"][0]["url"].endswith(f"/plateformes/{watched.id}")


def test_who_asked_is_written_once_of_each_thing_and_no_longer_when_they_leave(watched: Watched) -> None:
    editor = watched.people.editor
    for _ in range(2):
        editor.put(f"{watched.path}/follower", status=204)
    incident = opened(watched)
    watched.lead.post(f"/platforms/incidents/{incident['id']}/closing", {"note": "Finie."}, 200)
    watched.people.jobs()
    assert subjects(watched, editor) == ["Gazelle : indisponible", "Gazelle : de nouveau disponible"]
    assert editor.send("DELETE", f"{watched.path}/follower").status_code == 204
    opened(watched)
    watched.people.jobs()
    assert len(subjects(watched, editor)) == 2


def subjects(watched: Watched, client: Client) -> list[str]:
    with db.transaction(watched.people.parts.sessions) as session:
        own = Letter.account_id == UUID(client.get("/me")["id"])
        return [*session.scalars(sa.select(Letter.subject).where(own).order_by(Letter.id))]


def test_a_webhook_of_anybody_is_told_of_platforms_with_their_ids(watched: Watched) -> None:
    with receiver() as taken, receiver() as narrow:
        make(watched.people.editor, taken.address)
        make(watched.lead, narrow.address, events=["incident.closed"])
        incident = opened(watched)
        watched.lead.post(f"/platforms/incidents/{incident['id']}/closing", {"note": "Finie."}, 200)
        tell_webhooks(watched)
        assert taken.events == ["incident.opened", "incident.closed"]
        assert narrow.events == ["incident.closed"]
        assert taken.received[0].words["data"] == {"platform": watched.id, "number": 1}
        assert taken.received[0].id == f"{watched.id}_1"


def tell_webhooks(watched: Watched) -> None:
    wired = watched.people.parts
    sender = Sender(wired.sessions, service_key(wired.settings), REACH, watched.time)
    with db.transaction(wired.sessions) as session:
        taken = [*chain(*take(session, {False: 100, True: 100}).values())]
    for webhook_id in taken:
        deliver(sender, webhook_id)
