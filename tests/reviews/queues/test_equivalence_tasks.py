"""Confirming a reuse: a verifier sees why it is proposed, and work follows the facts from dossier to dossier."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.candidatures.dossiers import (
    CNDA,
    IDENTITY,
    OLD_CNDA,
    OLD_IDENTITY,
    OLD_PART,
    OLD_TRAITS,
    RULEBOOK,
    TRAITS,
    Dossier,
    People,
    sha256,
)
from tests.candidatures.running import Running
from tests.contents import picture


def after_the_first(people: People) -> list[Dossier]:
    """In review; the policy asks a verifier to confirm what the CNDA delivered for the first."""
    solution = people.solution()
    people.referenced("LGC-V1", solution)
    return [people.in_review("LGC-V2", solution)]


def side_by_side(people: People) -> list[Dossier]:
    """Two dossiers of one software in review; the second waits for what the first shows."""
    solution = people.solution()
    first = people.submitted("LGC-V1", solution)
    second = people.submitted("LGC-V2", solution)
    assert second.codes("awaiting") == [IDENTITY, TRAITS, CNDA]
    first.judge()
    second.judge()
    return [first, second]


def after_two_parts(people: People) -> list[Dossier]:
    """In review; two proofs of the first each show a part of one of the second."""
    solution = people.solution()
    people.referenced("LGC-V1", solution)
    parts = {"relation": "subset", "to": "LGC-V2:INS/va1.02"}
    rules = [{"id": code, "from": [f"LGC-V1:{code}"], **parts} for code in ("INS.02", "INS.03")]
    book = people.lead.post("/rulebooks", {**RULEBOOK, "correspondences": rules})
    people.lead.post(f"/rulebooks/{book['id']}/publication", {"accept_warnings": True}, 200)
    return [people.in_review("LGC-V2", solution)]


@pytest.fixture
def second(running: Running) -> Iterator[Dossier]:
    with running.after(after_the_first) as (_, (dossier,)):
        yield dossier


@pytest.fixture
def both(running: Running) -> Iterator[list[Dossier]]:
    with running.after(side_by_side) as (_, dossiers):
        yield dossiers


@pytest.fixture
def task(second: Dossier) -> Any:
    return second.people.verifier.post("/queues/equivalence/claims")


def to_confirm(dossier: Dossier) -> list[str]:
    return [task["code"] for task in dossier.tasks("equivalence")]


def test_the_task_shows_the_derivation(second: Dossier, task: Any) -> None:
    reuse = task["subject"]["reuse"]
    (fact,) = reuse["facts"]
    assert [reuse["state"], reuse["strength"], reuse["confirm"]] == ["proposed", "full", ["policy"]]
    assert reuse["derivation"] == {
        "code": CNDA,
        "clause": "CNDA",
        "relation": "equal",
        "from": [{"code": OLD_CNDA, "fact": fact}],
    }


def test_a_file_that_a_reuse_does_not_have_is_not_named(second: Dossier, task: Any) -> None:
    words = {"outcome": "conform", "comment": "", "file_sha256": "0" * 64}
    path = f"/tasks/{task['id']}/verdict"
    (error,) = second.people.verifier.refused(422, "POST", path, json=words)["errors"]
    assert error["pointer"] == "/file_sha256"
    second.people.verifier.post(path, {"outcome": "conform", "comment": ""}, status=200)


def test_the_task_explains_itself_in_french(second: Dossier, task: Any) -> None:
    assert task["explanation"] == [
        "Rien n'est à fournir pour l'instant : un vérificateur doit confirmer le réemploi.",
        f"Pour {OLD_CNDA} : la vérification de {OLD_CNDA} du 2 mars 2026, conforme (solution « Alpha »).",
        f"{OLD_CNDA} demande la même chose que {CNDA} (selon la correspondance « CNDA »).",
        "La confirmation est nécessaire parce que la politique de réemploi la demande.",
    ]


def test_the_task_shows_the_earlier_proofs_and_their_files_can_be_read(second: Dossier, task: Any) -> None:
    (earlier,) = task["earlier"]
    (file,) = earlier["files"]
    (finding,) = earlier["verifications"]
    supplied = picture(OLD_CNDA.encode())
    assert [file["sha256"], finding["id"]] == [sha256(supplied), *task["subject"]["reuse"]["facts"]]
    read = second.people.verifier.send("GET", f"/proofs/{earlier['id']}/files/{file['id']}")
    assert read.data == supplied
    read.close()


def test_the_task_shows_the_words_of_both_and_what_differs(second: Dossier, task: Any) -> None:
    (compared,) = task["compared"]
    assert [compared["from"]["code"], compared["to"]["code"]] == [OLD_CNDA, CNDA]
    assert compared["from"]["text"]
    assert compared["to"]["proof_text"] == task["subject"]["text"]
    parts = {difference["part"] for difference in compared["differing"]}
    assert parts == {part for part, share in compared["likeness"].items() if share not in {1, None}}


def test_the_task_shows_every_fact_that_helps_and_one_derivation(running: Running) -> None:
    with running.after(after_two_parts) as (people, (dossier,)):
        (to_read,) = [one for one in dossier.tasks("equivalence") if one["code"] == TRAITS]
        task = people.verifier.post(f"/tasks/{to_read['id']}/claim", status=200)
        derivation = task["subject"]["reuse"]["derivation"]
        assert [derivation["clause"], len(derivation["from"])] == ["INS.02", 1]
        found = [one["verifications"][0]["id"] for one in task["earlier"]]
        assert len(found) == 2
        assert task["subject"]["reuse"]["facts"][0] in found
        assert [one for one in task["explanation"] if one.startswith("Aide aussi")] == [
            f"Aide aussi, à lire avec le reste : la vérification de {_other(task)} du 2 mars 2026, conforme "
            "(solution « Alpha »)."
        ]


def _other(task: Any) -> str:
    """The old proof that is not in the derivation."""
    used = task["subject"]["reuse"]["derivation"]["from"][0]["code"]
    return next(code for code in (OLD_PART, OLD_TRAITS) if code != used)


@pytest.mark.parametrize(
    ("outcome", "state", "reuse"),
    [
        ("conform", "covered", "confirmed"),
        ("nonconform", "required", "refused"),
        ("complement", "complement", "refused"),
    ],
)
def test_a_reuse_is_confirmed_refused_or_to_be_completed(
    second: Dossier, outcome: str, state: str, reuse: str
) -> None:
    second.find(CNDA, outcome, "Voyez la date.")
    item = second.item(CNDA)
    assert [item["state"], item["reuse"]["state"]] == [state, reuse]
    assert second.tasks("equivalence") == []


def test_a_confirmation_names_no_file(second: Dossier, task: Any) -> None:
    words = {"outcome": "conform"}
    second.people.verifier.post(f"/tasks/{task['id']}/verdict", words, status=200)
    assert second.item(CNDA)["state"] == "covered"


@pytest.mark.parametrize("outcome", ["nonconform", "complement"])
def test_what_is_not_confirmed_is_supplied_and_examined(second: Dossier, outcome: str) -> None:
    second.find(CNDA, outcome, "Elle est périmée.")
    second.supply(CNDA, b"la nouvelle homologation")
    assert [second.item(CNDA)["state"], second.item(CNDA)["reuse"]] == ["under_review", None]
    second.find(CNDA)
    assert second.item(CNDA)["state"] == "conform"


def test_a_reuse_that_was_refused_is_not_proposed_again_on_the_same_facts(second: Dossier) -> None:
    second.find(CNDA, "nonconform", "Elle est périmée.")
    second.people.jobs()
    for code in second.codes("under_review"):
        second.find(code)
    assert second.item(CNDA)["state"] == "required"


def test_a_confirmation_is_no_new_fact(second: Dossier) -> None:
    second.find(CNDA)
    third = second.people.draft("LGC-V2", second.read()["solution"])
    (fact,) = third.item(CNDA)["reuse"]["facts"]
    assert third.item(CNDA)["state"] == "to_confirm"
    assert fact in second.item(CNDA)["reuse"]["facts"]


def test_the_last_confirmation_brings_the_dossier_to_deliberation(second: Dossier) -> None:
    for code in second.codes("under_review"):
        second.find(code)
    assert second.state == "in_review"
    second.find(CNDA)
    assert second.state == "deliberation"


def test_a_verdict_in_one_dossier_serves_another_at_once(both: list[Dossier]) -> None:
    first, second = both
    first.find(OLD_IDENTITY)
    assert [second.item(IDENTITY)["state"], second.item(IDENTITY)["reuse"]["state"]] == ["covered", "granted"]


def test_a_verdict_in_one_dossier_opens_work_in_another(both: list[Dossier]) -> None:
    first, second = both
    first.find(OLD_PART)
    assert second.item(TRAITS)["reuse"]["confirm"] == ["partial"]
    assert to_confirm(second) == [TRAITS]


def test_a_verdict_in_one_dossier_makes_work_in_another_needless(both: list[Dossier]) -> None:
    first, second = both
    first.find(OLD_PART)
    task = second.task(TRAITS)
    first.find(OLD_TRAITS)
    assert second.item(TRAITS)["state"] == "covered"
    assert to_confirm(second) == []
    assert second.people.verifier.get(f"/tasks/{task}")["outcome"] == "needless"


def test_a_rejected_proof_is_asked_for_where_it_was_waited_for(both: list[Dossier]) -> None:
    first, second = both
    first.find(OLD_IDENTITY, "nonconform", "Ce n'est pas ce logiciel.")
    assert second.item(IDENTITY)["state"] == "required"
    (blocked,) = [
        item["blocked"]
        for item in second.people.editor.get(f"{second.path}/equivalence")["items"]
        if item["code"] == IDENTITY
    ]
    assert [one["reasons"] for one in blocked] == [["rejected"]]


def test_work_that_became_needless_cannot_be_taken_nor_done(both: list[Dossier]) -> None:
    first, second = both
    verifier = second.people.verifier
    first.find(OLD_PART)
    task = verifier.post(f"/tasks/{second.task(TRAITS)}/claim", status=200)
    first.find(OLD_TRAITS)
    verifier.refused(409, "POST", f"/tasks/{task['id']}/claim")
    problem = verifier.refused(409, "POST", f"/tasks/{task['id']}/verdict", json={"outcome": "conform"})
    assert "terminée" in problem["detail"]
    assert second.item(TRAITS)["reuse"]["state"] == "granted"


def test_a_dossier_that_is_not_in_review_gives_no_work(second: Dossier) -> None:
    dossier = second.people.submitted("LGC-V2", second.read()["solution"])
    assert dossier.codes("to_confirm") == [CNDA]
    assert to_confirm(dossier) == []


def test_a_certificate_makes_a_confirmation_needless(second: Dossier) -> None:
    dossier = second.read()
    words = {"kind": "CNDA-DMP", "holder": dossier["nil"], "number": "42", "valid_from": "2026-01-01"}
    second.people.lead.post(f"/softwares/{dossier['software']}/certificates", words)
    second.people.jobs()
    assert "certificate" in second.item(CNDA)["reuse"]["cases"]
    assert [second.item(CNDA)["state"], to_confirm(second)] == ["covered", []]


def test_new_rules_open_and_close_work(second: Dossier) -> None:
    assert to_confirm(second) == [CNDA]
    reversed_ = [
        {"when": {"guichet": "CNDA"}, "then": {"reuse": "auto"}},
        {"when": {}, "then": {"reuse": "confirm"}},
    ]
    publish(second.people, {**RULEBOOK, "policies": reversed_})
    second.people.jobs()
    assert second.item(CNDA)["state"] == "covered"
    assert to_confirm(second) == [IDENTITY, TRAITS]


def test_rules_that_take_a_reuse_away_take_the_dossier_back_from_deliberation(second: Dossier) -> None:
    for code in [CNDA, *second.codes("under_review")]:
        second.find(code)
    assert second.state == "deliberation"
    publish(second.people, {**RULEBOOK, "policies": [{"when": {}, "then": {"reuse": "never"}}]})
    second.people.jobs()
    assert [second.state, second.read()["holder"]] == ["in_review", "editor"]
    assert second.codes("required") == [IDENTITY, TRAITS, CNDA]
    assert "candidature.reopened" in second.actions()


def publish(people: People, rules: Any) -> None:
    """Whatever is lost by it."""
    publication = f"/rulebooks/{people.lead.post('/rulebooks', rules)['id']}/publication"
    impact = people.lead.post(f"{publication}?dry_run=true", status=200)["impact"]
    people.lead.post(publication, {"accept_warnings": True, "digest": impact["digest"]}, 200)
