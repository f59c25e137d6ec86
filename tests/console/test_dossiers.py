"""Finding a dossier, seeing where it stands and why, acting on it and writing about it."""

import csv
import io

import pytest

from referencing.base.permissions import Role
from referencing.candidatures.record.states import ItemState
from referencing.console import wording
from referencing.console.dossiers import routes
from referencing.console.dossiers.chart import WIDTH, bars
from tests.candidatures.dossiers import OLD_IDENTITY, OLD_PART, Dossier, People
from tests.console.browser import Browser
from tests.console.conftest import SignIn


@pytest.fixture
def lead(signed_in: SignIn) -> Browser:
    return signed_in(Role.LEAD, "Dominique")


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("q=alpha", True),
        ("q=ALIZE", True),
        ("q=âlpha", True),
        ("q=nil-1", True),
        ("q=LGC-V1", True),
        ("q=100%25", False),
        ("state=in_review&holder=agency", True),
        ("holder=editor", False),
        ("dsr=LGC-V2", False),
        ("couloir=Médecine de ville&organisation=Éditions Alizé", True),
        ("organisation=Alizé", False),
        ("dispositif=LGC&vague=1", True),
        ("dispositif=DPI", False),
        ("vague=2", False),
    ],
)
def test_a_dossier_is_found_by_what_one_knows_of_it(lead: Browser, query: str, is_found: bool) -> None:
    assert ("Alpha 1.0" in lead.open(f"/dossiers?{query}")) is is_found


def test_the_api_finds_by_the_same(dossier: Dossier, people: People) -> None:
    found = people.lead.get(
        "/candidatures?holder=agency&q=alpha&dsr=LGC-V1&vague=1&dispositif=LGC&sort=newest"
    )["items"]
    assert [one["id"] for one in found] == [dossier.id]
    assert people.lead.get("/candidatures?holder=editor")["items"] == []
    people.lead.refused(422, "GET", "/candidatures?name=alpha")


def test_the_newest_come_first_page_after_page(people: People, dossier: Dossier) -> None:
    others = [people.submitted("LGC-V1", people.solution(name)).id for name in ("Bêta", "Gamma")]
    pages = [one["id"] for one in people.lead.every("/candidatures?sort=newest&limit=1")]
    assert pages == [*reversed(others), dossier.id]


def test_a_list_without_results_says_what_to_do(lead: Browser) -> None:
    assert "retirez un filtre" in lead.open("/dossiers?q=zzz")


def test_a_filter_that_there_is_not_is_told(lead: Browser) -> None:
    lead.open("/dossiers?state=perdu", 422)


def test_a_dossier_says_who_has_to_act_until_when_and_what_comes_next(
    lead: Browser, dossier: Dossier
) -> None:
    shown = lead.open(f"/dossiers/{dossier.id}")
    assert "C'est à l'agence d'agir" in shown
    assert "attendue au plus tard le lundi 23 mars 2026" in shown
    assert "fin de l'examen des preuves" in shown


def test_its_items_are_filtered(lead: Browser, dossier: Dossier) -> None:
    dossier.find(OLD_IDENTITY)
    shown = lead.open(f"/dossiers/{dossier.id}?state=conform")
    assert OLD_IDENTITY in lead.page.links
    assert OLD_PART not in lead.page.links
    shown = lead.open(f"/dossiers/{dossier.id}?state=conform&chapter=Autre")
    assert "Aucune preuve ne répond à ce filtre" in shown


def test_progress_is_a_picture_and_a_table_of_the_same(lead: Browser, dossier: Dossier) -> None:
    dossier.find(OLD_IDENTITY)
    shown = lead.open(f"/dossiers/{dossier.id}")
    assert "Les mêmes chiffres en tableau" in shown
    assert lead.answer is not None
    assert "INS : 1 acquise, 2 à examiner" in lead.answer.get_data(as_text=True)


