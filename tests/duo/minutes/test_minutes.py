"""The minutes: what they say, that both sides sign the same, and that nothing changes after."""

import hashlib
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from flask import Flask
from pypdf import PdfReader

from referencing.base import db
from referencing.base.permissions import Role
from referencing.bundles.checker import Refused, check
from referencing.bundles.tasks import sign_for_bundles
from referencing.duo.minutes.pdf import render
from referencing.duo.sessions.models import Event, Line
from referencing.duo.sessions.phases import Phase
from referencing.heads.notary import Notary
from referencing.journal.models import Entry
from referencing.journal.operations import verify
from tests.bundles.conftest import AGENCY, KEY
from tests.clients import Client
from tests.conftest import Time, parts
from tests.duo.booked import LENGTH, STARTS_AT, Live


@pytest.fixture
def live(app: Flask, time: Time) -> Live:
    made = Live(app)
    time.now = STARTS_AT + LENGTH
    made.decide(time.now)
    return made


def signed(live: Live, who: Any, status: int = 201, **more: Any) -> Any:
    sha256 = more.pop("sha256", None) or who.get(f"{live.path}/minutes")["sha256"]
    return who.post(f"{live.path}/signatures", {"sha256": sha256, **more}, status)


def pdf(who: Any, live: Live) -> bytes:
    response = who.send("GET", f"{live.path}/minutes", headers={"Accept": "application/pdf"})
    assert (response.status_code, response.content_type) == (200, "application/pdf")
    content: bytes = response.get_data()
    return content


def text_of(pages: bytes) -> str:
    read = PdfReader(io.BytesIO(pages))
    return " ".join(" ".join(page.extract_text().split()) for page in read.pages)


def test_the_minutes_list_every_item_with_what_was_found(live: Live) -> None:
    minutes = live.as_editor.get(f"{live.path}/minutes")["minutes"]
    assert minutes["kind"] == "duo-minutes/1"
    assert minutes["candidature"]["solution"] == "Alizé Médecin"
    assert minutes["session"]["starts_at"] == "2026-03-30T08:00:00Z"
    assert [
        (one["name"], one["side"], one["presences"][0]["arrived_at"]) for one in minutes["participants"]
    ] == [
        ("Zoé Lefèvre", "agency", "2026-03-30T08:00:00Z"),
        ("Noël d'Été", "editor", "2026-03-30T08:00:00Z"),
    ]
    first, second = minutes["items"]
    assert (first["verdict"]["outcome"], first["verdict"]["by"]) == ("conform", "Zoé Lefèvre")
    assert first["note"] == "Montré deux fois, l'écran était flou."
    assert first["captures"] == [
        {
            "filename": "écran n°1.png",
            "sha256": "ab" * 32,
            "size": 1234,
            "taken_at": "2026-03-30T09:30:00Z",
            "timecode": 3725,
        }
    ]
    assert [step["outcome"] for step in first["steps"]] == ["conform", "nonconform"]
    assert (second["verdict"]["outcome"], second["verdict"]["missing"], second["verdict"]["due_on"]) == (
        "complement",
        ["Le compte rendu"],
        "2026-04-20",
    )


def test_anybody_can_make_the_hash_again_from_what_was_answered(live: Live) -> None:
    answered = live.as_verifier.get(f"{live.path}/minutes")
    written = orjson.dumps(answered["minutes"], option=orjson.OPT_SORT_KEYS)
    assert hashlib.sha256(written).hexdigest() == answered["sha256"]


def test_both_sides_read_the_same_however_often(live: Live, time: Time) -> None:
    first = live.as_verifier.get(f"{live.path}/minutes")
    time.pass_days(3)
    assert live.as_editor.get(f"{live.path}/minutes") == first
    assert pdf(live.as_editor, live) == pdf(live.as_verifier, live)


