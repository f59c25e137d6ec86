"""A lead sees how the queues stand, puts things first, and takes up what was given up."""

from datetime import date, timedelta
from html import unescape

import pytest
import sqlalchemy as sa

from referencing.base import db
from referencing.base.db import new_id
from referencing.base.models import Job
from referencing.base.permissions import Role
from referencing.console.steering.charts import WIDTH, bars
from referencing.console.wording import day
from tests.candidatures.dossiers import OLD_IDENTITY, Dossier, People
from tests.conftest import Time
from tests.console.browser import Browser
from tests.console.conftest import SignIn
from tests.console.test_bounded import cost

PAGES = (
    "/pilotage",
    "/pilotage/priorites",
    "/pilotage/abandons",
    "/pilotage/prevision",
    "/pilotage/recevabilite",
    "/pilotage/affectations",
    "/pilotage/equipe",
)


@pytest.fixture
def lead(signed_in: SignIn) -> Browser:
    return signed_in(Role.LEAD, "Dominique")


def written(browser: Browser) -> str:
    assert browser.answer is not None
    return browser.answer.get_data(as_text=True)


@pytest.mark.parametrize("role", [Role.VERIFIER, Role.EDITOR, Role.AUDITOR, Role.EXPERT])
def test_it_is_for_leads_alone(signed_in: SignIn, role: Role) -> None:
    browser = signed_in(role)
    assert "Pilotage" not in browser.page.links
    for address in PAGES:
        browser.open(address, 403)


def test_a_lead_comes_to_it_from_every_page(lead: Browser) -> None:
    assert "Jours ouvrés qui restent" in lead.follow("Pilotage")


def test_what_waits_is_drawn_by_days_left_and_by_age_and_told_in_tables(
    lead: Browser, dossier: Dossier
) -> None:
    assert len(dossier.codes("under_review")) == 4
    shown = lead.open("/pilotage")
    assert 'aria-label="Examen des preuves : plus de 10 jours : 4"' in written(lead)
    assert 'aria-label="Examen des preuves : 0 à 2 jours : 4"' in written(lead)
    assert "Jours qui restent : les mêmes chiffres en tableau" in shown


def test_what_was_answered_is_drawn_by_week_and_by_person(lead: Browser, dossier: Dossier) -> None:
    dossier.find(OLD_IDENTITY)
    lead.open("/pilotage")
    assert 'aria-label="sem. 10 : traitées : 2"' in written(lead)  # the admissibility and the proof
    assert '<td>vérification</td><td class="number">0</td><td class="number">1</td>' in written(lead)


def test_what_is_overdue_is_listed(lead: Browser, dossier: Dossier, time: Time) -> None:
    assert "Rien n'est en retard dans les files." in lead.open("/pilotage")
    time.now += timedelta(hours=3)
    code = dossier.codes("under_review")[0]
    time.now += timedelta(days=40)
    lead.sign_in(dossier.people(Role.LEAD, "Dominique").key)
    lead.open("/pilotage")
    assert code in lead.page.links
    assert 'aria-label="Examen des preuves : en retard : 4"' in written(lead)


@pytest.mark.parametrize(("by", "name"), [("chapter", "INS"), ("couloir", "Médecine de ville")])
def test_it_is_grouped_otherwise(lead: Browser, by: str, name: str) -> None:
    lead.open(f"/pilotage?by={by}")
    assert f'aria-label="{name} : ' in written(lead)


@pytest.mark.parametrize("query", ["from=2026-03-02&to=2026-03-01", "to=hier"])
def test_a_period_that_is_none_is_said_beside_its_field(lead: Browser, query: str) -> None:
    lead.open(f"/pilotage?{query}", 422)
    assert 'id="to-wrong"' in written(lead)


def test_something_is_put_first_and_no_more(lead: Browser, dossier: Dossier) -> None:
    lead.open("/pilotage/priorites")
    assert "Rien ne passe en premier" in lead.page.text
    shown = lead.press(
        "Faire passer en premier", chapter="INS", vague="1", reason="Afflux.", ends_on="2026-03-20"
    )
    assert "La priorité est posée" in shown
    assert "chapitre INS, vague 1 jusqu'au 20 mars 2026" in shown
    assert "priorité : vague 1, chapitre INS" in dossier.tasks("proof_review")[0]["order"]
    assert "La priorité a pris fin." in lead.press("Y mettre fin")
    assert "priorité" not in dossier.tasks("proof_review")[0]["order"]


def test_a_dossier_is_put_first_from_its_page(lead: Browser, dossier: Dossier) -> None:
    lead.open(f"/dossiers/{dossier.id}")
    lead.follow("Faire passer ce dossier en premier")
    lead.press("Faire passer en premier", reason="Afflux.", ends_on="2026-03-20")
    assert lead.page.links["un dossier"] == f"/dossiers/{dossier.id}"


def test_what_is_wrong_with_a_priority_is_said_beside_its_field(lead: Browser) -> None:
    lead.open("/pilotage/priorites")
    lead.press("Faire passer en premier", 422, chapter="INS", ends_on="2026-03-20", weight="x")
    assert 'id="reason-wrong"' in written(lead)
    assert 'id="weight-wrong"' in written(lead)
    assert '<option value="INS" selected>' in written(lead)
    lead.open("/pilotage/priorites")
    shown = lead.press("Faire passer en premier", 422, chapter="INS", ends_on="2026-03-01", reason="Afflux.")
    assert "Donnez un jour à venir." in shown
    lead.open("/pilotage/priorites")
    shown = lead.press("Faire passer en premier", 422, ends_on="2026-03-20", reason="Afflux.")
    assert "Dites ce qui passe en priorité" in shown


