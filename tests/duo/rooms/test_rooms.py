"""Each provider, against a server that speaks its documented protocol and verifies what is signed."""

import logging
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from referencing.base.outgoing import client as outgoing
from referencing.duo.rooms.providers import client
from referencing.duo.rooms.providers.port import Guest, Room, RoomProvider, RoomUnavailable
from referencing.duo.rooms.providers.settings import providers
from tests.duo.rooms.certificates import of_loopback
from tests.duo.rooms.loopback import Asked, Loopback, Reply, serving
from tests.duo.rooms.providers import BigBlueButtonServer, JitsiServer, VisioServer

SECRET = "s3cret-" + "x" * 40
VERIFIER = Guest(UUID(int=1), "Zoé Lefèvre", moderator=True)
EDITOR = Guest(UUID(int=2), "Noël d'Été & fils", moderator=False)
NAME = "duo-4f1d2c"
NOW = datetime.now(UTC)
UNTIL = NOW + timedelta(hours=2)

RECORDINGS = """
<recording><recordID>r2</recordID><meetingID>{meeting}</meetingID><state>processing</state>
 <startTime>1530278999000</startTime><endTime>1530281194326</endTime></recording>
<recording><recordID>r1</recordID><meetingID>{meeting}</meetingID><state>published</state>
 <startTime>1530278898111</startTime><endTime>1530278998000</endTime>
 <playback><format><type>presentation</type><url>https://bbb.example.org/p?meetingId=r1</url></format></playback>
</recording>"""


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAUSE", 0.0)


@pytest.fixture
def jitsi() -> Iterator[tuple[Loopback, JitsiServer]]:
    server = JitsiServer("referencing", "jitsi", "127.0.0.1", SECRET.encode())
    with serving(Loopback(server)) as running:
        yield running, server


@pytest.fixture
def bigbluebutton() -> Iterator[tuple[Loopback, BigBlueButtonServer]]:
    server = BigBlueButtonServer(SECRET)
    with serving(Loopback(server)) as running:
        yield running, server


@pytest.fixture
def visio() -> Iterator[tuple[Loopback, VisioServer]]:
    server = VisioServer("550e8400", SECRET, "agence.example.fr")
    with serving(Loopback(server)) as running:
        yield running, server


def by_jitsi(running: Loopback, **more: str) -> RoomProvider:
    settings = {"DUO_JITSI_URL": running.address, "DUO_JITSI_APP_ID": "referencing"}
    return only("jitsi", settings | (more or {"DUO_JITSI_SECRET": SECRET}))


def by_bigbluebutton(running: Loopback, **more: str) -> RoomProvider:
    settings = {
        "DUO_BIGBLUEBUTTON_URL": f"{running.address}/bigbluebutton/",
        "DUO_BIGBLUEBUTTON_SECRET": SECRET,
    }
    return only("bigbluebutton", settings | more)


def by_visio(running: Loopback, **more: str) -> RoomProvider:
    settings = {
        "DUO_VISIO_URL": running.address,
        "DUO_VISIO_CLIENT_ID": "550e8400",
        "DUO_VISIO_CLIENT_SECRET": SECRET,
        "DUO_VISIO_ACCOUNT": "duo@agence.example.fr",
    }
    return only("visio", settings | more)


def only(kind: str, settings: dict[str, str]) -> RoomProvider:
    (provider,) = providers({"DUO_ROOMS": kind, **settings})
    assert provider.kind == kind
    return provider


def entered(link: str) -> requests.Response:
    return requests.get(link, timeout=5, allow_redirects=False)


# Jitsi


def test_a_guest_of_jitsi_enters_by_a_token_that_the_server_verifies(jitsi: Any) -> None:
    provider = by_jitsi(jitsi[0])
    room = provider.open(NAME, NOW, UNTIL)
    answer = entered(provider.link(room, VERIFIER, NOW, UNTIL))
    assert answer.status_code == 200
    assert answer.json() == {
        "room": NAME,
        "user": {
            "id": str(VERIFIER.account_id),
            "name": "Zoé Lefèvre",
            "moderator": "true",
            "affiliation": "owner",
        },
    }


def test_an_editor_is_no_moderator_of_jitsi(jitsi: Any) -> None:
    provider = by_jitsi(jitsi[0])
    user = entered(provider.link(Room(NAME, NAME), EDITOR, NOW, UNTIL)).json()["user"]
    assert (user["moderator"], user["affiliation"]) == ("false", "member")


