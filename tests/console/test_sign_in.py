"""Coming in with a key, being recognised for a while, going out; the demonstration's door, which is nowhere else."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from demonstration.cast import PEOPLE
from demonstration.door import open_door
from referencing import console
from referencing.accounts.operations import disable_account, renew_key
from referencing.accounts.sessions.models import BrowserSession
from referencing.accounts.sessions.operations import LONGEST
from referencing.accounts.sessions.queries import IDLE
from referencing.app import create_app
from referencing.base import db
from referencing.base.db import new_id
from referencing.base.permissions import Role
from referencing.console.guard import FRESH, GRAVE
from referencing.journal.models import Entry
from tests.candidatures.dossiers import People
from tests.conftest import Time
from tests.console.browser import HOST, Browser
from tests.console.conftest import SignIn
from tests.structure.application import wired

SIGN_IN = "/connexion"


def stays(browser: Browser) -> bool:
    """Whether the browser is still let in."""
    browser.open("/travail")
    return browser.address == "/travail"


def test_a_key_signs_in_and_is_kept_nowhere(people: People) -> None:
    key = people.verifier.key
    browser = Browser(people.app.test_client())
    assert "Prendre la suivante" in browser.sign_in(key)
    assert browser.answer is not None
    assert key not in browser.answer.get_data(as_text=True)
    assert key not in str(browser.http.get_cookie("session", domain=HOST))


def test_a_wrong_key_is_said_beside_its_field_and_not_given_back(people: People) -> None:
    browser = Browser(people.app.test_client())
    browser.open(SIGN_IN)
    assert "Cette clé n'est pas reconnue" in browser.press("Se connecter", status=401, key="ref_inconnue")
    assert browser.answer is not None
    assert "ref_inconnue" not in browser.answer.get_data(as_text=True)


def test_only_a_digest_of_what_the_cookie_carries_is_kept(people: People, signed_in: SignIn) -> None:
    browser = signed_in(Role.VERIFIER)
    cookie = browser.http.get_cookie("session", domain=HOST)
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    with db.transaction(people.parts.sessions) as session:
        (kept,) = session.scalars(sa.select(BrowserSession))
    assert cookie.value not in {kept.token_digest, str(kept.id)}


@pytest.mark.parametrize(
    "wanted",
    ["//ailleurs.example", "/\\ailleurs.example", "/\t/ailleurs.example", "/\n/ailleurs.example", "a:b"],
)
def test_who_comes_in_is_led_to_no_other_site(people: People, wanted: str) -> None:
    browser = Browser(people.app.test_client())
    key = people.verifier.key
    assert browser.post(SIGN_IN, {"key": key, "vers": wanted}).location == "/travail"
    assert browser.post(SIGN_IN, {"key": key, "vers": "/dossiers?q=Alizé DMP"}).location.startswith(
        "/dossiers?"
    )


@pytest.mark.parametrize(
    ("base", "secure"),
    [("http://localhost", False), ("http://[::1]:8000", False), ("http://console.example", True)],
)
def test_off_the_machine_itself_the_cookie_is_for_tls_only(people: People, base: str, secure: bool) -> None:
    answer = people.app.test_client().post(
        SIGN_IN, data={"key": people.verifier.key}, headers={"Origin": base}, base_url=base
    )
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert ("; Secure" in cookie) is secure
    assert cookie.startswith("__Host-session=" if secure else "session=")


def test_behind_tls_a_browser_is_told_to_come_by_tls_alone(people: People) -> None:
    http = people.app.test_client()
    assert "Strict-Transport-Security" in http.get(SIGN_IN, base_url="https://console.example").headers
    assert "Strict-Transport-Security" not in http.get(SIGN_IN, base_url=f"http://{HOST}").headers


def test_signing_in_again_gives_a_new_identifier_and_ends_the_one_before(
    people: People, signed_in: SignIn
) -> None:
    browser = signed_in(Role.VERIFIER)
    first = browser.http.get_cookie("session", domain=HOST)
    browser.post(SIGN_IN, {"key": people.verifier.key})
    second = browser.http.get_cookie("session", domain=HOST)
    assert first is not None
    assert second is not None
    assert first.value != second.value
    browser.http.set_cookie("session", first.value, domain=HOST)
    assert not stays(browser)


def test_a_session_lasts_while_it_is_used_and_ends_in_the_end(
    people: People, signed_in: SignIn, time: Time
) -> None:
    browser = signed_in(Role.VERIFIER)
    begun = time.now
    while time.now + IDLE / 2 < begun + LONGEST:
        time.now += IDLE / 2
        assert stays(browser)
    time.now += IDLE / 2
    assert not stays(browser)


def test_a_session_that_nobody_uses_ends(people: People, signed_in: SignIn, time: Time) -> None:
    browser = signed_in(Role.VERIFIER)
    time.now += IDLE + timedelta(minutes=1)
    assert not stays(browser)


def test_a_page_that_looks_by_itself_keeps_no_session_open(signed_in: SignIn, time: Time) -> None:
    browser = signed_in(Role.VERIFIER)
    for _ in range(3):
        time.now += IDLE / 2
        browser.open("/travail?auto=1")
    assert browser.address == SIGN_IN


def test_a_part_of_a_page_leads_the_whole_to_the_sign_in(people: People) -> None:
    asked = people.app.test_client().get(
        "/travail?auto=1", headers={"HX-Request": "true"}, base_url=f"http://{HOST}"
    )
    assert asked.headers["HX-Redirect"] == SIGN_IN


@pytest.mark.parametrize("header", ["HX-Current-URL", "Referer", "Origin"])
def test_an_address_that_is_none_leads_to_the_sign_in(people: People, header: str) -> None:
    http, at = people.app.test_client(), f"http://{HOST}"
    part = http.get("/travail?auto=1", headers={"HX-Request": "true", header: "http://["}, base_url=at)
    assert part.headers["HX-Redirect"] == SIGN_IN
    sent = http.post("/travail/suivante", headers={"Origin": at, header: "http://["}, base_url=at)
    assert sent.status_code == (403 if header == "Origin" else 303)


def test_what_was_typed_is_kept_when_the_session_ends_meanwhile(
    people: People, signed_in: SignIn, time: Time
) -> None:
    browser = signed_in(Role.VERIFIER, "Vasseur")
    browser.press("Prendre la suivante")
    time.now += IDLE + timedelta(minutes=1)
    words = "Il manque la fin, et l'étape 2.\nÀ revoir."
    shown = browser.press("Rendre ce verdict seulement", 401, outcome="complement", comment=words)
    assert "Votre session a pris fin" in shown
    (again,) = [form for form in browser.page.forms if "Renvoyer ce que j'ai écrit" in form.buttons]
    assert (again.fields["comment"], again.fields["outcome"]) == (words, "complement")
    Browser(browser.http).sign_in(people(Role.VERIFIER, "Vasseur").key)
    assert "Verdict rendu" in browser.press("Renvoyer ce que j'ai écrit")


def test_who_makes_a_key_long_after_the_sign_in_signs_in_again(
    people: People, signed_in: SignIn, time: Time
) -> None:
    browser = signed_in(Role.VERIFIER, "Vasseur")
    time.now += FRESH + timedelta(minutes=1)
    browser.open("/compte/cles")
    assert "Confirmez que c'est vous" in browser.press("Faire cette clé", 401, name="Poste")
    other = Browser(browser.http)
    other.open("/connexion?encore=1")
    other.press("Se connecter", 401, key="ref_faux")
    (mistyped,) = [form for form in other.page.forms if "Se connecter" in form.buttons]
    assert mistyped.fields["encore"] == "1", "an issuer is still asked anew as well"
    other.press("Se connecter", key=people(Role.VERIFIER, "Vasseur").key)
    assert "ref_" in browser.press("Renvoyer ce que j'ai écrit", 201)
    other.open("/compte/cles")
    other.press("Faire cette clé", 201, name="Second")


@pytest.mark.parametrize(
    "address",
    [
        "/personnes/organisations/{}/siren",
        "/reprises/{}/retrait",
        "/revocations/verification/{}",
        "/versions-equivalentes/{}/revocation",
        "/webhooks/{}/secret",
    ],
)
def test_what_opens_a_door_or_takes_facts_back_waits_for_another_sign_in(
    signed_in: SignIn, time: Time, address: str
) -> None:
    browser = signed_in(Role.LEAD)
    time.now += FRESH + timedelta(minutes=1)
    answer = browser.post(address.format(new_id()), {"reason": "Parce que."})
    assert (answer.status_code, "Confirmez que c&#39;est vous" in answer.text) == (401, True)


def test_what_is_grave_is_there() -> None:
    assert wired().view_functions.keys() >= GRAVE


def test_who_sends_a_form_without_a_session_is_led_back_to_its_page(people: People) -> None:
    headers = {"Origin": f"http://{HOST}", "Referer": f"http://{HOST}/dossiers?q=alpha"}
    answer = Browser(people.app.test_client()).post("/travail/suivante", {}, headers)
    assert answer.location == "/connexion?vers=/dossiers%3Fq%3Dalpha"


def test_the_way_out_is_on_every_page(signed_in: SignIn) -> None:
    """All pages are the layout's, which has it for whoever is signed in."""
    templates = Path(console.__file__).with_name("templates")
    whole = [path.name for path in templates.rglob("*.html") if "<html" in path.read_text()]
    assert whole == ["layout.html"]
    assert (
        "{% block" not in (templates / whole[0]).read_text().partition("<header")[2].partition("</header>")[0]
    )
    browser = signed_in(Role.VERIFIER)
    for address in ("/travail", "/referencees", "/compte"):
        browser.open(address)
        assert browser.answer is not None
        header = browser.answer.get_data(as_text=True).partition("</header>")[0]
        assert 'action="/deconnexion"' in header