def test_what_was_given_up_is_listed_and_taken_up(lead: Browser, people: People, time: Time) -> None:
    assert "Aucun traitement n'est abandonné" in lead.open("/pilotage/abandons")
    with db.transaction(people.parts.sessions) as session:
        session.add(
            Job(
                id=new_id(),
                task="send_letters",
                arguments={"letter": "7"},
                due_at=time.now,
                attempts=10,
                dead_at=time.now,
                last_error="SMTPException",
            )
        )
    assert "10 essais, dernière erreur : SMTPException" in lead.open("/pilotage/abandons")
    assert "Le traitement est repris" in lead.press("Reprendre")
    with db.transaction(people.parts.sessions) as session:
        assert session.scalars(sa.select(Job).where(Job.task == "send_letters")).one().dead_at is None


def test_it_costs_the_same_with_more_dossiers(people: People, dossier: Dossier, lead: Browser) -> None:
    before = [cost(people, lead, address) for address in PAGES]
    for name in ("Bêta", "Gamma"):
        people.in_review("LGC-V1", people.solution(name))
    assert [cost(people, lead, address) for address in PAGES] == before
    assert max(before) <= 16
    assert dossier.state == "in_review"


def test_the_largest_bar_fills_the_width_and_its_parts_follow_each_other() -> None:
    small, large = bars({"a": [1, 0], "b": [1, 3]}, ["x", "y"], ["good", "bad"])
    assert [(part.x, part.width) for part in large.parts] == [(0, WIDTH / 4), (WIDTH / 4, WIDTH * 3 / 4)]
    assert (small.total, small.said) == (1, "x : 1")
    assert bars({"a": [0]}, ["x"], ["good"])[0].said == "rien"


def test_the_forecast_is_made_then_read_with_its_bands(
    people: People, dossier: Dossier, signed_in: SignIn
) -> None:
    browser = signed_in(Role.LEAD)
    assert "La prévision se calcule" in browser.open("/pilotage/prevision?verifiers=2")
    people.jobs()
    page = browser.open("/pilotage/prevision?verifiers=2")
    assert "Alpha – LGC-V1, avec ce qui est demandé" in page
    told = people.lead.get("/steering/forecast?verifiers=2")
    assert day(date.fromisoformat(told["items"][0]["now"]["p90_on"])) in page
    written = browser.fetch("/pilotage/prevision.csv?verifiers=2").get_data(as_text=True)
    assert dossier.id in written


def test_a_forecast_that_is_being_made_is_given_up(people: People, signed_in: SignIn) -> None:
    browser = signed_in(Role.LEAD)
    browser.open("/pilotage/prevision")
    browser.press("Abandonner")
    people.jobs()
    assert "La prévision se calcule" in browser.open("/pilotage/prevision")
    browser.open("/pilotage/prevision?verifiers=1000", 422)
    assert "De -100 à 100." in written(browser)
    assert 'value="1000"' in written(browser)


def test_many_dossiers_are_found_complete_at_once_and_what_is_refused_is_told(
    lead: Browser, people: People
) -> None:
    complete = [people.submitted("LGC-V1", people.solution(name)) for name in ("Alizé Un", "Alizé Deux")]
    withdrawn = people.submitted("LGC-V1", people.solution("Alizé Trois"))
    assert "Alizé Trois" in lead.open("/pilotage/recevabilite")
    assert "Cochez au moins un dossier" in lead.press("Recevables", 422, comment="Vu.")
    withdrawn.withdraw()
    ticked = [one.id for one in (*complete, withdrawn)]
    shown = lead.press("Recevables", candidatures=ticked)
    assert "2 dossiers : la recevabilité est prononcée" in shown
    assert "1 dossier : la recevabilité n'est pas prononcée.Alizé Trois" in shown
    assert {one.state for one in complete} == {"in_review"}
    assert "Aucun dossier n'attend" in shown


def test_what_is_refused_among_many_stays_as_it_was_typed(lead: Browser, people: People) -> None:
    withdrawn = people.submitted("LGC-V1", people.solution("Alizé Trois"))
    gaps = people.draft("LGC-V1", people.solution("Alizé Un"))
    gaps.submit(incomplete=True)
    lead.open("/pilotage/recevabilite")
    withdrawn.withdraw()
    shown = lead.press("Recevables", candidatures=[gaps.id, withdrawn.id], comment="Vu.")
    assert "preuves manquent" in shown
    assert "Vu." in written(lead)
    assert "1 dossier : la recevabilité est prononcée" in lead.press("Recevables", incomplete="1")
    assert gaps.state == "in_review"


def test_dossiers_are_sent_back_as_incomplete_with_what_they_lack(lead: Browser, people: People) -> None:
    filed = people.submitted("LGC-V1", people.solution("Alizé Un"))
    lead.open("/pilotage/recevabilite")
    assert "Dites à l'éditeur ce qui manque" in lead.press("Incomplets", candidatures=[filed.id])
    lead.press("Incomplets", candidatures=[filed.id], comment="Il manque le contrat.")
    assert filed.state == "incomplete"


def test_a_dossier_that_is_not_to_be_read_is_not_named_among_the_refused(
    lead: Browser, people: People
) -> None:
    draft = people.draft("LGC-V1", people.solution("Alizé Caché"))
    shown = lead.post("/pilotage/recevabilite", {"outcome": "admissible", "candidatures": [draft.id]})
    told = unescape(shown.get_data(as_text=True))
    assert "la recevabilité n'est pas prononcée" in told
    assert "Alizé Caché" not in told
