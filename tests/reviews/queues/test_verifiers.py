"""Who can be given work: skills, how much at once, conflicts of interest, leave."""

from typing import Any
from uuid import UUID

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import ALIZE, OLD_CNDA, OLD_IDENTITY, OLD_PART, Dossier, People
from tests.clients import Client
from tests.conftest import Time

NEXT = "/queues/proof_review/claims"
ANOTHER = {"another": True}


@pytest.fixture
def verifier(people: People) -> Client:
    people.verifier.get("/queues")  # opens the account
    return people.verifier


@pytest.fixture
def vasseur(people: People, verifier: Client) -> str:
    (one,) = [one for one in people.lead.get("/verifiers")["items"] if one["name"] == "Vasseur"]
    return str(one["id"])


def set_up(people: People, vasseur: str, **words: Any) -> Any:
    return people.lead.put(f"/verifiers/{vasseur}/skills", words)


# --- skills and limits --------------------------------------------------------------------------------------


def test_a_verifier_handles_everything_twenty_at_once_unless_told(people: People, vasseur: str) -> None:
    (said,) = people.lead.get("/verifiers")["items"]
    assert said == {
        "id": vasseur,
        "name": "Vasseur",
        "chapters": [],
        "guichets": [],
        "most_in_hand": 20,
        "in_hand": 0,
        "away_until": None,
    }


@pytest.mark.parametrize(
    ("words", "given"),
    [
        ({"chapters": ["DMP"]}, [OLD_CNDA]),
        ({"guichets": ["CNDA"]}, [OLD_CNDA]),
        ({"chapters": ["INS"], "guichets": ["CNDA"]}, []),
        ({"chapters": ["DMP", "INS"], "guichets": ["ANS"]}, [OLD_IDENTITY, OLD_PART]),
    ],
)
def test_the_next_task_is_one_that_the_verifier_handles(
    people: People, verifier: Client, vasseur: str, words: dict[str, Any], given: list[str]
) -> None:
    assert set_up(people, vasseur, **words).items() >= words.items()
    for code in given:
        assert verifier.post(NEXT, ANOTHER)["code"] == code
    if not given:
        assert verifier.send("POST", NEXT, json=ANOTHER).status_code == 204


def test_one_may_choose_a_task_beyond_one_s_skills(
    people: People, verifier: Client, dossier: Dossier, vasseur: str
) -> None:
    set_up(people, vasseur, chapters=["DMP"])
    verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)


def test_nobody_has_more_in_hand_than_their_limit(
    people: People, verifier: Client, dossier: Dossier, vasseur: str
) -> None:
    set_up(people, vasseur, most_in_hand=2)
    first, second = verifier.post(NEXT, ANOTHER), verifier.post(NEXT, ANOTHER)
    for path in (NEXT, f"/tasks/{dossier.task(OLD_CNDA)}/claim"):
        assert "une limite de 2" in verifier.refused(409, "POST", path)["detail"]
    verifier.post(f"/tasks/{first['id']}/claim", status=200)  # what one has, one may hold longer
    verifier.send("DELETE", f"/tasks/{second['id']}/claim")
    verifier.post(NEXT, ANOTHER)


def test_what_expired_or_was_closed_is_not_in_hand(
    people: People, verifier: Client, dossier: Dossier, vasseur: str, time: Time
) -> None:
    set_up(people, vasseur, most_in_hand=1)
    verifier.post(NEXT, ANOTHER)
    time.pass_days(1)
    verifier.post(NEXT, ANOTHER)
    dossier.withdraw()
    (said,) = people.lead.get("/verifiers")["items"]
    assert said["in_hand"] == 0


def test_only_a_verifier_is_set_up(people: People) -> None:
    people.lead.refused(404, "PUT", f"/verifiers/{UUID(int=7)}/skills", json={"chapters": ["INS"]})


@pytest.mark.parametrize(
    ("method", "path", "words", "pointer"),
    [
        ("PUT", "/verifiers/{verifier}/skills", {"chapters": ["INS", "IMS"]}, "/chapters/1"),
        ("POST", "/boosts", {"chapter": "IMS", "reason": "Afflux.", "ends_on": "2026-12-01"}, "/chapter"),
        ("PUT", "/second-reading-rates", {"chapter": "IMS", "rate": 10}, "/chapter"),
    ],
)
def test_a_chapter_that_no_list_has_is_refused_with_those_there_are(
    people: People, method: str, path: str, words: dict[str, Any], pointer: str
) -> None:
    verifier = people.verifier.get("/me")["id"]
    problem = people.lead.refused(422, method, path.format(verifier=verifier), json=words)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert "DMP, INS" in problem["detail"]


# --- conflicts of interest ----------------------------------------------------------------------------------