def test_longer_minutes_take_as_many_queries(app: Flask, live: Live) -> None:
    statements: list[str] = []

    def count(*args: Any) -> None:
        statements.append(args[2])

    def taken() -> int:
        statements.clear()
        sa.event.listen(parts(app).engine, "before_cursor_execute", count)
        live.as_verifier.get(f"{live.path}/minutes")
        sa.event.remove(parts(app).engine, "before_cursor_execute", count)
        return len(statements)

    of_two = taken()
    with db.transaction(parts(app).sessions) as session:
        session.execute(sa.delete(Line).where(Line.session_id == live.id, Line.position == 2))
    assert taken() == of_two


@pytest.mark.parametrize(("first", "second"), [("as_verifier", "as_editor"), ("as_editor", "as_verifier")])
def test_once_both_sides_have_signed_the_session_is_signed(
    live: Live, app: Flask, first: str, second: str
) -> None:
    sha256 = live.as_editor.get(f"{live.path}/minutes")["sha256"]
    after_one = signed(live, getattr(live, first), sha256=sha256)
    assert (after_one["fixed"], after_one["signed"]) == (True, False)
    after_both = signed(live, getattr(live, second), sha256=sha256.upper(), reserves="Écran flou au point 1.")
    assert (after_both["fixed"], after_both["signed"]) == (True, True)
    assert [(one["outcome"], one["sha256"]) for one in after_both["signatures"]] == [("signed", sha256)] * 2
    assert after_both["signatures"][1]["reserves"] == "Écran flou au point 1."
    with parts(app).sessions() as session:
        entries = session.scalars(sa.select(Entry).where(Entry.action.like("duo.%")).order_by(Entry.position))
        kept = [(entry.action, entry.detail["sha256"]) for entry in entries]
        kinds = session.scalars(
            sa.select(Event.action).where(Event.session_id == live.id).order_by(Event.number)
        )
        assert list(kinds) == ["minutes.signed", "minutes.signed", "session.signed"]
        assert list(verify(session)) == []
    assert kept == [
        ("duo.minutes_signed", sha256),
        ("duo.minutes_signed", sha256),
        ("duo.signed", sha256),
    ]


def test_signed_minutes_are_sealed_and_checked_without_the_application(live: Live, app: Flask) -> None:
    address = f"{live.path}/minutes/bundle"
    assert "pas encore signé" in live.as_editor.refused(409, "PUT", address)["detail"]
    for who in (live.as_editor, live.as_verifier):
        sha256 = signed(live, who)["sha256"]
    live.as_editor.put(address, status=201)
    with db.transaction(parts(app).sessions) as session:
        sign_for_bundles(session, notary=Notary(AGENCY))
    bundle = live.as_verifier.get(address)
    assert "signé des deux parties" in bundle["content"]["summary"]
    assert [signature["sha256"] for signature in bundle["content"]["signatures"]] == [sha256] * 2
    assert check(bundle, KEY)
    (document,) = bundle["attached"].items()
    assert hashlib.sha256(document[1].encode()).hexdigest() == sha256
    with pytest.raises(Refused, match="a une autre empreinte"):
        check({**bundle, "attached": {document[0]: document[1].replace("conform", "nonconform", 1)}}, KEY)


def test_after_both_have_signed_nothing_changes(live: Live, app: Flask) -> None:
    for who in (live.as_verifier, live.as_editor):
        signed(live, who)
    before, pages = live.as_editor.get(f"{live.path}/minutes"), pdf(live.as_editor, live)
    with db.transaction(parts(app).sessions) as session:
        session.execute(sa.update(Line).values(note="Autre chose."))
    assert live.as_editor.get(f"{live.path}/minutes") == before
    assert pdf(live.as_editor, live) == pages
    body = {"sha256": before["sha256"], "outcome": "refused", "reserves": "Trop tard."}
    live.as_editor.refused(409, "POST", f"{live.path}/signatures", json=body)


