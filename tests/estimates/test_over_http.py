"""What a draft of a requirement list would cost, over HTTP: asked for once, followed, read chapter by chapter."""

import csv
import io
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from referencing.base import db
from referencing.base.permissions import Role
from referencing.catalogue import operations as catalogue
from referencing.equivalence.engine.facts import Relation
from referencing.estimates import estimating, operations
from referencing.estimates.forgetting import forget_estimates
from referencing.outreach import operations as surveys
from tests.builders import ALIZE, Asked, Story, equal, person, publish_rules
from tests.clients import Client
from tests.conftest import Time, parts

from .lists import draft, publish

BRISE, CALME = "Brise Santé", "Calme SA"
As = Callable[..., Client]
Jobs = Callable[[], int]

IN_FORCE = (
    Asked("INS.1", text="Le logiciel DOIT afficher l'INS."),
    Asked("INS.2", scenario="1. Ouvrir un dossier."),
    Asked("INS.3"),
    Asked("DMP.1", chapter="DMP"),
)
DRAFT = (
    Asked("INS.1", text="Le logiciel DOIT afficher l'INS qualifiée."),
    Asked("INS.2", scenario="1. Ouvrir un dossier patient."),
    Asked("INS.4"),
    Asked("DMP.1", chapter="DMP"),
)


class World:
    """Two softwares verified on LGC-V2, of which Alizé's was on LGC-V1 too, and a third that has nothing verified.

    The draft changes the text of INS.1 and the scenario of INS.2, has INS.3 no more, and adds INS.4.
    """

    def __init__(self, app: Flask, as_: As) -> None:
        self.app = app
        with db.transaction(parts(app).sessions) as session:
            publish(session, "LGC-V1", Asked("INS.1"), Asked("INS.2"))
            publish(session, "LGC-V2", *IN_FORCE)
            publish(session, "SGL-V2", Asked("INS.3"))
            publish_rules(
                session,
                equal("LGC-V1:INS.1", "LGC-V2:INS.1"),
                equal("LGC-V1:INS.2", "LGC-V2:INS.2", Relation.INTERSECTS),
                equal("LGC-V2:INS.3", "SGL-V2:INS.3"),
            )
            for name, nil in ((ALIZE, "NIL-1"), (BRISE, "NIL-2"), (CALME, "NIL-3")):
                story = Story(session, name)
                solution = story.solution(f"Logiciel {name}", nil)
                if name == CALME:
                    story.submit(story.draft(solution, "LGC-V2"), incomplete=True)
                    continue
                story.verified(solution, "LGC-V2")
                if name == ALIZE:
                    story.verified(solution, "LGC-V1")
                else:
                    story.submit(story.draft(solution, "SGL-V2"), incomplete=True)
            draft(session, "LGC-V2", *DRAFT)
        self.author = as_(Role.CATALOGUE)

    def estimate(self, jobs: Jobs) -> str:
        asked = self.author.post("/dsrs/LGC-V2/estimates", status=202)
        jobs()
        return f"/dsrs/LGC-V2/estimates/{asked['id']}"

    def rows(self, path: str, query: str = "") -> dict[str, dict[str, Any]]:
        return {row["code"]: row for row in self.author.every(f"{path}/requirements{query}")}


@pytest.fixture
def world(app: Flask, as_: As) -> World:
    return World(app, as_)


def softwares(cost: dict[str, Any]) -> tuple[int, ...]:
    return tuple(cost[name] for name in ("keeping", "confirming", "losing", "spared"))


def proofs(cost: dict[str, Any]) -> tuple[int, ...]:
    return cost["more_to_confirm"], cost["more_to_supply"]


