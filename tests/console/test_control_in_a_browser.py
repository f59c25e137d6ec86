"""An auditor's day and the reuses that a verifier is asked about, in a real browser, with script and without."""

from collections.abc import Iterator

import pytest

from tests.audits.conftest import referenced_twice
from tests.audits.inquiry import auditor_of
from tests.candidatures.dossiers import CNDA, Dossier, People
from tests.candidatures.running import Running
from tests.console.chromium import Window, click
from tests.console.test_control import tell


def two_reuses(people: People) -> list[Dossier]:
    """A solution was referenced twice; two others once, and the second dossier of each has a reuse to confirm."""
    _, referenced = referenced_twice(people)
    reused = []
    for name in ("Bêta", "Gamma"):
        solution = people.solution(name)
        people.referenced("LGC-V1", solution)
        reused.append(people.in_review("LGC-V2", solution))
    return [referenced, *reused]


@pytest.fixture
def dossiers(running: Running) -> Iterator[list[Dossier]]:
    with running.after(two_reuses) as (_, dossiers):
        yield dossiers


@pytest.fixture
def people(dossiers: list[Dossier]) -> People:
    return dossiers[0].people


def test_a_reuse_is_confirmed_and_another_refused(
    either: Window, people: People, dossiers: list[Dossier]
) -> None:
    _, confirmed, refused = dossiers
    either.sign_in(people.verifier.key)
    click(
        either, "Prendre la suivante de la file Réemplois à confirmer", leads_to="Sur quoi ce réemploi repose"
    )
    click(either, "Confirmer, et la suivante", leads_to=f"Verdict rendu sur {CNDA}")
    either.page.get_by_label("Refuser ce réemploi").check()
    click(either, "Rendre ce verdict, et la suivante", leads_to="Dites à l'éditeur")
    assert either.page.get_by_label("Refuser ce réemploi").is_checked()
    either.page.get_by_label("Ce que l'éditeur doit savoir").fill("Un autre numéro.")
    click(either, "Rendre ce verdict, et la suivante", leads_to=f"Verdict rendu sur {CNDA}")
    assert confirmed.item(CNDA)["state"] == "covered"
    assert refused.item(CNDA)["state"] == "required"


def test_an_auditor_keeps_a_signal_audits_and_revokes_after_a_dry_run(
    either: Window, people: People, dossiers: list[Dossier]
) -> None:
    referenced, *_ = dossiers
    tell(people)
    page = either.page
    either.sign_in(auditor_of(people).key)
    either.click(page.get_by_role("link", name="Alpha", exact=True))
    page.get_by_label("Appréciation").fill("À vérifier.")
    page.get_by_label("Dossier concerné").fill(f"{either.address}/dossiers/{referenced.id}")
    click(either, "Retenir", leads_to="retenu")
    either.click(page.get_by_role("link", name="Préparer un audit"))
    page.get_by_label("Exigences à tirer au sort").fill(str(len(referenced.states())))
    page.get_by_label("Pourquoi ?").fill("Un signalement.")
    click(either, "Préparer, et tirer au sort", leads_to="Audit de Alpha")
    click(either, "Ouvrir l'audit", leads_to="sans constat")
    either.click(page.get_by_role("link", name="Voir ce que ferait sa révocation").first)
    page.get_by_text("Essai à blanc").wait_for()
    assert auditor_of(people).get("/revocations")["items"] == []
    page.get_by_label("Pourquoi ?").fill("Fausse.")
    click(either, "Révoquer définitivement", leads_to="révoquée le")
    assert [one["reason"] for one in auditor_of(people).get("/revocations")["items"]] == ["Fausse."]