def test_the_parts_of_a_bar_fill_it() -> None:
    (bar,) = bars({"INS": {ItemState.CONFORM: 1, ItemState.REQUIRED: 2, ItemState.NONCONFORM: 3}})
    assert bar.total == 6
    assert sum(part.width for part in bar.parts) == pytest.approx(WIDTH, abs=0.1)
    assert [part.number for part in bar.parts] == [1, 0, 0, 2, 3]


def test_a_lead_admits_and_decides(people: People, dossier: Dossier, lead: Browser) -> None:
    submitted = people.submitted("LGC-V1", people.solution("Bêta"))
    lead.open(f"/dossiers/{submitted.id}")
    lead.press("Recevable")
    assert submitted.state == "in_review"
    decided = people.in_deliberation("LGC-V1", people.solution("Gamma"))
    lead.open("/travail")
    lead.follow("Gamma 1.0")
    assert "Motivez cette décision." in lead.press("Refuser", 422)
    lead.press("Référencer")
    assert decided.state == "referenced"


def test_a_lead_admits_on_purpose_without_what_misses(people: People, lead: Browser) -> None:
    draft = people.draft("LGC-V1", people.solution("Bêta"))
    draft.submit(incomplete=True)
    lead.open(f"/dossiers/{draft.id}")
    shown = lead.press("Recevable", 409, comment="Vu.")
    assert "preuves manquent (ANS : " in shown
    assert "incomplete" not in shown
    lead.press("Recevable", incomplete="1")
    assert draft.state == "in_review"


def test_a_lead_references_despite_a_nonconform_proof_on_purpose(dossier: Dossier, lead: Browser) -> None:
    for code in dossier.codes("under_review"):
        dossier.find(code, "nonconform" if code == OLD_PART else "conform")
    lead.open(f"/dossiers/{dossier.id}")
    shown = lead.press("Référencer", 409, comment="Écart mineur.")
    assert OLD_PART in shown
    assert "nonconform" not in shown
    lead.press("Référencer", comment="Écart mineur.", nonconform="1")
    assert dossier.state == "referenced"


def test_a_draft_that_was_given_up_is_not_searched_for(lead: Browser) -> None:
    shown = lead.open("/dossiers")
    assert "délibération" in shown
    assert "effacée" not in shown


def test_a_queue_keeps_its_initials_within_a_sentence() -> None:
    assert wording.small(wording.QUEUES["duo_follow_up"]) == "suites de séances DUO"


def test_a_task_about_a_whole_dossier_is_done_on_the_dossier(people: People, lead: Browser) -> None:
    submitted = people.submitted("LGC-V1", people.solution("Bêta"))
    (task,) = submitted.tasks("admissibility")
    lead.open(f"/taches/{task['id']}")
    assert lead.address == f"/dossiers/{submitted.id}"


def test_what_one_may_do_is_what_the_table_says(people: People, dossier: Dossier) -> None:
    assert people.editor.get(dossier.path)["actions"] == ["withdraw"]
    assert people.verifier.get(dossier.path)["actions"] == []
    submitted = people.submitted("LGC-V1", people.solution("Bêta"))
    assert people.lead.get(submitted.path)["actions"] == ["admit", "find_incomplete"]


def test_a_verifier_is_offered_no_decision(dossier: Dossier, signed_in: SignIn) -> None:
    browser = signed_in(Role.VERIFIER, "Vasseur")
    browser.open(f"/dossiers/{dossier.id}")
    assert "Retirer définitivement" not in browser.page.text
    refused = browser.post(f"/dossiers/{dossier.id}/decision", {"outcome": "referenced"})
    assert refused.status_code == 403
    assert dossier.state == "in_review"


