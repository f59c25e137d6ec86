"""Past referencings are taken over by jobs that may be cut: dossiers, facts that name their source, nothing to do."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from referencing.base import db
from referencing.base.jobs import hand_over, perform
from referencing.base.permissions import Role
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.tasks.models import Task
from referencing.equivalence.engine.facts import FactStatus, Standing
from referencing.equivalence.grants.fact_queries import read_facts
from referencing.proofs.models import Verification
from referencing.registers import tasks
from referencing.takeover import running
from referencing.takeover.running import advance_takeover
from tests.candidatures.dossiers import (
    ALIZE,
    IDENTITY,
    OLD_IDENTITY,
    OLD_PART,
    OLD_TRAITS,
    TRAITS,
    Dossier,
    People,
)
from tests.takeover.files import going_on, row, sheet

TOLD = (going_on(OLD_PART, "non conforme", "2024-01-31"), going_on(OLD_TRAITS, "sans objet"))


def begin(people: People, *rows: str, status: int = 202) -> Any:
    _ = people.editor  # whose organisation the files name
    return people.lead.upload("/takeovers", ("stock.csv", sheet(*rows)), status=status)


def taken_over(people: People, *rows: str) -> Any:
    takeover = begin(people, *rows)
    people.jobs()
    return people.lead.get(f"/takeovers/{takeover['id']}")


def became(people: People, takeover: Any) -> list[Dossier]:
    told = people.lead.every(f"/takeovers/{takeover['id']}/referencings")
    return [Dossier(people, one["candidature"]) for one in told if one["candidature"]]


def software(people: People, nil: str) -> tuple[str, Dossier]:
    """A software that is registered here, with a draft on the list of today."""
    registered = people.software(nil)
    return registered, people.draft("LGC-V2", people.solution("Alpha", registered))


def findings(people: People, takeover: Any) -> int:
    with db.transaction(people.parts.sessions) as session:
        dossiers = sa.select(Candidature.id).where(Candidature.takeover_id == takeover["id"])
        counted = sa.select(sa.func.count(Verification.id)).where(Verification.candidature_id.in_(dossiers))
        return session.scalars(counted).one()


def test_a_past_referencing_is_a_referenced_dossier_on_which_nobody_has_anything_to_do(
    people: People,
) -> None:
    takeover = taken_over(
        people, row(NIL="NIL-A", Déposée_le="2023-11-02", Composition="mss=MonMSS@2"), *TOLD
    )
    assert takeover["state"] == "finished"
    assert takeover["progress"] == {"waiting": 0, "taken": 1, "left": 0, "taken_back": 0}
    (dossier,) = became(people, takeover)
    told = dossier.read()
    expected: Mapping[str, Any] = {
        "state": "referenced",
        "imported": True,
        "organisation": ALIZE,
        "nil": "NIL-A",
        "commercial_name": "Alpha",
        "composition": [{"role": "mss", "component": "MonMSS@2"}],
        "deposited_on": "2023-11-02",
        "holder": None,
        "due_on": None,
        "working_days_used": 0,
        "missing_counts": {},
        "actions": [],
    }
    assert {name: told[name] for name in expected} == expected
    assert dossier.states() == {OLD_IDENTITY: "conform", OLD_PART: "nonconform", OLD_TRAITS: "not_applicable"}
    assert dossier.actions() == ["candidature.imported"]
    with db.transaction(people.parts.sessions) as session:
        tasks_of = sa.select(sa.func.count(Task.id)).where(Task.candidature_id == dossier.id)
        assert session.scalars(tasks_of).one() == 0


def test_lists_of_dossiers_tell_it_from_what_was_filed_here(people: People) -> None:
    _, draft = software(people, "NIL-K")
    (past,) = became(people, taken_over(people, row(NIL="NIL-K")))
    for imported, expected in (("true", [past.id]), ("false", [draft.id]), ("", [draft.id, past.id])):
        narrowed = f"&imported={imported}" if imported else ""
        listed = people.editor.every(f"/candidatures?q=NIL-K{narrowed}")
        assert [dossier["id"] for dossier in listed] == expected


def test_anybody_finds_it_in_the_list_since_the_day_of_its_referencing(people: People) -> None:
    (dossier,) = became(people, taken_over(people, row(NIL="NIL-B", Solution="Bêta")))
    solution = dossier.read()["solution"]
    (listed,) = people.lead.get(f"/register?solution={solution}")["items"]
    assert (listed["state"], listed["referenced_on"]) == ("referenced", "2024-02-15")
    (period,) = people.lead.get(f"/register/{solution}/history")["items"]
    assert (period["state"], period["since"], period["until"]) == ("referenced", "2024-02-15", None)


def test_what_it_tells_covers_open_dossiers_and_every_explanation_names_the_source(people: People) -> None:
    _, draft = software(people, "NIL-C")
    assert draft.item(IDENTITY)["state"] == "required"
    takeover = taken_over(people, row(NIL="NIL-C"), *TOLD)
    assert draft.states()[IDENTITY] == "covered"
    assert draft.states()[TRAITS] == "required"
    source = "reprise d'un référencement antérieur (source « stock.csv », le "
    (item,) = [
        item for item in people.editor.get(f"{draft.path}/equivalence")["items"] if item["code"] == IDENTITY
    ]
    assert any(
        source in sentence and "référencée avant ce service" in sentence for sentence in item["explanation"]
    )
    told = people.editor.get(f"{draft.item_path(IDENTITY)}/explanation")
    assert any(source in sentence for sentence in told["sentences"])
    (own,) = became(people, takeover)
    told = people.editor.get(f"{own.item_path(OLD_IDENTITY)}/explanation")
    assert any(source in sentence for sentence in told["sentences"]), told["sentences"]
    refused = people.editor.refused(404, "GET", f"{own.item_path(OLD_IDENTITY)}/explanation?on=2024-03-01")
    assert refused["detail"].startswith("Rien n'est connu")


def test_its_findings_have_a_standing_of_their_own_and_nobody_knew_of_them_before(people: People) -> None:
    (dossier,) = became(people, taken_over(people, row(NIL="NIL-D"), *TOLD))
    with db.transaction(people.parts.sessions) as session:
        core = session.get_one(Candidature, UUID(dossier.id)).core_id
        day = db.today(session)
        groups = read_facts(session, core, day).on_proofs
        assert read_facts(session, core, day - timedelta(days=1)).on_proofs == []
    facts = [(proof, group.circumstances) for group in groups for proof in group.proofs]
    assert {(proof, found.status, found.day, found.standing) for proof, found in facts} == {
        (OLD_IDENTITY, FactStatus.VERIFIED, date(2024, 2, 15), Standing.IMPORTED),
        (OLD_PART, FactStatus.REJECTED, date(2024, 1, 31), Standing.IMPORTED),
    }


def test_the_same_file_is_taken_over_once(people: People) -> None:
    rows = row(NIL="NIL-E"), *TOLD
    takeover = taken_over(people, *rows)
    again = begin(people, *rows, status=200)
    people.jobs()
    assert (again["id"], again["state"]) == (takeover["id"], "finished")
    assert findings(people, takeover) == 2
    other_file = taken_over(people, *rows, "")
    assert [other_file["left_aside"], other_file["progress"]["taken"]] == [1, 0]


def test_a_takeover_that_is_cut_goes_on_where_it_was_and_does_nothing_twice(people: People) -> None:
    takeover = begin(people, row(NIL="NIL-F"), row(NIL="NIL-F", Solution="Bêta"), row(NIL="NIL-F2"))
    known = {background.name: background.task for background in tasks()}
    handed: list[str] = []
    hand_over(people.parts.sessions, handed.append)
    for job in handed * 2:  # a broker may hand a job over twice
        perform(people.parts.sessions, known, job)
    assert progress(people, takeover) == {"waiting": 2, "taken": 1, "left": 0, "taken_back": 0}
    with people.parts.sessions() as session:
        advance_takeover(session, takeover["id"])
        session.rollback()  # the process ends before the job's transaction does
    assert progress(people, takeover)["taken"] == 1
    people.jobs()
    assert progress(people, takeover) == {"waiting": 0, "taken": 3, "left": 0, "taken_back": 0}
    assert findings(people, takeover) == 3
    with db.transaction(people.parts.sessions) as session:
        advance_takeover(session, takeover["id"])
    assert findings(people, takeover) == 3


def progress(people: People, takeover: Any) -> Any:
    return people.lead.get(f"/takeovers/{takeover['id']}")["progress"]


def test_what_was_referenced_here_meanwhile_is_left_aside_and_told(people: People) -> None:
    first = begin(people, row(NIL="NIL-G"))
    second = begin(people, row(NIL="NIL-G"), "")
    people.jobs()
    assert progress(people, first)["taken"] == 1
    assert progress(people, second)["left"] == 1
    problems = list(people.lead.every(f"/takeovers/{second['id']}/problems?limit=1"))
    assert [problem["code"] for problem in problems] == ["proofs_untold", "already_referenced"]


def test_a_referencing_that_fails_to_the_last_is_left_aside_and_holds_up_no_other(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    takeover = begin(people, row(NIL="NIL-H"), row(NIL="NIL-H2"))

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched, db.transaction(people.parts.sessions) as session:
        patched.setattr(running, "record_referencing", fail)
        with pytest.raises(ZeroDivisionError):
            advance_takeover(session, takeover["id"])
        session.info["last_try"] = True
        advance_takeover(session, takeover["id"])
    people.jobs()
    assert progress(people, takeover) == {"waiting": 0, "taken": 1, "left": 1, "taken_back": 0}
    *_, problem = people.lead.every(f"/takeovers/{takeover['id']}/problems")
    assert (problem["row"], problem["code"]) == (2, "taking_over_failed")


def test_another_organisation_learns_nothing_of_it(people: People) -> None:
    (dossier,) = became(people, taken_over(people, row(NIL="NIL-I")))
    other = people(Role.EDITOR, organisation="Logiciels Bise")
    assert other.refused(404, "GET", dossier.path)["status"] == 404


def test_only_those_who_may_take_over_follow_it(people: People) -> None:
    takeover = begin(people, row(NIL="NIL-J"))
    for client in (people.editor, people.verifier):
        for path in (
            "",
            f"/{takeover['id']}",
            f"/{takeover['id']}/problems",
            f"/{takeover['id']}/referencings",
        ):
            assert client.refused(403, "GET", f"/takeovers{path}")["status"] == 403
    listed = people(Role.CATALOGUE).get("/takeovers?limit=1")["items"]
    assert [one["id"] for one in listed] == [takeover["id"]]
    people.jobs()
