"""Who would profit, over HTTP: a survey over every software, its lines, and a letter that is sent once and followed."""

import csv
import io
from collections.abc import Callable
from threading import Thread
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.permissions import Role
from referencing.candidatures.record.states import Action
from referencing.candidatures.verdicts import instruction
from referencing.equivalence.rulebooks.operations import write_rulebook
from referencing.equivalence.rulebooks.rulebooks import Rules
from referencing.mail.models import Letter
from referencing.outreach import operations, surveying
from referencing.outreach.forgetting import forget_surveys
from tests.builders import ALIZE, ALWAYS, Asked, Story, equal, person, publish_dsr, publish_rules
from tests.clients import Client
from tests.conftest import Preparing, Time, parts

BRISE, CALME = "Brise Santé", "Calme SA"
LIVED = "lived"
As = Callable[..., Client]
Jobs = Callable[[], int]


class Lived(NamedTuple):
    """What Alizé has in the database as which each test begins."""

    solution: UUID
    verified: UUID


def live(session: Session) -> Lived:
    """Alizé has two proofs of vague 1 verified; Brise has the same and an open dossier; Calme has nothing."""
    publish_dsr(session, "LGC-V1", Asked("INS.1"), Asked("INS.2"))
    publish_dsr(session, "LGC-V2", Asked("INS.1"), Asked("INS.2"), Asked("INS.3"))
    publish_rules(session, equal("LGC-V1:INS.1", "LGC-V2:INS.1"))
    alize, brise = Story(session, ALIZE), Story(session, BRISE)
    solution = alize.solution(f"Logiciel {ALIZE}", "NIL-1")
    verified = alize.verified(solution, "LGC-V1")
    other = brise.solution(f"Logiciel {BRISE}", "NIL-2")
    brise.verified(other, "LGC-V1")
    brise.submit(brise.draft(other, "LGC-V2"), incomplete=True)
    Story(session, CALME).solution("Rien", "NIL-3")
    return Lived(solution.id, verified.id)


class World:
    def __init__(self, app: Flask, as_: As, lived: Lived) -> None:
        self.app = app
        self.solution, self.verified = lived
        self.lead = as_(Role.LEAD)
        self.alize = as_(Role.EDITOR, organisation=ALIZE)

    def survey(self, jobs: Jobs, **words: Any) -> str:
        asked = self.lead.post("/surveys", words, 202)
        jobs()
        return f"/surveys/{asked['id']}"

    def lines(self, path: str, query: str = "") -> list[tuple[Any, ...]]:
        return [
            (one["organisation"], one["dsr"], one["presence"], one["covered_proofs"], one["required_proofs"])
            for one in self.lead.every(f"{path}/lines{query}")
        ]


@pytest.fixture(scope="module")
def lived(preparing: Preparing) -> Lived:
    with preparing(LIVED) as app, db.transaction(parts(app).sessions) as session:
        return live(session)


@pytest.fixture(scope="module")
def template(lived: Lived) -> str:
    return LIVED


@pytest.fixture
def world(app: Flask, as_: As, lived: Lived) -> World:
    return World(app, as_, lived)


def test_every_software_is_looked_at_whether_it_has_a_dossier_or_not(world: World, jobs: Jobs) -> None:
    path = world.survey(jobs)
    said = world.lead.get(path)
    assert (said["state"], said["done"], said["total"], said["actions"]) == ("finished", 3, 3, [])
    assert world.lines(path) == [
        (ALIZE, "LGC-V1", "open", 2, 0),
        (ALIZE, "LGC-V2", "none", 1, 2),
        (BRISE, "LGC-V1", "open", 2, 0),
        (BRISE, "LGC-V2", "open", 1, 2),
    ]
    (line, *_) = world.lead.get(f"{path}/lines?presence=open&dsr=LGC-V2")["items"]
    assert {contact["function"] for contact in line["contacts"]} <= {"mandataire", "representant"}
    assert line["contacts"]


def test_lines_are_narrowed_down(world: World, jobs: Jobs) -> None:
    path = world.survey(jobs)
    every = world.lines(path)
    for query, keep in (
        ("?dsr=LGC-V2", lambda one: one[1] == "LGC-V2"),
        ("?vague=1", lambda one: one[1] == "LGC-V1"),
        ("?presence=open", lambda one: one[2] == "open"),
        ("?covered=2", lambda one: one[3] >= 2),
        ("?couloir=c&dispositif=LGC&vague=2&presence=open", lambda one: one[1:3] == ("LGC-V2", "open")),
        ("?dispositif=RIS", lambda _: False),
    ):
        assert world.lines(path, query) == [one for one in every if keep(one)]
    assert world.lines(path, "?limit=1") == every


