"""An audit from its planning to its closing, and who learns of it when."""

import pytest

from referencing.audits.inquiries.sampling import Entrant, draw
from referencing.base.db import transaction
from referencing.base.permissions import Role
from tests.audits.inquiries.readings import read_a_second_time
from tests.audits.inquiry import REASON, Inquiry, auditor_of, of
from tests.candidatures.dossiers import Dossier, People

MISTRAL = "Logiciels du Mistral"


def test_it_is_planned_with_a_sample_and_its_editor_does_not_know(inquiry: Inquiry) -> None:
    audit = inquiry.auditor.get(inquiry.path)
    assert (audit["state"], audit["actions"]) == ("planned", ["abandon", "open"])
    assert (audit["candidature"], audit["solution_state"]) == (inquiry.dossier.id, "referenced")
    assert inquiry.sample()
    inquiry.editor.refused(404, "GET", inquiry.path)
    inquiry.editor.refused(404, "GET", f"{inquiry.path}/sample")
    inquiry.editor.refused(404, "GET", f"{inquiry.path}/draw")
    assert inquiry.editor.get("/audits")["items"] == []
    assert inquiry.told() == []


def test_once_opened_the_editor_reads_why_and_what_and_not_who(inquiry: Inquiry) -> None:
    inquiry.open()
    audit = inquiry.editor.get(inquiry.path)
    assert (audit["state"], audit["reason"], audit["actions"]) == ("in_progress", REASON, [])
    assert inquiry.editor.get("/audits")["items"] == [audit]
    assert [one["code"] for one in inquiry.sample(inquiry.editor)] == [
        one["code"] for one in inquiry.sample()
    ]
    assert inquiry.told() == ["audit.opened"]
    (event,) = [one for one in inquiry.dossier.timeline() if one["action"] == "audit.opened"]
    assert (event["by"], event["role"]) == ("agence", "agency")
    assert "Ada" not in str(audit)


def test_another_organisation_and_other_roles_find_nothing(inquiry: Inquiry) -> None:
    raised = inquiry.notified("majeure")[0]
    sanction = inquiry.announce()
    plan = inquiry.propose(raised)
    (file,) = inquiry.add(inquiry.editor, ("a.txt", b"texte"), plan=plan["id"])
    stranger = inquiry.people(Role.EDITOR, organisation=MISTRAL)
    assert stranger.get("/audits")["items"] == []
    assert stranger.get("/action-plans")["items"] == []
    paths = [inquiry.path, *(f"{inquiry.path}/{one}" for one in ("draw", "sample", "nonconformities"))]
    paths += [f"{inquiry.path}/sanctions", f"{inquiry.path}/evidence", f"/nonconformities/{raised['id']}"]
    for path in [*paths, f"/evidence/{file['id']}"]:
        stranger.refused(404, "GET", path)
        inquiry.people.verifier.refused(403, "GET", path)
        inquiry.people(Role.INTEGRATION).refused(403, "GET", path)
    words = {"description": "?", "working_days": 5}
    stranger.refused(404, "POST", f"/nonconformities/{raised['id']}/plans", json=words)
    stranger.refused(404, "POST", f"/action-plans/{plan['id']}/completion", json={"report": "?"})
    stranger.refused(404, "POST", f"/sanctions/{sanction['id']}/answer", json={"observations": "?"})
    inquiry.editor.refused(403, "GET", f"{inquiry.path}/timeline")
    inquiry.editor.refused(403, "GET", f"{inquiry.path}/export")


def test_only_what_is_on_the_list_is_audited_and_once_at_a_time(
    twice: tuple[People, list[Dossier]], inquiry: Inquiry
) -> None:
    people, _ = twice
    draft = people.draft()
    words = {"candidature": draft.id, "reason": REASON}
    inquiry.auditor.refused(404, "POST", "/audits", json=words)
    draft.submit(incomplete=True)
    inquiry.auditor.refused(409, "POST", "/audits", json=words)
    again = {"candidature": inquiry.dossier.id, "reason": REASON}
    inquiry.auditor.refused(409, "POST", "/audits", json=again)
    inquiry.do("abandonment", {"reason": "Une erreur de solution."})
    assert inquiry.auditor.post("/audits", again)["state"] == "planned"
    for other in (people.lead, people.verifier, people.editor):
        other.refused(403, "POST", "/audits", json=again)


