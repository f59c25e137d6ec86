"""Supplying proofs: versions, when they are taken, and what they put in the agency's hands."""

from referencing.base.permissions import Role
from tests.candidatures.dossiers import CNDA, IDENTITY, MAIL, OLD_IDENTITY, People, sha256
from tests.clients import form


def test_a_supplied_proof_is_a_version_with_its_files(people: People) -> None:
    dossier = people.draft()
    files = [("rapport.txt", b"le rapport"), ("journal.txt", b"le journal")]
    proof = people.editor.upload(f"{dossier.item_path(MAIL)}/proofs", *files)
    assert [proof["number"], proof["state"], proof["verifications"]] == [1, "held", []]
    assert [(one["filename"], one["size"], one["sha256"]) for one in proof["files"]] == [
        ("rapport.txt", 10, sha256(b"le rapport")),
        ("journal.txt", 10, sha256(b"le journal")),
    ]
    assert [dossier.item(MAIL)["state"], dossier.item(MAIL)["proof"]["id"]] == ["supplied", proof["id"]]


def test_a_version_is_found_where_the_answer_says(people: People) -> None:
    dossier = people.draft()
    data = form(("rapport.txt", b"le rapport"))
    response = people.editor.send("POST", f"{dossier.item_path(MAIL)}/proofs", data=data)
    found = people.editor.get(response.headers["Location"].removeprefix("/api/v1"))
    assert found == dossier.item(MAIL)["proof"]


def test_before_the_filing_a_version_takes_the_place_of_the_one_before(people: People) -> None:
    dossier = people.draft()
    first = dossier.supply(MAIL, b"premier envoi")
    second = dossier.supply(MAIL, b"second envoi")
    shown = dossier.item(MAIL)["proof"]
    assert [shown["number"], shown["id"]] == [2, second["id"]]
    assert people.editor.get(f"/proofs/{first['id']}")["state"] == "dropped"


def test_the_filing_puts_the_last_version_before_the_agency(people: People) -> None:
    dossier = people.draft()
    first = dossier.supply(MAIL, b"premier envoi")
    second = dossier.supply(MAIL, b"second envoi")
    dossier.submit(incomplete=True)
    assert people.editor.get(f"/proofs/{first['id']}")["state"] == "dropped"
    assert people.editor.get(f"/proofs/{second['id']}")["state"] == "submitted"


def test_an_item_can_be_named_by_its_id(people: People) -> None:
    dossier = people.draft()
    item = dossier.item(MAIL)["id"]
    people.editor.upload(f"{dossier.path}/items/{item}/proofs", ("rapport.txt", b"le rapport"))
    assert dossier.item(MAIL)["state"] == "supplied"


def test_a_test_platform_may_supply_what_it_was_allowed_on(people: People) -> None:
    dossier, platform = people.draft(), people(Role.INTEGRATION, organisation="Banc d'essai")
    dossier.allow(platform)
    platform.upload(f"{dossier.item_path(MAIL)}/proofs", ("rapport.json", b"{}"))
    assert dossier.item(MAIL)["state"] == "supplied"


def test_a_form_without_file_supplies_nothing(people: People) -> None:
    dossier = people.draft()
    data = {"autre": "un champ"}
    options = {"data": data, "content_type": "multipart/form-data"}
    problem = people.editor.refused(400, "POST", f"{dossier.item_path(MAIL)}/proofs", **options)
    assert "« file »" in problem["detail"]
    assert dossier.item(MAIL)["state"] == "required"


def test_a_complement_is_a_new_version_that_is_examined_anew(people: People) -> None:
    dossier = people.in_review()
    before = dossier.task(MAIL)
    dossier.find(MAIL, "complement", "Joignez la page 2.")
    first = dossier.item(MAIL)["proof"]
    assert dossier.item(MAIL)["state"] == "complement"
    second = dossier.supply(MAIL, b"avec la page 2")
    assert [first["number"], second["number"], second["state"]] == [1, 2, "submitted"]
    assert people.editor.get(f"/proofs/{first['id']}")["state"] == "decided"
    assert dossier.item(MAIL)["state"] == "under_review"
    assert dossier.task(MAIL) != before
    dossier.find(MAIL)
    assert dossier.item(MAIL)["state"] == "conform"


def test_what_was_found_on_the_earlier_version_stays_with_it(people: People) -> None:
    dossier = people.in_review()
    dossier.find(MAIL, "complement", "Joignez la page 2.")
    first = dossier.item(MAIL)["proof"]
    dossier.supply(MAIL, b"avec la page 2")
    dossier.find(MAIL)
    (finding,) = people.editor.get(f"/proofs/{first['id']}")["verifications"]
    assert [finding["outcome"], finding["comment"]] == ["complement", "Joignez la page 2."]


def test_files_of_one_s_own_take_the_place_of_a_reuse_to_confirm(people: People) -> None:
    solution = people.solution()
    people.referenced("LGC-V1", solution)
    dossier = people.draft("LGC-V2", solution)
    assert dossier.item(CNDA)["reuse"]["state"] == "proposed"
    dossier.supply(CNDA)
    assert [dossier.item(CNDA)["state"], dossier.item(CNDA)["reuse"]] == ["supplied", None]


def test_in_review_they_end_the_work_of_confirming_and_are_examined(people: People) -> None:
    solution = people.solution()
    people.referenced("LGC-V1", solution)
    dossier = people.in_review("LGC-V2", solution)
    assert [task["code"] for task in dossier.tasks("equivalence")] == [CNDA]
    dossier.supply(CNDA)
    assert dossier.tasks("equivalence") == []
    assert CNDA in [task["code"] for task in dossier.tasks("proof_review")]


def test_one_need_not_wait_for_a_proof_of_another_dossier(people: People) -> None:
    solution = people.solution()
    people.submitted("LGC-V1", solution)
    dossier = people.draft("LGC-V2", solution)
    assert dossier.item(IDENTITY)["state"] == "awaiting"
    dossier.supply(IDENTITY)
    assert dossier.item(IDENTITY)["state"] == "supplied"


def test_what_replaces_a_filed_proof_is_no_longer_waited_for(people: People) -> None:
    solution = people.solution()
    first = people.submitted("LGC-V1", solution)
    second = people.draft("LGC-V2", solution)
    first.judge("incomplete")
    assert second.item(IDENTITY)["state"] == "awaiting"
    first.supply(OLD_IDENTITY, b"autre chose, pas encore dit complet")
    assert second.item(IDENTITY)["state"] == "required"
