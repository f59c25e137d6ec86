"""Rules published, and reinstated, by people who have seen what that changes in the dossiers under way."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from referencing.base import db
from referencing.base.permissions import Role
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import State
from referencing.equivalence.rulebooks.models import Rulebook
from referencing.simulations.publication import foresight
from referencing.solutions.models import Solution
from tests.builders import Story
from tests.clients import Client
from tests.conftest import parts
from tests.simulations.running import prepared
from tests.simulations.test_over_http import RULES, referential

Json = dict[str, Any]
As = Callable[..., Client]
Jobs = Callable[[], int]
MEANT = {"accept_warnings": True}
BACK = {"reason": "Une correspondance manque."}


@pytest.fixture(scope="module")
def template(server: sa.URL) -> str:
    """In force: C is the same, A in part. By `RULES` A is the same, B is so in part, and nothing is said of C.

    One dossier is open, in which A was to be confirmed and C is covered.
    """
    with prepared(server, "publication_http") as sessions, db.transaction(sessions) as session:
        referential(session)
    return "publication_http"


@pytest.fixture
def lead(as_: As) -> Client:
    return as_(Role.LEAD)


@pytest.fixture
def draft(lead: Client) -> str:
    """The path of a draft with these rules."""
    return f"/rulebooks/{lead.post('/rulebooks', RULES)['id']}"


@pytest.fixture
def in_force(app: Flask) -> str:
    """The path of the rules in force."""
    with db.transaction(parts(app).sessions) as session:
        published = sa.select(Rulebook.id).where(Rulebook.published_at.is_not(None))
        return f"/rulebooks/{session.scalars(published).one()}"


@pytest.fixture
def dossier(app: Flask) -> str:
    """The path of the dossier that is open."""
    with db.transaction(parts(app).sessions) as session:
        opened = sa.select(Candidature.id).where(Candidature.state == State.SUBMITTED)
        return f"/candidatures/{session.scalars(opened).one()}"


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """One open dossier is more than can be compared while somebody waits."""
    monkeypatch.setattr(foresight, "MOST_COMPARED", 0)


def statuses(lead: Client, dossier: str) -> dict[str, str]:
    return {item["code"]: item["status"] for item in lead.get(f"{dossier}/equivalence")["items"]}


def dry_run(lead: Client, act: str, body: Json | None = None) -> Json:
    answered: Json = lead.post(f"{act}?dry_run=true", body, 200)
    return answered


def publish(lead: Client, draft: str) -> Json:
    """Publish whatever is lost by it."""
    digest = dry_run(lead, f"{draft}/publication")["impact"]["digest"]
    published: Json = lead.post(f"{draft}/publication", {**MEANT, "digest": digest}, 200)
    return published


def test_a_dry_run_shows_what_open_dossiers_would_lose_and_gain_and_changes_nothing(
    lead: Client, draft: str, in_force: str, dossier: str
) -> None:
    before = lead.get(draft), lead.get(in_force), statuses(lead, dossier), lead.get(f"{draft}/history")
    foreseen = dry_run(lead, f"{draft}/publication")
    assert foreseen["dry_run"] is True
    assert foreseen["state"] == "draft"
    assert {warning["code"] for warning in foreseen["warnings"]} >= {"not_checked", "not_simulated"}
    impact = foreseen["impact"]
    assert [impact[name] for name in ("dossiers", "losing", "gaining", "otherwise")] == [1, 1, 1, 0]
    assert f"/rulebooks/{impact['against']}" == in_force
    (affected,) = foreseen["items"]
    assert f"/candidatures/{affected['candidature']}" == dossier
    assert (affected["commercial_name"], affected["dsr"], affected["losing"]) == ("Été", "LGC-V2", 1)
    assert [(item["code"], item["before"], item["after"]) for item in affected["items"]] == [
        ("LGC-V2:A#01.01", "to_confirm", "covered"),
        ("LGC-V2:C#01.01", "covered", "required"),
    ]
    assert (
        lead.get(draft),
        lead.get(in_force),
        statuses(lead, dossier),
        lead.get(f"{draft}/history"),
    ) == before


def test_what_is_lost_is_confirmed_by_naming_its_digest(
    lead: Client, draft: str, dossier: str, jobs: Jobs
) -> None:
    before = statuses(lead, dossier)
    problem = lead.refused(409, "POST", f"{draft}/publication", json=MEANT)
    assert problem["type"] == "urn:referencing:problem:unconfirmed"
    assert (problem["dossiers"], problem["losing"], problem["gaining"]) == (1, 1, 1)
    assert [error["pointer"] for error in problem["errors"]] == ["/digest"]
    assert "« dry_run »" in problem["errors"][0]["detail"]
    assert lead.get(draft)["published_at"] is None
    foreseen = dry_run(lead, f"{draft}/publication")
    assert problem["digest"] == foreseen["impact"]["digest"]
    body = {**MEANT, "digest": problem["digest"].upper()}
    published = lead.post(f"{draft}/publication", body, 200)
    assert (published["state"], published["dry_run"], published["items"]) == ("published", False, None)
    assert published["impact"] == foreseen["impact"]
    jobs()
    after = statuses(lead, dossier)
    (affected,) = foreseen["items"]
    assert after == {**before, **{item["code"]: item["after"] for item in affected["items"]}}
    told = list(lead.every(f"{draft}/history"))[-1]["detail"]["impact"]
    assert told == {"digest": problem["digest"], "dossiers": 1, "losing": 1, "gaining": 1, "otherwise": 0}


def test_a_change_in_between_asks_again(lead: Client, draft: str, app: Flask) -> None:
    named = dry_run(lead, f"{draft}/publication")["impact"]["digest"]
    with db.transaction(parts(app).sessions) as session:
        story = Story(session, "=Éditions « Cœur »")
        solution = session.scalars(sa.select(Solution)).one()
        story.draft(solution, "LGC-V2", composition={"mss": "Autre@1"})
    body = {**MEANT, "digest": named}
    problem = lead.refused(409, "POST", f"{draft}/publication", json=body)
    assert problem["detail"].startswith("Ce n'est pas, ou plus, ce que vous avez vu")
    assert (problem["dossiers"], problem["losing"]) == (2, 2)
    lead.post(f"{draft}/publication", {**MEANT, "digest": problem["digest"]}, 200)


def test_another_version_of_the_rules_or_another_day_is_another_digest(lead: Client, draft: str) -> None:
    digests = Counter[str]()
    for body in (None, {"valid_from": "2026-03-09"}):
        digests[dry_run(lead, f"{draft}/publication", body)["impact"]["digest"]] += 1
    etag = lead.send("GET", draft).headers["ETag"]
    other = {"from": ["LGC-V1:B"], "to": "LGC-V2:B", "relation": "intersects"}
    lead.put(f"{draft}/correspondences/R2", other, headers={"If-Match": etag})
    digests[dry_run(lead, f"{draft}/publication")["impact"]["digest"]] += 1
    assert set(digests.values()) == {1}


def test_nothing_needs_to_be_confirmed_where_nothing_is_lost(lead: Client, in_force: str) -> None:
    rules = lead.get(in_force)
    links = [*rules["correspondences"], *RULES["correspondences"]]
    words = {"label": "Plus", "correspondences": links, "policies": rules["policies"]}
    draft = f"/rulebooks/{lead.post('/rulebooks', words)['id']}"
    other = {**MEANT, "digest": "0" * 64}
    assert lead.refused(409, "POST", f"{draft}/publication", json=other)["losing"] == 0
    published = lead.post(f"{draft}/publication", MEANT, 200)
    assert (published["impact"]["losing"], published["impact"]["gaining"]) == (0, 1)


def test_rules_with_errors_or_unaccepted_warnings_are_refused_before(lead: Client, draft: str) -> None:
    problem = lead.refused(409, "POST", f"{draft}/publication")
    assert problem["type"] == "urn:referencing:problem:unconfirmed"
    assert problem["errors"][-1]["pointer"] == "/accept_warnings"
    empty = f"/rulebooks/{lead.post('/rulebooks', {'label': 'Vide'})['id']}"
    for query in ("", "?dry_run=true"):
        assert "policies" in str(lead.refused(409, "POST", f"{empty}/publication{query}", json=MEANT))


def test_earlier_rules_are_reinstated_in_one_act_with_its_dry_run(
    lead: Client, draft: str, in_force: str, dossier: str, jobs: Jobs
) -> None:
    before, earlier = statuses(lead, dossier), lead.get(in_force)
    publish(lead, draft)
    jobs()
    foreseen = dry_run(lead, f"{in_force}/reinstatement", BACK)
    (affected,) = foreseen["items"]
    assert (affected["losing"], affected["gaining"]) == (1, 1)
    problem = lead.refused(409, "POST", f"{in_force}/reinstatement", json=BACK)
    assert problem["digest"] == foreseen["impact"]["digest"]
    assert lead.get(draft)["state"] == "published"
    back = lead.post(f"{in_force}/reinstatement", {**BACK, "digest": problem["digest"]}, 200)
    assert (back["state"], back["label"]) == ("published", "Règles — repris")
    whole = lead.get(f"/rulebooks/{back['id']}")
    for name in ("correspondences", "certificate_kinds", "policies"):
        assert whole[name] == earlier[name]
    assert (lead.get(draft)["state"], lead.get(in_force)["state"]) == ("superseded", "superseded")
    for query in ("", "?dry_run=true"):
        problem = lead.refused(409, "POST", f"{in_force}/reinstatement{query}", json=BACK)
        assert "sont déjà celles qui s'appliquent" in problem["detail"]
    jobs()
    assert statuses(lead, dossier) == before
    told = list(lead.every(f"/rulebooks/{back['id']}/history"))[-1]["detail"]
    assert (f"/rulebooks/{told['reinstated']}", told["reason"]) == (in_force, BACK["reason"])


def test_only_rules_that_others_replaced_are_reinstated(lead: Client, draft: str, in_force: str) -> None:
    for rulebook in (draft, in_force):
        for query in ("", "?dry_run=true"):
            path = f"{rulebook}/reinstatement{query}"
            assert "remplacées" in lead.refused(409, "POST", path, json=BACK)["detail"]
    nobody = "00000000-0000-0000-0000-000000000000"
    lead.refused(404, "POST", f"/rulebooks/{nobody}/reinstatement", json=BACK)
    assert lead.refused(422, "POST", f"{draft}/reinstatement")["errors"][0]["pointer"] == "/reason"


@pytest.mark.usefixtures("many")
def test_of_many_open_dossiers_a_simulation_of_the_day_tells(
    lead: Client, draft: str, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = lead.refused(409, "POST", f"{draft}/publication?dry_run=true")
    assert f"/api/v1{draft}/simulations" in problem["detail"]
    simulation = lead.post(f"{draft}/simulations", {"applies_on": "2026-03-09"}, 202)["id"]
    jobs()
    lead.refused(409, "POST", f"{draft}/publication?dry_run=true")  # which was of another day
    foreseen = dry_run(lead, f"{draft}/publication", {"valid_from": "2026-03-09"})
    assert (foreseen["impact"]["simulation"], foreseen["changed_since"]) == (simulation, [])
    monkeypatch.setattr(foresight, "MOST_COMPARED", 100)
    compared = dry_run(lead, f"{draft}/publication", {"valid_from": "2026-03-09"})
    assert compared["impact"].pop("simulation") is None
    assert foreseen["impact"].pop("simulation") is not None
    assert foreseen["impact"] == compared["impact"]
    assert foreseen["items"] == compared["items"]


@pytest.mark.usefixtures("many")
def test_a_simulation_that_is_no_longer_quite_true_says_so(
    lead: Client, draft: str, jobs: Jobs, app: Flask
) -> None:
    lead.post(f"{draft}/simulations", status=202)
    jobs()
    with db.transaction(parts(app).sessions) as session:
        story = Story(session, "=Éditions « Cœur »")
        story.withdraw(
            session.scalars(sa.select(Candidature).where(Candidature.state == State.SUBMITTED)).one()
        )
    foreseen = dry_run(lead, f"{draft}/publication")
    assert [reason["code"] for reason in foreseen["changed_since"]] == ["facts"]


@pytest.mark.parametrize("simulated", [False, True])
def test_the_affected_dossiers_come_page_by_page(
    lead: Client, draft: str, app: Flask, jobs: Jobs, monkeypatch: pytest.MonkeyPatch, simulated: bool
) -> None:
    with db.transaction(parts(app).sessions) as session:
        story = Story(session, "=Éditions « Cœur »")
        solution = session.scalars(sa.select(Solution)).one()
        story.submit(story.draft(solution, "LGC-V2", composition={"mss": "Autre@1"}), incomplete=True)
        story.draft(solution, "LGC-V2", composition={"mss": "Autre@2"})
    if simulated:
        lead.post(f"{draft}/simulations", status=202)
        jobs()
        monkeypatch.setattr(foresight, "MOST_COMPARED", 0)
    whole = dry_run(lead, f"{draft}/publication")
    assert (len(whole["items"]), whole["next"]) == (2, None)
    assert whole["impact"]["dossiers"] == 3, "a draft counts, and is its editor's to read"
    response = lead.send("POST", f"{draft}/publication?dry_run=true&limit=1")
    first = lead.expect(200, response)
    following = response.headers["Link"].partition(">")[0].removeprefix("</api/v1")
    second = lead.post(following, status=200)
    assert [*first["items"], *second["items"]] == whole["items"]
    assert second["next"] is None


def test_pages_are_of_dry_runs_alone(lead: Client, draft: str) -> None:
    for query in ("limit=5", "cursor=x", "dry_run=false&limit=5"):
        problem = lead.refused(422, "POST", f"{draft}/publication?{query}", json=MEANT)
        assert "dry_run=true" in problem["errors"][0]["detail"]
    lead.refused(400, "POST", f"{draft}/publication?dry_run=true&cursor=x")


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.LEAD}))
def test_only_leads_publish_reinstate_and_ask(draft: str, in_force: str, as_: As, role: Role) -> None:
    other = as_(role)
    for query in ("", "?dry_run=true"):
        other.refused(403, "POST", f"{draft}/publication{query}", json=MEANT)
        other.refused(403, "POST", f"{in_force}/reinstatement{query}", json=BACK)
