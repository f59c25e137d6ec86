"""An editor plans in the console: what to supply once, for the dossiers it has and those that it foresees."""

import json
import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from referencing.base.permissions import Function, Role
from tests.candidatures.dossiers import IDENTITY, MAIL, OLD_IDENTITY, Dossier, People
from tests.candidatures.running import Running
from tests.console.browser import Browser
from tests.console.conftest import SignIn

ADD, AGAIN = "Ajouter au plan", "Refaire le plan"
TICKED = re.compile(r'name="candidature" value="[^"]+" checked')


def ticked(browser: Browser) -> int:
    """How many open dossiers the page that is shown has chosen."""
    assert browser.answer
    return len(TICKED.findall(browser.answer.text))


def draft(people: People) -> list[Dossier]:
    return [people.draft("LGC-V1")]


@pytest.fixture
def dossier(running: Running) -> Iterator[Dossier]:
    with running.after(draft) as (_, (dossier,)):
        yield dossier


@pytest.fixture
def browser(signed_in: SignIn) -> Browser:
    browser = signed_in(Role.EDITOR)
    browser.open("/dossiers")
    browser.follow("Planifier les preuves")
    return browser


def add(browser: Browser, dossier: Dossier, status: int = 200, **typed: str) -> str:
    words = {"solution": dossier.read()["solution"], "dsr": "LGC-V2", "mode": "async", **typed}
    return browser.press(ADD, status, **words)


def test_a_planned_candidature_follows_from_what_is_supplied_for_the_open_one(
    browser: Browser, dossier: Dossier, people: People
) -> None:
    assert "4 preuves à fournir Ce qui" in browser.open("/dossiers/plan")
    shown = add(browser, dossier)
    assert "7 preuves à fournir au lieu de 10" in shown
    assert "On ne peut pas en fournir moins." in shown
    assert "Avancez d'abord ce dossier : 4 preuves à y fournir, de quoi en ouvrir 3" in shown
    assert f"{IDENTITY}, Alpha – LGC-V2 (prévue) : couverte par « identité »" in shown
    assert f"la preuve que ce plan fait fournir pour {OLD_IDENTITY}" in shown
    assert MAIL in shown
    assert "8 preuves à fournir au lieu de 10" in browser.press("Réemploi certain")
    assert len(list(people.editor.every("/candidatures"))) == 1


def test_a_page_takes_one_connection_alone(browser: Browser, dossier: Dossier, running: Running) -> None:
    engine = running.app.extensions["referencing"].engine
    held, most = set[int](), [0]

    def taken(_: object, record: object, __: object) -> None:
        held.add(id(record))
        most.append(len(held))

    def given_back(_: object, record: object) -> None:
        held.discard(id(record))

    sa.event.listen(engine, "checkout", taken)
    sa.event.listen(engine, "checkin", given_back)
    try:
        add(browser, dossier)
        add(browser, dossier, 422, profiles="Inconnu")
    finally:
        sa.event.remove(engine, "checkout", taken)
        sa.event.remove(engine, "checkin", given_back)
    assert max(most) == 1


def test_who_chooses_is_shown_the_plan_over_these_alone(browser: Browser, dossier: Dossier) -> None:
    add(browser, dossier, composition="mss : Facteur-MSS@3.1")
    assert "6 preuves à fournir Ce qui" in browser.press(AGAIN, candidature=[])
    assert "Aucune candidature n'est ouverte" in browser.press(AGAIN, prevue=[])


def test_what_is_wrong_is_said_beside_its_field_and_the_others_stay(
    browser: Browser, dossier: Dossier
) -> None:
    add(browser, dossier)
    assert "écrivez « mss : Facteur-MSS@3.1 »" in add(browser, dossier, 422, composition="Facteur-MSS@3.1")
    shown = add(browser, dossier, 422, profiles="Inconnu", composition="mss : Facteur@1")
    assert "Le profil « Inconnu » n'existe pas dans ce DSR." in shown
    assert "mss : Facteur@1" in shown
    assert "Alpha – LGC-V2 (prévue)" in shown
    broken = "Cette adresse est incomplète"
    for text in ("{", "[" * 3000, r'{"dsr":"\ud800"}'):
        assert broken in browser.open(f"/dossiers/plan?{urlencode({'prevue': text})}", 422)
    assert "Ce champ est requis" not in browser.open("/dossiers/plan?prevue=[]", 422)
    assert broken in browser.open('/dossiers/plan?prevue={"dsr":"LGC-V2"}', 422)
    assert broken in browser.open("/dossiers/plan?choisies=1&candidature=x", 422)
    assert "Cette candidature n'existe pas, ou n'est plus ouverte." in browser.open(
        f"/dossiers/plan?choisies=1&candidature={dossier.read()['software']}", 422
    )


def test_a_page_plans_over_as_many_as_the_api_and_no_more(browser: Browser, dossier: Dossier) -> None:
    solution = dossier.read()["solution"]
    planned = [json.dumps({"dsr": "LGC-V2", "solution": solution}) for _ in range(21)]
    refused = browser.open("/dossiers/plan?" + urlencode({"prevue": planned}, doseq=True), 422)
    assert "20 candidatures prévues au plus." in refused
    assert "Refaire le plan" in refused
    browser.open("/dossiers/plan?" + urlencode({"prevue": planned[1:]}, doseq=True))


def test_of_more_open_ones_than_a_plan_is_made_over_the_latest_are_shown(
    browser: Browser, dossier: Dossier, people: People
) -> None:
    solution = dossier.read()["solution"]
    for version in range(30):
        component = {"role": "mss", "component": f"Facteur@{version}"}
        people.draft("LGC-V1", solution, composition=[component])
    shown = browser.open("/dossiers/plan")
    assert "Un plan est fait sur 30 candidatures ouvertes au plus, et 31 le sont" in shown
    assert ticked(browser) == 30
    refused = browser.press(
        AGAIN, 422, candidature=[one["id"] for one in people.editor.every("/candidatures")]
    )
    assert "30 candidatures au plus." in refused
    assert ticked(browser) == 31
    assert "preuves à fournir" in browser.press(AGAIN, candidature=[dossier.id])


def test_what_filing_a_planned_one_would_meet_is_read_before_it_is_drafted(
    browser: Browser, dossier: Dossier, people: People
) -> None:
    add(browser, dossier)
    shown = browser.follow("Ce que rencontrerait le dépôt de Alpha – LGC-V2 (prévue)")
    assert "6 preuves manquent" in shown
    assert len(list(people.editor.every("/candidatures"))) == 1


def test_who_prepares_plans_and_only_who_files_foresees_the_filing(
    dossier: Dossier, people: People, signed_in: SignIn
) -> None:
    planned = json.dumps({"dsr": "LGC-V2", "solution": dossier.read()["solution"]})
    people(Role.EDITOR, "Sacha")
    path = f"/accounts/{people(Role.EDITOR, 'Sacha').get('/me')['id']}/function"
    people.editor.put(path, {"function": Function.SALARIE})
    browser = signed_in(Role.EDITOR, "Sacha")
    assert "7 preuves à fournir" in browser.open(f"/dossiers/plan?prevue={planned}")
    assert not [link for link in browser.page.links if link.startswith("Ce que rencontrerait")]
    browser.open(f"/dossiers/plan/depot?prevue={planned}", 403)
    signed_in(Role.VERIFIER, "Vasseur").open("/dossiers/plan", 403)
