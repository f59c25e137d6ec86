"""A suspension or a delisting is announced, answered, and decided by somebody else; what is urgent goes at once."""

from datetime import UTC, datetime

import pytest

from referencing.base.permissions import Role
from tests.audits.inquiry import Inquiry
from tests.conftest import Time


@pytest.fixture
def opened(inquiry: Inquiry) -> Inquiry:
    return inquiry.open()


def test_the_editor_is_told_and_answers_before_anything_is_decided(opened: Inquiry) -> None:
    sanction = opened.announce(due_on="2026-03-10")
    assert (sanction["state"], sanction["answer_by"]) == ("announced", "2026-03-10")
    assert opened.told() == ["audit.opened", "sanction.announced"]
    problem = opened.lead.refused(
        409,
        "POST",
        f"/sanctions/{sanction['id']}/decision",
        json={"outcome": "applied", "decision": "Vu."},
    )
    assert "10/03/2026" in problem["detail"]
    path = f"/sanctions/{sanction['id']}/answer"
    answered = opened.editor.post(path, {"observations": "C'était une erreur d'envoi."}, 200)
    assert (answered["state"], answered["answer"]) == ("answered", "C'était une erreur d'envoi.")
    opened.editor.refused(409, "POST", path, json={"observations": "Encore."})
    assert opened.decide(sanction)["state"] == "applied"
    assert opened.dossier.state == "suspended"
    assert opened.told()[-3:] == ["sanction.answered", "candidature.suspended", "sanction.applied"]


def test_once_the_time_to_answer_is_over_it_is_decided(opened: Inquiry, time: Time) -> None:
    sanction = opened.announce(working_days=5)
    assert sanction["answer_by"] == "2026-03-09"
    time.now = datetime(2026, 3, 9, 22, 59, tzinfo=UTC)  # 23:59 in Paris
    opened.lead.refused(
        409, "POST", f"/sanctions/{sanction['id']}/decision", json={"outcome": "applied", "decision": "Vu."}
    )
    time.now = datetime(2026, 3, 9, 23, 1, tzinfo=UTC)
    assert opened.decide(sanction)["state"] == "applied"


def test_what_is_urgent_does_not_wait_and_says_why(opened: Inquiry) -> None:
    sanction = opened.announce(urgent_reason="Des identités sont confondues.")
    opened.decide(sanction)
    assert opened.dossier.state == "suspended"
    (shown,) = opened.editor.get(f"{opened.path}/sanctions")["items"]
    assert shown["urgent_reason"] == "Des identités sont confondues."


def test_the_measures_of_all_audits_that_wait_are_one_list(opened: Inquiry) -> None:
    sanction = opened.announce(urgent_reason="Urgent.")
    for who, actions in ((opened.lead, ["apply", "drop"]), (opened.editor, ["answer"]), (opened.auditor, [])):
        (waiting,) = who.get("/sanctions")["items"]
        assert (waiting["id"], sorted(waiting["actions"])) == (sanction["id"], actions)
    assert opened.people(Role.EDITOR, organisation="Logiciels du Mistral").get("/sanctions")["items"] == []
    opened.decide(sanction)
    assert opened.lead.get("/sanctions")["items"] == []


def test_who_accuses_does_not_decide(opened: Inquiry) -> None:
    sanction = opened.announce(urgent_reason="Urgent.")
    words = {"outcome": "applied", "decision": "Vu."}
    for who in (opened.auditor, opened.editor, opened.people.verifier):
        who.refused(403, "POST", f"/sanctions/{sanction['id']}/decision", json=words)
    words = {"measure": "suspension", "grounds": "?"}
    for who in (opened.lead, opened.editor):
        who.refused(403, "POST", f"{opened.path}/sanctions", json=words)
    assert opened.dossier.state == "referenced"


def test_what_is_dropped_changes_nothing(opened: Inquiry) -> None:
    assert opened.decide(opened.announce(), "dropped")["state"] == "dropped"
    assert opened.dossier.state == "referenced"
    assert opened.announce()["state"] == "announced"


def test_one_measure_at_a_time(opened: Inquiry) -> None:
    opened.announce()
    words = {"measure": "suspension", "grounds": "?"}
    opened.auditor.refused(409, "POST", f"{opened.path}/sanctions", json=words)
    opened.find_all()
    opened.auditor.refused(409, "POST", f"{opened.path}/closing", json={"conclusions": "Fin."})
    opened.auditor.refused(409, "POST", f"{opened.path}/abandonment", json={"reason": "?"})


def test_a_delisting_follows_a_suspension(opened: Inquiry) -> None:
    words = {"measure": "delisting", "grounds": "?"}
    problem = opened.auditor.refused(409, "POST", f"{opened.path}/sanctions", json=words)
    assert "Suspendez-la d'abord" in problem["detail"]
    opened.suspended()
    opened.decide(opened.announce("delisting", urgent_reason="Rien n'est corrigé."))
    assert opened.dossier.state == "delisted"
    opened.auditor.refused(
        409, "POST", f"{opened.path}/sanctions", json={"measure": "suspension", "grounds": "?"}
    )


def test_a_suspended_solution_is_reinstated_by_a_lead(opened: Inquiry) -> None:
    words = {"grounds": "La version 1.1 corrige."}
    path = f"{opened.path}/reinstatement"
    opened.lead.refused(409, "POST", path, json=words)
    opened.suspended()
    opened.auditor.refused(403, "POST", path, json=words)
    assert opened.lead.post(path, words)["state"] == "applied"
    assert opened.dossier.state == "referenced"
    opened.lead.refused(409, "POST", path, json=words)
    assert opened.told()[-2:] == ["candidature.referenced", "sanction.applied"]


def test_no_solution_stays_suspended_without_an_audit(opened: Inquiry) -> None:
    opened.suspended()
    opened.find_all()
    opened.auditor.refused(409, "POST", f"{opened.path}/closing", json={"conclusions": "Fin."})
    opened.auditor.refused(409, "POST", f"{opened.path}/abandonment", json={"reason": "?"})
    opened.lead.post(f"{opened.path}/reinstatement", {"grounds": "Corrigé."})
    assert opened.do("closing", {"conclusions": "Fin."})["state"] == "closed"


def test_a_reinstatement_is_not_announced(opened: Inquiry) -> None:
    words = {"measure": "reinstatement", "grounds": "?"}
    opened.auditor.refused(422, "POST", f"{opened.path}/sanctions", json=words)


def test_an_audit_of_what_was_delisted_is_closed_with_what_stands(inquiry: Inquiry) -> None:
    inquiry.notified("critique")
    inquiry.suspended()
    inquiry.auditor.refused(409, "POST", f"{inquiry.path}/closing", json={"conclusions": "Fin."})
    inquiry.decide(inquiry.announce("delisting", urgent_reason="Rien n'est corrigé."))
    assert inquiry.do("closing", {"conclusions": "Déréférencée."})["state"] == "closed"


def test_nothing_is_announced_before_the_audit_is(inquiry: Inquiry) -> None:
    words = {"measure": "suspension", "grounds": "?"}
    inquiry.auditor.refused(409, "POST", f"{inquiry.path}/sanctions", json=words)
