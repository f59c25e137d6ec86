"""A lead checks a file of past referencings, has it taken over, reads what it is worth, and takes it back."""

from io import BytesIO
from uuid import UUID

from referencing.base.permissions import Role
from tests.candidatures.dossiers import ALIZE, IDENTITY, OLD_PART, Dossier, People
from tests.console.browser import Browser
from tests.console.conftest import SignIn
from tests.takeover.files import going_on, row, sheet


def chosen(*rows: str) -> tuple[BytesIO, str]:
    return BytesIO(sheet(*rows)), "stock.csv"


def opened(people: People) -> Dossier:
    return people.draft("LGC-V2", people.solution("Alpha", people.software("NIL-STOCK")))


def test_a_file_goes_from_its_check_to_its_taking_back(people: People, signed_in: SignIn) -> None:
    draft = opened(people)
    browser = signed_in(Role.LEAD)
    browser.open("/pilotage")
    browser.follow("Référencements antérieurs")
    page = browser.press("Contrôler", file=chosen(row(), row(Organisation="Inconnue SAS")))
    assert "1 référencement à reprendre, 1 laissé de côté" in page
    assert "Ligne 3 : L'organisation « Inconnue SAS » n'est pas inscrite" in page
    page = browser.press("Reprendre", file=chosen(row(), going_on(OLD_PART, "conforme")))
    assert "0 sur 1" in page
    people.jobs()
    page = browser.open(browser.address)
    assert "1 preuve couverte et 1 à confirmer, sur 6 de 1 dossier" in page
    assert f"Couvertes : {IDENTITY}" not in page, "what is a draft is its editor's to read"
    draft.submit(incomplete=True)
    page = browser.open(browser.address)
    assert f"Couvertes : {IDENTITY}" in page
    takeover = browser.address
    assert "repris" in browser.follow("Référencements")
    assert "référencement d'avant ce service" in browser.follow("Alpha")
    assert "Ligne 2 :" in browser.open(f"{takeover}/remarques")
    assert "Retirer cette reprise" not in browser.open(takeover), "what leans on it is looked for when asked"
    assert "de 1 dossier reposent sur elle" in browser.press("Voir ce qui repose sur elle")
    assert "Ce champ est requis." in browser.press("Retirer cette reprise", 422)
    assert "en cours de retrait" in browser.press("Retirer cette reprise", reason="Un autre programme.")
    people.jobs()
    page = browser.open(takeover)
    assert "Retrait demandé" in page
    assert "Retirer cette reprise" not in page
    assert draft.states()[IDENTITY] == "required"


def test_a_catalogue_manager_does_the_same_without_reading_dossiers(
    people: People, signed_in: SignIn
) -> None:
    opened(people)
    browser = signed_in(Role.CATALOGUE, "Auteur")
    browser.open("/catalogue")
    browser.follow("Référencements d'avant ce service")
    browser.press("Reprendre", file=chosen(row()))
    people.jobs()
    page = browser.open(browser.address)
    assert "1 preuve couverte et 0 à confirmer" in page
    assert ALIZE not in page
    assert "Alpha" not in browser.page.links
    browser.follow("Référencements")
    assert "Alpha" not in browser.page.links


def test_what_cannot_be_read_is_said_and_nobody_else_has_the_pages(people: People, signed_in: SignIn) -> None:
    browser = signed_in(Role.LEAD)
    browser.open("/reprises")
    assert "« Organisation »" in browser.press(
        "Contrôler", 422, file=(BytesIO(b"NIL;Preuve\nx;y"), "stock.csv")
    )
    refuse(signed_in(Role.VERIFIER))
    refuse(signed_in(Role.EDITOR))
    browser.open(f"/reprises/{UUID(int=0)}", 404)


def refuse(browser: Browser) -> None:
    browser.open("/reprises", 403)
    browser.open(f"/reprises/{UUID(int=0)}", 403)
