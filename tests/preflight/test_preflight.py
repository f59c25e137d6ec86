"""What submission would say is asked before anything is filed, with all else that stands in the way."""

import base64
from typing import Any

from referencing.base.permissions import Role
from tests.builders import statements
from tests.candidatures.dossiers import (
    CNDA,
    GENERAL,
    IDENTITY,
    MAIL,
    OLD_CNDA,
    OLD_IDENTITY,
    Dossier,
    People,
)
from tests.conftest import Time


def points(answer: Any, topic: str) -> list[Any]:
    return [point for point in answer["points"] if point["topic"] == topic]


def preflight(dossier: Dossier) -> Any:
    return dossier.people.editor.post(f"{dossier.path}/preflight", status=200)


def test_what_submission_would_say_is_asked_before_and_changes_nothing(people: People) -> None:
    dossier = people.draft("LGC-V1")
    before, happened = dossier.read(), dossier.timeline()
    problem = people.editor.refused(409, "POST", f"{dossier.path}/submission")
    said = preflight(dossier)
    assert said["missing"] == problem["missing"]
    assert [point["detail"] for point in points(said, "missing")] == [problem["detail"]]
    dossier.supply_all()
    said = preflight(dossier)
    assert [said["missing"], said["points"]] == [{}, []]
    assert [dossier.state, dossier.read()["deposited_on"]] == [before["state"], None]
    assert {event["action"] for event in dossier.timeline()[len(happened) :]} == {"proof.supplied"}
    dossier.submit()
    for path in ("preflight", "submission"):
        refused = people.editor.refused(409, "POST", f"{dossier.path}/{path}")
        assert "« déposer » n'est pas possible" in refused["detail"]
    people.lead.refused(403, "POST", f"{dossier.path}/preflight")
    people(Role.EDITOR, "Zoé", "Logiciels Mistral").refused(404, "POST", f"{dossier.path}/preflight")


def test_a_decision_is_expected_when_the_agency_has_used_its_days(people: People, time: Time) -> None:
    dossier = people.draft("LGC-V1")
    assert preflight(dossier)["decision_on"] == "2026-03-23"  # 15 working days after 2 March
    dossier.submit(incomplete=True)
    time.pass_days(1)
    dossier.judge("incomplete", "Il manque tout.")
    assert preflight(dossier)["decision_on"] == "2026-03-23"  # one is used, and one has passed


def test_what_equivalence_covers_or_may_cover_is_told(people: People) -> None:
    solution = people.solution()
    people.referenced("LGC-V1", solution)
    said = preflight(people.draft("LGC-V2", solution))
    assert IDENTITY in said["covered"]
    assert said["to_confirm"] == [CNDA]
    assert said["missing"] == {"ANS": [code for code in GENERAL if code not in {*said["covered"], CNDA}]}


def test_a_certificate_that_ends_before_a_decision_is_named(people: People) -> None:
    nil = "NIL-QUI-FINIT"
    solution = people.solution(software=people.software(nil))
    dossier = people.draft(solution=solution)
    words = {"kind": "CNDA-DMP", "holder": nil, "number": "1", "valid_from": "2026-01-01"}
    path = f"/softwares/{dossier.read()['software']}/certificates"
    people.lead.post(path, words | {"valid_until": "2026-03-20"})
    people.jobs()
    (point,) = points(preflight(dossier), "expiry")
    assert [point["codes"], point["item"]] == [[CNDA], dossier.item(CNDA)["id"]]
    assert "ne vaut plus à partir du 20 mars 2026" in point["detail"]


