"""An auditor follows signals, audits a solution from its planning to its closing, and revokes after a dry run."""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from referencing.audits.inquiries.schemas import MOST_FILES
from referencing.base.permissions import Role
from tests.audits.conftest import referenced_twice
from tests.audits.inquiry import Inquiry, auditor_of, of
from tests.candidatures.dossiers import IDENTITY, Dossier, People
from tests.candidatures.running import Running
from tests.console.browser import Browser
from tests.console.conftest import SignIn
from tests.console.test_bounded import cost

FILES = "multipart/form-data"
#: What leads read too.
BESIDE = ("/audits", "/revocations", "/revocations/alertes", "/revocations/echeances")
LISTS = ("/signalements", "/lectures", *BESIDE)


@pytest.fixture
def dossier(running: Running) -> Iterator[Dossier]:
    """The second referencing of a software, which stands on proofs of the first."""
    with running.after(referenced_twice) as (_, (_, second)):
        yield second


@pytest.fixture
def auditor(signed_in: SignIn) -> Browser:
    return signed_in(Role.AUDITOR, "Audrey")


def written(browser: Browser) -> str:
    assert browser.answer is not None
    return browser.answer.get_data(as_text=True)


def tell(people: People, solution: str = "Alpha") -> str:
    words = {"solution": solution, "description": "Les traits manquent.", "author": {"name": "Dr Brun"}}
    answer: Any = people.app.test_client().post("/api/v1/signals", json=words).json
    return str(answer["receipt"])


@pytest.mark.parametrize(
    ("role", "refused"),
    [
        (Role.VERIFIER, ["/signalements", *BESIDE]),
        (Role.EXPERT, ["/signalements", *BESIDE]),
        (Role.LEAD, ["/signalements"]),
        (Role.EDITOR, ["/signalements", "/revocations", "/revocations/alertes", "/revocations/echeances"]),
    ],
)
def test_who_may_not_read_it_is_refused(signed_in: SignIn, role: Role, refused: list[str]) -> None:
    browser = signed_in(role)
    assert "Contrôle" not in browser.page.links
    for address in refused:
        browser.open(address, 403)


def test_empty_lists_say_what_to_do(auditor: Browser) -> None:
    assert "Aucun signalement n'est encore venu" in auditor.follow("Contrôle")
    assert "montrez-les tous" in auditor.open("/signalements?state=dismissed")
    assert "préparez-en un depuis le dossier" in auditor.open("/audits")
    assert "depuis l'échantillon d'un audit" in auditor.open("/revocations")
    assert "Aucune alerte" in auditor.open("/revocations/alertes")
    assert "Rien de ce sur quoi repose un dossier n'expire" in auditor.open("/revocations/echeances")
    assert "31 mai 2026" in auditor.page.text
    auditor.open("/revocations/echeances?until=2026-01-01", 422)
    assert 'id="until-wrong"' in written(auditor)


def test_a_signal_leads_to_an_audit(auditor: Browser, people: People, dossier: Dossier) -> None:
    receipt = tell(people)
    auditor.open("/travail")
    auditor.follow("Alpha")
    assert "Brun" not in auditor.page.text
    assert "Dr Brun" in auditor.press("Lire ses coordonnées")
    auditor.press("Retenir", 422)
    assert 'id="assessment-wrong"' in written(auditor)
    about = f"http://127.0.0.1/dossiers/{dossier.id}?state=conform"
    assert "retenu" in auditor.press("Retenir", assessment="À vérifier.", candidature=about)
    auditor.follow("Préparer un audit")
    auditor.press("Préparer, et tirer au sort", 422, size="2", reason=" ")
    assert 'id="reason-wrong"' in written(auditor)
    assert "Audit de Alpha – LGC-V2" in auditor.press("Préparer, et tirer au sort", reason="Un signalement.")
    assert "préparé, à annoncer à l'éditeur" in auditor.open("/travail")
    auditor.follow("Alpha – LGC-V2")
    (signal,) = auditor_of(people).get("/signals")["items"]
    assert signal["receipt"] == receipt
    assert auditor.address == f"/audits/{signal['audit']}"