def test_a_link_to_one_room_of_jitsi_opens_no_other(jitsi: Any) -> None:
    link = by_jitsi(jitsi[0]).link(Room(NAME, NAME), EDITOR, NOW, UNTIL)
    assert entered(link.replace(NAME, "duo-other")).json() == {"refused": "room"}


@pytest.mark.parametrize("moment", [NOW - timedelta(minutes=5), UNTIL])
def test_a_link_to_jitsi_is_good_for_its_time_only(jitsi: Any, moment: datetime) -> None:
    link = by_jitsi(jitsi[0]).link(Room(NAME, NAME), EDITOR, NOW, UNTIL)
    jitsi[1].now = moment.timestamp()
    assert entered(link).json() == {"refused": "time"}


def test_a_token_signed_with_another_secret_is_refused(jitsi: Any) -> None:
    provider = by_jitsi(jitsi[0], DUO_JITSI_SECRET=SECRET + "y")
    assert entered(provider.link(Room(NAME, NAME), EDITOR, NOW, UNTIL)).json() == {"refused": "signature"}


def test_a_tenant_of_jitsi_is_in_the_token(jitsi: Any) -> None:
    jitsi[1].domain = "agence"
    provider = by_jitsi(jitsi[0], DUO_JITSI_SECRET=SECRET, DUO_JITSI_SUBJECT="agence")
    assert entered(provider.link(Room(NAME, NAME), EDITOR, NOW, UNTIL)).status_code == 200


def test_jitsi_with_a_private_key_is_verified_by_the_public_one(jitsi: Any, tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "key.pem").write_bytes(pem)
    kid = "referencing/2026"
    jitsi[1].public_keys = {_digest(kid): key.public_key()}
    provider = by_jitsi(jitsi[0], DUO_JITSI_KEY_FILE=str(tmp_path / "key.pem"), DUO_JITSI_KEY_ID=kid)
    assert entered(provider.link(Room(NAME, NAME), VERIFIER, NOW, UNTIL)).status_code == 200
    jitsi[1].public_keys = {_digest(kid): rsa.generate_private_key(65537, 2048).public_key()}
    refused = entered(provider.link(Room(NAME, NAME), VERIFIER, NOW, UNTIL))
    assert refused.json() == {"refused": "signature"}


def _digest(text: str) -> str:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(text.encode())
    return digest.finalize().hex()


# BigBlueButton


def test_a_guest_of_bigbluebutton_joins_the_meeting_that_was_created(bigbluebutton: Any) -> None:
    provider, meetings = by_bigbluebutton(bigbluebutton[0]), bigbluebutton[1].meetings
    room = provider.open(NAME, NOW, UNTIL)
    assert entered(provider.link(room, VERIFIER, NOW, UNTIL)).status_code == 302
    assert entered(provider.link(room, EDITOR, NOW, UNTIL)).status_code == 302
    joined = [(one["fullName"], one["role"], one["userID"]) for one in meetings[NAME].joined]
    assert joined == [
        ("Zoé Lefèvre", "MODERATOR", str(VERIFIER.account_id)),
        ("Noël d'Été & fils", "VIEWER", str(EDITOR.account_id)),
    ]


def test_the_name_of_a_meeting_says_nothing_of_who_meets(bigbluebutton: Any) -> None:
    by_bigbluebutton(bigbluebutton[0]).open(NAME, NOW, UNTIL)
    created = bigbluebutton[1].meetings[NAME].parameters
    assert (created["name"], created["meetingID"]) == ("Séance DUO", NAME)
    assert created["record"] == "false"


def test_a_meeting_that_was_opened_twice_is_one(bigbluebutton: Any) -> None:
    provider = by_bigbluebutton(bigbluebutton[0])
    provider.open(NAME, NOW, UNTIL)
    before = bigbluebutton[1].meetings[NAME]
    provider.open(NAME, NOW + timedelta(minutes=3), UNTIL)
    assert bigbluebutton[1].meetings[NAME] is before


def test_a_meeting_that_was_removed_while_empty_is_there_again_for_who_asks_for_a_link(
    bigbluebutton: Any,
) -> None:
    provider = by_bigbluebutton(bigbluebutton[0])
    room = provider.open(NAME, NOW, UNTIL)
    bigbluebutton[1].meetings.clear()
    assert entered(provider.link(room, EDITOR, NOW, UNTIL)).status_code == 302


def test_nobody_enters_a_meeting_that_was_ended(bigbluebutton: Any) -> None:
    provider = by_bigbluebutton(bigbluebutton[0])
    room = provider.open(NAME, NOW, UNTIL)
    link = provider.link(room, EDITOR, NOW, UNTIL)
    provider.close(room)
    assert "invalidMeetingIdentifier" in entered(link).text
    provider.close(room)