def test_nobody_is_given_nor_takes_what_they_have_a_conflict_with(
    people: People, verifier: Client, dossier: Dossier
) -> None:
    declared = verifier.post("/conflicts", {"organisation": ALIZE, "reason": "Ancien employeur"})
    assert [declared["name"], declared["organisation"]] == ["Vasseur", ALIZE]
    assert verifier.send("POST", NEXT, json=ANOTHER).status_code == 204
    problem = verifier.refused(403, "POST", f"/tasks/{dossier.task(OLD_PART)}/claim")
    assert "conflit d'intérêts" in problem["detail"]
    assert verifier.get("/queues/proof_review/tasks")["items"] == []
    assert verifier.get("/tasks")["items"] == []
    assert {queue["waiting"] for queue in verifier.get("/queues")["items"]} == {0}
    colleague = people(Role.VERIFIER, "Colin")
    assert all(task["claimable"] for task in colleague.get("/queues/proof_review/tasks")["items"])


def test_a_conflict_gives_back_what_one_had(people: People, verifier: Client) -> None:
    task = verifier.post(NEXT, ANOTHER)
    verifier.post("/conflicts", {"organisation": ALIZE})
    assert people.lead.get(f"/tasks/{task['id']}")["claimed_by"] is None
    verifier.refused(403, "DELETE", f"/tasks/{task['id']}/claim")


def test_a_conflict_closes_what_is_of_the_organisation(
    people: People, verifier: Client, dossier: Dossier
) -> None:
    task, proof = dossier.task(OLD_PART), dossier.item(OLD_PART)["proof"]
    file = f"/proofs/{proof['id']}/files/{proof['files'][0]['id']}"
    note = people.lead.post(f"{dossier.path}/messages", {"text": "Entre nous.", "internal": True})
    reads = [dossier.path, f"{dossier.path}/items", f"{dossier.path}/messages", f"/messages/{note['id']}"]
    reads += [f"{dossier.path}/timeline", f"/events?candidature={dossier.id}", f"/tasks/{task}", file]
    assert {verifier.send("GET", path).status_code for path in reads} == {200}
    people.editor.post(f"{dossier.path}/messages", {"text": "Bonjour."})
    assert verifier.get("/messages/unread")["items"]
    verifier.post("/conflicts", {"organisation": ALIZE})
    problems = [verifier.send("GET", path) for path in reads]
    assert {problem.status_code for problem in problems} == {403}
    assert all("conflit d'intérêts" in problem.get_data(as_text=True) for problem in problems)
    for path in ("/candidatures", "/messages/unread", "/events"):
        assert verifier.get(path)["items"] == [], path


def test_a_conflict_that_a_lead_declared_is_not_ended_by_whom_it_is_about(
    people: People, verifier: Client, vasseur: str
) -> None:
    declared = people.lead.post("/conflicts", {"organisation": ALIZE, "verifier": vasseur})
    problem = verifier.refused(403, "DELETE", f"/conflicts/{declared['id']}")
    assert "responsable" in problem["detail"]
    assert people.lead.send("DELETE", f"/conflicts/{declared['id']}").status_code == 204


@pytest.mark.parametrize("role", [Role.LEAD, Role.AUDITOR])
def test_a_lead_or_an_auditor_in_conflict_reads_for_a_day_with_a_reason(
    people: People, dossier: Dossier, time: Time, role: Role
) -> None:
    reader = people(role, "Denis")
    words = {"organisation": ALIZE, "verifier": str(reader.get("/me")["id"])}
    declared = reader.post("/conflicts", words)
    reader.refused(403, "GET", dossier.path)
    reason = {"reason": "Recours de l'éditeur"}
    read = reader.post(f"/conflicts/{declared['id']}/reading", reason, status=200)
    assert reader.get(dossier.path)["id"] == dossier.id
    assert read["readable_until"] > declared["declared_at"]
    time.pass_days(2)
    reader.refused(403, "GET", dossier.path)


def test_who_reads_in_spite_of_a_conflict_does_not_judge(people: People) -> None:
    filed, lead = people.submitted("LGC-V1", people.solution("Alizé Un")), people(Role.LEAD, "Denis")
    words = {"organisation": ALIZE, "verifier": str(lead.get("/me")["id"])}
    declared = lead.post("/conflicts", words)
    lead.post(f"/conflicts/{declared['id']}/reading", {"reason": "Recours de l'éditeur"}, status=200)
    judged = {"outcome": "admissible", "comment": "Lu."}
    refused = lead.refused(403, "POST", f"{filed.path}/admissibility", json=judged)
    assert "un collègue en juge" in refused["detail"]
    assert lead.get(filed.path)["state"] == "submitted"
    assert filed.judge()["state"] == "in_review"


def test_a_conflict_that_is_over_is_taken_back(verifier: Client) -> None:
    declared = verifier.post("/conflicts", {"organisation": ALIZE})
    verifier.refused(409, "POST", "/conflicts", json={"organisation": ALIZE})
    assert verifier.send("DELETE", f"/conflicts/{declared['id']}").status_code == 204
    assert verifier.get("/conflicts")["items"] == []
    verifier.post(NEXT, ANOTHER)


def test_a_lead_does_not_give_a_task_to_who_has_a_conflict(
    people: People, verifier: Client, dossier: Dossier, vasseur: str
) -> None:
    people.lead.post("/conflicts", {"organisation": ALIZE, "verifier": vasseur})
    words = {"verifier": vasseur, "reason": "Urgent."}
    people.lead.refused(403, "POST", f"/tasks/{dossier.task(OLD_PART)}/takeover", json=words)