def test_the_draw_is_made_again_from_what_is_published(inquiry: Inquiry) -> None:
    told = inquiry.open().editor.get(f"{inquiry.path}/draw")
    population = [Entrant(**one) for one in told["population"]]
    assert told["drawn"] == draw(told["seed"], population, told["size"])
    sampled = [one["requirement"] for one in inquiry.sample()]
    assert list(dict.fromkeys(sampled)) == told["drawn"]
    assert told["size"] == 2


def test_all_the_proofs_of_a_drawn_requirement_are_in_the_sample(twice: tuple[People, list[Dossier]]) -> None:
    whole = of(twice[1][1], size=500)
    stood = {code for code, state in whole.dossier.states().items() if state in {"conform", "covered"}}
    assert {one["code"] for one in whole.sample()} == stood


def test_what_is_reused_weighs_more(twice: tuple[People, list[Dossier]]) -> None:
    whole = of(twice[1][1], size=500)
    states = whole.dossier.states()
    weights = {one["code"]: (one["weight"], one["reused"]) for one in whole.sample()}
    assert {weights[code] for code, state in states.items() if state == "covered"} == {(6, True)}
    assert {weights[code] for code, state in states.items() if state == "conform"} == {(2, False)}


def test_what_an_audit_found_conform_weighs_less_the_next_time(twice: tuple[People, list[Dossier]]) -> None:
    first = of(twice[1][1], size=500).open()
    first.find_all()
    first.do("closing", {"conclusions": "Rien à redire."})
    after = {one["weight"] for one in of(twice[1][1], size=500).sample()}
    assert after == {3, 1}


def test_a_second_reader_counts_as_having_looked_again(twice: tuple[People, list[Dossier]]) -> None:
    people, (first, _) = twice
    with transaction(people.parts.sessions) as session:
        code = read_a_second_time(session, first.id)
    weights = {one["code"]: one["weight"] for one in of(first, size=500).sample()}
    assert weights[code] == 1
    assert set(weights.values()) == {1, 2}


def test_something_may_be_added_with_a_reason(inquiry: Inquiry) -> None:
    there = {one["code"] for one in inquiry.sample()}
    code = next(code for code in inquiry.dossier.codes("conform") if code not in there)
    words = {"item": code, "reason": "Un signalement en parle."}
    added = inquiry.auditor.post(f"{inquiry.path}/sample", words)
    assert (added["code"], added["added_reason"]) == (code, words["reason"])
    assert inquiry.sample()[-1] == added
    inquiry.auditor.refused(409, "POST", f"{inquiry.path}/sample", json=words)
    inquiry.auditor.refused(404, "POST", f"{inquiry.path}/sample", json={**words, "item": "INCONNU"})
    inquiry.open()
    assert inquiry.sample(inquiry.editor)[-1]["added_reason"] is None, "it may tell of who signalled"


def test_two_auditors_do_not_overwrite_each_other(inquiry: Inquiry) -> None:
    inquiry.open()
    sampled = inquiry.sample()[0]
    path = f"{inquiry.path}/sample/{sampled['id']}"
    found = inquiry.find(sampled, "nonconform", "La capture est d'un autre logiciel.")
    assert (found["outcome"], found["revision"]) == ("nonconform", 2)
    words = {"outcome": "conform", "comment": ""}
    inquiry.auditor.refused(412, "PUT", f"{path}/finding", json=words, headers={"If-Match": '"1"'})
    inquiry.auditor.refused(428, "PUT", f"{path}/finding", json=words)
    assert inquiry.auditor.send("GET", path).headers["ETag"].startswith('"2.')
    problem = inquiry.auditor.refused(
        422, "PUT", f"{path}/finding", json={"outcome": "nonconform"}, headers={"If-Match": '"2"'}
    )
    assert [one["pointer"] for one in problem["errors"]] == ["/comment"]


def test_the_editor_reads_findings_once_it_is_notified(inquiry: Inquiry) -> None:
    inquiry.open()
    raised = inquiry.raise_()
    inquiry.find(inquiry.sample()[0], "nonconform", "Capture d'un autre logiciel.")
    assert {one["outcome"] for one in inquiry.sample(inquiry.editor)} == {None}
    assert inquiry.nonconformities(inquiry.editor) == []
    inquiry.editor.refused(404, "GET", f"/nonconformities/{raised['id']}")
    inquiry.find_all()
    inquiry.do("notification")
    assert inquiry.sample(inquiry.editor)[0]["outcome"] == "nonconform"
    assert inquiry.nonconformities(inquiry.editor) == [raised | {"actions": []}]
    assert inquiry.editor.get(inquiry.path)["answer_by"] == "2026-03-23", "15 working days"
    assert inquiry.told() == ["audit.opened", "audit.notified"]