def test_what_softwares_keep_confirm_and_lose_is_told_by_requirement(world: World, jobs: Jobs) -> None:
    path = world.estimate(jobs)
    rows = world.rows(path)
    assert {code: row["change"] for code, row in rows.items()} == {
        "INS.1": "changed",
        "INS.2": "changed",
        "INS.4": "added",
        "INS.3": "removed",
    }
    counts = {code: (*softwares(row), *proofs(row), row["open_dossiers"]) for code, row in rows.items()}
    assert counts == {
        "INS.1": (1, 0, 1, 1, 0, 1, 0),  # Alizé's is shown by what was verified of vague 1
        "INS.2": (0, 1, 1, 2, 1, 1, 0),  # of which vague 1 shows a part
        "INS.4": (0, 0, 0, 0, 0, 3, 0),  # all three have to supply it
        "INS.3": (0, 0, 2, 0, 0, -1, 1),  # nobody has to any more, and a dossier on SGL-V2 stood on it
    }
    assert rows["INS.1"]["differing"] == [{"part": "text", "from": "", "to": "qualifiée"}]
    assert rows["INS.1"]["shown_unchanged"]
    (reworded,) = rows["INS.2"]["proofs"]
    assert reworded["differing"] == [{"part": "scenario", "from": "", "to": "patient"}]
    assert not rows["INS.2"]["shown_unchanged"]

    said = world.author.get(path)
    assert (said["state"], said["done"], said["total"], said["actions"]) == ("finished", 3, 3, [])
    assert (said["version"], said["against_version"], said["changed_since"]) == (2, 1, [])
    assert (*softwares(said["cost"]), *proofs(said["cost"]), said["cost"]["open_dossiers"]) == (
        *(0, 0, 2, 0),
        *(1, 4),
        1,
    )
    (chapter,) = said["by_chapter"]
    assert (chapter["chapter"], chapter["requirements"], softwares(chapter)) == ("INS", 4, (0, 0, 2, 0))
    assert {pace["days_each"] for pace in said["paces"]} == {None}, "too little is measured to tell"
    assert said["cost"]["editor_days"] is said["cost"]["verifier_days"] is None
    assert rows["INS.1"]["verifier_days"] is None
    assert any("ne sont pas estimés" in sentence for sentence in said["assumptions"])


def test_a_first_draft_is_held_against_the_dsr_that_its_author_names(world: World, jobs: Jobs) -> None:
    with db.transaction(parts(world.app).sessions) as session:
        draft(session, "LGC-V3", Asked("INS.1"), Asked("INS.2"), Asked("INS.9"))
        publish_rules(
            session,
            equal("LGC-V2:INS.1", "LGC-V3:INS.1"),
            equal("LGC-V2:INS.2", "LGC-V3:INS.2", Relation.INTERSECTS),
        )
    path, author = "/dsrs/LGC-V3/estimates", world.author
    assert "nommez le DSR" in author.refused(409, "POST", path)["detail"]
    for unknown in ("LGC-V9", "LGC-V3"):
        wrong = author.refused(422, "POST", path, json={"against_dsr": unknown})
        assert wrong["errors"][0]["pointer"] == "/against_dsr"
    asked = author.post(path, {"against_dsr": "LGC-V2"}, status=202)
    jobs()
    rows = world.rows(f"{path}/{asked['id']}")
    counts = {code: (row["change"], *softwares(row), *proofs(row)) for code, row in rows.items()}
    assert counts == {  # two were verified on LGC-V2, the third has nothing
        "INS.1": ("added", 2, 0, 1, 0, 0, 1),
        "INS.2": ("added", 0, 2, 1, 0, 2, 1),
        "INS.9": ("added", 0, 0, 3, 0, 0, 3),
    }
    said = author.get(f"{path}/{asked['id']}")
    assert (said["against_dsr"], said["against_version"], said["total"]) == ("LGC-V2", 1, 3)
    assert softwares(said["cost"]) == (0, 0, 3, 0)
    assert any("Chaque logiciel qui a déposé un dossier sur LGC-V2" in one for one in said["assumptions"])
    assert author.post(path, {"against_dsr": "LGC-V1"}, status=202)["id"] != asked["id"]


def test_a_software_is_looked_at_under_each_of_its_names(world: World, jobs: Jobs) -> None:
    """Another name has a composition in which what was verified does not serve: there it loses what it keeps here."""
    with db.transaction(parts(world.app).sessions) as session:
        publish(session, "MSS-V2", Asked("MSS.1", roles=["mss"], text="Avant."))
        publish_rules(session, equal("LGC-V1:INS.1", "MSS-V2:MSS.1"))
        story = Story(session, "Delta SA")
        first = story.solution("Delta", "NIL-4")
        story.verified(first, "LGC-V1", composition={"mss": "F@1"})
        other = story.solution("Delta Bis", on=first)
        for solution, component in ((other, "F@2"), (first, "F@1")):
            dossier = story.draft(solution, "MSS-V2", composition={"mss": component})
            story.submit(dossier, incomplete=True)
        draft(session, "MSS-V2", Asked("MSS.1", roles=["mss"], text="Après."))
        draft(session, "MSS-V3", Asked("MSS.1", roles=["mss"]))
        publish_rules(session, equal("LGC-V1:INS.1", "MSS-V3:MSS.1"))
    asked = world.author.post("/dsrs/MSS-V3/estimates", {"against_dsr": "MSS-V2"}, status=202)
    jobs()
    (row,) = world.rows(f"/dsrs/MSS-V3/estimates/{asked['id']}").values()
    assert (*softwares(row), *proofs(row)) == (0, 0, 1, 0, 0, 1), "once, as under the name that loses most"


