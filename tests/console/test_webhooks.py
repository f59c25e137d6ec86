"""A mandataire, or a lead, makes webhooks by browser, tries them, and reads what became of each delivery."""

import re

import pytest
from playwright.sync_api import Browser as Chromium

from referencing.base.permissions import Role
from tests.console.browser import Browser
from tests.console.chromium import Window, served
from tests.webhooks.conftest import Post, make, post
from tests.webhooks.receivers import receiver

__all__ = ["post"]

SECRET = re.compile(r"whsec_[\w+/=]{20,}")


def come_in(post: Post, role: Role, name: str = "Camille") -> Browser:
    browser = Browser(post.people.app.test_client())
    browser.sign_in(post.people(role, name).key)
    return browser


@pytest.fixture
def mandataire(post: Post) -> Browser:
    return come_in(post, Role.EDITOR)


def make_by_form(browser: Browser, address: str, **words: str) -> str:
    """The secret of a new webhook, as it is shown this once."""
    browser.open("/webhooks")
    (secret,) = SECRET.findall(
        browser.press("Faire ce webhook", 201, label="Notre chaîne", address=address, **words)
    )
    return str(secret)


def test_a_webhook_is_made_tried_and_told_and_its_log_is_read(post: Post, mandataire: Browser) -> None:
    with receiver() as kept:
        secret = make_by_form(mandataire, kept.address)
        assert not SECRET.search(mandataire.follow("Le webhook Notre chaîne"))
        assert "L'essai part" in mandataire.press("Essayer")
        (message,) = post.happen(post.dossiers[0])
        post.tell()
        assert sorted(kept.events) == ["candidature.settled", "webhook.test"]
        assert all(one.is_signed_with(secret) for one in kept.received)
        shown = mandataire.open(mandataire.address)
    assert "Essai" in shown
    assert "Toutes les preuves sont vues : en délibération le" in shown
    assert message in shown
    assert shown.count("reçu (204)") == 2
    assert mandataire.page.links["Toutes les preuves sont vues : en délibération"] == (
        f"/dossiers/{post.dossiers[0].id}"
    )


def test_only_the_events_that_were_ticked_are_told_until_none_is(post: Post, mandataire: Browser) -> None:
    with receiver() as kept:
        make_by_form(mandataire, kept.address, events="candidature.submitted")
        mandataire.follow("Le webhook Notre chaîne")
        post.happen(post.dossiers[0])
        post.tell()
        assert kept.events == []
        assert "Le webhook est changé" in mandataire.press("Changer", events=[], label="Salon")
        post.happen(post.dossiers[0])
        post.tell()
        assert kept.events == ["candidature.settled"]
    assert "Salon" in mandataire.open("/webhooks")


def test_it_is_switched_off_and_on_its_secret_renewed_and_removed(post: Post, mandataire: Browser) -> None:
    with receiver() as kept:
        first = make_by_form(mandataire, kept.address)
        mandataire.follow("Le webhook Notre chaîne")
        assert "Rien n'est perdu" in mandataire.press("Arrêter")
        post.happen(post.dossiers[0])
        assert post.tell() == 0
        assert "en service" in mandataire.press("Remettre en service")
        (second,) = SECRET.findall(mandataire.press("Renouveler le secret", 201))
        post.tell()
        (told,) = kept.received
        assert first != second
        assert told.is_signed_with(first)
        assert told.is_signed_with(second)
    mandataire.follow("Le webhook Notre chaîne")
    assert "Cochez la case" in mandataire.press("Supprimer ce webhook", 422)
    assert "est supprimé" in mandataire.press("Supprimer ce webhook", meant="1")
    assert "Aucun webhook" in mandataire.open("/webhooks")


def test_what_is_wrong_stands_beside_it_and_what_changed_meanwhile_is_said(
    post: Post, mandataire: Browser
) -> None:
    mandataire.open("/webhooks")
    mandataire.press("Faire ce webhook", 422, label="", address="ftp://ici", events="candidature.submitted")
    assert mandataire.answer is not None
    shown = mandataire.answer.get_data(as_text=True)
    assert 'id="label-wrong"' in shown
    assert 'value="ftp://ici"' in shown
    assert 'value="candidature.submitted" checked' in shown
    mandataire.press("Faire ce webhook", 422, label="Salon", address="ftp://ici")
    assert 'id="address-wrong"' in mandataire.answer.get_data(as_text=True)
    made = make(post.people.editor, "https://example.net/")
    mandataire.open(f"/webhooks/{made['id']}")
    post.people.editor.send(
        "PATCH", f"/webhooks/{made['id']}", json={"label": "Autre"}, headers={"If-Match": '"1"'}
    )
    assert "a changé entre-temps" in mandataire.press("Changer", 412, label="Salon")
    assert "Le webhook est changé" in mandataire.press("Changer", label="Salon")


def test_it_is_seen_by_its_own_side_and_by_who_may_alone(post: Post, mandataire: Browser) -> None:
    own, agency = (make(who, "https://example.net/")["id"] for who in (post.people.editor, post.people.lead))
    lead = come_in(post, Role.LEAD)
    assert "Webhooks 6" in lead.open("/personnes")
    lead.open(f"/webhooks/{agency}")
    for browser, others in ((lead, own), (mandataire, agency)):
        browser.open(f"/webhooks/{others}", 404)
        for act in ("", "/secret", "/essai", "/service", "/arret", "/fin"):
            fields = {"meant": "1", "revision": "1", "label": "x", "address": "https://example.net/"}
            assert browser.post(f"/webhooks/{others}{act}", fields).status_code == 404, act
    opened = post.people.editor.post("/accounts", {"name": "Théo", "role": "editor", "function": "salarie"})
    employee = Browser(post.people.app.test_client())
    employee.sign_in(opened["key"])
    employee.open("/webhooks", 403)
    assert employee.post("/webhooks", {"label": "x", "address": "https://example.net/"}).status_code == 403


def test_the_pages_are_readable_and_worked_by_keyboard(post: Post, browser: Chromium) -> None:
    with receiver([204, 500]) as kept, served(post.people.app) as address:
        window = Window(browser.new_page(locale="fr-FR"), address)
        window.sign_in(post.people.editor.key)
        window.press("u")
        window.press("6")
        window.page.get_by_text("Seulement certains événements").click()
        found = window.examine("no webhook")
        window.page.get_by_label("Nom").fill("Notre chaîne")
        window.page.get_by_label("Adresse").fill(kept.address)
        window.press("Enter")
        found += window.examine("a secret, shown once")
        post.happen(post.dossiers[0], 2)
        post.tell()
        window.click(window.page.get_by_role("link", name="Le webhook Notre chaîne"))
        found += window.examine("a webhook with its log")
        window.open("/webhooks")
        found += window.examine("webhooks")
        assert "1 échec" in window.page.get_by_role("region", name="Webhooks").inner_text()
        window.page.close()
    assert found == []
    assert window.complaints == []
