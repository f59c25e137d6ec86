"""An editor sees what is left, supplies several files at once, is told what is refused where it is, and files."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest

from referencing.base.permissions import Role
from referencing.catalogue.proposals import ProofKind
from tests.candidatures.dossiers import OLD_CNDA, OLD_IDENTITY, OLD_PART, OLD_TRAITS, Dossier, People
from tests.candidatures.running import Running
from tests.console.browser import Browser
from tests.console.conftest import SignIn
from tests.contents import content_for

SUPPLY = "Fournir ces fichiers"


def draft(people: People) -> list[Dossier]:
    return [people.draft("LGC-V1")]


@pytest.fixture
def dossier(running: Running) -> Iterator[Dossier]:
    with running.after(draft) as (_, (dossier,)):
        yield dossier


@pytest.fixture
def browser(dossier: Dossier, signed_in: SignIn) -> Browser:
    browser = signed_in(Role.EDITOR)
    browser.follow("Alpha 1.0")
    browser.follow("Préparer")
    return browser


def files(dossier: Dossier, *codes: str, each: int = 1) -> dict[str, Any]:
    """Files as the form sends them, on the items of these codes."""
    chosen: dict[str, list[Any]] = {}
    for code in codes:
        item = dossier.item(code)
        made = [content_for(ProofKind(item["kind"]), f"{code} {at}".encode()) for at in range(each)]
        seen = item["proof"]["number"] if item["proof"] else 0
        chosen[f"file:{item['id']}:{seen}"] = [(io.BytesIO(content), name) for name, content in made]
    return chosen


def test_what_is_left_is_listed_and_goes_in_one_form(browser: Browser, dossier: Dossier) -> None:
    assert "4 preuves à fournir" in browser.open(browser.address)
    shown = browser.press(SUPPLY, **files(dossier, OLD_IDENTITY, OLD_TRAITS, each=2))
    assert "2 preuves fournies." in shown
    assert "2 preuves à fournir" in shown
    assert len(dossier.item(OLD_TRAITS)["proof"]["files"]) == 2


CHANGE = "Modifier le brouillon"


def test_a_draft_is_changed_and_what_that_changes_is_told(browser: Browser, dossier: Dossier) -> None:
    shown = browser.press(CHANGE, software_version="2.0", composition="mss : Facteur-MSS@3.1", mode="duo")
    assert "Le brouillon est modifié" in shown
    draft = dossier.read()
    assert (draft["software_version"], draft["mode"]) == ("2.0", "duo")
    assert draft["composition"] == [{"role": "mss", "component": "Facteur-MSS@3.1"}]
    (form,) = [form for form in browser.page.forms if CHANGE in form.buttons]
    assert form.fields["composition"].strip() == "mss : Facteur-MSS@3.1"
    browser.press(CHANGE, composition="")
    assert (dossier.read()["composition"], dossier.read()["software_version"]) == ([], "2.0")


def test_what_is_wrong_with_a_draft_is_said_beside_its_field_and_kept(
    browser: Browser, dossier: Dossier
) -> None:
    shown = browser.press(CHANGE, 422, software_version="", composition="mss : Facteur-MSS@3.1")
    assert "Ce champ ne peut pas être vide." in shown
    assert "mss : Facteur-MSS@3.1" in shown
    assert "écrivez « mss : Facteur-MSS@3.1 »" in browser.press(
        CHANGE, 422, software_version="1", composition="x"
    )
    assert dossier.read()["revision"] == 1


def test_a_draft_that_another_window_changed_is_not_overwritten(browser: Browser, dossier: Dossier) -> None:
    changed = {"software_version": "3.0"}
    dossier.people.editor.send("PATCH", dossier.path, {"If-Match": '"1"'}, json=changed)
    shown = browser.press(CHANGE, 412, software_version="2.0", mode="duo")
    assert "a changé depuis" in shown
    assert "Aujourd'hui : 3.0." in shown
    assert "Aujourd'hui : en fournissant des preuves." in shown
    assert dossier.read()["software_version"] == "3.0"
    browser.press(CHANGE)
    assert (dossier.read()["software_version"], dossier.read()["mode"]) == ("2.0", "duo")


def test_a_draft_that_another_window_changed_is_not_given_up(browser: Browser, dossier: Dossier) -> None:
    changed = {"software_version": "3.0"}
    dossier.people.editor.send("PATCH", dossier.path, {"If-Match": '"1"'}, json=changed)
    assert "a changé depuis" in browser.press("Effacer ce brouillon", 412)
    assert dossier.state == "draft"


def test_a_draft_is_given_up(browser: Browser, dossier: Dossier) -> None:
    browser.press("Effacer ce brouillon")
    assert browser.address == "/dossiers"
    dossier.people.editor.refused(404, "GET", dossier.path)


def test_what_was_filed_is_neither_changed_nor_given_up(browser: Browser, dossier: Dossier) -> None:
    dossier.submit(incomplete=True)
    shown = browser.open(browser.address)
    assert CHANGE not in shown
    assert "Effacer ce brouillon" not in shown


def test_fields_that_one_left_empty_are_passed_over(browser: Browser, dossier: Dossier) -> None:
    """Browsers send them all the same, without a name or a byte."""
    empty = {f"file:{dossier.item(OLD_PART)['id']}:0": [(io.BytesIO(b""), "")]}
    assert "1 preuve fournie." in browser.press(SUPPLY, **{**empty, **files(dossier, OLD_IDENTITY)})
    assert dossier.item(OLD_PART)["state"] == "required"


def test_nothing_chosen_is_said(browser: Browser) -> None:
    assert "Aucun fichier n'est choisi" in browser.press(SUPPLY, 422)


def test_a_file_that_is_refused_is_told_at_its_place_and_keeps_no_other_back(
    browser: Browser, dossier: Dossier
) -> None:
    refused = dossier.item(OLD_PART)
    chosen = {**files(dossier, OLD_IDENTITY), f"file:{refused['id']}:0": [(io.BytesIO(b"MZ\x90"), "vue.exe")]}
    shown = browser.press(SUPPLY, 422, **chosen)
    assert "1 preuve fournie, 1 refusée" in shown
    assert browser.answer is not None
    said = re.search(f'id="wrong-{refused["id"]}">([^<]*)', browser.answer.get_data(as_text=True))
    assert said is not None
    assert "vue.exe" in said.group(1)
    assert dossier.item(OLD_IDENTITY)["state"] == "supplied"
    assert dossier.item(OLD_PART)["state"] == "required"


def test_an_empty_file_is_refused_at_its_place(browser: Browser, dossier: Dossier) -> None:
    chosen = {f"file:{dossier.item(OLD_PART)['id']}:0": [(io.BytesIO(b""), "vide.mp4")]}
    assert "est vide (0 octet)" in browser.press(SUPPLY, 422, **chosen)


def test_what_somebody_supplied_meanwhile_is_told_before_it_is_replaced(
    browser: Browser, dossier: Dossier
) -> None:
    chosen = files(dossier, OLD_IDENTITY)
    dossier.supply(OLD_IDENTITY, b"a colleague's")
    shown = browser.press(SUPPLY, 422, **chosen)
    assert "Quelqu'un a fourni la version 1 entre-temps (preuve.png)" in shown
    assert dossier.item(OLD_IDENTITY)["proof"]["number"] == 1
    browser.press(SUPPLY, **files(dossier, OLD_IDENTITY))
    assert dossier.item(OLD_IDENTITY)["proof"]["number"] == 2


def test_a_wrong_file_is_replaced_under_review_until_somebody_has_it(
    browser: Browser, dossier: Dossier, people: People
) -> None:
    dossier.supply_all()
    dossier.submit()
    dossier.judge()
    assert "4 preuves déjà fournies" in browser.open(browser.address)
    assert "1 preuve fournie." in browser.press("Remplacer par ces fichiers", **files(dossier, OLD_IDENTITY))
    assert dossier.item(OLD_IDENTITY)["proof"]["number"] == 2
    late = files(dossier, OLD_IDENTITY)
    people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)
    browser.press("Remplacer par ces fichiers", 422, **late)
    assert "3 preuves déjà fournies" in browser.open(browser.address)
    assert dossier.item(OLD_IDENTITY)["proof"]["number"] == 2


def test_an_item_of_another_dossier_takes_nothing(browser: Browser, dossier: Dossier, people: People) -> None:
    other = people.draft("LGC-V1", people.solution("Bêta"))
    chosen = files(other, OLD_IDENTITY)
    assert "0 preuve fournie, 1 refusée" in browser.press(SUPPLY, 422, **chosen)
    assert other.item(OLD_IDENTITY)["state"] == "required"


def test_a_proof_is_said_not_to_apply_and_that_is_taken_back(browser: Browser, dossier: Dossier) -> None:
    browser.press("Déclarer sans objet", reason="Nous montrons l'autre scénario.")
    assert dossier.codes("supplied") == [OLD_IDENTITY]
    browser.press("Reprendre")
    assert dossier.codes("supplied") == []


def test_what_filing_would_say_is_said_before_it_is_done(browser: Browser, dossier: Dossier) -> None:
    assert "l'agence pourra dire le dossier incomplet, ou l'admettre sans elles" in browser.open(
        browser.address
    )
    shown = browser.press(SUPPLY, **files(dossier, OLD_IDENTITY, OLD_PART, OLD_TRAITS))
    assert "Il manque 1 preuve pour le guichet CNDA" in shown
    browser.press(SUPPLY, **files(dossier, OLD_CNDA))
    assert "Tout est là" in browser.page.text
    browser.press("Déposer le dossier")
    assert dossier.state == "submitted"


def test_what_else_stands_in_the_way_leads_to_what_mends_it(
    browser: Browser, dossier: Dossier, people: People
) -> None:
    dossier.submit(incomplete=True)
    dossier.judge("incomplete", "Il manque tout.")
    people.lead.post(f"{dossier.path}/messages", {"text": "Quel composant ?", "item": OLD_CNDA})
    shown = browser.open(browser.address)
    assert "la décision peut être attendue pour le 23 mars 2026" in shown
    assert "sans réponse depuis" in shown
    browser.follow(f"Répondre sur {OLD_CNDA}")
    assert browser.address.endswith(f"/dossiers/{dossier.id}/messages")


def test_what_is_covered_says_why(people: People, dossier: Dossier, signed_in: SignIn) -> None:
    solution = people.solution("Gamma")
    people.referenced("LGC-V1", solution)
    later = people.draft("LGC-V2", solution)
    shown = signed_in(Role.EDITOR).open(f"/dossiers/{later.id}/preparer")
    assert "3 preuves reprises de ce que vous avez déjà fait vérifier" in shown
    assert "Couverte : rien n'est à fournir." in shown


def test_only_who_files_prepares(dossier: Dossier, signed_in: SignIn) -> None:
    dossier.submit(incomplete=True)
    browser = signed_in(Role.VERIFIER, "Vasseur")
    browser.open(f"/dossiers/{dossier.id}/preparer", 403)
    browser.open(f"/dossiers/{dossier.id}")
    assert "Préparer" not in browser.page.links


def test_another_organisations_dossier_is_not_there(dossier: Dossier, people: People) -> None:
    browser = Browser(people.app.test_client())
    browser.sign_in(people(Role.EDITOR, "Autre", "Héron").key)
    for path in ("", "/preparer", "/messages", "/historique", f"/preuves/{dossier.item(OLD_PART)['id']}"):
        assert "Cette candidature n'existe pas" in browser.open(f"/dossiers/{dossier.id}{path}", 404)
    assert "Alpha" not in browser.open("/dossiers")


def test_what_misses_is_confirmed_before_it_is_filed_and_taken_back_after(
    browser: Browser, dossier: Dossier
) -> None:
    assert "Je le dépose sans elles, à dessein" in browser.open(f"/dossiers/{dossier.id}/preparer")
    browser.press("Déposer le dossier", incomplete="1")
    assert dossier.state == "submitted"
    browser.open(f"/dossiers/{dossier.id}")
    browser.press("Reprendre le dossier pour le compléter")
    assert dossier.state == "draft"
