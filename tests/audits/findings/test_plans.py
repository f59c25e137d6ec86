"""What an editor does about a non-conformité: proposed, accepted, carried out, verified, and reminded of."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.audits.inquiry import Inquiry
from tests.conftest import Time


@pytest.fixture
def raised(inquiry: Inquiry) -> Any:
    """Notified on Monday 2 March 2026."""
    return inquiry.notified("majeure")[0]


def accept(inquiry: Inquiry, plan: Any, **words: Any) -> Any:
    return inquiry.auditor.post(f"/action-plans/{plan['id']}/acceptance", words, 200)


def carry_out(inquiry: Inquiry, plan: Any) -> Any:
    return inquiry.editor.post(f"/action-plans/{plan['id']}/completion", {"report": "Version 1.1."}, 200)


def test_a_plan_from_its_proposal_to_the_lifting(inquiry: Inquiry, raised: Any) -> None:
    plan = inquiry.propose(raised, working_days=10)
    assert (plan["state"], plan["asked_days"], plan["due_on"]) == ("proposed", 10, None)
    assert accept(inquiry, plan, comment="D'accord.")["due_on"] == "2026-03-16"
    assert inquiry.do("follow-up")["state"] == "follow_up"
    assert carry_out(inquiry, plan)["state"] == "carried_out"
    path = f"/action-plans/{plan['id']}/verification"
    assert inquiry.auditor.post(path, {"comment": "Vu en 1.1."}, 200)["state"] == "verified"
    (found,) = inquiry.nonconformities(inquiry.editor)
    assert (found["state"], found["outcome"]) == ("lifted", "Vu en 1.1.")
    assert inquiry.do("closing", {"conclusions": "Tout est levé."})["state"] == "closed"
    assert inquiry.told() == [
        "audit.opened",
        "audit.notified",
        "plan.proposed",
        "plan.accepted",
        "audit.followed",
        "plan.carried_out",
        "plan.verified",
        "nonconformity.lifted",
        "audit.closed",
    ]


def test_the_working_days_of_a_plan_run_from_its_acceptance(
    inquiry: Inquiry, raised: Any, time: Time
) -> None:
    plan = inquiry.propose(raised, working_days=5)
    time.now = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)  # the Thursday before Easter Monday
    assert accept(inquiry, plan)["due_on"] == "2026-04-10"


def test_the_auditor_may_give_another_day(inquiry: Inquiry, raised: Any) -> None:
    plan = inquiry.propose(raised, due_on="2026-06-30")
    assert accept(inquiry, plan, due_on="2026-04-30")["due_on"] == "2026-04-30"


def test_a_plan_that_is_refused_makes_room_for_another(inquiry: Inquiry, raised: Any) -> None:
    plan = inquiry.propose(raised)
    path = f"/nonconformities/{raised['id']}/plans"
    words = {"description": "Autrement.", "working_days": 3}
    inquiry.editor.refused(409, "POST", path, json=words)
    refused = inquiry.auditor.post(
        f"/action-plans/{plan['id']}/refusal", {"comment": "Trop peu : il faut aussi le mobile."}, 200
    )
    assert (refused["state"], refused["comment"]) == ("refused", "Trop peu : il faut aussi le mobile.")
    assert inquiry.editor.post(path, words)["number"] == 2


def test_the_editor_takes_a_plan_back_before_it_is_accepted(inquiry: Inquiry, raised: Any) -> None:
    plan = inquiry.propose(raised)
    path = f"/action-plans/{plan['id']}/withdrawal"
    assert inquiry.editor.post(path, status=200)["state"] == "withdrawn"
    other = inquiry.propose(raised)
    accept(inquiry, other)
    inquiry.editor.refused(409, "POST", f"/action-plans/{other['id']}/withdrawal")


def test_what_is_not_done_is_sent_back_with_what_is_missing(inquiry: Inquiry, raised: Any) -> None:
    plan = inquiry.propose(raised)
    accept(inquiry, plan)
    carry_out(inquiry, plan)
    path = f"/action-plans/{plan['id']}/return"
    back = inquiry.auditor.post(path, {"comment": "Le mobile manque.", "due_on": "2026-03-31"}, 200)
    assert (back["state"], back["due_on"]) == ("accepted", "2026-03-31")
    assert carry_out(inquiry, plan)["state"] == "carried_out"


def test_plans_are_followed_once_each_nonconformite_has_an_accepted_one(inquiry: Inquiry) -> None:
    first, second = inquiry.notified("critique", "mineure")
    accept(inquiry, inquiry.propose(first))
    inquiry.propose(second)
    problem = inquiry.auditor.refused(409, "POST", f"{inquiry.path}/follow-up")
    assert "n° 2" in problem["detail"]
    inquiry.auditor.post(
        f"/nonconformities/{second['id']}/withdrawal", {"outcome": "Il n'y en avait pas."}, 200
    )
    assert inquiry.do("follow-up")["state"] == "follow_up"


@pytest.mark.parametrize(
    ("words", "pointer"),
    [
        ({}, "/due_on"),
        ({"due_on": "2026-04-01", "working_days": 3}, "/due_on"),
        ({"due_on": "2026-02-27"}, "/due_on"),
        ({"due_on": "2040-01-01"}, "/due_on"),
        ({"working_days": 0}, "/working_days"),
        ({"working_days": 501}, "/working_days"),
    ],
)
def test_a_plan_says_until_when(inquiry: Inquiry, raised: Any, words: Any, pointer: str) -> None:
    path = f"/nonconformities/{raised['id']}/plans"
    problem = inquiry.editor.refused(422, "POST", path, json={"description": "Corriger.", **words})
    assert [one["pointer"] for one in problem["errors"]] == [pointer]


def test_who_proposes_does_not_accept(inquiry: Inquiry, raised: Any) -> None:
    path = f"/action-plans/{inquiry.propose(raised)['id']}"
    for verb, words in (
        ("acceptance", {}),
        ("refusal", {"comment": "?"}),
        ("verification", {"comment": "?"}),
    ):
        inquiry.editor.refused(403, "POST", f"{path}/{verb}", json=words)
        inquiry.lead.refused(403, "POST", f"{path}/{verb}", json=words)
    inquiry.auditor.refused(403, "POST", f"{path}/completion", json={"report": "?"})


def test_a_nonconformite_names_a_requirement_of_the_dsr(inquiry: Inquiry) -> None:
    inquiry.open()
    path = f"{inquiry.path}/nonconformities"
    words = {"requirement": "INCONNU", "severity": "mineure", "description": "?"}
    problem = inquiry.auditor.refused(422, "POST", path, json=words)
    assert [one["pointer"] for one in problem["errors"]] == ["/requirement"]
    inquiry.auditor.refused(422, "POST", path, json={**words, "severity": "grave"})
    sampled = inquiry.sample()[0]
    other = "INS/va1.01" if sampled["requirement"] != "INS/va1.01" else "PSC.01"
    inquiry.auditor.refused(422, "POST", path, json={**words, "requirement": other, "sampled": sampled["id"]})
    told = inquiry.raise_(requirement=sampled["requirement"], sampled=sampled["id"])
    assert (told["number"], told["sampled"]) == (1, sampled["id"])


def test_a_nonconformite_is_corrected_by_who_has_read_it(inquiry: Inquiry, raised: Any) -> None:
    path = f"/nonconformities/{raised['id']}"
    words = {"severity": "critique", "description": "Aucun trait n'est affiché."}
    corrected = inquiry.auditor.put(path, words, headers={"If-Match": '"1"'})
    assert (corrected["severity"], corrected["revision"]) == ("critique", 2)
    inquiry.auditor.refused(412, "PUT", path, json=words, headers={"If-Match": '"1"'})
    inquiry.auditor.refused(428, "PUT", path, json=words)
    assert inquiry.told()[-1] == "nonconformity.corrected"


def reminders(inquiry: Inquiry) -> list[tuple[str, int]]:
    return [
        (one["action"], one["detail"]["working_days_left"])
        for one in inquiry.dossier.timeline()
        if one["action"].endswith(".reminder")
    ]


def day_by_day(inquiry: Inquiry, time: Time, days: int) -> None:
    """Twice a day, as a worker that is asked more often than need be."""
    for _ in range(days):
        time.pass_days(1)
        inquiry.people.tend("remind_all_audited")
        inquiry.people.tend("remind_all_audited")


def test_the_editor_is_reminded_of_a_plan_once_at_each_level(
    inquiry: Inquiry, raised: Any, time: Time
) -> None:
    accept(inquiry, inquiry.propose(raised, working_days=10))
    day_by_day(inquiry, time, 20)
    assert reminders(inquiry) == [("plan.reminder", 5), ("plan.reminder", 2), ("plan.reminder", -1)]


def test_and_that_a_plan_is_awaited(inquiry: Inquiry, raised: Any, time: Time) -> None:
    day_by_day(inquiry, time, 12)
    assert reminders(inquiry) == [], "15 working days, of which 7 or more are left"
    day_by_day(inquiry, time, 4)
    assert reminders(inquiry) == [("nonconformity.reminder", 5)]
    inquiry.propose(raised)
    day_by_day(inquiry, time, 10)
    assert len(reminders(inquiry)) == 1, "a plan was proposed"


def test_a_short_time_is_no_news(inquiry: Inquiry, raised: Any, time: Time) -> None:
    accept(inquiry, inquiry.propose(raised, working_days=4))
    inquiry.people.tend()
    assert reminders(inquiry) == []
    day_by_day(inquiry, time, 2)
    assert reminders(inquiry) == [("plan.reminder", 2)]


def test_what_is_to_be_done_by_a_day_is_listed(inquiry: Inquiry) -> None:
    first, second = inquiry.notified("critique", "mineure")
    accept(inquiry, inquiry.propose(first, due_on="2026-03-20"))
    accept(inquiry, inquiry.propose(second, due_on="2026-05-20"))
    for who in (inquiry.editor, inquiry.lead, inquiry.auditor):
        (due,) = who.get("/action-plans?due_by=2026-03-31")["items"]
        assert due["nonconformity"] == first["id"]
        assert len(list(who.every("/action-plans?limit=1&state=accepted"))) == 2
