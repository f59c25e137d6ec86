"""The room of a session: opened late, entered by who takes part, replaced when it fails, closed early."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from flask import Flask

from referencing.base.models import Job
from referencing.base.permissions import Role
from referencing.duo.rooms.models import ConferenceRoom
from referencing.duo.rooms.providers import client
from referencing.duo.sessions.phases import Phase
from referencing.journal.models import Entry
from referencing.mail.models import Letter
from tests.builders import ALIZE
from tests.clients import Client
from tests.conftest import Time, parts
from tests.duo.booked import LENGTH, STARTS_AT, Live
from tests.duo.equipped import SECRET, Equipped, equipped
from tests.duo.rooms.loopback import Reply

DOWN = Reply(503)


@pytest.fixture
def world(app: Flask, time: Time, monkeypatch: pytest.MonkeyPatch) -> Iterator[Equipped]:
    monkeypatch.setattr(client, "PAUSE", 0.0)
    with equipped(app, time) as running:
        yield running


def rooms(world: Equipped) -> list[ConferenceRoom]:
    with parts(world.app).sessions() as session:
        found = session.scalars(sa.select(ConferenceRoom).order_by(ConferenceRoom.number))
        return list(found)


def entry(world: Equipped, who: Any) -> Any:
    return who.post(f"{world.live.path}/room/entry", status=200)


def at_the_hour(world: Equipped) -> None:
    world.time.now = STARTS_AT


def test_a_room_is_opened_half_an_hour_before_and_not_sooner(world: Equipped) -> None:
    for before, expected in ((31, 0), (30, 1), (29, 1)):
        world.time.now = STARTS_AT - timedelta(minutes=before)
        world.periodic("tend_rooms")
        assert len(rooms(world)) == expected
    assert world.events == [("room.opened", "visio")]
    assert world.live.as_editor.get(f"{world.live.path}/room") == {
        "opens_at": "2026-03-30T07:30:00Z",
        "room": {"number": 1, "provider": "visio", "opened_at": "2026-03-30T07:30:00Z"},
    }


def test_nobody_has_a_link_before_it_is_time(world: Equipped) -> None:
    world.time.now = STARTS_AT - timedelta(minutes=31)
    problem = world.live.as_editor.refused(409, "POST", f"{world.live.path}/room/entry")
    assert "30 minutes avant" in problem["detail"]
    assert rooms(world) == []


def test_each_participant_gets_a_link_of_their_own(world: Equipped) -> None:
    world.visio.broken = world.bigbluebutton.broken = DOWN
    at_the_hour(world)
    links = [entry(world, one)["link"] for one in (world.live.as_verifier, world.live.as_editor)]
    assert len(rooms(world)) == 1
    users = [requests.get(link, timeout=5).json()["user"] for link in links]
    assert [(user["name"], user["moderator"]) for user in users] == [
        ("Zoé Lefèvre", "true"),
        ("Noël d'Été", "false"),
    ]


def test_people_who_come_at_once_meet_in_one_room(world: Equipped) -> None:
    at_the_hour(world)

    def come(who: Client) -> str:
        return str(entry(world, Client(world.app.test_client(), who.key))["link"])

    with ThreadPoolExecutor(4) as pool:
        links = list(pool.map(come, [world.live.as_editor, world.live.as_verifier] * 2))
    assert len(set(links)) == 1  # Visio's is the same for all
    assert [room.number for room in rooms(world)] == [1]
    assert world.events == [("room.opened", "visio")]


def test_a_link_is_not_kept_by_who_stands_between(world: Equipped) -> None:
    at_the_hour(world)
    response = world.live.as_editor.send("POST", f"{world.live.path}/room/entry")
    assert response.headers["Cache-Control"] == "no-store"


def test_who_is_not_expected_gets_no_link(world: Equipped) -> None:
    at_the_hour(world)
    stranger = world.live.other(Role.EDITOR, "Logiciels du Mistral")
    stranger.refused(404, "POST", f"{world.live.path}/room/entry")
    for who in (world.live.other(Role.EDITOR, ALIZE), world.live.other(Role.VERIFIER)):
        problem = who.refused(403, "POST", f"{world.live.path}/room/entry")
        assert "entrez-y d'abord" in problem["detail"]
    world.live.other(Role.INTEGRATION).refused(403, "POST", f"{world.live.path}/room/entry")
    assert rooms(world) == []


def test_when_a_provider_has_no_room_the_next_one_has(world: Equipped) -> None:
    world.visio.broken = DOWN
    world.time.now = STARTS_AT - timedelta(minutes=10)
    world.periodic("tend_rooms")
    assert [room.provider for room in rooms(world)] == ["bigbluebutton"]


def test_when_the_room_fails_everybody_is_told_and_gets_a_link_to_the_next_ones(world: Equipped) -> None:
    world.visio.broken = DOWN
    at_the_hour(world)
    entry(world, world.live.as_verifier)
    world.bigbluebutton.broken = DOWN
    second = entry(world, world.live.as_editor)
    assert second["room"]["provider"] == "jitsi"
    assert requests.get(second["link"], timeout=5).json()["user"]["name"] == "Noël d'Été"
    assert entry(world, world.live.as_verifier)["room"] == second["room"]
    assert world.events == [("room.opened", "bigbluebutton"), ("room.changed", "jitsi")]
    with parts(world.app).sessions() as session:
        told = session.scalars(sa.select(Letter.subject).order_by(Letter.id)).all()
    assert told == ["Séance DUO : la salle a changé"] * 2


def test_a_verifier_says_that_the_room_does_not_work(world: Equipped) -> None:
    at_the_hour(world)
    entry(world, world.live.as_editor)
    path = f"{world.live.path}/room/replacement"
    body = {"room": 1, "reason": "Le son ne passe pas."}
    for _ in range(2):  # the second click, or a colleague's
        answered = world.live.as_verifier.post(path, body, status=200)
        assert (answered["room"]["number"], answered["room"]["provider"]) == (2, "bigbluebutton")
    assert entry(world, world.live.as_editor)["link"].startswith(world.bigbluebutton.address)
    assert [room.reason for room in rooms(world)] == ["Le son ne passe pas.", None]
    world.work()  # nobody stays behind in the room that was left
    assert [one["access_level"] for one in world.visio_server.rooms.values()] == ["restricted"]
    with parts(world.app).sessions() as session:
        (change,) = session.scalars(sa.select(Entry).where(Entry.action == "duo.room_changed"))
    assert change.detail["reason"] == "Le son ne passe pas."


def test_an_editor_does_not_change_the_room(world: Equipped) -> None:
    at_the_hour(world)
    path = f"{world.live.path}/room"
    world.live.as_editor.refused(403, "POST", f"{path}/replacement", json={"room": 1, "reason": "Non."})
    world.live.as_editor.refused(403, "PUT", path, json={"link": "https://visio.example.fr/abc"})


def test_without_any_provider_a_link_is_given_by_hand(world: Equipped) -> None:
    for one in (world.visio, world.bigbluebutton, world.jitsi):
        one.broken = DOWN
    at_the_hour(world)
    problem = world.live.as_editor.refused(503, "POST", f"{world.live.path}/room/entry")
    assert "lien" in problem["detail"]
    link = "https://visio.example.fr/abc-def"
    for _ in range(2):
        world.live.as_verifier.put(f"{world.live.path}/room", {"link": link})
    assert [(room.number, room.provider) for room in rooms(world)] == [(1, "manual")]
    assert entry(world, world.live.as_editor)["link"] == link


@pytest.mark.parametrize(
    "link",
    [
        "",
        "visio.example.fr",
        "http://visio.example.fr",
        "javascript:alert(1)",
        "https://",
        "https://user:secret@visio.example.fr",
        "https://[",
        "https://visio.example.fr/a\nhttps://visio.example.com",
        "https://visio.example.fr/a b",
    ],
)
def test_what_is_no_link_is_refused(world: Equipped, link: str) -> None:
    problem = world.live.as_verifier.refused(422, "PUT", f"{world.live.path}/room", json={"link": link})
    assert problem["errors"][0]["pointer"] == "/link"


@pytest.mark.parametrize("phase", [Phase.CLOSED, Phase.CANCELLED, Phase.INTERRUPTED, Phase.NO_SHOW])
def test_once_the_session_is_over_the_room_is_closed_and_no_link_is_given(
    world: Equipped, phase: Phase
) -> None:
    world.visio.broken = DOWN
    at_the_hour(world)
    entry(world, world.live.as_editor)
    world.live.change(phase=phase)
    world.live.as_editor.refused(409, "POST", f"{world.live.path}/room/entry")
    world.periodic("tend_rooms")
    (meeting,) = world.bigbluebutton_server.meetings.values()
    assert meeting.ended
    assert [room.left_at for room in rooms(world)] == [STARTS_AT]
    assert world.periodic("tend_rooms") == 1  # nothing more to close


def test_a_session_that_lasts_longer_keeps_its_room(world: Equipped) -> None:
    at_the_hour(world)
    entry(world, world.live.as_editor)
    world.live.change(phase=Phase.OPEN)
    world.time.now = STARTS_AT + LENGTH + timedelta(hours=3)
    world.periodic("tend_rooms")
    again = entry(world, world.live.as_editor)
    assert again["room"]["number"] == 1
    assert again["until"] == "2026-03-30T13:30:00Z"


def test_a_session_that_nobody_opened_does_not_keep_a_room_for_ever(world: Equipped) -> None:
    at_the_hour(world)
    world.periodic("tend_rooms")
    world.time.now = STARTS_AT + LENGTH + timedelta(hours=2)
    world.periodic("tend_rooms")
    assert [room.left_at for room in rooms(world)] == [world.time.now]


def test_a_provider_that_cannot_be_had_when_a_room_is_closed_is_asked_again(world: Equipped) -> None:
    world.visio.broken = DOWN
    at_the_hour(world)
    entry(world, world.live.as_editor)
    world.live.change(phase=Phase.CLOSED)
    world.bigbluebutton.broken = DOWN
    world.periodic("tend_rooms")
    assert [room.left_at for room in rooms(world)] == [None]
    world.bigbluebutton.broken = None
    world.time.now += timedelta(minutes=2)
    world.work()
    (meeting,) = world.bigbluebutton_server.meetings.values()
    assert meeting.ended


def test_a_room_made_by_who_crashed_is_the_one_that_is_made_again(world: Equipped) -> None:
    """BigBlueButton knows it by its name, which is the same the second time."""
    world.visio.broken = DOWN
    at_the_hour(world)
    entry(world, world.live.as_editor)
    with parts(world.app).sessions.begin() as session:
        session.execute(sa.delete(ConferenceRoom))  # as after a crash between the provider and the commit
    entry(world, world.live.as_editor)
    assert len(world.bigbluebutton_server.meetings) == 1


def test_rooms_are_named_without_anybody_or_anything(world: Equipped) -> None:
    world.visio.broken = world.bigbluebutton.broken = DOWN
    at_the_hour(world)
    entry(world, world.live.as_editor)
    (room,) = rooms(world)
    assert room.name.startswith("duo-")
    assert room.name.removeprefix("duo-").isalnum()
    assert str(world.live.id) not in room.name


def test_no_secret_and_no_link_is_in_logs_jobs_events_or_rows(
    world: Equipped, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    world.visio.broken = DOWN
    at_the_hour(world)
    links = [entry(world, world.live.as_editor)["link"]]
    world.bigbluebutton.broken = DOWN
    links.append(entry(world, world.live.as_editor)["link"])
    world.work()
    with parts(world.app).sessions() as session:
        tables = {
            table: session.execute(sa.text(f"SELECT * FROM {table}")).all()
            for table in ("job", "duo_event", "duo_room", "journal_entry", "letter")
        }
    said = f"{caplog.text} {tables} {parts(world.app).settings!r}"
    assert SECRET not in said
    for link in links:
        assert link not in said
        assert link.partition("checksum=")[2] not in said or "checksum=" not in link
        assert link.partition("jwt=")[2] not in said or "jwt=" not in link
    with parts(world.app).sessions() as session:
        assert SECRET not in str(session.scalars(sa.select(Job.last_error)).all())


def test_recordings_are_told_to_the_agency(world: Equipped) -> None:
    world.visio.broken = DOWN
    world.bigbluebutton_server.recordings = (
        "<recording><recordID>r1</recordID><state>published</state><startTime>1774858000000</startTime>"
        "<endTime>1774859000000</endTime></recording>"
    )
    at_the_hour(world)
    entry(world, world.live.as_editor)
    path = f"{world.live.path}/room/recordings"
    (one,) = world.live.as_verifier.get(path)["items"]
    assert (one["provider"], one["reference"], one["address"]) == ("bigbluebutton", "r1", None)
    world.live.as_editor.refused(403, "GET", path)
    world.bigbluebutton.broken = DOWN
    world.live.as_verifier.refused(503, "GET", path)


def test_with_nothing_configured_a_session_has_the_link_that_is_given(app: Flask, time: Time) -> None:
    live = Live(app)
    time.now = STARTS_AT
    live.as_editor.refused(503, "POST", f"{live.path}/room/entry")
    live.as_verifier.put(f"{live.path}/room", {"link": "https://visio.example.fr/abc"})
    assert live.as_editor.post(f"{live.path}/room/entry", status=200)["room"]["provider"] == "manual"