def test_a_signal_is_dismissed_reopened_and_its_author_forgotten(auditor: Browser, people: People) -> None:
    tell(people)
    auditor.open("/signalements")
    auditor.follow("Alpha")
    form = next(form for form in auditor.page.forms if "Classer sans suite" in form.buttons)
    address = form.buttons["Classer sans suite"]["formaction"]
    assert address is not None
    auditor.post(address, {"assessment": "Rien de tel."})
    assert "classé sans suite" in auditor.open(auditor.address)
    assert "reçu" in auditor.press("Rouvrir", reason="Du nouveau.")
    assert "anonyme" in auditor.press("Effacer définitivement", reason="Demandé.")


def test_what_came_by_letter_is_entered(auditor: Browser, people: People) -> None:
    auditor.open("/signalements")
    auditor.press("Enregistrer ce signalement", 422, channel="letter", solution="Alpha")
    assert 'id="description-wrong"' in written(auditor)
    auditor.press(
        "Enregistrer ce signalement", channel="letter", description="Lent.", received_on="2026-03-01"
    )
    (signal,) = auditor_of(people).get("/signals")["items"]
    assert (signal["channel"], signal["received_on"]) == ("letter", "2026-03-01")


def test_an_audit_goes_from_its_opening_to_its_closing(auditor: Browser, dossier: Dossier) -> None:
    inquiry = of(dossier, size=2)
    auditor.open(f"/audits/{inquiry.id}")
    assert "Ouvrir l'audit" in auditor.page.text
    auditor.press("Ouvrir l'audit")
    assert "preuves de l'échantillon sans constat" in auditor.press("Notifier les constats", 409)
    for one in inquiry.sample():
        sent = {"subject": one["id"], "revision": one["revision"], "outcome": "conform", "comment": "Revu."}
        assert auditor.post(f"/audits/{inquiry.id}/constat", sent).status_code == 303
    assert "Revu." in auditor.open(f"/audits/{inquiry.id}")
    auditor.press("Noter ce constat", outcome="nonconform")
    assert inquiry.sample()[0]["comment"] == "Revu.", "what was said before stands in the form"
    shown = auditor.press("Relever", requirement="INS/va1.01", severity="majeure", description="Sans traits.")
    assert "N° 1, majeure : INS/va1.01" in shown
    assert "en phase contradictoire" in auditor.press("Notifier les constats")
    (found,) = inquiry.nonconformities()
    inquiry.propose(found)
    assert "plan proposé" in auditor.open(f"/audits/{inquiry.id}")
    auditor.press("Accepter le plan", comment="D'accord.")
    assert "en suivi des plans" in auditor.press("Passer au suivi des plans d'actions")
    auditor.press("Lever la non-conformité", outcome="Corrigé.")
    assert "Cet audit est fini" in auditor.press("Clore l'audit", conclusions="Tout est en ordre.")


def test_what_is_wrong_is_said_in_the_form_that_was_sent(auditor: Browser, dossier: Dossier) -> None:
    inquiry = of(dossier, size=2).open()
    auditor.open(f"/audits/{inquiry.id}")
    auditor.press("Relever", 422, description="Sans traits.", severity="majeure")
    assert 'id="requirement-wrong"' in written(auditor)
    assert "Sans traits." in written(auditor)
    auditor.press("Annoncer", 422, measure="suspension")
    assert 'id="grounds-wrong"' in written(auditor)
    first = inquiry.sample()[0]
    stale = {"subject": first["id"], "revision": "99", "outcome": "conform"}
    assert auditor.post(f"/audits/{inquiry.id}/constat", stale).status_code == 412
    assert auditor.post(f"/audits/{inquiry.id}/inconnu", {}).status_code == 404


def revocable(inquiry: Inquiry, code: str | None = None) -> str:
    """The address of the decision on a verification that the sample stands on, or the subject of this code in it."""
    subjects = [one for one in inquiry.sample() if code in {None, one["code"]}]
    fact = next(fact for one in subjects for fact in one["facts"] if fact["verification"])
    return f"/revocations/verification/{fact['verification']}?audit={inquiry.id}"