def test_ending_a_meeting_that_is_not_there_any_more_is_no_failure(bigbluebutton: Any) -> None:
    by_bigbluebutton(bigbluebutton[0]).close(Room(NAME, NAME))
    assert [one.path.rpartition("/")[2] for one in bigbluebutton[0].asked] == ["end"]


def test_a_wrong_secret_is_told_in_one_word_without_the_secret(bigbluebutton: Any) -> None:
    provider = by_bigbluebutton(bigbluebutton[0], DUO_BIGBLUEBUTTON_SECRET="wrong-secret")
    with pytest.raises(RoomUnavailable, match=r"^create: checksumError$"):
        provider.open(NAME, NOW, UNTIL)


def test_recordings_are_told_oldest_first(bigbluebutton: Any) -> None:
    provider = by_bigbluebutton(bigbluebutton[0], DUO_BIGBLUEBUTTON_RECORD="true")
    room = provider.open(NAME, NOW, UNTIL)
    assert bigbluebutton[1].meetings[NAME].parameters["record"] == "true"
    assert provider.recordings(room) == []
    bigbluebutton[1].recordings = RECORDINGS
    first, second = provider.recordings(room)
    assert (first.reference, first.state, first.address) == (
        "r1",
        "published",
        "https://bbb.example.org/p?meetingId=r1",
    )
    assert (second.reference, second.state, second.address) == ("r2", "processing", None)
    assert first.begins_at == datetime(2018, 6, 29, 13, 28, 18, 111000, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><response>&b;</response>',
        b"x" * (outgoing.LARGEST + 1),
    ],
)
def test_an_answer_that_is_not_bigbluebuttons_is_a_failure(bigbluebutton: Any, body: bytes) -> None:
    bigbluebutton[0].broken = Reply(200, body, "text/xml")
    with pytest.raises(RoomUnavailable):
        by_bigbluebutton(bigbluebutton[0]).open(NAME, NOW, UNTIL)


# Visio


def test_a_room_of_visio_is_made_with_a_token_and_entered_by_its_address(visio: Any) -> None:
    provider = by_visio(visio[0])
    room = provider.open(NAME, NOW, UNTIL)
    (made,) = visio[1].rooms.values()
    assert made["access_level"] == "trusted"
    assert provider.link(room, EDITOR, NOW, UNTIL) == provider.link(room, VERIFIER, NOW, UNTIL) == made["url"]
    asked = [(one.method, one.path) for one in visio[0].asked]
    assert asked == [
        ("POST", "/external-api/v1.0/application/token/"),
        ("POST", "/external-api/v1.0/rooms/"),
    ]


def test_visio_is_told_nothing_of_the_session(visio: Any) -> None:
    by_visio(visio[0]).open(NAME, NOW, UNTIL)
    assert visio[0].asked[1].json == {"access_level": "trusted"}


def test_a_room_of_visio_lets_nobody_in_by_itself_once_it_is_closed(visio: Any) -> None:
    provider = by_visio(visio[0])
    provider.close(provider.open(NAME, NOW, UNTIL))
    assert [one["access_level"] for one in visio[1].rooms.values()] == ["restricted"]


def test_an_older_visio_cannot_close_a_room_and_that_is_no_failure(visio: Any) -> None:
    visio[1].updates = False
    provider = by_visio(visio[0])
    provider.close(provider.open(NAME, NOW, UNTIL))
    assert visio[0].asked[-1].method == "PATCH"


def test_a_wrong_secret_of_visio_is_a_failure_that_does_not_say_it(visio: Any) -> None:
    provider = by_visio(visio[0], DUO_VISIO_CLIENT_SECRET="wrong-secret")
    with pytest.raises(RoomUnavailable, match=r"^token: status 401$"):
        provider.open(NAME, NOW, UNTIL)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"id": "x"}', b'{"id": "x", "url": "javascript:alert(1)"}'])
def test_an_answer_that_is_not_visios_is_a_failure(visio: Any, body: bytes) -> None:
    token = Reply.of({"access_token": "t"})
    visio[0].answer = lambda asked: token if "token" in asked.path else Reply(201, body)
    with pytest.raises(RoomUnavailable):
        by_visio(visio[0]).open(NAME, NOW, UNTIL)


# All of them

KINDS = {"jitsi": by_jitsi, "bigbluebutton": by_bigbluebutton, "visio": by_visio}


