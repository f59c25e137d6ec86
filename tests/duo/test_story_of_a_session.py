"""From a booking to countersigned minutes, with what arrives in mailboxes and what the room's server sees."""

from datetime import UTC, datetime, timedelta

from flask import Flask
from icalendar import Calendar

from referencing.base import db
from referencing.base.permissions import Role
from tests.builders import ALIZE
from tests.clients import Client, escaped
from tests.conftest import Keys, Time, parts

from .equipped import equipped
from .live import Live, Memory

OFFER = {"first_day": "2026-04-07", "starts_at": "09:00", "ends_at": "10:00"}


def test_a_session_from_its_invitation_to_its_minutes(app: Flask, time: Time, key_of: Keys) -> None:
    with equipped(app, time) as world:
        with db.transaction(parts(app).sessions) as session:
            dossier = Live(session, time, storage=Memory()).dossier("DPI-V2", "NIL-2").id
        verifier = Client(world.app.test_client(), key_of(Role.VERIFIER, name="Zoé"))
        editor = Client(world.app.test_client(), key_of(Role.EDITOR, organisation=ALIZE, name="Noël"))
        verifier.put("/me/email", {"address": "zoe@agence.example.fr"})
        editor.put("/me/email", {"address": "noel@alize.example.fr"})

        verifier.post("/duo/slots", OFFER)
        offered = editor.get(f"/duo/slots?candidature={dossier}")["items"]
        (slot,) = (one["id"] for one in offered if one["starts_at"].startswith("2026-04-07"))
        booked = editor.post(f"/candidatures/{dossier}/duo-sessions", {"slot": slot})
        world.work()
        assert sorted(world.smtp.recipients) == ["noel@alize.example.fr", "zoe@agence.example.fr"]
        path = f"/duo/sessions/{booked['id']}"
        served = Calendar.from_ical(editor.send("GET", f"{path}/calendar.ics").get_data())
        (event,) = served.walk("VEVENT")
        assert event.decoded("dtstart") == datetime(2026, 4, 7, 7, 0, tzinfo=UTC)

        time.now = datetime(2026, 4, 7, 6, 45, tzinfo=UTC)
        world.periodic("tend_rooms")
        time.now += timedelta(minutes=15)
        link = editor.post(f"{path}/room/entry", status=200)["link"]
        assert link in {room["url"] for room in world.visio_server.rooms.values()}
        verifier.post(f"{path}/opening", status=200)
        editor.post(f"{path}/room/entry", status=200)
        line = f"{path}/items/{escaped('DPI-V2:X2#01.01')}"
        revision = verifier.post(f"{line}/showing", status=200)["revision"]
        verdict = {"outcome": "conform", "comment": "Vu en séance.", "recording": "visio-1"}
        verifier.put(f"{line}/verdict", verdict, headers={"If-Match": f'"{revision}"'})
        verifier.post(f"{path}/closing", {}, status=200)
        world.work()
        assert [room["access_level"] for room in world.visio_server.rooms.values()] == ["restricted"]
        editor.refused(409, "POST", f"{path}/room/entry")

        minutes = editor.get(f"{path}/minutes")
        (decided,) = (one for one in minutes["minutes"]["items"] if one["verdict"])
        assert (decided["number"], decided["verdict"]["comment"]) == ("X2.01.01", "Vu en séance.")
        for who in (editor, verifier):
            who.post(f"{path}/signatures", {"sha256": minutes["sha256"]})
        assert verifier.get(path)["phase"] == "signed"
        pages = editor.send("GET", f"{path}/minutes", headers={"Accept": "application/pdf"})
        assert pages.get_data().startswith(b"%PDF-")
        assert editor.get("/me/letters")["items"][-1]["subject"].startswith("Séance DUO planifiée")
