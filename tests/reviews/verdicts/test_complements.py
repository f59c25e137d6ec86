"""A complement names what is missing and until when; the editor is reminded, and nothing else happens."""

from typing import Any

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import OLD_IDENTITY, Dossier, People, verdict
from tests.conftest import Time

#: 15 working days after Monday 2 March 2026.
IN_FIFTEEN = "2026-03-23"
REMINDER = "complement.reminder"


def ask(dossier: Dossier, comment: str = "", **words: Any) -> Any:
    people = dossier.people
    task = people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)
    given = {**verdict(task, "complement", comment), **words}
    return people.verifier.send("POST", f"/tasks/{task['id']}/verdict", json=given)


def pointers(response: Any) -> list[str]:
    assert response.status_code == 422
    return [error["pointer"] for error in response.json["errors"]]


def reminders(dossier: Dossier) -> list[dict[str, Any]]:
    return [event["detail"] for event in dossier.timeline() if event["action"] == REMINDER]


def test_what_is_missing_and_until_when_is_shown_with_the_item(people: People, dossier: Dossier) -> None:
    missing = ["La date de naissance.", "Le prénom."]
    assert ask(dossier, missing=missing, due_on="2026-03-12").status_code == 200
    (listed,) = [one for one in people.editor.every(f"{dossier.path}/items") if one["code"] == OLD_IDENTITY]
    assert listed == dossier.item(OLD_IDENTITY)
    assert [listed["due_on"], listed["verdict"]["due_on"], listed["verdict"]["missing"]] == [
        "2026-03-12",
        "2026-03-12",
        missing,
    ]
    (event,) = [one for one in dossier.timeline() if one["action"] == "item.ask_complement"]
    assert event["detail"]["missing"] == missing
    assert event["detail"]["due_on"] == "2026-03-12"


def test_a_comment_alone_is_one_missing_thing_for_fifteen_working_days(dossier: Dossier) -> None:
    assert ask(dossier, "Montrez la date.").status_code == 200
    item = dossier.item(OLD_IDENTITY)
    assert [item["verdict"]["missing"], item["due_on"]] == [["Montrez la date."], IN_FIFTEEN]


def test_nothing_is_awaited_any_more_once_it_was_supplied(dossier: Dossier) -> None:
    ask(dossier, "Montrez la date.")
    dossier.supply(OLD_IDENTITY, b"la date")
    assert dossier.item(OLD_IDENTITY)["due_on"] is None


def test_a_complement_names_something(dossier: Dossier) -> None:
    assert pointers(ask(dossier, missing=[])) == ["/comment"]
    assert pointers(ask(dossier, missing=[" "])) == ["/missing/0"]


@pytest.mark.parametrize(
    ("day", "accepted"), [("2026-03-01", False), ("2026-03-02", True), ("2027-04-01", False)]
)
def test_its_day_is_neither_past_nor_beyond_a_year(dossier: Dossier, day: str, accepted: bool) -> None:
    response = ask(dossier, "La date.", due_on=day)
    if accepted:
        assert response.status_code == 200
    else:
        assert pointers(response) == ["/due_on"]


@pytest.mark.parametrize("outcome", ["conform", "nonconform"])
def test_another_verdict_asks_for_nothing(dossier: Dossier, outcome: str) -> None:
    refused = ask(dossier, "Vu.", outcome=outcome, missing=["La date."], due_on="2026-03-12")
    assert pointers(refused) == ["/missing", "/due_on"]


def test_the_editor_is_reminded_at_five_at_two_and_once_late(
    people: People, dossier: Dossier, time: Time
) -> None:
    ask(dossier, missing=["La date."])
    told = []
    for _ in range(35):
        people.tend("remind_editors")
        people.tend("remind_editors")  # more often than daily
        told.append(len(reminders(dossier)))
        time.pass_days(1)
    assert [one["working_days_left"] for one in reminders(dossier)] == [5, 2, -1]
    assert [told.index(count) for count in (1, 2, 3)] == [14, 17, 22]  # 16, 19 and 24 March
    assert reminders(dossier)[0] == {
        "code": OLD_IDENTITY,
        "missing": ["La date."],
        "due_on": IN_FIFTEEN,
        "working_days_left": 5,
    }
    assert dossier.item(OLD_IDENTITY)["state"] == "complement"
    assert dossier.state == "in_review"


def test_a_reminder_that_was_missed_is_not_made_up_for_twice(
    people: People, dossier: Dossier, time: Time
) -> None:
    ask(dossier, missing=["La date."])
    time.pass_days(18)  # one working day is left
    people.tend()
    assert [one["working_days_left"] for one in reminders(dossier)] == [1]


def test_a_short_time_is_no_reminder_of_itself(people: People, dossier: Dossier) -> None:
    ask(dossier, missing=["La date."], due_on="2026-03-05")
    people.tend()
    assert reminders(dossier) == []


def test_who_has_answered_is_not_reminded(people: People, dossier: Dossier, time: Time) -> None:
    ask(dossier, missing=["La date."])
    dossier.supply(OLD_IDENTITY, b"la date")
    time.pass_days(30)
    people.tend()
    assert reminders(dossier) == []


def test_who_has_withdrawn_is_not_reminded(people: People, dossier: Dossier, time: Time) -> None:
    ask(dossier, missing=["La date."])
    dossier.withdraw()
    time.pass_days(30)
    people.tend()
    assert reminders(dossier) == []


def test_an_integration_reads_a_verdict_on_what_it_supplied_alone(people: People, dossier: Dossier) -> None:
    ask(dossier, missing=["La date."])
    bench = people(Role.INTEGRATION, "Banc")
    dossier.allow(bench)
    path = dossier.item_path(OLD_IDENTITY)
    assert [bench.get(path)["verdict"], bench.get(path)["due_on"]] == [None, None]
    assert bench.get(f"{path}/history")["items"] == []


def test_the_same_file_in_answer_is_told_to_the_editor_and_to_the_verifier(
    people: People, dossier: Dossier
) -> None:
    (file,) = dossier.item(OLD_IDENTITY)["proof"]["files"]
    ask(dossier, "Montrez la date.")
    receipt = dossier.supply(OLD_IDENTITY)
    assert receipt["unchanged"] == [file["filename"]]
    (remark,) = dossier.item(OLD_IDENTITY)["remarks"]
    assert file["filename"] in remark
    assert "inchangé" in remark
    assert people.verifier.get(f"/tasks/{dossier.task(OLD_IDENTITY)}")["subject"]["remarks"] == [remark]


def test_another_file_in_answer_is_remarked_upon_by_nobody(dossier: Dossier) -> None:
    ask(dossier, "Montrez la date.")
    assert dossier.supply(OLD_IDENTITY, b"avec la date")["unchanged"] == []
    assert dossier.item(OLD_IDENTITY)["remarks"] == []