def test_the_same_lines_are_a_sheet(world: World, jobs: Jobs) -> None:
    path = world.survey(jobs)
    sent = world.lead.send("GET", f"{path}/lines?format=csv&dsr=LGC-V2")
    (first, *_) = csv.DictReader(io.StringIO(sent.get_data(as_text=True)))
    assert (first["Éditeur"], first["DSR"], first["Couvertes"]) == (ALIZE, "LGC-V2", "1")
    assert "mandataire" in first["Contacts"]


def test_a_draft_of_rules_is_surveyed_and_an_edited_one_is_outdated(world: World, jobs: Jobs) -> None:
    with db.transaction(parts(world.app).sessions) as session:
        lead = person(session, Role.LEAD)
        links = tuple(equal(f"LGC-V1:INS.{n}", f"LGC-V2:INS.{n}") for n in (1, 2))
        rulebook = write_rulebook(session, lead, "Essai", Rules(links, (), (ALWAYS,))).id
    path = world.survey(jobs, rulebook=str(rulebook))
    assert (ALIZE, "LGC-V2", "none", 2, 1) in world.lines(path)
    asked = world.lead.post("/surveys", {"rulebook": str(rulebook)}, 202)
    with db.transaction(parts(world.app).sessions) as session:
        session.execute(
            sa.text("UPDATE rulebook SET revision = revision + 1 WHERE id = :id"), {"id": rulebook}
        )
    jobs()
    assert world.lead.get(f"/surveys/{asked['id']}")["state"] == "outdated"
    world.lead.refused(409, "GET", f"/surveys/{asked['id']}/lines")
    world.lead.refused(404, "POST", "/surveys", json={"rulebook": str(uuid4())})