def test_a_revocation_is_decided_beside_what_it_would_do(auditor: Browser, dossier: Dossier) -> None:
    inquiry = of(dossier, size=len(dossier.states())).open()
    people = dossier.people
    people.draft("LGC-V2", people.solution("Bêta", dossier.read()["software"]))
    auditor.open(f"/audits/{inquiry.id}")
    assert "Voir ce que ferait sa révocation" in auditor.page.links
    address = revocable(inquiry, IDENTITY)  # the draft leans on it as well
    shown = auditor.open(address)
    assert "Essai à blanc : rien n'est encore changé." in shown
    assert "signalée : solution référencée" in shown
    assert re.search("Une vérification Alpha – LGC-V[12] [0-9]+ preuves? LGC-V[12]:", shown)  # as a tree
    assert auditor_of(people).get("/revocations")["items"] == []
    auditor.press("Révoquer définitivement", 422, reason=" ")
    assert 'id="reason-wrong"' in written(auditor)
    assert "révoquée le 2 mars 2026" in auditor.press("Révoquer définitivement", reason="Fausse.")
    auditor.open("/revocations")
    assert "signalée : solution référencée : " in auditor.follow("Vérification")
    assert "Fausse." in auditor.page.text
    assert "1 preuve de candidatures qui vous sont fermées" in auditor.page.text
    auditor.open(address, 409)
    assert "Fausse." in auditor.open("/revocations/alertes")
    assert "Préparer un audit" in auditor.page.text


def test_what_will_expire_is_shown_with_what_that_does(auditor: Browser, people: People) -> None:
    draft = people.draft(solution=people.solution("Bêta", people.software("NIL-B")))
    counter = people.counter()
    draft.allow(counter)
    draft.confirm_nil()
    words = {"kind": "CNDA-DMP", "holder": "NIL-B", "number": "1", "valid_from": "2026-01-01"}
    software = draft.read()["software"]
    counter.post(f"/softwares/{software}/certificates", {**words, "valid_until": "2026-05-01"})
    people.jobs()
    shown = auditor.open("/revocations/echeances")
    assert "Vendredi 1er mai 2026" in shown
    assert "1 preuve de candidatures qui vous sont fermées" in shown
    draft.submit(incomplete=True)
    assert "à examiner de nouveau" in auditor.open("/revocations/echeances")
    assert "Vendredi" not in auditor.press("Voir", until="2026-04-01")


def test_each_side_of_an_audit_does_its_part_on_its_page(
    auditor: Browser, signed_in: SignIn, dossier: Dossier
) -> None:
    """The editor answers, a lead decides: who accuses does not judge."""
    inquiry = of(dossier, size=2)
    editor, lead = signed_in(Role.EDITOR), signed_in(Role.LEAD, "Léa")
    page = f"/audits/{inquiry.id}"
    editor.open(page, 404)
    assert "Aucun audit." in editor.open("/audits")
    inquiry.open()
    editor.open("/travail")
    assert "Rien ne vous est encore notifié" in editor.follow("Alpha – LGC-V2")
    assert "Voir ce que ferait sa révocation" not in editor.page.links
    assert "Constats" not in editor.page.text
    assert "Aucune non-conformité n'est relevée." in lead.open(page), "the agency reads what there is"
    found = inquiry.raise_()
    inquiry.find_all()
    inquiry.do("notification")
    assert "L'INS s'affiche sans ses traits." in editor.open(page)
    editor.press("Proposer ce plan", 422, description="Nous corrigeons.")
    assert f'id="plan-due-{found["id"]}-wrong"' in written(editor)
    assert "en 10 jours ouvrés après l'accord" in editor.press(
        "Proposer ce plan", description="Corriger.", working_days="10"
    )
    assert "plan retiré" in editor.press("Retirer ce plan")
    editor.press("Proposer ce plan", description="Corriger.", working_days="10")
    auditor.open(page)
    auditor.press("Accepter le plan")
    editor.open(page)
    assert "Fait : Corrigé." in editor.press("Dire que le plan est réalisé", report="Corrigé.")
    auditor.open(page)
    shown = auditor.press("Corriger", severity="critique", description="Sans aucun trait.")
    assert "critique : INS/va1.01Sans aucun trait." in shown
    auditor.press("Annoncer", measure="suspension", grounds="La sécurité.")
    editor.open(page)
    assert "l'éditeur répond : C'est corrigé." in editor.press(
        "Présenter vos observations", observations="C'est corrigé."
    )
    assert editor.post(f"{page}/decision", {"subject": found["id"], "outcome": "applied"}).status_code == 422
    lead.open("/travail")
    lead.follow("Alpha – LGC-V2")
    lead.press("Appliquer la mesure", 422)
    assert "appliquée" in lead.press("Appliquer la mesure", decision="Vu les pièces.")
    assert dossier.state == "suspended"
    assert "Rétablissement" in lead.press("Rétablir la solution", grounds="Corrigé.")
    assert dossier.state == "referenced"


