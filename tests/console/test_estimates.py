"""What a draft of a list would cost, in the console: asked for, followed, read chapter by chapter, given up."""

import pytest

from referencing.base.permissions import Role
from referencing.console.catalogue import estimate_routes
from tests.candidatures.dossiers import People
from tests.catalogue.workbooks import row, workbook
from tests.console.conftest import SignIn
from tests.console.test_bounded import cost

ESTIMATES = "/catalogue/LGC-V1/chiffrages"


@pytest.fixture
def drafted(people: People, signed_in: SignIn) -> People:
    """A software is in review on LGC-V1, of which a draft asks something else altogether."""
    people.in_deliberation("LGC-V1", people.solution("Bêta"))
    author = signed_in(Role.CATALOGUE, "Auteur")
    author.open("/catalogue/LGC-V1")
    author.press("Importer", file=(workbook(row(), row("INS.07", "INS.07.01.01")), "rem.xlsx"))
    return people


def test_an_author_asks_reads_and_narrows_down(
    drafted: People, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = signed_in(Role.CATALOGUE, "Auteur")
    author.open("/catalogue/LGC-V1")
    assert "Aucun encore" in author.open(ESTIMATES)
    assert "en cours" in author.press("Chiffrer")
    drafted.jobs()
    estimate = author.address
    page = author.open(estimate)
    assert "terminé" in page
    assert "1 logiciel perd" in page
    assert "Jours de vérificateur" in page
    assert "non mesuré" in page
    assert "supprimée" in page
    assert "ajoutée" in page
    assert "Aucune exigence ne répond" in author.open(f"{estimate}?change=reached")
    assert "INS.07" in author.open(f"{estimate}?change=added")
    assert cost(drafted, author, estimate) <= 9
    sheet = author.fetch(f"{estimate}.csv?change=added").get_data(as_text=True)
    assert sheet.startswith('"Chapitre","Exigence"')
    every = author.fetch(f"{estimate}.csv").get_data(as_text=True)
    monkeypatch.setattr(estimate_routes, "MAX_PAGE", 1)
    assert author.fetch(f"{estimate}.csv").get_data(as_text=True) == every
    monkeypatch.setattr(estimate_routes, "MOST", 1)
    assert "Suivantes" in author.open(estimate)
    drafted(Role.CATALOGUE, "Auteur").post("/dsrs/LGC-V1/publication", status=200)
    assert "Le projet a été publié depuis" in author.open(estimate)
    assert "Il n'y a pas de projet" in author.open(ESTIMATES)


def test_one_that_runs_is_given_up(drafted: People, signed_in: SignIn) -> None:
    author = signed_in(Role.CATALOGUE, "Auteur")
    author.open(ESTIMATES)
    author.press("Chiffrer")
    assert "abandonné" in author.press("Abandonner")
    drafted.jobs()
    assert "abandonné" in author.open(author.address)
    signed_in(Role.LEAD).open(ESTIMATES, 403)