def test_messages_go_both_ways_and_notes_stay_inside(dossier: Dossier, signed_in: SignIn) -> None:
    verifier, editor = signed_in(Role.VERIFIER, "Vasseur"), signed_in(Role.EDITOR)
    verifier.open(f"/dossiers/{dossier.id}/messages")
    assert "Ce champ est requis." in verifier.press("Envoyer", 422, text="")
    verifier.press("Envoyer", text="Quelle version montrez-vous ?", item=OLD_PART)
    verifier.press("Envoyer", text="Entre nous.", internal="on")
    desk = editor.open("/travail")
    assert "Quelle version montrez-vous ?" in desk
    assert "Alpha – LGC-V1, le " in desk
    editor.follow(OLD_PART)
    shown = editor.open(editor.address)
    assert "Quelle version montrez-vous ?" in shown
    assert "Entre nous." not in shown
    assert "Vasseur" not in shown
    editor.press("J'ai tout lu")
    assert "Tout est lu." in editor.open("/travail")


def test_a_complement_is_the_editors_while_the_agency_reads_the_rest(
    dossier: Dossier, signed_in: SignIn
) -> None:
    editor = signed_in(Role.EDITOR)
    nothing = "Aucun dossier n'attend rien de vous"
    assert nothing in editor.open("/travail")
    assert "Chez l'agence" in editor.open("/travail")
    dossier.find(OLD_IDENTITY, "complement")
    assert dossier.read()["holder"] == "agency"
    dossier.people.draft("LGC-V2", dossier.people.solution("Bêta"))
    shown = editor.open("/travail")
    assert nothing not in shown
    assert "Chez l'agence" not in shown
    assert shown.index("Bêta 1.0 – LGC-V2") < shown.index("Alpha 1.0 – LGC-V1"), "the newest first"
    dossier.supply(OLD_IDENTITY)
    assert "Chez l'agence" in editor.open("/travail")


def test_the_inbox_is_in_the_api(people: People, dossier: Dossier) -> None:
    people.editor.post(f"{dossier.path}/messages", {"text": "Bonjour."})
    (unread,) = people.verifier.get("/messages/unread")["items"]
    assert unread["text"] == "Bonjour."
    assert people.editor.get("/messages/unread")["items"] == []
    people.verifier.put(f"{dossier.path}/messages/read", {"message": unread["id"]})
    assert people.verifier.get("/messages/unread")["items"] == []


def test_the_timeline_tells_in_french_what_happened_the_newest_first(
    dossier: Dossier, signed_in: SignIn
) -> None:
    dossier.find(OLD_IDENTITY)
    shown = signed_in(Role.EDITOR).open(f"/dossiers/{dossier.id}/historique")
    assert shown.index("Preuve trouvée conforme") < shown.index("Dossier déposé") < shown.index("ouverte")
    assert "item." not in shown
    assert "Vasseur" not in shown


def test_an_item_tells_why_today_and_on_a_past_day(
    dossier: Dossier, people: People, signed_in: SignIn
) -> None:
    dossier.find(OLD_IDENTITY, "complement", "Il manque la fin.")
    browser = signed_in(Role.EDITOR)
    browser.open(f"/dossiers/{dossier.id}")
    shown = browser.follow(OLD_IDENTITY)
    assert "à compléter" in shown
    assert "Il manque la fin." in shown
    assert "Version 1, fournie le 2 mars 2026" in shown
    assert "Donnez un jour passé." in browser.open(f"{browser.address}?on=2030-01-01", 422)
    assert "Rien n'est connu" in browser.open(f"{browser.address}?on=2020-01-01", 404)


def test_who_finds_a_proof_in_its_dossier_goes_on_to_judge_it(dossier: Dossier, signed_in: SignIn) -> None:
    browser = signed_in(Role.VERIFIER)
    browser.open(f"/dossiers/{dossier.id}")
    browser.follow(OLD_IDENTITY)
    assert "Prendre cette tâche" in browser.follow("Examiner cette preuve")
    dossier.find(OLD_IDENTITY)
    browser.open(f"/dossiers/{dossier.id}")
    assert "Examiner cette preuve" not in browser.follow(OLD_IDENTITY)