def test_an_audit_that_is_over_offers_nothing(auditor: Browser, signed_in: SignIn, dossier: Dossier) -> None:
    inquiry = of(dossier, size=1)
    (found,) = inquiry.notified("mineure")
    inquiry.propose(found)
    page = f"/audits/{inquiry.id}"
    editor = signed_in(Role.EDITOR)
    for browser, offered in ((editor, "Retirer ce plan"), (auditor, "Accepter le plan")):
        assert offered in browser.open(page)
    inquiry.auditor.post(f"/nonconformities/{found['id']}/withdrawal", {"outcome": "Erreur."}, 200)
    for browser, offered in ((editor, "Retirer ce plan"), (auditor, "Accepter le plan")):
        assert offered not in browser.open(page), "the non-conformité has ended"
    inquiry.do("closing", {"conclusions": "Rien."})
    for browser in (editor, auditor):
        browser.open(page)
        assert not [form for form in browser.page.forms if page in str(form.words.get("action"))]


def test_files_of_an_audit_are_added_read_and_taken_away_together(
    auditor: Browser, signed_in: SignIn, dossier: Dossier
) -> None:
    inquiry = of(dossier, size=1)
    (found,) = inquiry.notified("majeure")
    page = f"/audits/{inquiry.id}"
    for browser, about, name in (
        (auditor, "", "releve.txt"),
        (signed_in(Role.EDITOR), f"nonconformity:{found['id']}", "trace.txt"),
    ):
        browser.open(page)
        file = (io.BytesIO(b"Les traits manquent."), name)
        sent = browser.post(f"{page}/pieces", {"about": about, "comment": "Vu.", "file": file}, form=FILES)
        assert sent.status_code == 303
        assert name in browser.open(page)
        assert browser.fetch(browser.page.links[name]).get_data() == b"Les traits manquent."
        elsewhere = browser.page.links[name].replace(inquiry.id, found["id"])
        assert browser.fetch(elsewhere).status_code == 404, "it is a file of this audit alone"
    assert "releve.txt" not in browser.page.text
    about = f"nonconformity:{found['id']}"
    browser.press("Joindre", 422, comment="Rien.", about=about)
    assert 'id="file-wrong">Joignez au moins un fichier.<' in written(browser)
    assert 'value="Rien."' in written(browser)
    many = [(io.BytesIO(b"x"), f"{number}.txt") for number in range(MOST_FILES + 1)]
    assert browser.post(f"{page}/pieces", {"about": about, "file": many}, form=FILES).status_code == 422
    refused = {"about": "", "comment": "", "file": (io.BytesIO(b"x"), "x.txt")}
    assert browser.post(f"{page}/pieces", refused, form=FILES).status_code == 403
    browser.open(f"{page}/journal", 403)
    browser.open(f"{page}/dossier.zip", 403)
    auditor.open(page)
    archive = zipfile.ZipFile(io.BytesIO(auditor.fetch(f"{page}/dossier.zip").get_data()))
    assert any(name.endswith("releve.txt") for name in archive.namelist())
    shown = auditor.follow("Tirage et historique")
    assert "1 exigence tirée au sort parmi" in shown
    assert "releve.txt" in shown


def test_nobody_else_revokes(signed_in: SignIn, dossier: Dossier) -> None:
    address = revocable(of(dossier, size=3).open())
    for role in (Role.LEAD, Role.EDITOR):
        browser = signed_in(role)
        browser.open(address, 403)
        assert browser.post(address, {"reason": "Fausse."}).status_code == 403
    signed_in(Role.AUDITOR, "Audrey").open("/revocations/regle/" + dossier.id, 404)


def test_lists_cost_the_same_with_more(auditor: Browser, people: People, dossier: Dossier) -> None:
    tell(people)
    before = [cost(people, auditor, address) for address in LISTS]
    for name in ("Bêta", "Gamma"):
        tell(people, name)
    of(dossier, size=1)
    after = [cost(people, auditor, address) for address in LISTS]
    assert after == before
    assert max(after) <= 8


def test_an_audit_costs_the_same_with_more_findings(
    auditor: Browser, people: People, dossier: Dossier
) -> None:
    inquiry = of(dossier, size=2)
    inquiry.propose(*inquiry.notified("majeure"))
    inquiry.announce(urgent_reason="La sécurité des soins.")
    before = cost(people, auditor, f"/audits/{inquiry.id}")
    for severity in ("mineure", "critique"):
        inquiry.propose(inquiry.raise_(severity))
    assert cost(people, auditor, f"/audits/{inquiry.id}") == before <= 13