@pytest.mark.parametrize("kind", KINDS)
def test_a_provider_that_is_unwell_for_a_moment_is_asked_again(
    kind: str, request: pytest.FixtureRequest
) -> None:
    running, _ = request.getfixturevalue(kind)
    running.broken, running.times = Reply(503), 1
    assert KINDS[kind](running).open(NAME, NOW, UNTIL).name == NAME


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [302, 404, 500, 503])
def test_a_provider_that_stays_broken_is_unavailable_and_no_secret_is_said(
    kind: str, status: int, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    running, _ = request.getfixturevalue(kind)
    running.broken = Reply(status, headers={"Location": "http://elsewhere.example.org/"})
    caplog.set_level(logging.INFO)
    provider = KINDS[kind](running)
    with pytest.raises(RoomUnavailable) as raised:
        provider.open(NAME, NOW, UNTIL)
    assert SECRET not in f"{raised.value} {provider!r} {caplog.text}"
    assert running.address not in str(raised.value)


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_listening_is_unavailable(kind: str) -> None:
    with serving(Loopback(lambda _: Reply())) as gone:
        pass
    with pytest.raises(RoomUnavailable, match="no connection"):
        KINDS[kind](gone).open(NAME, NOW, UNTIL)


def test_a_silent_provider_is_given_up(bigbluebutton: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "ANSWERING", 0.1)
    given_up = threading.Event()

    def silent(_: Asked) -> Reply:
        given_up.wait(5)
        return Reply()

    bigbluebutton[0].answer = silent
    with pytest.raises(RoomUnavailable, match="ReadTimeoutError"):
        by_bigbluebutton(bigbluebutton[0]).open(NAME, NOW, UNTIL)
    given_up.set()


# TLS


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return of_loopback(tmp_path / "server.pem")


def test_a_certificate_that_is_not_trusted_is_refused_before_anything_is_sent(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with (
        serving(Loopback(VisioServer("550e8400", SECRET, "agence.example.fr")), context) as running,
        pytest.raises(RoomUnavailable, match="SSLError"),
    ):
        by_visio(running).open(NAME, NOW, UNTIL)
    assert running.asked == []


def test_a_certificate_that_is_trusted_is_accepted(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = VisioServer("550e8400", SECRET, "agence.example.fr")
    with (
        serving(Loopback(server), context) as running,
        pytest.raises(RoomUnavailable, match="not https"),  # the room's own address is not
    ):
        by_visio(running).open(NAME, NOW, UNTIL)
    assert [one.path.rpartition("/v1.0")[2] for one in running.asked] == ["/application/token/", "/rooms/"]


# Settings


def test_nothing_configured_is_no_provider() -> None:
    assert providers({}) == ()


def test_providers_are_tried_in_the_order_that_is_named() -> None:
    settings = {
        "DUO_ROOMS": "jitsi, bigbluebutton",
        "DUO_JITSI_URL": "https://meet.example.fr/",
        "DUO_JITSI_APP_ID": "a",
        "DUO_JITSI_SECRET": SECRET,
        "DUO_BIGBLUEBUTTON_URL": "https://bbb.example.fr/bigbluebutton/",
        "DUO_BIGBLUEBUTTON_SECRET": SECRET,
    }
    assert [one.kind for one in providers(settings)] == ["jitsi", "bigbluebutton"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"DUO_ROOMS": "zoom"}, "DUO_ROOMS may name"),
        ({"DUO_ROOMS": "jitsi,jitsi"}, "twice"),
        ({"DUO_ROOMS": "jitsi"}, "DUO_JITSI_URL is not set"),
        ({"DUO_ROOMS": "jitsi", "DUO_JITSI_URL": "http://meet.example.fr"}, "must begin with https"),
        ({"DUO_ROOMS": "jitsi", "DUO_JITSI_URL": "https://a:b@meet.example.fr"}, "must be https"),
        (
            {
                "DUO_ROOMS": "jitsi",
                "DUO_JITSI_URL": "https://meet.example.fr",
                "DUO_JITSI_APP_ID": "a",
                "DUO_JITSI_SECRET": "short",
            },
            "32 bytes",
        ),
        (
            {
                "DUO_ROOMS": "jitsi",
                "DUO_JITSI_URL": "https://meet.example.fr",
                "DUO_JITSI_APP_ID": "a",
                "DUO_JITSI_KEY_FILE": "/nowhere.pem",
            },
            "not a readable RSA key",
        ),
    ],
)
def test_a_setting_that_cannot_be_is_named_and_its_value_is_not(settings: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said) as raised:
        providers(settings)
    assert "short" not in str(raised.value)
    assert not urlsplit(str(raised.value)).netloc