def test_what_one_has_in_hand_is_in_the_api(people: People, dossier: Dossier) -> None:
    taken = people.verifier.post("/claims")
    held = people.verifier.get("/tasks?claimed_by=me")["items"]
    assert [task["id"] for task in held] == [taken["id"]]
    assert people(Role.VERIFIER, "Autre").get("/tasks?claimed_by=me")["items"] == []
    people.verifier.refused(422, "GET", "/tasks?claimed_by=other")


def test_the_timeline_leads_to_the_receipt_of_each_act(people: People, signed_in: SignIn) -> None:
    dossier = people.draft("LGC-V1", people.solution("Delta"))
    receipt = people.editor.post(f"{dossier.path}/submission", {"incomplete": True}, 200)["receipt"]
    editor = signed_in(Role.EDITOR, "Camille")
    editor.open(f"/dossiers/{dossier.id}/historique")
    shown = editor.follow(f"de : Dossier déposé, {receipt['number']}")
    assert receipt["digest"] in shown
    assert "le journal donne toujours cette empreinte" in shown


def test_the_list_is_a_sheet_of_what_it_is_narrowed_down_to(
    people: People, dossier: Dossier, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "MAX_PAGE", 1)
    second = people.submitted("LGC-V1", people.solution("=Bêta"))
    people.draft("LGC-V1", people.solution("Gamma"))
    browser = signed_in(Role.LEAD)
    browser.open("/dossiers")
    whole = browser.fetch("/dossiers.csv")
    assert whole.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(whole.get_data(as_text=True))))
    assert [row["Candidature"] for row in rows] == [second.id, dossier.id]
    assert rows[1]["À qui d'agir"] == "l'agence"
    narrowed = browser.fetch("/dossiers.csv?state=submitted").get_data(as_text=True)
    assert dossier.id not in narrowed
    assert second.id in narrowed


def test_nothing_is_to_be_supplied_to_a_solution_that_is_referenced_whatever_is_asked(
    people: People, dossier: Dossier, lead: Browser
) -> None:
    """Equivalence alone would ask again for what was found nonconform, and was decided upon."""
    wrong, *items = dossier.items()
    dossier.find(wrong["code"], "nonconform")
    for item in items:
        dossier.find(item["code"])
    dossier.decide("referenced", nonconform=True)
    for reader in (people.editor, people.lead):
        answered = reader.get(f"{dossier.path}/equivalence")["items"]
        assert {(one["state"], one["status"]) for one in answered} == {
            ("nonconform", "required"),
            ("conform", "covered"),
        }
        told = [sentence for one in answered for sentence in one["explanation"]]
        for item in (wrong, *items):
            told += reader.get(f"{dossier.item_path(item['code'])}/explanation")["sentences"]
        assert len(told) > 2 * len(items) + 2
        assert not any("à fournir" in sentence.lower() for sentence in told)
    assert "<dt>À fournir</dt>" not in lead.fetch(f"/dossiers/{dossier.id}").get_data(as_text=True)
    for item in (wrong, *items):
        assert "à fournir" not in lead.open(f"/dossiers/{dossier.id}/preuves/{item['id']}").lower()
    (row,) = csv.DictReader(io.StringIO(lead.fetch("/dossiers.csv").get_data(as_text=True)))
    assert (row["État"], row["Preuves à fournir"]) == ("référencée", "0")


def test_nothing_is_to_be_supplied_to_a_dossier_that_was_given_up(people: People, signed_in: SignIn) -> None:
    editor = signed_in(Role.EDITOR)
    given_up = people.draft("LGC-V1", people.solution("Bêta"))
    assert sum(given_up.read()["missing_counts"].values()) > 0
    given_up.withdraw()
    assert given_up.read()["missing_counts"] == {}
    assert "<dt>À fournir</dt>" not in editor.fetch(f"/dossiers/{given_up.id}").get_data(as_text=True)
    rows = csv.DictReader(io.StringIO(editor.fetch("/dossiers.csv?q=Bêta").get_data(as_text=True)))
    assert [row["Preuves à fournir"] for row in rows] == ["0"]
