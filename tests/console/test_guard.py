"""Nobody passes without a session, no other site changes anything, and every answer carries its headers."""

from collections.abc import Iterator

import pytest
from werkzeug.routing import Rule

from referencing.base.permissions import Role
from tests.candidatures.dossiers import People
from tests.console.browser import HOST, Browser
from tests.console.conftest import SignIn
from tests.structure.application import wired
from tests.structure.test_routes import address

#: Written out here as well: opening a page to anyone is to be decided in two places.
ANYONE = {
    "console.static",
    "console.declaration",
    "console.invited.show",
    "console.invited.accept",
    "console.issuers.leave",
    "console.issuers.arrive",
    "console.issuers.wait",
    "console.sign_in.show",
    "console.sign_in.sign_in",
    "console.platforms.find",
    "console.platforms.show",
    "console.register.find",
    "console.register.show",
    "console.reporting.show",
    "console.reporting.report",
    "console.reporting.read_status",
}
HEADERS = {
    "Content-Security-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
}


def rules() -> list[Rule]:
    return [rule for rule in wired().url_map.iter_rules() if rule.endpoint.startswith("console.")]


def closed() -> Iterator[tuple[str, str]]:
    for rule in rules():
        if rule.endpoint not in ANYONE:
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield method, address(rule)


@pytest.mark.parametrize(("method", "path"), list(closed()))
def test_who_is_not_signed_in_is_led_to_the_sign_in(method: str, path: str) -> None:
    http = wired().test_client()
    origin = {"Origin": f"http://{HOST}"}
    answer = http.open(path, method=method, headers=origin, base_url=f"http://{HOST}")
    assert answer.status_code == 303
    assert answer.location.startswith("/connexion")
    assert set(answer.headers.keys()) >= HEADERS


def test_the_list_of_what_is_open_names_nothing_that_is_gone() -> None:
    assert {rule.endpoint for rule in rules()} >= ANYONE


@pytest.mark.parametrize(
    "path", ["/connexion", "/accessibilite", "/console/console.css", "/console/vendor/htmx-4.0.1.min.js"]
)
def test_what_is_open_carries_the_headers_too(path: str) -> None:
    with wired().test_client().get(path) as answer:
        assert answer.status_code == 200
        assert set(answer.headers.keys()) >= HEADERS


def test_a_page_may_run_and_wear_nothing_that_is_written_into_it(signed_in: SignIn) -> None:
    browser = signed_in(Role.VERIFIER)
    browser.open("/travail")
    assert browser.answer is not None
    policy = browser.answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    shown = browser.answer.get_data(as_text=True)
    assert " style=" not in shown
    assert "<style" not in shown
    assert " onclick=" not in shown


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://ailleurs.example"},
        {"Origin": f"https://{HOST}"},
        {"Origin": f"http://{HOST}:81"},
        {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "cross-site"},
        {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_a_change_that_comes_from_elsewhere_is_refused(signed_in: SignIn, headers: dict[str, str]) -> None:
    browser = signed_in(Role.VERIFIER, "Vasseur")
    answer = browser.post("/travail/suivante", {}, headers)
    assert answer.status_code == 403
    assert "ne vient pas d'une page de la console" in answer.get_data(as_text=True).replace("&#39;", "'")
    assert "0 sur 20" in browser.open("/travail")


def test_a_key_opens_no_page(people: People) -> None:
    verifier = people.verifier
    answer = verifier.http.get("/travail", headers=verifier.headers, base_url=f"http://{HOST}")
    assert answer.status_code == 303


def test_a_cookie_opens_no_api(signed_in: SignIn) -> None:
    browser = signed_in(Role.VERIFIER)
    browser.open("/api/v1/me", status=401)


def test_what_one_wanted_to_see_is_shown_after_the_sign_in(people: People) -> None:
    browser = Browser(people.app.test_client())
    browser.open("/sessions")
    assert browser.address == "/connexion"
    browser.press("Se connecter", key=people.verifier.key)
    assert browser.address == "/sessions"


@pytest.mark.parametrize(
    "elsewhere", ["https://ailleurs.example/", "//ailleurs.example", "/\\ailleurs.example"]
)
def test_the_sign_in_leads_to_no_other_site(people: People, elsewhere: str) -> None:
    browser = Browser(people.app.test_client())
    answer = browser.post("/connexion", {"key": people.verifier.key, "vers": elsewhere})
    assert answer.location == "/travail"


def test_the_address_of_a_form_that_was_sent_leads_back_to_its_page(signed_in: SignIn) -> None:
    browser = signed_in(Role.VERIFIER, "Vasseur")
    browser.press("Prendre la suivante")
    task = browser.address
    assert browser.fetch(f"{task}/verdict", {"Accept": "text/html"}).location == task
    assert browser.fetch(f"{task}/verdict", {"Accept": "application/problem+json"}).status_code == 405


def test_an_address_that_there_is_not_is_a_page_for_a_browser_and_a_problem_for_a_program() -> None:
    http, page = wired().test_client(), {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    shown = http.get("/nulle-part", headers=page)
    assert (shown.status_code, shown.mimetype) == (404, "text/html")
    assert "Cette page n&#39;existe pas" in shown.get_data(as_text=True)
    assert "Content-Security-Policy" in shown.headers
    assert http.get("/nulle-part").mimetype == "application/problem+json"
    assert http.get("/api/v1/nulle-part", headers=page).mimetype == "application/problem+json"