def test_a_draft_without_changes_costs_nothing(world: World, jobs: Jobs) -> None:
    with db.transaction(parts(world.app).sessions) as session:
        session.execute(sa.text("DELETE FROM dsr_version WHERE published_at IS NULL"))
        draft(session, "LGC-V2", *reversed(IN_FORCE))
    path = world.estimate(jobs)
    said = world.author.get(path)
    assert (said["state"], said["done"], said["total"]) == ("finished", 0, 3)
    assert not any(softwares(said["cost"]))
    assert (said["cost"]["editor_days"], said["cost"]["verifier_days"]) == (0, 0)
    assert (said["by_chapter"], world.rows(path)) == ([], {})


def test_it_is_narrowed_down_paged_and_a_sheet(world: World, jobs: Jobs) -> None:
    path = world.estimate(jobs)
    every = world.rows(path)
    assert world.rows(path, "?limit=1") == every
    assert [*world.rows(path, "?change=added")] == ["INS.4"]
    assert world.rows(path, "?chapter=DMP") == {}
    sent = world.author.send("GET", f"{path}/requirements?format=csv&limit=2")
    assert 'rel="next"' in sent.headers["Link"]
    (first, _) = csv.DictReader(io.StringIO(sent.get_data(as_text=True)))
    assert first["Exigence"] == "INS.1"
    assert first["Ce qui change"] == "texte de l'exigence : «  » → « qualifiée »"
    assert (first["Logiciels qui gardent"], first["Logiciels qui perdent"]) == ("1", "1")


def test_words_that_a_sheet_would_reckon_with_are_escaped(world: World, jobs: Jobs) -> None:
    with db.transaction(parts(world.app).sessions) as session:
        session.execute(
            sa.text(
                "UPDATE requirement SET chapter = '=1+1' FROM dsr_version AS version"
                " WHERE version.id = version_id AND published_at IS NULL"
            )
        )
    sent = world.author.send("GET", f"{world.estimate(jobs)}/requirements?format=csv")
    chapters = {row["Chapitre"] for row in csv.DictReader(io.StringIO(sent.get_data(as_text=True)))}
    assert chapters == {"'=1+1", "INS"}


def test_an_answer_is_kept_and_says_what_changed_since(world: World, jobs: Jobs) -> None:
    path = world.estimate(jobs)
    again = world.author.post("/dsrs/LGC-V2/estimates", status=200)
    assert path.endswith(again["id"])
    with db.transaction(parts(world.app).sessions) as session:
        surveys.start(session, person(session, Role.LEAD))  # which finds, and changes nothing
    assert world.author.get(path)["changed_since"] == []
    with db.transaction(parts(world.app).sessions) as session:
        session.execute(
            sa.text(
                "UPDATE requirement SET comment = 'Autre.' FROM dsr_version AS version"
                " WHERE version.id = version_id AND published_at IS NULL AND code = 'INS.4'"
            )
        )
        publish_rules(session, equal("LGC-V1:INS.1", "LGC-V2:INS.1"))
    told = {reason["code"] for reason in world.author.get(path)["changed_since"]}
    assert told == {"draft", "rules_in_force"}
    assert world.author.get(f"{path}/requirements")["items"], "what it said then can be read"
    other = world.author.post("/dsrs/LGC-V2/estimates", status=202)
    assert not path.endswith(other["id"])
    with db.transaction(parts(world.app).sessions) as session:
        catalogue.publish(session, person(session, Role.CATALOGUE), "LGC-V2")
    jobs()
    assert world.author.get(f"/dsrs/LGC-V2/estimates/{other['id']}")["state"] == "outdated"
    assert "publication" in {reason["code"] for reason in world.author.get(path)["changed_since"]}
    refused = world.author.refused(409, "POST", "/dsrs/LGC-V2/estimates")
    assert "pas de projet" in refused["detail"]


