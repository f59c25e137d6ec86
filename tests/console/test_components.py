"""An editor registers a component, a lead accepts who embeds it and takes that back, each having seen what it does."""

from typing import Any

import pytest

from referencing.base.permissions import Role
from tests.builders import statements
from tests.candidatures.dossiers import MAIL, Dossier, People
from tests.console.browser import Browser
from tests.console.conftest import SignIn
from tests.console.test_bounded import cost

MAKER, MODULE = "Modules du Ponant", "NIL-M@1.0"
TRY, TRY_REVOCATION = "Voir ce que l'accepter ferait", "Voir ce que le révoquer ferait"


@pytest.fixture
def embedder(people: People) -> Dossier:
    """A dossier is filed whose composition names a module, of which nobody has verified anything yet."""
    dossier = people.draft(
        "LGC-V2", composition=[{"role": "mss", "component": MODULE}], software_version="1.0"
    )
    dossier.submit(incomplete=True)
    return dossier


@pytest.fixture
def maker(people: People) -> Browser:
    browser = Browser(people.app.test_client())
    browser.sign_in(people(Role.EDITOR, "Maud", organisation=MAKER).key)
    return browser


def registered(maker: Browser) -> None:
    maker.open("/dossiers/nouveau")
    said: dict[str, Any] = {
        "name": "Module MSS",
        "nil": "NIL-M",
        "commercial_name": "Module MSS",
        "roles": "mss",
    }
    maker.press("Enregistrer ce logiciel", **said)


def test_a_component_is_registered_filed_accepted_and_taken_back(
    people: People, embedder: Dossier, maker: Browser, signed_in: SignIn
) -> None:
    maker.open("/dossiers/nouveau")
    said: dict[str, Any] = {"name": "Module MSS", "nil": "NIL-M", "commercial_name": "Module MSS"}
    assert "« É » n'est pas un rôle" in maker.press("Enregistrer ce logiciel", 422, **said, roles="É")
    maker.press("Enregistrer ce logiciel", **said, roles="mss")
    editor = people(Role.EDITOR, "Max", organisation=MAKER)
    (software,) = editor.get("/softwares")["items"]
    assert software["fills"] == ["mss"]
    words = {"software_version": "1.0", "dsr": "LGC-V2", "solution": software["solutions"][0]["id"]}
    drafted = maker.press("Ouvrir la candidature", **words)
    assert MAIL in drafted

    lead, embedding_editor = signed_in(Role.LEAD, "Dominique"), signed_in(Role.EDITOR)
    own_components = f"/dossiers/{embedder.id}/composants"
    assert "pas d'acceptation" in embedding_editor.open(own_components)
    assert "Module MSS" in lead.open("/composants")
    assert "à accepter" in lead.follow("Module MSS")
    page = lead.press(TRY, 409)
    assert "Personne n'a confirmé que le NIL" in page
    people.lead.post(f"/softwares/{software['id']}/nil-confirmation", {"reason": "Vu."}, 200)
    lead.open(f"/composants/{software['id']}")
    assert "Ce que l'accepter ferait (0 preuve)" in lead.press(TRY)
    assert "accepté" in lead.press("Accepter l'embarquement")
    told = embedding_editor.open(own_components)
    assert "accepté depuis le" in told
    assert MAKER not in told
    assert "Essai à blanc" in lead.press(TRY_REVOCATION)
    assert "Ce champ" in lead.press("Révoquer l'embarquement", 422, reason="")
    lead.open(f"/composants/{software['id']}")
    lead.press(TRY_REVOCATION)
    assert "à accepter" in lead.press("Révoquer l'embarquement", reason="Fin de contrat.")
    assert "révoqué le" in embedding_editor.open(own_components)


def test_who_is_no_lead_finds_no_components(people: People, maker: Browser, signed_in: SignIn) -> None:
    registered(maker)
    software = people(Role.EDITOR, "Max", organisation=MAKER).get("/softwares")["items"][0]["id"]
    for browser in (maker, signed_in(Role.EDITOR), signed_in(Role.VERIFIER)):
        browser.open("/composants", 403)
        browser.open(f"/composants/{software}", 403)


def test_the_pages_send_few_statements_and_hold_nothing(
    people: People, embedder: Dossier, maker: Browser, signed_in: SignIn
) -> None:
    registered(maker)
    software = people(Role.EDITOR, "Max", organisation=MAKER).get("/softwares")["items"][0]["id"]
    lead = signed_in(Role.LEAD, "Dominique")
    for address, most in (("/composants", 6), (f"/composants/{software}", 7)):
        assert cost(people, lead, address) <= most
        with statements(people.parts.engine) as sent:
            lead.open(address)
        assert not [statement for statement in sent if "FOR UPDATE" in statement]