def test_what_changed_since_it_was_read_is_not_signed(live: Live, app: Flask) -> None:
    sha256 = live.as_editor.get(f"{live.path}/minutes")["sha256"]
    with db.transaction(parts(app).sessions) as session:
        session.execute(sa.update(Line).where(Line.position == 2).values(note="Ajout."))
    problem = live.as_editor.refused(412, "POST", f"{live.path}/signatures", json={"sha256": sha256})
    assert "relisez" in problem["detail"]
    assert live.as_editor.get(f"{live.path}/minutes")["signatures"] == []
    signed(live, live.as_editor)


def test_the_first_signature_fixes_what_the_other_side_signs(live: Live, app: Flask) -> None:
    sha256 = signed(live, live.as_verifier)["sha256"]
    with db.transaction(parts(app).sessions) as session:
        session.execute(sa.update(Line).values(note="Après coup."))
    assert live.as_editor.get(f"{live.path}/minutes")["sha256"] == sha256
    assert signed(live, live.as_editor, sha256=sha256)["signed"]


def test_a_side_signs_once(live: Live) -> None:
    sha256 = signed(live, live.as_editor)["sha256"]
    problem = live.as_editor.refused(409, "POST", f"{live.path}/signatures", json={"sha256": sha256})
    assert "déjà signé" in problem["detail"]


def test_two_colleagues_who_sign_at_once_are_one_signature(live: Live, app: Flask) -> None:
    sha256 = live.as_editor.get(f"{live.path}/minutes")["sha256"]

    def click(_: int) -> int:
        who = Client(app.test_client(), live.as_editor.key)
        return who.send("POST", f"{live.path}/signatures", json={"sha256": sha256}).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(click, range(4))) == [201, 409, 409, 409]


def test_a_second_click_with_the_same_key_gets_the_first_answer(live: Live) -> None:
    sha256 = live.as_editor.get(f"{live.path}/minutes")["sha256"]
    sent = {"json": {"sha256": sha256}, "headers": {"Idempotency-Key": "signature-1"}}
    first = live.as_editor.send("POST", f"{live.path}/signatures", **sent)
    again = live.as_editor.send("POST", f"{live.path}/signatures", **sent)
    assert (first.status_code, again.status_code) == (201, 201)
    assert len(again.json["signatures"]) == 1  # type: ignore[index]


def test_who_refuses_says_why_and_may_sign_later(live: Live) -> None:
    sha256 = live.as_editor.get(f"{live.path}/minutes")["sha256"]
    body = {"sha256": sha256, "outcome": "refused"}
    for reserves in ("", "  "):
        live.as_editor.refused(422, "POST", f"{live.path}/signatures", json={**body, "reserves": reserves})
    refused = signed(live, live.as_editor, outcome="refused", reserves="Le point 2 est faux.")
    assert (refused["fixed"], refused["signed"]) == (False, False)
    assert signed(live, live.as_verifier)["signed"] is False
    done = signed(live, live.as_editor, reserves="Point 2 contesté.")
    assert done["signed"]
    assert [(one["side"], one["outcome"]) for one in done["signatures"]] == [
        ("editor", "refused"),
        ("agency", "signed"),
        ("editor", "signed"),
    ]


@pytest.mark.parametrize("phase", [Phase.SCHEDULED, Phase.OPEN, Phase.PAUSED, Phase.CANCELLED])
def test_there_are_no_minutes_of_what_is_not_over(live: Live, phase: Phase) -> None:
    live.change(phase=phase)
    live.as_editor.refused(409, "GET", f"{live.path}/minutes")
    live.as_editor.refused(409, "POST", f"{live.path}/signatures", json={"sha256": "0" * 64})


@pytest.mark.parametrize("phase", [Phase.INTERRUPTED, Phase.NO_SHOW])
def test_what_ended_otherwise_has_minutes_that_nobody_signs(live: Live, phase: Phase) -> None:
    live.change(phase=phase, reason="Connexion perdue.")
    answered = live.as_editor.get(f"{live.path}/minutes")
    assert answered["minutes"]["session"]["reason"] == "Connexion perdue."
    body = {"sha256": answered["sha256"]}
    live.as_editor.refused(409, "POST", f"{live.path}/signatures", json=body)