def test_a_list_whose_code_begins_alike_is_another_list(world: World, jobs: Jobs) -> None:
    path = world.estimate(jobs)
    with db.transaction(parts(world.app).sessions) as session:
        manager = person(session, Role.CATALOGUE)
        words = {"dispositif": "LGC", "vague": 2, "couloir": "HOP", "title": "Bis"}
        catalogue.define_dsr(session, manager, "LGC-V2-BIS", **words)
    assert [reason["code"] for reason in world.author.get(path)["changed_since"]] == ["facts"]


def test_it_goes_on_in_batches_and_is_given_up(
    world: World, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimating, "BATCH", 1)
    path = world.estimate(jobs)
    rows = world.rows(path)
    assert (*softwares(rows["INS.2"]), *proofs(rows["INS.2"])) == (0, 1, 1, 2, 1, 1)
    assert softwares(world.author.get(path)["cost"]) == (0, 0, 2, 0)
    with db.transaction(parts(world.app).sessions) as session:
        publish_rules(session)
    asked = world.author.post("/dsrs/LGC-V2/estimates", status=202)
    path = f"/dsrs/LGC-V2/estimates/{asked['id']}"
    assert asked["actions"] == ["cancel"]
    assert world.author.post("/dsrs/LGC-V2/estimates", status=202)["id"] == asked["id"]
    world.author.refused(409, "GET", f"{path}/requirements")
    assert world.author.post(f"{path}/cancellation", status=200)["state"] == "cancelled"
    jobs()
    assert world.author.get(path)["done"] == 0
    world.author.refused(409, "POST", f"{path}/cancellation")
    world.author.refused(409, "GET", f"{path}/requirements")
    assert len([*world.author.every("/dsrs/LGC-V2/estimates?limit=1")]) == 2


def test_who_asks_at_the_same_time_is_answered_the_one_that_is_begun(world: World) -> None:
    answered: list[str] = []
    asking = Thread(
        target=lambda: answered.append(world.author.post("/dsrs/LGC-V2/estimates", status=202)["id"])
    )
    with db.transaction(parts(world.app).sessions) as session:
        begun = operations.start(session, person(session, Role.CATALOGUE), "LGC-V2")
        asking.start()
        asking.join(0.5)
        assert asking.is_alive()
    asking.join(30)
    assert answered == [str(begun.id)]


def test_a_job_that_is_done_twice_counts_once(world: World, jobs: Jobs) -> None:
    asked = world.author.post("/dsrs/LGC-V2/estimates", status=202)
    for job in (estimating.list_differences, estimating.advance_estimate):
        after = {} if job is estimating.list_differences else {"after": ""}
        for _ in range(2):
            with db.transaction(parts(world.app).sessions) as session:
                job(session, asked["id"], **after)
    jobs()
    path = f"/dsrs/LGC-V2/estimates/{asked['id']}"
    assert world.author.get(path)["done"] == 3
    assert softwares(world.rows(path)["INS.2"]) == (0, 1, 1, 2)


def test_it_is_for_who_edits_the_catalogue(world: World, jobs: Jobs, as_: As) -> None:
    path = world.estimate(jobs)
    for who in (as_(Role.EDITOR, organisation=ALIZE), as_(Role.VERIFIER), as_(Role.LEAD)):
        who.refused(403, "POST", "/dsrs/LGC-V2/estimates")
        who.refused(403, "GET", path)
        who.refused(403, "GET", f"{path}/requirements")
    world.author.refused(404, "GET", path.replace("LGC-V2", "SGL-V2"))
    world.author.refused(404, "POST", "/dsrs/RIS-V9/estimates")


def test_what_an_estimate_found_is_forgotten_after_a_time(world: World, jobs: Jobs, time: Time) -> None:
    earlier = world.estimate(jobs)
    with db.transaction(parts(world.app).sessions) as session:
        publish_rules(session)
    last = world.estimate(jobs)
    time.pass_days(40)
    with db.transaction(parts(world.app).sessions) as session:
        forget_estimates(session, simulations_kept=30)
    world.author.refused(404, "GET", earlier)
    assert world.author.get(last)["state"] == "finished"
