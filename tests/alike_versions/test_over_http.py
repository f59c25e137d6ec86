"""A changed component over HTTP: what it costs, what a declaration would keep, and what becomes of it."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from referencing.alike_versions.acceptance import what_if_accepted
from referencing.base import db
from referencing.base.db import today
from referencing.base.permissions import Role
from referencing.candidatures.resolution.resolved import Resolved
from referencing.equivalence.engine.facts import Policy, Reuse
from referencing.solutions.models import Solution
from tests.builders import ALIZE, ALWAYS, Asked, Story, equal, person, publish_dsr, publish_rules
from tests.clients import Client, escaped, read_in_spite_of_a_conflict
from tests.conftest import parts
from tests.identities.worlds import accepted
from tests.revocations.worlds import revoked

BRISE = "Brise Santé"
OLD, NEW, OTHER = "MSS-PRO@3.1", "MSS-PRO@3.2", "AUTRE@1"
ON_ROLE, FREE, ON_DMP = "LGC-V2:INS.1#01.01", "LGC-V2:INS.2#01.01", "LGC-V2:INS.3#01.01"
As = Callable[..., Client]


def asked(*files: tuple[str, bytes], **words: Any) -> dict[str, Any]:
    said = {"role": "mss", "components": [NEW, OLD], "reason": "Correctif mineur.", **words}
    attached = [(io.BytesIO(content), name) for name, content in files]
    return {
        "data": {"request": json.dumps(said), "file": attached},
        "content_type": "multipart/form-data",
    }


ATTESTATION = ("attestation.txt", b"Nous attestons.")


class World:
    """Alize has three proofs verified with one version of its component; its next dossier embeds the next version."""

    def __init__(self, app: Flask, as_: As) -> None:
        self.app = app
        with db.transaction(parts(app).sessions) as session:
            for vague in (1, 2):
                publish_dsr(
                    session,
                    f"LGC-V{vague}",
                    Asked("INS.1", roles=["mss"]),
                    Asked("INS.2"),
                    Asked("INS.3", roles=["dmp"]),
                )
            publish_rules(session, *(equal(f"LGC-V1:INS.{n}", f"LGC-V2:INS.{n}") for n in (1, 2, 3)))
            story = Story(session)
            solution = story.solution()
            story.verified(solution, "LGC-V1", composition={"mss": OLD, "dmp": OTHER})
            dossier = story.draft(solution, "LGC-V2", composition={"mss": NEW})
            story.submit(dossier, incomplete=True)
            self.dossier, self.software = dossier.id, solution.software_id
        self.editor, self.lead = as_(Role.EDITOR, organisation=ALIZE), as_(Role.LEAD)
        self.stranger = as_(Role.EDITOR, organisation=BRISE)
        self.verifier, self.auditor = as_(Role.VERIFIER), as_(Role.AUDITOR)

    @property
    def path(self) -> str:
        return f"/candidatures/{self.dossier}"

    def states(self) -> dict[str, str]:
        return {item["code"]: item["state"] for item in self.editor.get(f"{self.path}/items")["items"]}

    def compared(self, client: Client | None = None) -> Any:
        return (client or self.editor).get(f"{self.path}/changed-components")

    def ask_for_another(self) -> str:
        return self.ask(components=["MSS-PRO@3.0", OLD])

    def ask(self, **words: Any) -> str:
        sent = asked(ATTESTATION, software=str(self.software), **words)
        made: str = self.editor.expect(201, self.editor.send("POST", "/alike-versions", **sent))["id"]
        return f"/alike-versions/{made}"

    def accept(self, path: str, **words: Any) -> Any:
        digest = self.lead.post(f"{path}/acceptance?dry_run=true", {}, 200)["digest"]
        return self.lead.post(f"{path}/acceptance", {"digest": digest, **words}, 200)


@pytest.fixture
def world(app: Flask, as_: As) -> World:
    return World(app, as_)


def test_what_a_changed_component_costs_and_what_a_declaration_would_keep(world: World) -> None:
    assert world.states() == {ON_ROLE: "required", FREE: "covered", ON_DMP: "required"}
    said = world.compared()
    mss = {"role": "mss", "verified_with": OLD, "component": NEW, "declarable": True}
    dmp = {"role": "dmp", "verified_with": OTHER, "component": "", "declarable": False}
    assert said["composition"] == [{"role": "mss", "component": NEW}]
    assert [(one["other"], one["verifications"], one["kept"]) for one in said["differences"]] == [
        (dmp, 3, 0),
        (mss, 3, 1),
    ]
    assert [
        (one["code"], one["status"], one["if_declared"], one["if_same"], one["because"])
        for one in said["lost"]
    ] == [
        (ON_ROLE, "required", "covered", "covered", [mss]),
        (ON_DMP, "required", "required", "covered", [dmp]),
    ]
    assert [said[f"summary{when}"]["covered"] for when in ("", "_if_declared", "_if_same")] == [1, 2, 3]
    for reader in (world.lead, world.verifier, world.auditor):
        assert world.compared(reader) == said
    world.stranger.refused(404, "GET", f"{world.path}/changed-components")


def test_what_is_foreseen_is_what_the_declaration_does(world: World, jobs: Callable[[], int]) -> None:
    said = world.compared()
    path = world.ask()
    foreseen = world.lead.post(f"{path}/acceptance?dry_run=true", {}, 200)
    assert [(one["code"], one["fate"], one["state"]) for one in foreseen["effects"]] == [
        (ON_ROLE, "gained", "covered")
    ]
    assert world.states()[ON_ROLE] == "required"
    world.lead.refused(409, "POST", f"{path}/acceptance", json={})
    world.lead.refused(409, "POST", f"{path}/acceptance", json={"digest": "0" * 64})
    done = world.lead.post(f"{path}/acceptance", {"digest": foreseen["digest"]}, 200)
    assert done["effects"] == foreseen["effects"]
    jobs()
    assert world.states() == {item["code"]: item["if_declared"] for item in said["lost"]} | {FREE: "covered"}
    after = world.compared()
    assert ([one["code"] for one in after["lost"]], after["summary"]) == (
        [ON_DMP],
        said["summary_if_declared"],
    )
    declared = {one["other"]["role"]: one["declaration"] for one in after["differences"]}
    assert declared == {"mss": path.rpartition("/")[2], "dmp": None}
    assert world.editor.get(path)["state"] == "accepted"


def test_who_reads_in_spite_of_a_conflict_answers_no_request(world: World) -> None:
    pending, accepted_before = world.ask(), world.ask_for_another()
    world.accept(accepted_before)
    read_in_spite_of_a_conflict(world.lead, ALIZE)
    acts = [(pending, "acceptance"), (pending, "refusal"), (accepted_before, "revocation")]
    for path, act in acts:
        said = {} if act == "acceptance" else {"reason": "Non."}
        refusal = world.lead.refused(403, "POST", f"{path}/{act}", json=said)
        assert "un collègue en juge" in refusal["detail"], act
    assert [world.editor.get(path)["state"] for path in (pending, accepted_before)] == ["asked", "accepted"]


def test_what_is_tried_out_holds_neither_the_request_nor_a_core(world: World) -> None:
    request_id, sessions = UUID(world.ask().rpartition("/")[2]), parts(world.app).sessions
    with db.transaction(sessions) as session:
        lead = person(session, Role.LEAD)
    with db.transaction(sessions) as session:
        effects = what_if_accepted(session, lead, parts(world.app).vault, request_id)
        assert [effect.code for effect in effects] == [ON_ROLE]
        with db.transaction(sessions) as other:
            for table in ("alike_request", "software", "candidature", "item"):
                other.execute(sa.text(f"SELECT 1 FROM {table} FOR UPDATE NOWAIT"))


def test_a_declaration_alone_is_tried_on_what_all_of_them_raise(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried, of = [], Resolved.of

    def noted(*said: Any) -> Resolved:
        tried.append(said[4])
        return of(*said)

    monkeypatch.setattr(Resolved, "of", noted)
    world.compared()
    every = [ON_ROLE, FREE, ON_DMP]
    assert [proofs and sorted(proofs) for proofs in tried] == [None, every, every, [ON_ROLE]]


def test_the_derivation_names_it_and_says_so_in_words(world: World, jobs: Callable[[], int]) -> None:
    path = world.ask()
    world.accept(path)
    jobs()
    item = world.editor.get(f"{world.path}/items/{escaped(ON_ROLE)}")
    (leaf,) = item["reuse"]["derivation"]["from"]
    (named,) = leaf["alike"]
    assert (named["id"], named["role"], named["components"]) == (path.rpartition("/")[2], "mss", [OLD, NEW])
    account = world.editor.get(f"{world.path}/items/{escaped(ON_ROLE)}/explanation")
    sentence = f"l'agence a déclaré équivalentes, pour ce rôle, les versions {OLD} et {NEW} à compter du "
    assert any(sentence in said and named["id"] in said for said in account["sentences"])
    timeline = world.editor.get(f"{world.path}/timeline")["items"]
    (told,) = [entry for entry in timeline if entry["action"] == "candidature.versions_alike"]
    assert told["detail"]["components"] == [OLD, NEW]


def test_revoked_all_that_leaned_on_it_falls(world: World, jobs: Callable[[], int]) -> None:
    path = world.ask()
    world.accept(path)
    jobs()
    world.editor.refused(403, "POST", f"{path}/revocation", json={"reason": "?"})
    foreseen = world.lead.post(f"{path}/revocation?dry_run=true", {"reason": "?"}, 200)
    assert (foreseen["summary"], [one["code"] for one in foreseen["effects"]]) == ({"reopened": 1}, [ON_ROLE])
    world.lead.refused(409, "POST", f"{path}/revocation", json={"reason": "Régression."})
    fallen = revoked(world.lead, f"{path}/revocation", {"reason": "Régression."})
    assert fallen["effects"] == foreseen["effects"]
    jobs()
    assert world.states()[ON_ROLE] == "required"
    assert world.editor.get(path)["state"] == "revoked"
    (revocation,) = world.auditor.get("/revocations")["items"]
    assert (revocation["cause"], revocation["alike_versions"]) == ("alike_versions", path.rpartition("/")[2])
    (told,) = [
        entry
        for entry in world.editor.get(f"{world.path}/timeline")["items"]
        if entry["action"] == "candidature.affected"
    ]
    assert (told["detail"]["cause"], told["detail"]["reason"]) == ("alike_versions", "Régression.")
    world.lead.refused(409, "POST", f"{path}/revocation", json={"reason": "?"})


def test_what_counts_from_a_day_to_come_waits_for_it(world: World, jobs: Callable[[], int]) -> None:
    path = world.ask()
    past = world.lead.refused(422, "POST", f"{path}/acceptance", json={"valid_from": "2020-01-01"})
    assert past["errors"][0]["pointer"] == "/valid_from"
    with db.transaction(parts(world.app).sessions) as session:
        tomorrow = today(session) + timedelta(days=1)
    world.accept(path, valid_from=tomorrow.isoformat())
    jobs()
    assert (world.states()[ON_ROLE], world.editor.get(path)["valid_from"]) == (
        "required",
        tomorrow.isoformat(),
    )


def test_a_policy_may_still_ask_for_a_look(world: World, jobs: Callable[[], int]) -> None:
    with db.transaction(parts(world.app).sessions) as session:
        looked_at = Policy({"case": ("component",)}, Reuse.CONFIRM)
        rules = (equal(f"LGC-V1:INS.{n}", f"LGC-V2:INS.{n}") for n in (1, 2, 3))
        publish_rules(session, *rules, policies=[looked_at, ALWAYS])
    jobs()
    lost = {one["code"]: one for one in world.compared()["lost"]}
    assert (lost[FREE]["status"], lost[FREE]["if_same"]) == ("to_confirm", "covered")
    assert lost[ON_ROLE]["if_declared"] == "to_confirm"
    world.accept(world.ask())
    jobs()
    assert world.states()[ON_ROLE] == "to_confirm"


def test_an_editor_asks_a_lead_answers(world: World) -> None:
    path = world.ask()
    said = world.editor.get(path)
    assert (said["state"], said["actions"], [one["filename"] for one in said["files"]]) == (
        "asked",
        ["withdraw"],
        ["attestation.txt"],
    )
    assert world.lead.get(path)["actions"] == ["accept", "refuse"]
    assert world.lead.send("GET", f"{path}/files/{said['files'][0]['id']}").get_data() == ATTESTATION[1]
    world.stranger.refused(404, "GET", path)
    world.stranger.refused(404, "GET", f"{path}/files/{said['files'][0]['id']}")
    assert world.stranger.get("/alike-versions")["items"] == []
    assert [one["id"] for one in world.lead.get("/alike-versions?state=asked")["items"]] == [said["id"]]
    twice = asked(ATTESTATION, software=str(world.software), components=[OLD, NEW])
    world.editor.refused(409, "POST", "/alike-versions", **twice)
    world.lead.refused(409, "POST", f"{path}/withdrawal")
    assert world.lead.post(f"{path}/refusal", {"reason": "Non signée."}, 200)["refusal"] == "Non signée."
    world.editor.refused(409, "POST", f"{path}/withdrawal")
    again = world.ask()
    assert world.editor.post(f"{again}/withdrawal", status=200)["state"] == "withdrawn"
    states = [one["state"] for one in world.editor.get("/alike-versions")["items"]]
    assert states == ["refused", "withdrawn"]


def test_a_lead_asks_by_the_reference_of_a_document(world: World) -> None:
    world.lead.refused(422, "POST", "/alike-versions", **asked())
    sent = asked(reference="Courrier 2026-17 de l'éditeur du composant")
    made = world.lead.expect(201, world.lead.send("POST", "/alike-versions", **sent))
    assert (made["software"], made["reference"]) == (None, "Courrier 2026-17 de l'éditeur du composant")
    world.editor.refused(404, "GET", f"/alike-versions/{made['id']}")
    world.accept(f"/alike-versions/{made['id']}")
    world.editor.refused(409, "POST", "/alike-versions", **asked(ATTESTATION, software=str(world.software)))


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ({"components": [OLD, OLD]}, "/components/1"),
        ({"components": [OLD, OTHER]}, "/components/1"),
        ({"components": [OLD, "MSS-PRO"]}, "/components/1"),
        ({"components": [OLD]}, "/components"),
        ({"role": "Mss"}, "/role"),
        ({"reason": " "}, "/reason"),
    ],
)
def test_bad_input_is_told_beside_its_field(world: World, words: dict[str, Any], place: str) -> None:
    sent = asked(ATTESTATION, software=str(world.software), **words)
    problem = world.editor.refused(422, "POST", "/alike-versions", **sent)
    assert any(error["pointer"].endswith(place) for error in problem["errors"])


def test_who_may_not_is_refused(world: World) -> None:
    own = {"software": str(world.software)}
    world.verifier.refused(403, "POST", "/alike-versions", **asked(ATTESTATION))
    world.stranger.refused(404, "POST", "/alike-versions", **asked(ATTESTATION, **own))
    world.editor.refused(422, "POST", "/alike-versions", **asked(ATTESTATION))
    world.lead.refused(422, "POST", "/alike-versions", **asked(ATTESTATION, **own))
    without_file = world.editor.refused(422, "POST", "/alike-versions", **asked(**own))
    assert [error["pointer"] for error in without_file["errors"]] == ["/file"]
    path = world.ask()
    for role in (world.editor, world.auditor):
        role.refused(403, "POST", f"{path}/acceptance", json={})
    world.lead.refused(404, "POST", f"/alike-versions/{uuid4()}/acceptance", json={})


def test_asked_twice_with_one_key_it_is_asked_once(world: World) -> None:
    sent = [
        world.editor.send(
            "POST",
            "/alike-versions",
            headers={"Idempotency-Key": "abc"},
            **asked(ATTESTATION, software=str(world.software)),
        )
        for _ in range(2)
    ]
    first, second = (world.editor.expect(201, one)["id"] for one in sent)
    assert UUID(first) == UUID(second)


def of_one_core(world: World, *, verified: bool) -> UUID:
    """Brise's dossier with the next version, of a software that is one core with Alizé's, maybe with findings."""
    with db.transaction(parts(world.app).sessions) as session:
        rival = Story(session, BRISE)
        theirs = rival.solution("Zéphyr", "NIL-2")
        if verified:
            found = rival.in_review(theirs, "LGC-V1", composition={"mss": OLD})
            rival.find(found, "LGC-V1:INS.2#01.01")
        dossier = rival.draft(theirs, "LGC-V2", composition={"mss": NEW})
        rival.submit(dossier, incomplete=True)
        ours = session.scalars(sa.select(Solution).where(Solution.software_id == world.software)).one()
        accepted(person(session, Role.LEAD), (Story(session), ours), (rival, theirs))
        return dossier.id


def test_what_a_declaration_would_keep_by_the_findings_of_another_is_not_told(world: World) -> None:
    path = f"/candidatures/{of_one_core(world, verified=True)}/changed-components"
    by_lead, own = world.lead.get(path), world.stranger.get(path)
    assert by_lead["summary_if_declared"]["covered"] > by_lead["summary"]["covered"]
    assert [difference["other"]["verified_with"] for difference in own["differences"]] == [OLD]
    assert own["summary_if_declared"]["covered"] == own["summary"]["covered"]


def test_an_editor_reads_nothing_of_the_components_of_another_with_whom_its_software_is_one(
    world: World, jobs: Callable[[], int]
) -> None:
    path = f"/candidatures/{of_one_core(world, verified=False)}"
    jobs()
    assert world.lead.get(f"{path}/changed-components")["differences"]
    said = world.stranger.get(f"{path}/changed-components")
    assert (said["differences"], said["lost"]) == ([], [])

    world.accept(world.ask())
    jobs()
    item = world.stranger.get(f"{path}/items/{escaped(ON_ROLE)}")
    account = world.stranger.get(f"{path}/items/{escaped(ON_ROLE)}/explanation")
    assert item["state"] == "covered"
    assert item["reuse"]["derivation"]["from"] == [{"code": "LGC-V1:INS.1#01.01", "fact": "autre-1"}]
    assert OLD not in json.dumps([item, account])
    by_lead = world.lead.get(f"{path}/items/{escaped(ON_ROLE)}")
    assert by_lead["reuse"]["derivation"]["from"][0]["alike"]
