"""Anybody reads which solutions are referenced, and tells the agency what is wrong with them."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from referencing.base import db
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import State
from referencing.signals.models import Signal, SignalAuthor
from referencing.signals.throttle import MOST_FROM_ONE
from tests.audits.inquiry import of
from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running
from tests.conftest import Time
from tests.console.browser import Browser


def two_referenced(people: People) -> list[Dossier]:
    return [people.referenced("LGC-V1", people.solution(name)) for name in ("Zéphyr", "Été 100%")]


@pytest.fixture
def listed(running: Running) -> Iterator[tuple[People, list[Dossier]]]:
    with running.after(two_referenced) as prepared:
        yield prepared


@pytest.fixture
def anybody(listed: tuple[People, list[Dossier]]) -> Browser:
    return Browser(listed[0].app.test_client())


def put(people: People, state: State) -> None:
    with db.transaction(people.parts.sessions) as session:
        session.execute(sa.update(Candidature).values(state=state))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Été 100% 1.0", "Zéphyr 1.0"]),
        ("name=zeph", ["Zéphyr 1.0"]),
        ("name=100%25&vague=1&dispositif=LGC&couloir=Médecine de ville", ["Été 100% 1.0"]),
        ("vague=2", []),
    ],
)
def test_the_list_is_searched_without_an_account(anybody: Browser, query: str, names: list[str]) -> None:
    anybody.open(f"/referencees?{query}")
    assert [words for words in anybody.page.links if words.endswith(" 1.0")] == names


def test_the_filters_offer_what_is_on_the_list(anybody: Browser) -> None:
    anybody.open("/referencees")
    assert anybody.answer is not None
    offered = re.findall("<option >([^<]+)", anybody.answer.get_data(as_text=True))
    assert offered == ["Médecine de ville", "LGC", "1"]


def test_a_list_without_results_says_what_to_do(
    anybody: Browser, listed: tuple[People, list[Dossier]]
) -> None:
    assert "retirez un filtre" in anybody.open("/referencees?name=inconnu")
    put(listed[0], State.WITHDRAWN)
    assert "Aucune solution n'est référencée pour l'instant" in anybody.open("/referencees")


def test_a_filter_that_is_not_understood_is_told(anybody: Browser) -> None:
    anybody.open("/referencees?vague=deux", 422)


def test_the_next_page_keeps_the_filters(anybody: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("referencing.console.register.routes.MOST", 1)
    anybody.open("/referencees?dispositif=LGC")
    shown = anybody.follow("Suivantes")
    assert "Zéphyr 1.0" in shown
    assert "Été" not in shown
    assert anybody.answer is not None
    assert "dispositif=LGC" in anybody.answer.request.url


def test_the_sheet_is_the_list_that_is_shown(anybody: Browser) -> None:
    anybody.open("/referencees?name=zeph")
    sheet = anybody.fetch(anybody.page.links["Toute la liste pour un tableur (CSV)"]).get_data(as_text=True)
    assert "Zéphyr" in sheet
    assert "Été" not in sheet


def test_a_solution_says_on_what_it_is_referenced_and_since_when(anybody: Browser) -> None:
    anybody.open("/referencees")
    shown = anybody.follow("Zéphyr 1.0")
    assert "LGC-V1, version 1 : Médecine de ville, LGC, vague 1" in shown
    assert "depuis le 2 mars 2026" in shown
    assert "Été" not in shown


def test_what_became_of_a_solution_is_told_and_how_it_stood_on_a_day(
    anybody: Browser, listed: tuple[People, list[Dossier]], time: Time
) -> None:
    _, (zephyr, _) = listed
    address = f"/referencees/{zephyr.read()['solution']}"
    inquiry = of(zephyr).open()
    time.now += timedelta(days=10)
    inquiry.suspended()
    assert "suspendue depuis le 12 mars 2026 : le référencement ne vaut pas" in anybody.open(address)
    time.now += timedelta(days=10)
    inquiry.decide(inquiry.announce("delisting", urgent_reason="La sécurité des soins."))
    shown = anybody.open(address)
    assert "Cette solution n'est plus référencée" in shown
    assert "suspendue 12 mars 2026 22 mars 2026" in shown
    for day, said in {
        "2026-03-01": "Non : le 1er mars 2026 au soir, elle n'était encore référencée sur aucun DSR.",
        "2026-03-02": "Oui, le 2 mars 2026 au soir, sur LGC-V1 (version 1), en version 1.0.",
        "2026-03-12": "Non : suspendue, le 12 mars 2026 au soir",
        "2026-03-22": "Non : déréférencée, le 22 mars 2026 au soir",
        "2026-12-24": "Le 24 décembre 2026 n'est pas encore venu",
    }.items():
        assert said in anybody.press("Voir ce jour", on=day)
    anybody.press("Voir ce jour", 422, on="hier")
    assert anybody.answer is not None
    assert 'id="asked-day-wrong"' in anybody.answer.get_data(as_text=True)


def test_what_was_never_referenced_has_no_page(
    anybody: Browser, listed: tuple[People, list[Dossier]]
) -> None:
    solution = listed[0].in_deliberation("LGC-V1", listed[0].solution("Brise")).read()["solution"]
    assert "n'a jamais été référencée" in anybody.open(f"/referencees/{solution}", 404)
    assert "Voir les solutions référencées" in anybody.page.links


def test_nothing_else_is_open_to_anybody(anybody: Browser) -> None:
    anybody.open("/dossiers")
    assert anybody.address == "/connexion"


def signals(people: People) -> list[Signal]:
    with db.transaction(people.parts.sessions) as session:
        return list(session.scalars(sa.select(Signal)))


def test_a_signal_is_sent_from_the_page_of_a_solution_and_followed_by_its_receipt(
    anybody: Browser, listed: tuple[People, list[Dossier]]
) -> None:
    people, (zephyr, _) = listed
    anybody.open(f"/referencees/{zephyr.read()['solution']}")
    anybody.follow("Signaler un problème avec cette solution")
    contact = {"author__name": "Dr Brun", "author__email": "brun@exemple.fr"}
    shown = anybody.press("Envoyer le signalement", 201, description="Les doses sont fausses.", **contact)
    (signal,) = signals(people)
    assert (signal.solution, signal.editor) == ("Zéphyr", "Éditions Alizé")
    assert signal.receipt in shown
    with db.transaction(people.parts.sessions) as session:
        assert session.scalars(sa.select(SignalAuthor.email)).one() == "brun@exemple.fr"
    assert "il sera examiné" in anybody.press("Voir où il en est")
    assert "Brun" not in anybody.page.text


def test_a_form_that_is_sent_twice_is_kept_once(
    anybody: Browser, listed: tuple[People, list[Dossier]]
) -> None:
    anybody.open("/signalement")
    form = next(form for form in anybody.page.forms if "Envoyer le signalement" in form.buttons)
    said = {**form.fields.to_dict(), "solution": "Zéphyr", "description": "Lent."}
    first, again = (anybody.post("/signalement", said).get_data(as_text=True) for _ in range(2))
    (signal,) = signals(listed[0])
    assert signal.receipt in first
    assert signal.receipt in again


def test_what_is_wrong_is_said_beside_its_field_and_the_rest_is_kept(
    anybody: Browser, listed: tuple[People, list[Dossier]]
) -> None:
    anybody.open("/signalement")
    wrong = {"author__email": "brun", "observed_on": "2026-02-01"}
    shown = anybody.press("Envoyer le signalement", 422, solution="Zéphyr", **wrong)
    assert "Donnez une adresse électronique" in shown
    assert anybody.answer is not None
    given = anybody.answer.get_data(as_text=True)
    assert 'id="description-wrong"' in given
    assert 'id="author/email-wrong"' in given
    assert 'value="Zéphyr"' in given
    assert signals(listed[0]) == []


def test_a_receipt_that_is_nobodys_is_told(anybody: Browser) -> None:
    anybody.open("/signalement")
    assert "Aucun signalement n'a ce numéro" in anybody.press("Voir où il en est", 404, receipt="SIG-A")


def test_too_many_signals_are_refused_and_what_was_typed_is_kept(anybody: Browser) -> None:
    for number in range(MOST_FROM_ONE):
        anybody.post("/signalement", {"solution": "Z", "description": str(number)})
    anybody.open("/signalement")
    shown = anybody.press("Envoyer le signalement", 429, solution="Zéphyr", description="La vingt et unième.")
    assert "Réessayez dans une heure" in shown
    assert "La vingt et unième." in shown