def test_it_goes_on_in_batches_and_is_given_up(
    world: World, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = world.lines(world.survey(jobs))
    monkeypatch.setattr(surveying, "BATCH", 1)
    assert world.lines(world.survey(jobs)) == whole
    asked = world.lead.post("/surveys", {}, 202)
    assert asked["actions"] == ["cancel"]
    assert world.lead.post("/surveys", {}, 202)["id"] == asked["id"]
    world.lead.refused(409, "GET", f"/surveys/{asked['id']}/lines")
    assert world.lead.post(f"/surveys/{asked['id']}/cancellation", status=200)["state"] == "cancelled"
    jobs()
    assert world.lead.get(f"/surveys/{asked['id']}")["done"] == 0
    world.lead.refused(409, "POST", f"/surveys/{asked['id']}/cancellation")


@pytest.mark.parametrize("rules", [True, False])
def test_who_asks_at_the_same_time_is_answered_the_one_that_is_begun(
    app: Flask, as_: As, rules: bool
) -> None:
    lead, sessions = as_(Role.LEAD), parts(app).sessions
    with db.transaction(sessions) as session:
        other = person(session, Role.LEAD)
        if rules:
            publish_rules(session)
    answered: list[str] = []
    asking = Thread(target=lambda: answered.append(lead.post("/surveys", {}, 202)["id"]))
    with db.transaction(sessions) as session:
        begun = operations.start(session, other)
        asking.start()
        asking.join(0.5)
        assert asking.is_alive()
    asking.join(30)
    assert answered == [str(begun.id)]
    assert [one["id"] for one in lead.get("/surveys")["items"]] == answered


def test_a_batch_that_is_done_twice_counts_once(world: World, jobs: Jobs) -> None:
    path = world.survey(jobs)
    before = world.lines(path)
    with db.transaction(parts(world.app).sessions) as session:
        surveying.advance_survey(session, path.rpartition("/")[2], "")
    assert world.lines(path) == before


def test_a_draft_is_its_editor_s_alone(world: World, jobs: Jobs) -> None:
    world.alize.post(
        "/candidatures", {"dsr": "LGC-V2", "solution": str(world.solution), "software_version": "2.0"}
    )
    assert (ALIZE, "LGC-V2", "none", 1, 2) in world.lines(world.survey(jobs))


def test_a_letter_goes_once_to_each_editor_and_its_effect_is_followed(world: World, jobs: Jobs) -> None:
    path = world.survey(jobs)
    words = {"subject": "Vos preuves", "among": {"dsr": "LGC-V2", "presence": "none"}}
    made = world.lead.post(f"{path}/campaigns", words)
    campaign = f"/campaigns/{made['id']}"
    assert (made["state"], made["actions"]) == ("draft", ["edit", "send"])
    (foreseen,) = world.lead.get(f"{campaign}/letters")["items"]
    assert (foreseen["organisation"], foreseen["dsrs"], foreseen["people"]) == (ALIZE, ["LGC-V2"], None)
    assert "Alizé Cabinet, LGC-V2 : 1 couverte, sur 3" in foreseen["text"]
    problem = world.lead.refused(422, "PUT", campaign, json={"subject": "A", "text": "Bonjour {nom}"})
    assert problem["errors"][0]["pointer"] == "/text"
    world.lead.put(campaign, {"subject": "À vous", "text": "Bonjour {editeur} : {solutions}"})

    world.alize.put("/me/email", {"address": "noel@alize.example.fr"})
    assert world.lead.post(f"{campaign}/sending", status=200)["state"] == "sent"
    world.lead.refused(409, "POST", f"{campaign}/sending")
    world.lead.refused(409, "PUT", campaign, json={"subject": "A", "text": "{solutions}"})
    jobs()
    with db.transaction(parts(world.app).sessions) as session:
        written = session.scalars(sa.select(Letter).where(Letter.subject == "À vous")).all()
        texts = {letter.text for letter in written}
        accounts = {letter.account_id for letter in written}
    assert len(accounts) == len(written) > 0
    (text,) = texts
    assert text.startswith(f"Bonjour {ALIZE} : - Alizé Cabinet, LGC-V2 : 1 couverte")
    (letter,) = world.lead.get(f"{campaign}/letters")["items"]
    assert (letter["people"], letter["opened"]) == (1, []), "the others have no address"

    asked = {"dsr": "LGC-V2", "solution": str(world.solution), "software_version": "2.0"}
    dossier = world.alize.post("/candidatures", asked)["id"]
    assert world.lead.get(f"{campaign}/letters")["items"][0]["opened"] == []  # a draft is its editor's alone
    world.alize.post(f"/candidatures/{dossier}/submission", {"incomplete": True}, 200)
    assert world.lead.get(f"{campaign}/letters")["items"][0]["opened"] == [
        {"candidature": dossier, "dsr": "LGC-V2"}
    ]
    assert [one["id"] for one in world.lead.get(f"{path}/campaigns")["items"]] == [made["id"]]


def test_what_is_referenced_already_is_counted_and_not_written_of(world: World, jobs: Jobs) -> None:
    with db.transaction(parts(world.app).sessions) as session:
        instruction.decide(
            session, person(session, Role.LEAD), world.verified, action=Action.REFERENCE, comment="Vu."
        )
    path = world.survey(jobs)
    assert (ALIZE, "LGC-V1", "referenced", 2, 0) in world.lines(path)
    made = world.lead.post(f"{path}/campaigns", {})
    letters = world.lead.get(f"/campaigns/{made['id']}/letters")["items"]
    told = {letter["organisation"]: letter["dsrs"] for letter in letters}
    assert told == {ALIZE: ["LGC-V2"], BRISE: ["LGC-V1", "LGC-V2"]}


def test_nobody_is_written_to_where_nobody_is_concerned(world: World, jobs: Jobs) -> None:
    path = world.survey(jobs)
    made = world.lead.post(f"{path}/campaigns", {"among": {"dsr": "RIS-V1"}})
    refused = world.lead.refused(409, "POST", f"/campaigns/{made['id']}/sending")
    assert "Aucun éditeur n'est concerné" in refused["detail"]
    world.lead.refused(422, "POST", f"{path}/campaigns", json={"text": "{"})
    world.lead.refused(404, "GET", f"/campaigns/{uuid4()}")


def test_it_is_for_leads(world: World, jobs: Jobs, as_: As) -> None:
    path = world.survey(jobs)
    for who in (world.alize, as_(Role.VERIFIER), as_(Role.AUDITOR), as_(Role.CATALOGUE)):
        who.refused(403, "GET", "/surveys")
        who.refused(403, "GET", f"{path}/lines")
        who.refused(403, "POST", f"{path}/campaigns", json={})


def test_an_editor_in_a_conflict_of_interest_is_not_told_of_nor_written_to(world: World, jobs: Jobs) -> None:
    path = world.survey(jobs)
    world.lead.post("/conflicts", {"organisation": ALIZE, "verifier": world.lead.get("/me")["id"]})
    assert {one[0] for one in world.lines(path)} == {BRISE}
    made = world.lead.post(f"{path}/campaigns", {})
    letters = world.lead.get(f"/campaigns/{made['id']}/letters")["items"]
    assert [one["organisation"] for one in letters] == [BRISE]


def test_what_a_survey_found_is_forgotten_after_a_time(world: World, jobs: Jobs, time: Time) -> None:
    written, plain, last = (world.survey(jobs) for _ in range(3))
    made = world.lead.post(f"{written}/campaigns", {})
    time.pass_days(40)
    with db.transaction(parts(world.app).sessions) as session:
        forget_surveys(session, simulations_kept=30)
    assert world.lines(written) == []
    world.lead.refused(404, "GET", plain)
    assert world.lines(last)
    refused = world.lead.refused(409, "POST", f"/campaigns/{made['id']}/sending")
    assert "effacé" in refused["detail"]