def test_going_out_ends_the_session_not_only_the_cookie(signed_in: SignIn) -> None:
    browser = signed_in(Role.VERIFIER)
    cookie = browser.http.get_cookie("session", domain=HOST)
    assert cookie is not None
    left = browser.post("/deconnexion", {})
    assert left.location.endswith(SIGN_IN)
    assert left.headers["Clear-Site-Data"] == '"cache"', "what the browser has read is gone with it"
    browser.http.set_cookie("session", cookie.value, domain=HOST)
    assert not stays(browser)


def test_another_browser_of_ones_own_can_be_signed_out(people: People, signed_in: SignIn) -> None:
    here, there = signed_in(Role.VERIFIER), signed_in(Role.VERIFIER)
    client = people(Role.VERIFIER)
    first, second = client.get("/me/sessions")["items"]
    here.post(f"/sessions/{second['id']}/fin", {})
    assert stays(here)
    assert not stays(there)
    client.expect(204, client.send("DELETE", f"/me/sessions/{first['id']}"))
    assert not stays(here)


def test_all_other_browsers_of_ones_own_can_be_signed_out_together(people: People, signed_in: SignIn) -> None:
    here, there, elsewhere = (signed_in(Role.VERIFIER) for _ in range(3))
    stranger = signed_in(Role.LEAD, "Dominique")
    here.open("/sessions")
    assert "ce navigateur" in here.press("Terminer toutes les autres sessions")
    assert [stays(browser) for browser in (here, there, elsewhere, stranger)] == [True, False, False, True]
    here.open("/sessions")
    assert here.answer is not None
    assert "toutes les autres" not in here.answer.get_data(as_text=True), "there are no others"
    client = people(Role.VERIFIER)
    client.expect(204, client.send("DELETE", "/me/sessions"))
    assert [stays(browser) for browser in (here, stranger)] == [False, True]