def test_a_message_of_the_agency_waits_for_an_answer(people: People) -> None:
    dossier = people.draft("LGC-V1")
    dossier.submit(incomplete=True)
    dossier.judge("incomplete", "Il manque tout.")
    people.lead.post(f"{dossier.path}/messages", {"text": "Quel composant ?"})
    people.lead.post(f"{dossier.path}/messages", {"text": "Et ici ?", "item": OLD_CNDA})
    people.lead.post(f"{dossier.path}/messages", {"text": "À suivre.", "internal": True})
    assert [point["codes"] for point in points(preflight(dossier), "message")] == [[], [OLD_CNDA]]
    people.editor.post(f"{dossier.path}/messages", {"text": "Aucun."})
    assert [point["codes"] for point in points(preflight(dossier), "message")] == [[OLD_CNDA]]


def test_a_finding_made_with_another_component_says_which(people: People) -> None:
    solution = people.solution()
    people.referenced("LGC-V2", solution, composition=[{"role": "mss", "component": "Facteur-MSS@3.1"}])
    later = people.draft("LGC-V2", solution, composition=[{"role": "mss", "component": "Facteur-MSS@3.2"}])
    (point,) = points(preflight(later), "component")
    assert [point["codes"], preflight(later)["missing"]] == [[MAIL], {"ANS": [MAIL]}]
    assert "celle-ci l'a été avec Facteur-MSS@3.1, la solution embarque Facteur-MSS@3.2" in point["detail"]


def test_a_file_that_was_refused_is_told_until_another_takes_its_place(people: People) -> None:
    dossier = people.draft("LGC-V1")
    said = {"candidature": dossier.id, "item": OLD_IDENTITY, "filename": "vue.exe"}
    pairs = (f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in said.items())
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": "3",
        "Upload-Metadata": ",".join(pairs),
        "Content-Type": "application/offset+octet-stream",
    }
    assert people.editor.send("POST", "/uploads", headers=headers, data=b"MZ\x90").status_code == 422
    (point,) = points(preflight(dossier), "file")
    assert [point["codes"], "vue.exe" in point["detail"]] == [[OLD_IDENTITY], True]
    dossier.supply(OLD_IDENTITY)
    assert points(preflight(dossier), "file") == []


def test_the_statements_do_not_grow_with_the_items(people: People) -> None:
    solution = people.solution("Bêta")
    costs = []
    for dsr in ("LGC-V1", "LGC-V2"):
        dossier = people.draft(dsr, solution)
        preflight(dossier)
        with statements(people.parts.engine) as sent:
            preflight(dossier)
        costs.append(len(sent))
    assert costs[1] - costs[0] <= 1  # the declarations, where an item is about them
    assert max(costs) <= 15


def test_of_a_planned_dossier_it_says_what_it_would_say_of_the_draft(people: People) -> None:
    solution = people.solution()
    people.referenced("LGC-V2", solution, composition=[{"role": "mss", "component": "Facteur-MSS@3.1"}])
    words: Any = {
        "dsr": "LGC-V2",
        "solution": solution,
        "composition": [{"role": "mss", "component": "Facteur-MSS@3.2"}],
        "profiles": ["Messagerie organisationnelle"],
    }
    before = [dossier["id"] for dossier in people.editor.every("/candidatures")]
    said = people.editor.post("/preflights", words, status=200)
    assert [dossier["id"] for dossier in people.editor.every("/candidatures")] == before
    drafted = preflight(people.draft(**words))
    assert [point["topic"] for point in said["points"]] == ["missing", "component"]
    nameless = [{**point, "item": None} for point in drafted["points"]]
    assert said == {**drafted, "points": nameless}
    people.lead.refused(403, "POST", "/preflights", json=words)
    unknown = people.editor.refused(422, "POST", "/preflights", json={**words, "profiles": ["Inconnu"]})
    assert [error["pointer"] for error in unknown["errors"]] == ["/profiles/0"]
    stranger = people(Role.EDITOR, "Zoé", "Logiciels Mistral")
    stranger.refused(404, "POST", "/preflights", json=words)
    again = people.editor.refused(409, "POST", "/preflights", json=words)
    assert "Cette solution a déjà un brouillon sur ce DSR" in again["detail"]