def test_who_follows_the_dossier_reads_the_minutes_and_only_who_was_there_signs(live: Live) -> None:
    sha256 = live.as_editor.get(f"{live.path}/minutes")["sha256"]
    for who in (live.other(Role.LEAD), live.other(Role.EDITOR)):
        assert who.get(f"{live.path}/minutes")["sha256"] == sha256
        who.refused(403, "POST", f"{live.path}/signatures", json={"sha256": sha256})


def test_who_reads_the_minutes_is_told_to_auditors_and_to_the_organisation(live: Live) -> None:
    live.other(Role.LEAD).get(f"{live.path}/minutes")
    (told,) = [one for one in live.as_editor.get("/reads")["items"] if one["kind"] == "minutes"]
    assert (told["role"], told["by"], told["filename"]) == ("agency", None, "proces-verbal-duo.pdf")
    (noted,) = [one for one in live.other(Role.AUDITOR).get("/reads")["items"] if one["kind"] == "minutes"]
    assert (noted["role"], noted["organisation"]) == ("lead", told["organisation"])


def test_another_organisation_does_not_learn_that_there_was_a_session(live: Live) -> None:
    stranger = live.other(Role.EDITOR, "Logiciels du Mistral")
    stranger.refused(404, "GET", f"{live.path}/minutes")
    stranger.refused(404, "POST", f"{live.path}/signatures", json={"sha256": "0" * 64})
    live.other(Role.INTEGRATION).refused(403, "GET", f"{live.path}/minutes")


def test_the_pages_say_in_french_what_the_minutes_say(live: Live) -> None:
    signed(live, live.as_verifier)
    signed(live, live.as_editor, reserves="Écran flou.")
    said = text_of(pdf(live.as_editor, live))
    for words in (
        "Procès-verbal de séance DUO",
        "Alizé Médecin",
        "Zoé Lefèvre",
        "Noël d'Été",
        "du 30/03/2026 à 10:00:00 au 30/03/2026 à 11:30:00",
        "Conforme à l'attendu.",
        "Complément demandé",
        "Il manque l'œuvre : « ≥ 2 cas ».",
        "Montré deux fois, l'écran était flou.",
        "écran n°1.png",
        "ab" * 32,
        "1:02:05",
        "20/04/2026",
        "a signé le",
        "Écran flou.",
        "Page 1 sur",
    ):
        assert words in said, words


def test_the_fonts_of_the_pages_are_embedded(live: Live) -> None:
    read = PdfReader(io.BytesIO(pdf(live.as_editor, live)))
    fonts: Any = read.pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    assert {"Vera" in font.get_object()["/BaseFont"] for font in fonts.values()} == {True}
    assert all("/FontFile2" in font.get_object()["/FontDescriptor"] for font in fonts.values())


@pytest.fixture
def document(live: Live) -> Callable[..., Any]:
    minutes = live.as_editor.get(f"{live.path}/minutes")["minutes"]

    def noted(note: str) -> Any:
        first, *_ = minutes["items"]
        return {**minutes, "items": [{**first, "note": note}]}

    return noted


@pytest.mark.parametrize(
    ("note", "shown"),
    [
        ("Œuvre à 50 €, n° 5 : l’été…", "Œuvre à 50 €, n° 5 : l’été…"),
        ("Trần Łódź Škoda", "Tran Łódz Škoda"),
        ("a → b", "a [U+2192] b"),
        ("<b>gras</b> & <font color='red'>", "<b>gras</b> & <font color='red'>"),
        ("ligne 1\nligne 2", "ligne 1 ligne 2"),
        ("mot" * 400, "motmot"),
        ("phrase. " * 2000, "phrase. phrase."),
    ],
)
def test_whatever_a_note_holds_it_is_on_the_pages(
    document: Callable[..., Any], note: str, shown: str
) -> None:
    pages = render(document(note), "0" * 64, [])
    assert shown in text_of(pages)
    assert render(document(note), "0" * 64, []) == pages