def test_nobody_ends_the_session_of_somebody_else(people: People, signed_in: SignIn) -> None:
    other = signed_in(Role.VERIFIER)
    (theirs,) = people(Role.VERIFIER).get("/me/sessions")["items"]
    people.lead.refused(404, "DELETE", f"/me/sessions/{theirs['id']}")
    answer = signed_in(Role.LEAD, "Dominique").post(f"/sessions/{theirs['id']}/fin", {})
    assert answer.status_code == 404
    assert stays(other)


def test_a_token_is_long_and_none_is_like_another(signed_in: SignIn) -> None:
    cookies = [signed_in(Role.VERIFIER).http.get_cookie("session", domain=HOST) for _ in range(20)]
    tokens = {cookie.value for cookie in cookies if cookie}
    assert len(tokens) == 20
    assert {len(token) for token in tokens} == {43}, "256 bits in base64"
    assert len({token[:8] for token in tokens}) == 20


def test_who_loses_their_account_or_key_is_out_at_once(people: People, signed_in: SignIn) -> None:
    closed, renewed = signed_in(Role.VERIFIER, "Close"), signed_in(Role.VERIFIER, "Renouvelée")
    with db.transaction(people.parts.sessions) as session:
        disable_account(session, "Close", Role.VERIFIER)
        renew_key(session, "Renouvelée", Role.VERIFIER)
    assert not stays(closed)
    assert not stays(renewed)


def test_sessions_that_ended_are_forgotten(people: People, signed_in: SignIn, time: Time) -> None:
    signed_in(Role.VERIFIER)
    time.now += LONGEST
    people.tend()
    with db.transaction(people.parts.sessions) as session:
        assert session.scalars(sa.select(BrowserSession)).all() == []


@pytest.fixture
def demonstration(people: People) -> Flask:
    app = create_app(people.parts.settings)
    app.extensions["referencing"] = people.parts
    open_door(app)
    return app


def test_in_the_demonstration_one_click_signs_in_as_each_of_the_cast(
    people: People, demonstration: Flask
) -> None:
    for person in PEOPLE:
        people(person.role, person.name, person.organisation or "")
        browser = Browser(demonstration.test_client())
        assert person.name in browser.open(SIGN_IN)
        answer = browser.post("/connexion/distribution", {"person": person.variable})
        assert answer.status_code == 303
        assert person.name in browser.open("/travail")


def test_the_door_lets_in_nobody_who_is_not_of_the_cast(people: People, demonstration: Flask) -> None:
    browser = Browser(demonstration.test_client())
    assert browser.post("/connexion/distribution", {"person": "AUTRE"}).status_code == 404
    assert browser.post("/connexion/distribution", {"person": "EDITEUR"}, {}).status_code == 403


def test_the_door_is_in_no_other_application() -> None:
    assert [rule for rule in wired().url_map.iter_rules() if "distribution" in rule.rule] == []
    shown = wired().test_client().get(SIGN_IN, base_url=f"http://{HOST}").get_data(as_text=True)
    assert PEOPLE[0].name not in shown
    assert "Démonstration" not in shown


def test_coming_in_and_going_out_are_in_the_record(people: People, signed_in: SignIn) -> None:
    signed_in(Role.VERIFIER).press("Se déconnecter")
    with db.transaction(people.parts.sessions) as session:
        entries = session.scalars(
            sa.select(Entry).where(Entry.action.startswith("session.")).order_by(Entry.position)
        )
        written = [(entry.action, entry.stream.partition(":")[0], bool(entry.actor)) for entry in entries]
    assert written == [("session.opened", "account", True), ("session.ended", "account", True)]
