"""How platforms stand in a browser: open to anybody, worked with by who answers for them, readable at any width."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser as Chromium

from referencing.base.permissions import Role
from tests.builders import statements
from tests.console.browser import Browser
from tests.console.chromium import Window, chromium, served
from tests.platforms.conftest import Watched


@pytest.fixture
def anybody(watched: Watched) -> Browser:
    return Browser(watched.people.app.test_client())


@pytest.fixture
def lead(watched: Watched) -> Browser:
    browser = Browser(watched.people.app.test_client())
    browser.sign_in(watched.lead.key)
    return browser


def test_a_lead_tells_of_a_platform_and_anybody_reads_it(
    watched: Watched, anybody: Browser, lead: Browser
) -> None:
    watched.pass_minutes(120)
    page = f"/plateformes/{watched.id}"
    shown = anybody.open(page)
    assert "Dans les textes des exigences : Gazelle." in shown
    assert "Ouvrir un incident" not in shown
    lead.open(page)
    assert "Ce champ est requis" in lead.press("Ouvrir cet incident", 422, impact="down")
    told = {"title": "Panne électrique", "begun_at": "2026-03-02T11:00"}
    lead.press("Ouvrir cet incident", 200, impact="down", **told)
    assert "Indisponible" in anybody.open("/plateformes")
    lead.press("Publier", text="Le prestataire est sur place.")
    shown = anybody.open(page)
    assert "Le prestataire est sur place." in shown
    assert "depuis le 2 mars 2026 à 11 h 00" in shown, "as it was typed, in Paris"
    lead.press("Clore", note="Courant rétabli.", ended_at="2026-03-02T11:30")
    assert watched.anybody()["months"][0]["minutes_down"] == 30
    lead.press("Corriger", begun_at="2026-03-02T11:10", reason="Vu au journal du prestataire.")
    assert watched.anybody()["months"][0]["minutes_down"] == 20
    assert "Disponible" in anybody.open("/plateformes")
    starts, ends = (watched.time.now + timedelta(days=days) for days in (1, 2))
    typed = {
        "title": "Mise à jour",
        "starts_at": f"{starts:%Y-%m-%dT%H:%M}",
        "ends_at": f"{ends:%Y-%m-%dT%H:%M}",
    }
    lead.press("Annoncer cette maintenance", 200, **typed)
    assert "Mise à jour" in anybody.open("/plateformes")
    lead.press("Ajouter cette sonde", kind="http", label="Accueil", steps="https://platform.example/")
    assert "https://platform.example/" in lead.open(page)
    assert "https://platform.example/" not in anybody.open(page)
    lead.press("Recevoir ses incidents par courriel")
    assert "Ne plus recevoir ses incidents" in lead.open(page)


def test_a_catalogue_manager_names_a_platform(watched: Watched) -> None:
    browser = Browser(watched.people.app.test_client())
    browser.sign_in(watched.people(Role.CATALOGUE, "Catalogue").key)
    browser.open("/plateformes")
    told = browser.press("Surveiller cette plateforme", 422, code="Platine !", name="Platine")
    assert "lettres minuscules" in told
    browser.press("Surveiller cette plateforme", code="platine", name="Platine", words="Platine")
    assert browser.open("/plateformes").count("Platine") >= 1


def test_a_page_sends_few_statements_whatever_happened(watched: Watched, anybody: Browser) -> None:
    costs = []
    for place in range(2):
        for number in range(3 * place):
            watched.lead.post("/platforms", {"code": f"platform-{number}", "name": f"Plateforme {number}"})
            words = {"impact": "degraded", "title": "Lenteurs"}
            watched.lead.post(f"{watched.path}/incidents", words)
        for address in ("/plateformes", f"/plateformes/{watched.id}"):
            with statements(watched.people.parts.engine) as sent:
                anybody.open(address)
            costs.append(len(sent))
    assert max(costs) <= 10
    assert costs[2] - costs[0] <= 1, "the notes of incidents, where there are any"


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with chromium() as launched:
        yield launched


def test_nothing_for_axe_to_find(watched: Watched, browser: Chromium) -> None:
    watched.lead.post(f"{watched.path}/incidents", {"impact": "down", "title": "Panne"})
    starts, ends = (watched.time.now + timedelta(days=days) for days in (1, 2))
    words = {"title": "Mise à jour", "starts_at": starts.isoformat(), "ends_at": ends.isoformat()}
    watched.lead.post(f"{watched.path}/maintenances", words)
    watched.probe("https://platform.example/")
    with served(watched.people.app) as address:
        context = browser.new_context(locale="fr-FR")
        window = Window(context.new_page(), address)
        found = []
        for page in ("/plateformes", f"/plateformes/{watched.id}"):
            window.open(page)
            found += window.examine(page)
        window.open("/connexion")
        window.sign_in(watched.lead.key)
        window.open(f"/plateformes/{watched.id}")
        for summary in window.page.locator("summary").all():
            summary.click()
        found += window.examine("a lead's page, all of it open")
        context.close()
    assert (found, window.complaints) == ([], [])