def test_a_conflict_is_with_an_organisation_that_exists(verifier: Client) -> None:
    problem = verifier.refused(422, "POST", "/conflicts", json={"organisation": "Personne"})
    assert [error["pointer"] for error in problem["errors"]] == ["/organisation"]


# --- leave --------------------------------------------------------------------------------------------------


def test_leave_that_begins_today_gives_back_and_blocks(people: People, verifier: Client, time: Time) -> None:
    task = verifier.post(NEXT, ANOTHER)
    verifier.post("/absences", {"starts_on": "2026-03-02", "ends_on": "2026-03-06"})
    assert people.lead.get(f"/tasks/{task['id']}")["claimed_by"] is None
    problem = verifier.refused(409, "POST", NEXT, json=ANOTHER)
    assert "jusqu'au 6 mars 2026" in problem["detail"]
    verifier.refused(409, "POST", f"/tasks/{task['id']}/claim")
    time.pass_days(4)  # its last day
    verifier.refused(409, "POST", NEXT, json=ANOTHER)
    time.pass_days(1)
    verifier.post(NEXT, ANOTHER)


def test_the_same_leave_is_declared_once(verifier: Client) -> None:
    words = {"starts_on": "2026-03-03", "ends_on": "2026-03-06"}
    verifier.post("/absences", words)
    assert "déjà déclarés" in verifier.refused(409, "POST", "/absences", json=words)["detail"]
    verifier.post("/absences", {**words, "ends_on": "2026-03-07"})


def test_leave_to_come_gives_back_on_its_first_day(people: People, verifier: Client, time: Time) -> None:
    verifier.post("/absences", {"starts_on": "2026-03-03", "ends_on": "2026-03-06"})
    task = verifier.post(NEXT, ANOTHER)
    people.tend()
    assert people.lead.get(f"/tasks/{task['id']}")["claimed_by"] == "Vasseur"
    time.now = time.now.replace(hour=22, minute=55)
    verifier.post(f"/tasks/{task['id']}/claim", status=200)
    time.now = time.now.replace(hour=23, minute=5)  # the 3rd in Paris
    people.tend()
    assert people.lead.get(f"/tasks/{task['id']}")["claimed_by"] is None


def test_who_is_away_is_not_given_a_task(
    people: People, verifier: Client, dossier: Dossier, vasseur: str
) -> None:
    words = {"starts_on": "2026-03-01", "ends_on": "2026-03-02", "verifier": vasseur}
    people.lead.post("/absences", words)
    (said,) = people.lead.get("/verifiers")["items"]
    assert said["away_until"] == "2026-03-02"
    words = {"verifier": vasseur, "reason": "Urgent."}
    people.lead.refused(409, "POST", f"/tasks/{dossier.task(OLD_PART)}/takeover", json=words)


def test_leave_that_is_taken_back_blocks_no_more(verifier: Client) -> None:
    absence = verifier.post("/absences", {"starts_on": "2026-03-02", "ends_on": "2026-03-06"})
    assert verifier.get("/absences")["items"] == [absence]
    assert verifier.send("DELETE", f"/absences/{absence['id']}").status_code == 204
    verifier.post(NEXT, ANOTHER)


@pytest.mark.parametrize(
    ("starts_on", "ends_on"), [("2026-03-06", "2026-03-05"), ("2026-02-20", "2026-03-01")]
)
def test_leave_that_makes_no_sense_is_refused(verifier: Client, starts_on: str, ends_on: str) -> None:
    words = {"starts_on": starts_on, "ends_on": ends_on}
    problem = verifier.refused(422, "POST", "/absences", json=words)
    assert [error["pointer"] for error in problem["errors"]] == ["/ends_on"]


# --- for whom -----------------------------------------------------------------------------------------------

ABSENCE = ("/absences", {"starts_on": "2026-03-02", "ends_on": "2026-03-06"})
CONFLICT = ("/conflicts", {"organisation": ALIZE})


@pytest.mark.parametrize(("path", "words"), [ABSENCE, CONFLICT], ids=["absence", "conflict"])
def test_a_verifier_declares_for_themself_a_lead_for_anybody(
    people: People, verifier: Client, vasseur: str, path: str, words: dict[str, str]
) -> None:
    colleague = people(Role.VERIFIER, "Colin")
    colleague.refused(403, "POST", path, json={**words, "verifier": vasseur})
    people.lead.refused(422, "POST", path, json=words)
    people.lead.refused(404, "POST", path, json={**words, "verifier": str(UUID(int=7))})
    declared = people.lead.post(path, {**words, "verifier": vasseur})
    assert [one["id"] for one in verifier.get(path)["items"]] == [declared["id"]]
    assert colleague.get(path)["items"] == []
    colleague.refused(404, "DELETE", f"{path}/{declared['id']}")
    assert people.lead.send("DELETE", f"{path}/{declared['id']}").status_code == 204
