"""A rulebook tried over HTTP: asked for, followed, read as JSON and as sheets, given up."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.permissions import Role
from referencing.candidatures.record.states import Action
from referencing.candidatures.verdicts import instruction
from referencing.equivalence.engine.facts import Correspondence, Relation
from referencing.equivalence.rulebooks.models import Rulebook, Simulation
from referencing.solutions.models import Solution
from tests.builders import Asked, Story, equal, perform_jobs, publish_dsr, publish_rules, statements
from tests.clients import Client
from tests.conftest import parts
from tests.simulations.running import draft_rules, ended, prepared

Json = dict[str, Any]
As = Callable[..., Client]
Jobs = Callable[[], int]

RULES: Json = {
    "label": "Projet",
    "correspondences": [
        {"id": "R1", "from": ["LGC-V1:A"], "to": "LGC-V2:A", "relation": "equal"},
        {"id": "R2", "from": ["LGC-V1:B"], "to": "LGC-V2:B", "relation": "subset"},
    ],
    "policies": [{"when": {}, "then": {"reuse": "auto"}}],
}


@pytest.fixture(scope="module")
def template(server: sa.URL) -> str:
    """In force: C is the same, A in part; the project makes A whole and B in part, and leaves C out.

    One dossier was referenced, another is open, in which the B found for the first counts; the project was simulated.
    """
    with prepared(server, "simulation_http") as sessions:
        with db.transaction(sessions) as session:
            referential(session)
        with db.transaction(sessions) as session:
            draft = draft_rules(
                session,
                Correspondence("R1", ("LGC-V1:A",), "LGC-V2:A", Relation.EQUAL),
                Correspondence("R2", ("LGC-V1:B",), "LGC-V2:B", Relation.SUBSET),
            )
            ended(session, draft)
    return "simulation_http"


def referential(session: Session) -> None:
    asked = (Asked("A"), Asked("B", chapter="MSS"), Asked("C", chapter="DMP"), Asked("D"))
    publish_dsr(session, "LGC-V1", *asked)
    publish_dsr(session, "LGC-V2", *asked)
    publish_rules(session, equal("LGC-V1:A", "LGC-V2:A", Relation.SUBSET), equal("LGC-V1:C", "LGC-V2:C"))
    story = Story(session, "=Éditions « Cœur »")
    solution = story.solution("Été", "NIL-1")
    story.verified(solution, "LGC-V1")
    dossier = story.verified(solution, "LGC-V2")
    story.find(dossier, "LGC-V2:A#01.01")
    instruction.decide(session, story.lead, dossier.id, action=Action.REFERENCE, comment="Vu.")
    opened = story.draft(session.get_one(Solution, solution.id), "LGC-V2")
    story.submit(opened, incomplete=True)
    perform_jobs(session)


@pytest.fixture
def lead(as_: As) -> Client:
    return as_(Role.LEAD)


@pytest.fixture
def finished(app: Flask) -> str:
    """The path of the simulation that is there."""
    with db.transaction(parts(app).sessions) as session:
        found = session.scalars(sa.select(Simulation)).one()
        return f"/rulebooks/{found.rulebook_id}/simulations/{found.id}"


@pytest.fixture
def rulebook(lead: Client) -> str:
    """Another draft, that says the same."""
    return f"/rulebooks/{lead.post('/rulebooks', RULES)['id']}"


@pytest.fixture
def running(lead: Client, rulebook: str) -> str:
    """The path of a simulation that waits for its first batch."""
    return f"{rulebook}/simulations/{lead.post(f'{rulebook}/simulations', status=202)['id']}"


def test_it_is_asked_for_followed_and_read(lead: Client, rulebook: str, jobs: Jobs) -> None:
    response = lead.send("POST", f"{rulebook}/simulations")
    asked = lead.expect(202, response)
    path = f"{rulebook}/simulations/{asked['id']}"
    assert response.headers["Location"] == f"/api/v1{path}"
    assert (asked["state"], asked["progress"]) == ("running", {"done": 0, "total": 3})
    under_way = lead.get(path)
    assert (under_way["totals"], under_way["groups"], under_way["ended_at"]) == (None, [], None)
    jobs()
    found = lead.get(path)
    assert (found["state"], found["progress"]) == ("finished", {"done": 3, "total": 3})
    assert found["changed_since"] == []


def test_what_would_change_by_dispositif_and_chapter(lead: Client, finished: str) -> None:
    found = lead.get(finished)
    groups = {(one["dossiers"], one["dispositif"], one["chapter"]): one for one in found["groups"]}
    assert set(groups) == {
        *(("open", "LGC", chapter) for chapter in ("INS", "DMP")),
        *(("decided", "LGC", chapter) for chapter in ("INS", "DMP", "MSS")),
    }
    ins = groups["open", "LGC", "INS"]
    counts = ("covered", "to_confirm", "awaiting", "no_longer", "otherwise")
    assert [ins[key] for key in counts] == [1, 0, 0, 0, 0]
    assert ins["moves"] == [{"before": "to_confirm", "after": "covered", "items": 1}]
    assert [groups["open", "LGC", "DMP"][key] for key in counts] == [0, 0, 0, 1, 0]
    assert [groups["decided", "LGC", "MSS"][key] for key in counts] == [0, 1, 0, 0, 0]
    assert found["totals"]["open"]["covered"] == found["totals"]["decided"]["covered"] == 1


def test_the_days_saved_and_what_they_stand_on(lead: Client, finished: str) -> None:
    """Too few answers: five tasks a day, a quarter asked again. A reading costs 4/15, a confirmation 1/5 + 1/15."""
    found = lead.get(finished)
    saved = {
        one["chapter"]: one["verifier_days_saved"] for one in found["groups"] if one["dossiers"] == "open"
    }
    assert saved == {"DMP": -0.27, "INS": 0.27}
    assert found["totals"]["open"]["verifier_days_saved"] == 0
    assert [(one["queue"], one["supposed"]) for one in found["effort"]] == [
        ("proof_review", True),
        ("equivalence", True),
    ]
    assert any("suppose 5 tâches" in one for one in found["assumptions"])


def test_every_change_with_why_before_and_after_and_where_to_look(lead: Client, finished: str) -> None:
    found = list(lead.every(f"{finished}/changes?limit=1"))
    assert len(found) == 5
    whole = lead.get(f"{finished}/changes")
    assert (whole["items"], whole["next"]) == (found, None)
    (gained,) = lead.get(f"{finished}/changes?dossiers=open&after=covered")["items"]
    assert (gained["code"], gained["organisation"], gained["commercial_name"]) == (
        "LGC-V2:A#01.01",
        "=Éditions « Cœur »",
        "Été",
    )
    assert gained["before"]["status"] == "to_confirm"
    assert "une partie de ce que demande LGC-V2:A#01.01" in " ".join(gained["before"]["explanation"])
    assert (
        "la même chose que LGC-V2:A#01.01 (selon la correspondance « R1 »)."
        in gained["after"]["explanation"][-1]
    )
    assert gained["after"]["derivation"]["clause"] == "R1"
    for link in gained["links"].values():
        lead.get(link.removeprefix("/api/v1"))
    assert lead.get(gained["links"]["item"].removeprefix("/api/v1"))["id"] == gained["item"]


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("dossiers=decided", 3),
        ("chapter=MSS", 1),
        ("dispositif=DPI", 0),
        ("before=required&after=to_confirm", 1),
        ("before=covered", 2),
    ],
)
def test_the_list_is_narrowed_down(lead: Client, finished: str, asked: str, count: int) -> None:
    assert len(lead.get(f"{finished}/changes?{asked}")["items"]) == count
    assert len(lead.get(f"{finished}/sample?{asked}")["items"]) == count


def test_a_sample_has_something_of_every_kind_and_is_drawn_again_with_its_seed(
    lead: Client, finished: str
) -> None:
    def kinds(sample: Any) -> list[tuple[str, str, str]]:
        return [(one["dossiers"], one["before"]["status"], one["after"]["status"]) for one in sample["items"]]

    sample = lead.get(f"{finished}/sample?seed=7&size=6")
    assert len(set(kinds(sample))) == 5
    assert lead.get(f"{finished}/sample?seed=7&size=6") == sample
    assert kinds(lead.get(f"{finished}/sample?size=2")) == kinds(sample)[:2]


def sheet(client: Client, path: str, **headers: str) -> list[list[str]]:
    response = client.send("GET", path, headers=headers)
    assert (response.status_code, response.mimetype) == (200, "text/csv")
    return list(csv.reader(io.StringIO(response.get_data(as_text=True))))


def test_the_figures_the_list_and_the_sample_as_sheets(lead: Client, finished: str) -> None:
    head, *rows = sheet(lead, f"{finished}?format=csv")
    assert head[:4] == ["Candidatures", "Dispositif", "Chapitre", "Deviendraient couvertes"]
    assert rows[0][:7] == ["En cours", "LGC", "DMP", "0", "0", "0", "1"]
    head, *rows = sheet(lead, f"{finished}/sample", Accept="text/csv")
    assert len(rows) == 5
    assert {row[2] for row in rows} == {"'=Éditions « Cœur »"}, "no formula"
    response = lead.send("GET", f"{finished}/changes?format=csv&limit=4")
    assert 'rel="next"' in response.headers["Link"]
    following = response.headers["Link"].partition(">")[0].removeprefix("</api/v1")
    assert len(sheet(lead, following)) == 1 + 1


def test_what_is_not_finished_has_nothing_to_read_yet(lead: Client, running: str) -> None:
    for path in ("/changes", "/sample", "?format=csv"):
        assert "terminée" in lead.refused(409, "GET", f"{running}{path}")["detail"]


def test_asked_again_it_is_the_one_that_runs_then_the_one_that_is_done_then_a_new_one(
    lead: Client, rulebook: str, running: str, jobs: Jobs, app: Flask
) -> None:
    def again(status: int) -> str:
        return f"{rulebook}/simulations/{lead.post(f'{rulebook}/simulations', status=status)['id']}"

    assert again(202) == running
    jobs()
    assert again(200) == running
    with db.transaction(parts(app).sessions) as session:
        edited = sa.update(Rulebook).where(Rulebook.id == rulebook.rpartition("/")[2])
        session.execute(edited.values(revision=2))
    assert [one["code"] for one in lead.get(running)["changed_since"]] == ["draft"]
    assert again(202) != running
    listed = list(lead.every(f"{rulebook}/simulations?limit=1"))
    assert [one["revision"] for one in listed] == [1, 2]


def test_a_key_makes_the_asking_repeatable(lead: Client, rulebook: str) -> None:
    headers = {"Idempotency-Key": "k1"}
    first, second = (lead.send("POST", f"{rulebook}/simulations", headers=headers) for _ in range(2))
    assert first.json == second.json
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers["Location"] == first.headers["Location"]


def test_it_is_given_up_and_given_up_again(lead: Client, running: str, jobs: Jobs) -> None:
    for _ in range(2):
        assert lead.post(f"{running}/cancellation", status=200)["state"] == "cancelled"
    jobs()
    found = lead.get(running)
    assert (found["state"], found["progress"]["done"]) == ("cancelled", 0)
    assert "nouvelle" in lead.refused(409, "GET", f"{running}/changes")["detail"]


def test_the_state_is_told_and_publication_answers_the_warnings(lead: Client, finished: str) -> None:
    rulebook = finished.partition("/simulations")[0]
    assert lead.get(rulebook)["state"] == "draft", "nobody has checked it"
    assert lead.post(f"{rulebook}/checks", status=200)["state"] == "simulated"
    meant = {"accept_warnings": True}
    digest = lead.refused(409, "POST", f"{rulebook}/publication", json=meant)["digest"]
    published = lead.post(f"{rulebook}/publication", {**meant, "digest": digest}, status=200)
    assert (published["state"], codes(published)) == ("published", ["standing_unsaid", "standing_unsaid"])
    other = lead.post("/rulebooks", RULES)["id"]
    refused = lead.refused(409, "POST", f"/rulebooks/{other}/publication")
    assert [one["pointer"] for one in refused["errors"]] == [
        "/policies",
        "/policies",
        "",
        "",
        "/accept_warnings",
    ]
    published = lead.post(f"/rulebooks/{other}/publication", meant, 200)
    assert codes(published) == ["standing_unsaid", "standing_unsaid", "not_checked", "not_simulated"]
    assert lead.get(finished)["changed_since"][0]["code"] == "rules_in_force"


def codes(published: Any) -> list[str]:
    """The warnings that were accepted."""
    return [one["code"] for one in published["warnings"]]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.LEAD}))
def test_only_leads_are_answered(finished: str, as_: As, role: Role) -> None:
    other = as_(role)
    for path in ("", "/changes", "/sample"):
        assert "pilotage" in other.refused(403, "GET", f"{finished}{path}")["detail"]
    other.refused(403, "POST", f"{finished}/cancellation")
    other.refused(403, "POST", finished.rpartition("/")[0])
    other.refused(403, "GET", finished.rpartition("/")[0])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/changes?after=nothing", 422),
        ("/changes?cursor=x", 400),
        ("/changes?limit=0", 422),
        ("/sample?size=101", 422),
        ("/sample?seed=-1", 422),
        ("?format=xls", 422),
    ],
)
def test_what_makes_no_sense_is_refused(lead: Client, finished: str, path: str, status: int) -> None:
    lead.refused(status, "GET", f"{finished}{path}")


def test_what_is_not_there_is_not_found(lead: Client, rulebook: str) -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    lead.refused(404, "GET", f"{rulebook}/simulations/{nobody}")
    lead.refused(404, "POST", f"/rulebooks/{nobody}/simulations")
    lead.refused(404, "GET", f"/rulebooks/{nobody}/simulations")
    problem = lead.refused(422, "POST", f"{rulebook}/simulations", json={"applies_on": "2020-01-01"})
    assert [one["pointer"] for one in problem["errors"]] == ["/applies_on"]


def test_a_longer_list_is_read_in_as_many_statements(app: Flask, lead: Client, finished: str) -> None:
    counts = []
    for limit in (1, 5):
        with statements(parts(app).engine) as sent:
            assert len(lead.get(f"{finished}/changes?limit={limit}")["items"]) == limit
        counts.append(len(sent))
    assert counts[0] == counts[1]
