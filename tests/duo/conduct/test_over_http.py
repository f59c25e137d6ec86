"""A session as people have it over HTTP: slots, a booking, an hour live, and what each is told."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from referencing.base import db
from referencing.base.permissions import Role
from referencing.duo.sessions.models import LiveSession
from tests.audits.test_actions import ASKED, compare
from tests.builders import ALIZE
from tests.clients import Client, escaped
from tests.conftest import Time, parts
from tests.contents import picture
from tests.duo.live import Live, Memory
from tests.reviews.test_at_once import another, at_once, said

CODE = "LGC-V2:{}#01.01"
OFFER = {"first_day": "2026-03-04", "starts_at": "09:00", "ends_at": "10:00"}
Speaks = Callable[..., Client]


@pytest.fixture
def dossier(app: Flask, time: Time) -> str:
    with db.transaction(parts(app).sessions) as session:
        return str(Live(session, time, storage=Memory()).dossier().id)


@pytest.fixture
def editor(as_: Speaks) -> Client:
    return as_(Role.EDITOR, organisation=ALIZE)


@pytest.fixture
def verifier(as_: Speaks) -> Client:
    return as_(Role.VERIFIER)


@pytest.fixture
def slot(dossier: str, editor: Client, verifier: Client) -> str:
    verifier.post("/duo/slots", OFFER)
    (found,) = editor.get(f"/duo/slots?candidature={dossier}")["items"]
    return str(found["id"])


@pytest.fixture
def booked(dossier: str, editor: Client, slot: str) -> Any:
    return editor.post(f"/candidatures/{dossier}/duo-sessions", {"slot": slot})


@pytest.fixture
def opened(booked: Any, verifier: Client, time: Time) -> str:
    time.now = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)
    verifier.post(f"/duo/sessions/{booked['id']}/opening", status=200)
    return str(booked["id"])


def test_what_may_be_done_with_a_session_is_what_is_accepted(
    booked: Any, editor: Client, verifier: Client, as_: Speaks, time: Time
) -> None:
    address = f"/duo/sessions/{booked['id']}"
    readers = [editor, verifier, as_(Role.VERIFIER, name="Une collègue"), as_(Role.LEAD)]
    time.now = datetime(2026, 3, 4, 8, 20, tzinfo=UTC)  # late enough to say that somebody did not come
    taken: set[str] = set()
    for step in ("", "opening", "pause"):
        if step:
            verifier.post(f"{address}/{step}", {"reason": "Pause."} if step == "pause" else None, 200)
        for reader in readers:
            shown = reader.send("GET", address)
            if shown.status_code == 200:
                taken |= compare(reader, "duo/sessions", address, shown.json)
    assert taken == set(ASKED["duo/sessions"])


def path(live: str, code: str, what: str = "") -> str:
    return f"/duo/sessions/{live}/items/{escaped(CODE.format(code))}{what}"


def test_who_verifies_is_not_told_by_a_slot(
    editor: Client, verifier: Client, dossier: str, slot: str
) -> None:
    (shown,) = editor.get(f"/duo/slots?candidature={dossier}")["items"]
    assert (shown["minutes"], shown["verifier"], shown["name"]) == (60, None, None)
    (own,) = verifier.get("/duo/slots")["items"]
    assert (own["id"], own["name"], own["taken"]) == (slot, "Camille", False)


def test_an_editor_sees_what_must_be_ready_before_booking(editor: Client, dossier: str, slot: str) -> None:
    held = editor.post(f"/candidatures/{dossier}/duo-holds", {"slot": slot})
    assert held["expires_at"] == "2026-03-02T09:20:00Z"
    first = next(one for one in held["agenda"]["items"] if one["code"] == CODE.format("X1"))
    assert first["prerequisites"] == ["un patient de test existe"]
    assert first["scenario_steps"] == ["Chercher le patient", "Afficher ses traits", "Imprimer"]
    assert editor.get(f"/candidatures/{dossier}/duo-agenda?minutes=15")["left"] != []


def test_a_booking_that_is_sent_twice_is_one_session(editor: Client, dossier: str, slot: str) -> None:
    booking = f"/candidatures/{dossier}/duo-sessions"
    answers = [editor.post(booking, {"slot": slot}, headers={"Idempotency-Key": "1"}) for _ in range(2)]
    assert answers[0]["id"] == answers[1]["id"]
    editor.refused(409, "POST", booking, json={"slot": slot})


def test_of_eight_who_book_one_slot_one_has_it(app: Flask, as_: Speaks, dossier: str, slot: str) -> None:
    editors = [as_(Role.EDITOR, organisation=ALIZE, name=f"Éditeur {n}") for n in range(8)]
    booking = f"/candidatures/{dossier}/duo-sessions"
    answers = at_once([partial(one.send, "POST", booking, json={"slot": slot}) for one in editors])
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]
    with db.transaction(parts(app).sessions) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(LiveSession)) == 1


def test_dossiers_of_two_organisations_do_not_get_the_same_hour(
    app: Flask, time: Time, as_: Speaks, dossier: str, slot: str
) -> None:
    """Different cores and dossiers: nothing but the verifier's time stands between them."""
    with db.transaction(parts(app).sessions) as session:
        world = Live(session, time, storage=Memory())
        other = str(world.dossier("DPI-V2", "NIL-2").id)
    editors = {one: as_(Role.EDITOR, organisation=ALIZE, name=one) for one in (dossier, other)}
    answers = at_once(
        [
            partial(who.send, "POST", f"/candidatures/{one}/duo-sessions", json={"slot": slot})
            for one, who in editors.items()
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]


def test_a_task_that_went_into_a_session_waits_for_no_third_party(
    as_: Speaks, editor: Client, dossier: str, slot: str
) -> None:
    lead, items = as_(Role.LEAD), f"/candidatures/{dossier}/items/{escaped(CODE.format('X2'))}"
    editor.upload(f"{items}/proofs", ("écran.png", picture(b"un")))
    (task,) = [
        one["id"] for one in lead.every("/queues/duo_follow_up/tasks") if one["code"] == CODE.format("X2")
    ]
    wait = {"party": "CNDA", "reason": "Jeu de test.", "expected_on": "2026-03-16"}
    third_party = f"/tasks/{task}/third-party"
    lead.post(third_party, wait)
    booking = f"/candidatures/{dossier}/duo-sessions", {"slot": slot, "items": [CODE.format("X2")]}
    problem = editor.refused(422, "POST", booking[0], json=booking[1])
    assert [one["pointer"] for one in problem["errors"]] == ["/items/0"]
    lead.post(f"{third_party}/answer", {"answer": "Bon."}, status=200)
    editor.post(*booking)
    lead.refused(409, "POST", third_party, json=wait)


def test_an_agenda_that_grows_beyond_its_slot_is_refused_with_what_fits(
    editor: Client, verifier: Client, dossier: str
) -> None:
    verifier.post("/duo/slots", {**OFFER, "ends_at": "09:15", "slot_minutes": 15})
    (slot,) = editor.get(f"/duo/slots?candidature={dossier}")["items"]
    codes = [CODE.format(f"X{n}") for n in (2, 3, 4)]
    booked = editor.post(f"/candidatures/{dossier}/duo-sessions", {"slot": slot["id"], "items": codes[:1]})
    live = f"/duo/sessions/{booked['id']}"
    headers = {"If-Match": editor.send("GET", live).headers["ETag"]}
    problem = editor.refused(422, "PUT", f"{live}/agenda", json={"items": codes}, headers=headers)
    assert problem["detail"].endswith(f"Y tiennent : {codes[1]}.")
    assert [one["code"] for one in editor.get(live)["agenda"]] == codes[:1]
    editor.put(f"{live}/agenda", {"items": codes[:2]}, headers=headers)


def test_a_session_is_moved_by_who_has_read_it_to_a_slot_that_is_shown_for_it(
    editor: Client, verifier: Client, booked: Any, dossier: str
) -> None:
    assert "d'autre créneau" in editor.get(f"/duo/slots?session={booked['id']}")["none_because"]
    verifier.post("/duo/slots", {**OFFER, "first_day": "2026-03-11"})
    none = editor.get(f"/duo/slots?candidature={dossier}")
    assert none["items"] == [], "nothing is left to be shown"
    assert "Rien n'est à montrer" in none["none_because"]
    live = f"/duo/sessions/{booked['id']}"
    (there,) = editor.get(f"/duo/slots?session={booked['id']}")["items"]
    to, headers = {"slot": there["id"]}, {"If-Match": editor.send("GET", live).headers["ETag"]}
    editor.refused(428, "POST", f"{live}/move", json=to)
    editor.refused(412, "POST", f"{live}/move", json=to, headers={"If-Match": '"9"'})
    for _ in range(2):
        moved = editor.post(f"{live}/move", to, status=200, headers=headers)
        assert (moved["starts_at"], moved["sequence"]) == ("2026-03-11T08:00:00Z", 1)
    assert moved["agenda"] == booked["agenda"]
    (back,) = editor.get(f"/duo/slots?session={booked['id']}")["items"]
    assert back["starts_at"] == booked["starts_at"]
    event = editor.send("GET", f"{live}/calendar.ics").get_data(as_text=True)
    assert f"UID:{booked['id']}" in event
    assert "SEQUENCE:1" in event
    assert [one["action"] for one in editor.get(f"{live}/events")["items"]][-1] == "session.moved"


def test_of_those_who_move_two_sessions_to_one_slot_one_gets_there(
    as_: Speaks, editor: Client, verifier: Client, dossier: str
) -> None:
    verifier.post("/duo/slots", {**OFFER, "ends_at": "12:00"})
    found = [one["id"] for one in editor.every(f"/duo/slots?candidature={dossier}")]
    editors = [editor, as_(Role.EDITOR, organisation=ALIZE, name="Élodie")]
    windows = []
    for at, (who, slot) in enumerate(zip(editors, found[:2], strict=True), 2):
        body = {"slot": slot, "items": [CODE.format(f"X{at}")]}
        live = f"/duo/sessions/{who.post(f'/candidatures/{dossier}/duo-sessions', body)['id']}"
        headers = {"If-Match": who.send("GET", live).headers["ETag"]}
        to = {"slot": found[2]}
        windows.append(partial(who.send, "POST", f"{live}/move", json=to, headers=headers))
    assert sorted(answer.status_code for answer in at_once(windows)) == [200, 409]


def test_leave_after_a_booking_is_seen_by_both_sides_and_a_lead_has_somebody_else_come(
    as_: Speaks, editor: Client, verifier: Client, booked: Any
) -> None:
    lead, live = as_(Role.LEAD), f"/duo/sessions/{booked['id']}"
    colleague = as_(Role.VERIFIER, name="Dominique")
    assert booked["needs_verifier"] is False
    assert lead.get("/duo/sessions?needs_verifier=true")["items"] == []
    verifier.post("/absences", {"starts_on": "2026-03-04", "ends_on": "2026-03-06"})
    for who in (editor, verifier, lead):
        assert who.get(live)["needs_verifier"] is True
        assert [one["needs_verifier"] for one in who.get("/duo/sessions?needs_verifier=true")["items"]] == [
            True
        ]
        assert who.get("/duo/sessions?needs_verifier=false")["items"] == []
    editor.refused(403, "GET", f"{live}/verifiers")
    (hindered,) = lead.get(f"{live}/verifiers")["items"]
    assert (hindered["name"], hindered["hindrance"]) == ("Camille", "leave")
    new = {"leaving": hindered["account"], "coming": colleague.get("/me")["id"]}
    lead.refused(428, "POST", f"{live}/verifiers", json=new)
    headers = {"If-Match": lead.send("GET", live).headers["ETag"]}
    for _ in range(2):
        changed = lead.post(f"{live}/verifiers", new, status=200, headers=headers)
        assert (changed["needs_verifier"], changed["sequence"]) == (False, 1)
    assert {one["name"] for one in changed["participants"]} >= {"Dominique"}
    verifier.refused(403, "POST", f"{live}/cancellation", json={"reason": "x"})


def test_a_verdict_names_the_revision_that_was_read(verifier: Client, opened: str) -> None:
    verdict = {"outcome": "conform", "comment": "Vu.", "recording": "r-1"}
    verifier.refused(428, "PUT", path(opened, "X2", "/verdict"), json=verdict)
    address = path(opened, "X2", "/verdict")
    stale = verifier.refused(412, "PUT", address, json=verdict, headers={"If-Match": '"9"'})
    read = verifier.send("GET", path(opened, "X2"))
    revision = read.get_json()["revision"]
    assert read.headers["ETag"].startswith(f'"{revision}.')
    assert stale["errors"][0]["detail"] == f"La « revision » de cette preuve est {revision}."
    decided = verifier.put(
        path(opened, "X2", "/verdict"), verdict, headers={"If-Match": read.headers["ETag"]}
    )
    assert (decided["state"], decided["verdict"]["outcome"]) == ("decided", "conform")


def test_of_two_who_decide_at_once_one_is_told_to_read_again(verifier: Client, opened: str) -> None:
    etag = verifier.send("GET", path(opened, "X2")).headers["ETag"]
    windows = [another(verifier), another(verifier)]
    answers = at_once(
        [
            partial(
                one.send,
                "PUT",
                path(opened, "X2", "/verdict"),
                json={"outcome": outcome, "comment": "Dit.", "recording": "r"},
                headers={"If-Match": etag},
            )
            for one, outcome in zip(windows, ("conform", "nonconform"), strict=True)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    (kept,) = said(answers, 200)
    assert verifier.get(path(opened, "X2"))["verdict"] == kept["verdict"]


def test_a_capture_is_the_proof_of_what_is_decided(editor: Client, verifier: Client, opened: str) -> None:
    verifier.post(path(opened, "X2", "/showing"), status=200)
    taken = editor.upload(path(opened, "X2", "/captures?timecode=75"), ("écran.png", picture(b"un")))
    (capture,) = taken["captures"]
    assert (capture["filename"], capture["timecode"], capture["proof"]) == ("écran.png", 75, None)
    etag = verifier.send("GET", path(opened, "X2")).headers["ETag"]
    verdict = {"outcome": "conform", "note": "Affiché en 2 s.", "timecode": 60}
    decided = verifier.put(path(opened, "X2", "/verdict"), verdict, headers={"If-Match": etag})
    proof = editor.get(f"/proofs/{decided['captures'][0]['proof']}")
    assert [one["sha256"] for one in proof["files"]] == [capture["sha256"]]
    assert (decided["note"], decided["timecode"]) == ("Affiché en 2 s.", 60)


def test_events_are_told_in_their_order_and_go_on_where_one_stopped(
    editor: Client, verifier: Client, opened: str
) -> None:
    verifier.post(path(opened, "X2", "/showing"), status=200)
    editor.post(f"/duo/sessions/{opened}/presence", status=200)
    first = editor.get(f"/duo/sessions/{opened}/events?limit=2")
    rest = editor.get(f"/duo/sessions/{opened}/events?after={first['next']}")
    told = [*first["items"], *rest["items"]]
    assert [one["number"] for one in told] == list(range(1, len(told) + 1))
    assert [one["action"] for one in told] == [
        "session.scheduled",
        "session.open",
        "participant.arrived",
        "item.shown",
        "participant.arrived",
    ]
    assert editor.get(f"/duo/sessions/{opened}/events?after={rest['next']}") == {
        "items": [],
        "next": rest["next"],
    }


def test_a_session_is_the_business_of_who_is_in_it(
    as_: Speaks, verifier: Client, booked: Any, time: Time
) -> None:
    live = f"/duo/sessions/{booked['id']}"
    stranger = as_(Role.EDITOR, organisation="Éditions Bise")
    for method, what in (("GET", ""), ("GET", "/events"), ("POST", "/presence"), ("POST", "/cancellation")):
        stranger.refused(404, method, live + what, json={"reason": "x"} if what[:2] == "/c" else None)
    colleague = as_(Role.VERIFIER, name="Dominique")
    time.now = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)
    colleague.refused(403, "POST", f"{live}/opening")
    verifier.post(f"{live}/opening", status=200)


def test_what_is_tried_before_is_noted_and_the_last_time_counts(editor: Client, booked: Any) -> None:
    live = f"/duo/sessions/{booked['id']}"
    editor.refused(422, "PUT", f"{live}/checks/room", json={"passed": False})
    editor.put(f"{live}/checks/room", {"passed": False, "comment": "Pas de son."})
    editor.put(f"{live}/checks/room", {"passed": True})
    editor.put(f"{live}/checks/test_cards", {"passed": True, "comment": "Cartes 3 et 4."})
    checks = editor.get(live)["checks"]
    assert [(one["kind"], one["passed"]) for one in checks] == [("room", True), ("test_cards", True)]


def test_the_lists_of_sessions_and_slots_follow_in_pages(
    editor: Client, verifier: Client, dossier: str, slot: str
) -> None:
    verifier.post("/duo/slots", {**OFFER, "starts_at": "10:00", "ends_at": "12:00", "last_day": "2026-03-25"})
    every = [one["id"] for one in editor.every(f"/duo/slots?candidature={dossier}&limit=2")]
    assert len(every) == len(set(every)) == 9
    booked = [
        editor.post(f"/candidatures/{dossier}/duo-sessions", {"slot": one, "items": [CODE.format(f"X{at}")]})[
            "id"
        ]
        for at, one in enumerate(every[:3], 1)
    ]
    assert [one["id"] for one in editor.every("/duo/sessions?limit=2")] == booked
    assert UUID(booked[0])
