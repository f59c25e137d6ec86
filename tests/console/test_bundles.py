"""Whoever reads a receipt, minutes or an audit's file seals it and takes its proof away, without script."""

from referencing.base.permissions import Role
from referencing.bundles.checker import check
from tests.bundles.conftest import KEY, receipt_of, sign
from tests.candidatures.dossiers import Dossier, People
from tests.console.chromium import Window
from tests.console.conftest import SignIn
from tests.console.test_bounded import cost


def test_a_receipt_is_sealed_and_its_proof_taken_away(
    people: People, dossier: Dossier, signed_in: SignIn
) -> None:
    receipt = receipt_of(dossier, "candidature.submitted").split("/")[-2]
    editor = signed_in(Role.EDITOR, "Camille")
    editor.open(f"/dossiers/{dossier.id}/recepisses/{receipt}")
    assert "Rien n'est encore scellé" in editor.follow("Le vérifier sans l'application")
    assert "rechargez cette page" in editor.press("Sceller")
    address = f"/dossiers/{dossier.id}/recepisses/{receipt}/preuve"
    sign(people)
    assert "sous une empreinte du journal" in editor.open(address)
    bundle = editor.fetch(f"{address}.json")
    assert "attachment" in bundle.headers["Content-Disposition"]
    assert check(bundle.json or {}, KEY)
    assert cost(people, editor, address) <= 12
    assert "Rien n'est encore scellé" not in editor.press("Sceller de nouveau, si quelque chose a changé")


def test_axe_finds_nothing_before_the_sealing_and_after(
    people: People, dossier: Dossier, window: Window
) -> None:
    receipt = receipt_of(dossier, "candidature.submitted").split("/")[-2]
    window.sign_in(people.editor.key)
    window.open(f"/dossiers/{dossier.id}/recepisses/{receipt}/preuve")
    faults = window.examine("nothing sealed")
    window.click(window.page.get_by_role("button", name="Sceller"))
    sign(people)
    window.page.reload()
    assert window.page.get_by_role("link", name="Télécharger la preuve").is_visible()
    assert faults + window.examine("sealed") == []
