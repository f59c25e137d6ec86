"""A takeover is taken back as a whole: what it told counts no more, and everything that leaned on it is found."""

import hashlib
import io
from uuid import UUID

import pytest
import sqlalchemy as sa

from referencing.base import db
from referencing.candidatures.record.models import Item
from referencing.takeover.queries import held
from referencing.takeover.running import advance_takeover
from tests.audits.inquiry import Inquiry, auditor_of
from tests.candidatures.dossiers import IDENTITY, OLD_IDENTITY, OLD_TRAITS, TRAITS, Dossier, People
from tests.takeover.files import going_on, row, sheet
from tests.takeover.test_taking_over import became, begin, findings, progress, software, taken_over

WHY = {"reason": "Le fichier était celui d'un autre programme."}


def take_back(people: People, takeover: dict[str, str]) -> None:
    ask_back(people, takeover)
    people.jobs()


def ask_back(people: People, takeover: dict[str, str]) -> None:
    """Take it back as whoever has read what leans on it."""
    path = f"/takeovers/{takeover['id']}/taking-back"
    digest = people.lead.post(f"{path}?dry_run=true", WHY, status=200)["digest"]
    people.lead.post(path, {**WHY, "digest": digest}, status=202)


def test_open_dossiers_lose_what_they_had_by_it(people: People) -> None:
    _, draft = software(people, "NIL-A")
    takeover = taken_over(people, row(NIL="NIL-A"))
    assert draft.states()[IDENTITY] == "covered"
    take_back(people, takeover)
    assert draft.states()[IDENTITY] == "required"
    (affected,) = [event for event in draft.timeline() if event["action"] == "candidature.affected"]
    assert affected["detail"]["reason"] == (
        f"La reprise du référencement antérieur de « Alpha » est retirée : {WHY['reason']}"
    )
    told = people.lead.get(f"/takeovers/{takeover['id']}")
    assert (told["state"], told["reason"], told["actions"]) == ("taken_back", WHY["reason"], [])
    assert told["progress"] == {"waiting": 0, "taken": 0, "left": 0, "taken_back": 1}
    (past,) = became(people, takeover)
    assert past.state == "withdrawn"
    assert past.actions() == ["candidature.imported", "candidature.import_annulled"]
    told = people.editor.get(f"{past.item_path(OLD_IDENTITY)}/explanation")
    assert any("elle est révoquée depuis le" in sentence for sentence in told["sentences"])
    solution = past.read()["solution"]
    assert people.lead.get(f"/register?solution={solution}")["items"] == []
    assert people.lead.get(f"/register/{solution}/history")["items"] == []


def test_what_leans_on_it_is_told_and_confirmed_before_it_is_taken_back(people: People) -> None:
    registered, draft = software(people, "NIL-LEANT")
    takeover = taken_over(people, row(NIL="NIL-LEANT"))
    path = f"/takeovers/{takeover['id']}/taking-back"
    asked = people.lead.post(f"{path}?dry_run=true", WHY, status=200)
    leaning = [state for state in draft.states().values() if state == "covered"]
    assert (asked["referencings"], asked["dossiers"], asked["losing"]) == (1, 1, len(leaning))
    for digest in ({}, {"digest": "0" * 64}):
        refused = people.lead.refused(409, "POST", path, json={**WHY, **digest})
        assert (refused["digest"], refused["losing"]) == (asked["digest"], asked["losing"])
    assert people.lead.get(f"/takeovers/{takeover['id']}")["state"] == "finished"
    people.draft("LGC-V2", people.solution("Autre nom", registered))
    refused = people.lead.refused(409, "POST", path, json={**WHY, "digest": asked["digest"]})
    assert refused["dossiers"] == 2
    take_back(people, takeover)
    assert people.lead.refused(409, "POST", f"{path}?dry_run=true", json=WHY)["detail"]


def test_what_leans_on_it_is_asked_while_somebody_holds_it_and_named_by_its_digest(people: People) -> None:
    _, draft = software(people, "NIL-TENU")
    takeover = taken_over(people, row(NIL="NIL-TENU"))
    path = f"/takeovers/{takeover['id']}/taking-back?dry_run=true"
    with db.transaction(people.parts.sessions) as session:
        held(session, takeover["id"])
        asked = people.lead.post(path, WHY, status=200)
        reusing = (Item.candidature_id == UUID(draft.id)) & Item.grant_id.is_not(None)
        leaning = session.scalars(sa.select(Item.id).where(reusing).order_by(Item.id)).all()
    lines = "".join(f"{line}\n" for line in (1, *leaning))
    assert asked["losing"] == len(leaning) > 0
    assert asked["digest"] == hashlib.sha256(lines.encode()).hexdigest()


def test_what_nothing_leans_on_is_taken_back_without_a_digest(people: People) -> None:
    takeover = taken_over(people, row(NIL="NIL-ALONE"))
    people.lead.post(f"/takeovers/{takeover['id']}/taking-back", WHY, status=202)