def test_nothing_is_notified_nor_closed_before_the_sample_is_done(inquiry: Inquiry) -> None:
    inquiry.open()
    inquiry.auditor.refused(409, "POST", f"{inquiry.path}/notification", json={})
    inquiry.auditor.refused(409, "POST", f"{inquiry.path}/closing", json={"conclusions": "Fin."})
    assert inquiry.auditor.get(inquiry.path)["state"] == "in_progress"


def test_it_is_not_closed_while_a_nonconformite_stands(inquiry: Inquiry) -> None:
    (raised,) = inquiry.notified("mineure")
    problem = inquiry.auditor.refused(409, "POST", f"{inquiry.path}/closing", json={"conclusions": "Fin."})
    assert "n° 1" in problem["detail"]
    inquiry.auditor.post(f"/nonconformities/{raised['id']}/lifting", {"outcome": "Corrigé."}, 200)
    closed = inquiry.do("closing", {"conclusions": "Tout est levé."})
    assert (closed["state"], closed["conclusions"]) == ("closed", "Tout est levé.")
    assert inquiry.told()[-1] == "audit.closed"


@pytest.mark.parametrize("step", ["opening", "notification", "follow-up", "closing", "abandonment"])
def test_once_closed_nothing_changes(inquiry: Inquiry, step: str) -> None:
    inquiry.open().find_all()
    inquiry.do("closing", {"conclusions": "Rien à redire."})
    words = {"conclusions": "?"} if step == "closing" else {"reason": "?"} if step == "abandonment" else {}
    inquiry.auditor.refused(409, "POST", f"{inquiry.path}/{step}", json=words)
    sampled = inquiry.sample()[0]
    for method, path, body in (
        ("PUT", f"sample/{sampled['id']}/finding", {"outcome": "conform"}),
        ("POST", "nonconformities", {"requirement": "INS/va1.01", "severity": "mineure", "description": "?"}),
        ("POST", "sanctions", {"measure": "suspension", "grounds": "?"}),
        ("POST", "sample", {"item": sampled["code"], "reason": "?"}),
    ):
        inquiry.auditor.refused(409, method, f"{inquiry.path}/{path}", json=body, headers={"If-Match": '"2"'})


def test_the_second_click_finds_it_done(inquiry: Inquiry) -> None:
    inquiry.open()
    problem = inquiry.auditor.refused(409, "POST", f"{inquiry.path}/opening")
    assert "en cours" in problem["detail"]


def test_a_planning_sent_twice_with_one_key_is_one_audit(twice: tuple[People, list[Dossier]]) -> None:
    people, (_, second) = twice
    words = {"candidature": second.id, "reason": REASON, "size": 2}
    auditor = auditor_of(people)
    first, again = (auditor.post("/audits", words, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert first == again


def test_a_signal_leads_to_an_audit_and_stays_with_it(twice: tuple[People, list[Dossier]]) -> None:
    people, (_, second) = twice
    auditor = auditor_of(people)
    signal = auditor.post("/signals", {"solution": "Alpha", "description": "Vu.", "channel": "email"})["id"]
    words = {"candidature": second.id, "reason": REASON, "signals": [signal]}
    auditor.refused(409, "POST", "/audits", json=words)
    about = {"assessment": "Des captures d'un autre logiciel.", "candidature": second.id}
    auditor.post(f"/signals/{signal}/qualification", about, 200)
    audit = auditor.post("/audits", words)
    assert auditor.get(f"/signals/{signal}")["audit"] == audit["id"]
    auditor.refused(409, "POST", f"/signals/{signal}/reopening", json={"reason": "?"})
    auditor.post(f"/audits/{audit['id']}/abandonment", {"reason": "Une autre fois."}, 200)
    auditor.refused(409, "POST", "/audits", json=words)


def test_the_agency_reads_all_that_happened(inquiry: Inquiry) -> None:
    inquiry.notified("critique")
    assert inquiry.actions() == [
        "audit.planned",
        "audit.opened",
        "nonconformity.raised",
        *["audit.found"] * len(inquiry.sample()),
        "audit.notified",
    ]
    assert len(list(inquiry.lead.every(f"{inquiry.path}/timeline?limit=2"))) == len(inquiry.actions())


def test_audits_are_found_by_state_and_solution(inquiry: Inquiry) -> None:
    found = [one["id"] for one in inquiry.auditor.get("/audits?state=planned")["items"]]
    assert found == [inquiry.id]
    assert inquiry.lead.get(f"/audits?candidature={inquiry.dossier.id}&state=closed")["items"] == []
