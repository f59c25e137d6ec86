"""The calendar of sessions without script: slots offered, leave declared, sessions booked and moved."""

import pytest

from referencing.base.permissions import Role
from tests.console.meeting import Meeting


def test_a_verifier_offers_and_withdraws(met: Meeting) -> None:
    zoe = met.browser(Role.VERIFIER, "Zoé")
    assert "Séances et créneaux" in zoe.follow("Séances")
    shown = zoe.open("/seances?semaine=2026-04-08")
    assert "9 h 00 – 10 h 00" in shown
    assert "mardi 7 avril 2026" in shown
    zoe.press("Offrir", 422, first_day="2026-04-14", starts_at="09:05")
    answer = zoe.answer
    assert answer is not None
    assert 'id="starts_at-wrong"' in answer.get_data(as_text=True)
    zoe.press("Offrir", first_day="2026-04-14", starts_at="09:00", ends_at="10:00")
    assert "libre" in zoe.open("/seances?semaine=2026-04-14")
    zoe.press("Retirer")
    assert "Rien cette semaine-là" in zoe.open("/seances?semaine=2026-04-14")


def test_leave_shows_a_lead_whom_to_replace(met: Meeting) -> None:
    zoe = met.browser(Role.VERIFIER, "Zoé")
    met.people(Role.VERIFIER, "Xavier")
    zoe.open("/seances")
    zoe.press("Déclarer ce congé", starts_on="2026-04-06", ends_on="2026-04-08")
    lead = met.browser(Role.LEAD, "Dominique")
    assert "Il faut remplacer quelqu'un" in lead.open("/seances")
    assert "en congé" in lead.open(met.path)
    coming = next(one["id"] for one in met.people.lead.get("/verifiers")["items"] if one["name"] == "Xavier")
    leaving = met.zoe.get("/me")["id"]
    lead.press("Remplacer", leaving=leaving, coming=coming)
    assert "Xavier" in lead.page.text
    assert "Il faut remplacer" not in lead.open("/seances")


def test_an_editor_moves_cancels_and_books(met: Meeting) -> None:
    editor = met.browser(Role.EDITOR)
    editor.open(f"/dossiers/{met.dossier.id}")
    editor.follow("séances DUO")
    editor.open(met.path)
    editor.follow("Déplacer la séance")
    editor.press("Déplacer ici")
    assert met.read()["starts_at"].startswith("2026-04-07T08:00")
    editor.press("Annuler la séance", 422)
    editor.press("Annuler la séance", reason="Nous ne sommes pas prêts.")
    assert met.read()["phase"] == "cancelled"
    editor.open(f"/dossiers/{met.dossier.id}/seances?semaine=2026-04-07")
    assert len([form for form in editor.page.forms if "Choisir" in form.buttons]) == 2 * 2  # table and list
    assert "Ce qui sera montré" in editor.press("Choisir")
    assert "prévue" in editor.press("Réserver cette séance")


@pytest.mark.parametrize(
    "week", ["2026-03-23", "2026-03-30", "2026-10-25", "0001-01-01", "9999-12-31", "hier"]
)
def test_any_week_is_shown_also_when_the_clocks_change(met: Meeting, week: str) -> None:
    assert "Semaine du" in met.browser(Role.LEAD, "Dominique").open(f"/seances?semaine={week}")