def test_a_solution_that_was_referenced_on_it_is_flagged_and_nothing_of_it_changes(people: People) -> None:
    registered = people.software("NIL-B")
    takeover = taken_over(people, row(NIL="NIL-B"), going_on(OLD_TRAITS, "conforme"))
    dossier = people.referenced("LGC-V2", people.solution("Bêta", registered))
    leaning = [code for code in (IDENTITY, TRAITS) if dossier.states()[code] == "covered"]
    assert leaning == [IDENTITY, TRAITS]
    take_back(people, takeover)
    assert (dossier.state, dossier.states()[IDENTITY]) == ("referenced", "covered")
    flags = [flag for flag in people.lead.every("/flags") if flag["candidature"] == dossier.id]
    assert sorted(flag["code"] for flag in flags) == sorted(leaning)


def test_what_stands_on_another_takeover_stays(people: People) -> None:
    _, draft = software(people, "NIL-C")
    first = taken_over(people, row(NIL="NIL-C"))
    taken_over(people, row(NIL="NIL-C", Solution="Bêta"))
    take_back(people, first)
    assert draft.states()[IDENTITY] == "covered"


def test_the_file_may_then_be_taken_over_anew(people: People) -> None:
    first = taken_over(people, row(NIL="NIL-D"))
    ask_back(people, first)
    file = {"file": (io.BytesIO(sheet(row(NIL="NIL-D"))), "stock.csv")}
    people.lead.refused(409, "POST", "/takeovers", data=file)
    people.jobs()
    second = taken_over(people, row(NIL="NIL-D"))
    assert second["id"] != first["id"]
    assert [findings(people, one) for one in (first, second)] == [1, 1]
    assert [one.state for one in became(people, first) + became(people, second)] == [
        "withdrawn",
        "referenced",
    ]


def test_a_takeover_under_way_is_taken_back_as_far_as_it_came(people: People) -> None:
    takeover = begin(people, row(NIL="NIL-E"), row(NIL="NIL-E", Solution="Bêta"))
    with db.transaction(people.parts.sessions) as session:
        advance_takeover(session, takeover["id"])
    take_back(people, takeover)
    assert progress(people, takeover) == {"waiting": 1, "taken": 0, "left": 0, "taken_back": 1}
    assert people.lead.get(f"/takeovers/{takeover['id']}")["state"] == "taken_back"


def test_a_taking_back_that_is_cut_goes_on_where_it_was(people: People) -> None:
    takeover = taken_over(people, row(NIL="NIL-F"), row(NIL="NIL-F", Solution="Bêta"))
    ask_back(people, takeover)
    with db.transaction(people.parts.sessions) as session:
        advance_takeover(session, takeover["id"])
    with people.parts.sessions() as session:
        advance_takeover(session, takeover["id"])
        session.rollback()
    assert progress(people, takeover) == {"waiting": 0, "taken": 1, "left": 0, "taken_back": 1}
    people.jobs()
    assert progress(people, takeover) == {"waiting": 0, "taken": 0, "left": 0, "taken_back": 2}


def test_it_takes_the_right_and_a_reason_and_is_done_once(people: People) -> None:
    takeover = taken_over(people, row(NIL="NIL-G"))
    path = f"/takeovers/{takeover['id']}/taking-back"
    people.lead.refused(422, "POST", path, json={})
    for client in (people.editor, people.verifier):
        client.refused(403, "POST", path, json=WHY)
    assert takeover["actions"] == ["take_back"]
    take_back(people, takeover)
    assert "retirée" in people.lead.refused(409, "POST", path, json=WHY)["detail"]


@pytest.mark.parametrize("standing", ["suspended", "delisted"])
def test_what_was_decided_here_since_stays_decided(people: People, standing: str) -> None:
    """Its findings count no more, whatever became of its dossier meanwhile."""
    nil = f"NIL-{standing}"
    _, draft = software(people, nil)
    takeover = taken_over(people, row(NIL=nil))
    (past,) = became(people, takeover)
    sanction(people, past, standing)
    history = f"/register/{past.read()['solution']}/history"
    told_before = people.lead.get(history)["items"]
    take_back(people, takeover)
    assert past.state == {"suspended": "withdrawn", "delisted": "delisted"}[standing]
    assert draft.states()[IDENTITY] == "required"
    assert past.states()[OLD_IDENTITY] == "conform"
    assert people.lead.get(history)["items"] == (told_before if standing == "delisted" else [])


def sanction(people: People, dossier: Dossier, standing: str) -> None:
    """As an audit of it leads to; what is drawn are its findings, without files."""
    words = {"candidature": dossier.id, "reason": "Contrôle.", "size": 1}
    audit = auditor_of(people).post("/audits", words)
    inquiry = Inquiry(people, dossier, audit["id"]).open()
    assert [sampled["code"] for sampled in inquiry.sample()] == [OLD_IDENTITY]
    inquiry.decide(inquiry.announce(urgent_reason="Urgent."))
    if standing == "delisted":
        inquiry.decide(inquiry.announce("delisting", urgent_reason="Urgent."))
