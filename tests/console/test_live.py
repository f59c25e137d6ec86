"""A live session in browsers without script: opened, noted, captured, decided, closed, signed."""

import io

from referencing.base.permissions import Role
from referencing.catalogue.proposals import ProofKind
from referencing.console.live.happened import KINDS
from referencing.journal.events.table import EVENTS, LIVE_SESSION
from tests.console.browser import Browser
from tests.console.meeting import BEGINS, Meeting
from tests.console.test_bounded import cost
from tests.contents import content_for

TO_SIGN = "Procès-verbaux à signer"


def test_a_session_from_its_opening_to_its_signatures(met: Meeting) -> None:
    met.clock.now = BEGINS
    zoe, editor = met.browser(Role.VERIFIER, "Zoé"), met.browser(Role.EDITOR)
    zoe.open(met.path)
    shown = zoe.press("Ouvrir la séance")
    assert "ouverte" in shown
    editor.open(met.path)
    assert "Camille (éditeur)" in editor.press("Entrer dans la séance")
    zoe.open(met.path)
    zoe.press("Montrer maintenant")
    line = next(one for one in met.read()["agenda"] if one["state"] == "shown")
    shown = zoe.press(
        "Enregistrer les notes", note="Vu deux fois.", timecode="1:02", steps__0__outcome="conform"
    )
    assert "Vu deux fois." in shown
    assert met.line(line["code"])["timecode"] == 62
    assert "Avant de conclure" in shown
    assert "Rien ne garde ce qui a été vu" in zoe.press("Conforme", 422)
    name, content = content_for(ProofKind(ProofKind.DEMONSTRATION), b"vu")
    files = {"file": (io.BytesIO(content), name)}
    answer = editor.post(f"{met.path}/preuves/{line['item']}/captures", files, form="multipart/form-data")
    assert answer.status_code == 303
    assert name in editor.open(met.path)
    assert (
        editor.fetch(next(link for words, link in editor.page.links.items() if words == name)).status_code
        == 200
    )
    zoe.open(met.path)
    zoe.press("Conforme")
    assert met.line(line["code"])["verdict"]["outcome"] == "conform"
    zoe.press("Clore")
    for browser, side in ((zoe, "l'agence"), (editor, "l'éditeur")):
        assert TO_SIGN in browser.open("/travail")
        assert "a signé" in browser.open(met.path) or "Personne n'a encore signé" in browser.page.text
        browser.press(f"Signer pour {side}")
        assert TO_SIGN not in browser.open("/travail")
    assert met.read()["phase"] == "signed"
    assert editor.fetch(f"{met.path}/proces-verbal.pdf").data.startswith(b"%PDF")


def test_a_verdict_that_is_begun_stays_when_the_notes_are_kept(met: Meeting) -> None:
    met.begin()
    zoe = met.browser(Role.VERIFIER, "Zoé")
    zoe.open(met.path)
    begun = "Il manque la fin."
    assert begun in zoe.press("Enregistrer les notes", note="Vu.", outcome="complement", comment=begun)
    zoe.press("Rendre ce verdict")
    (line,) = (one for one in met.read()["agenda"] if one["verdict"])
    assert (line["note"], line["verdict"]["comment"]) == ("Vu.", begun)


def test_a_closing_with_nothing_decided_asks_twice(met: Meeting) -> None:
    met.begin()
    zoe = met.browser(Role.VERIFIER, "Zoé")
    zoe.open(met.path)
    assert "Rien n'est décidé" in zoe.press("Clore", 409)
    assert met.read()["phase"] == "open"
    zoe.press("Clore quand même")
    assert met.read()["phase"] == "closed"


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(met: Meeting) -> None:
    met.begin()
    zoe, yves = met.browser(Role.VERIFIER, "Zoé"), met.browser(Role.VERIFIER, "Yves")
    zoe.open(met.path)
    yves.open(met.path)
    zoe.press("Enregistrer les notes", note="De Zoé.")
    shown = yves.press("Enregistrer les notes", 412, note="D'Yves.")
    assert "Quelqu'un a écrit sur cette preuve entre-temps" in shown
    assert "De Zoé." in shown
    assert "D'Yves." in shown


def test_others_follow_and_strangers_find_nothing(met: Meeting) -> None:
    met.begin()
    lead = met.browser(Role.LEAD, "Dominique")
    assert "Ordre du jour" in lead.open(met.path)
    assert "Rendre ce verdict" not in lead.page.text
    stranger = Browser(met.people.app.test_client())
    stranger.sign_in(met.people(Role.EDITOR, "Autre", "Autre maison").key)
    stranger.open(met.path, 404)
    assert stranger.fetch(f"{met.path}/evenements").status_code == 404
    met.browser(Role.EXPERT).open(met.path, 403)


def test_every_event_of_a_session_has_its_words(met: Meeting) -> None:
    """The browser hears the kinds that have words, and no others."""
    met.begin()
    zoe = met.browser(Role.VERIFIER, "Zoé")
    zoe.open(met.path)
    zoe.press("Enregistrer les notes", note="Vu.")
    zoe.press("Suspendre un moment")
    zoe.press("Reprendre")
    zoe.press("Interrompre", reason="Coupure.")
    kinds = {one["action"] for one in met.zoe.get(f"/duo/sessions/{met.id}/events")["items"]}
    assert kinds >= {"session.open", "item.noted", "session.paused", "session.interrupted"}
    assert kinds <= KINDS.keys()
    assert KINDS.keys() == EVENTS[LIVE_SESSION].keys()


def test_a_page_costs_a_bounded_number_of_statements(met: Meeting) -> None:
    met.begin()
    for browser in (met.browser(Role.VERIFIER, "Zoé"), met.browser(Role.LEAD, "Dominique")):
        for address in (met.path, "/seances?semaine=2026-04-07"):
            assert cost(met.people, browser, address) <= 30


def test_the_agenda_is_ordered_shortened_and_lengthened(met: Meeting) -> None:
    editor = met.browser(Role.EDITOR)
    editor.open(met.path)
    before = [line["code"] for line in met.read()["agenda"]]
    editor.press("Avancer")
    assert [line["code"] for line in met.read()["agenda"]] == [before[1], before[0], *before[2:]]
    editor.press("Retirer")
    assert met.line(before[1])["state"] == "withdrawn"
    editor.press("Ajouter à la fin", item=before[1])
    assert [one["code"] for one in met.read()["agenda"] if one["state"] == "planned"][-1] == before[1]
    assert "Choisissez parmi les preuves" in editor.press("Ajouter à la fin", 422, item="RIEN")
