"""Declaring, accepting and taking back over HTTP, and what each side then reads of the other's facts: nothing."""

import io
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from referencing.base import db
from referencing.base.permissions import Role
from referencing.equivalence.engine.facts import Policy, Reuse
from referencing.proofs.models import Verification
from referencing.solutions.models import Solution
from tests.builders import ALIZE, Asked, Story, equal, publish_dsr, publish_rules
from tests.clients import Client, escaped
from tests.conftest import parts
from tests.identities.worlds import NEW, OLD
from tests.revocations.worlds import revoked

BRISE = "Brise Santé"
As = Callable[..., Client]


def declaration(other: UUID | str, *files: tuple[str, bytes]) -> dict[str, Any]:
    words = json.dumps({"other": str(other)})
    attached = [(io.BytesIO(content), name) for name, content in files]
    return {
        "data": {"declaration": words, "file": attached},
        "content_type": "multipart/form-data",
    }


def declare(client: Client, software: UUID, other: UUID) -> Any:
    path = f"/softwares/{software}/identity-declarations"
    sent = declaration(other, ("attestation.txt", b"Nous attestons."))
    return client.expect(201, client.send("POST", path, **sent))


class World:
    """Alizé has a verified proof and its software; Brise filed what needs it; they sell one program."""

    def __init__(self, app: Flask, as_: As) -> None:
        with db.transaction(parts(app).sessions) as session:
            publish_dsr(session, "LGC-V1", Asked("INS.1"), Asked("INS.2"))
            publish_dsr(session, "LGC-V2", Asked("INS.1"), Asked("INS.2"))
            publish_rules(session, *(equal(f"LGC-V1:INS.{n}", f"LGC-V2:INS.{n}") for n in (1, 2)))
            alize, brise = Story(session), Story(session, BRISE)
            ours, theirs = alize.solution("Secret Alizé"), brise.solution("Zéphyr", "NIL-2")
            first = alize.in_review(ours, "LGC-V1")
            alize.find(first, OLD)
            self.ours, self.theirs = ours.software_id, theirs.software_id
            dossier = brise.draft(theirs, "LGC-V2")
            brise.submit(dossier, incomplete=True)
            self.dossier = dossier.id
            self.fact = session.scalars(sa.select(Verification.id)).one()
        self.alize, self.brise = as_(Role.EDITOR, organisation=ALIZE), as_(Role.EDITOR, organisation=BRISE)
        self.lead, self.auditor = as_(Role.LEAD), as_(Role.AUDITOR)

    def accepted(self) -> str:
        declare(self.alize, self.ours, self.theirs)
        said = declare(self.brise, self.theirs, self.ours)
        path = f"/identity-declarations/{said['id']}"
        self.lead.post(f"{path}/acceptance", status=200)
        identity: str = self.brise.get(path)["identity"]
        return identity


@pytest.fixture
def world(app: Flask, as_: As) -> World:
    return World(app, as_)


def test_who_is_in_conflict_with_either_side_judges_nothing_of_an_identity(world: World) -> None:
    declare(world.alize, world.ours, world.theirs)
    path = f"/identity-declarations/{declare(world.brise, world.theirs, world.ours)['id']}"
    in_conflict(world.lead, ALIZE)
    for act, words in (("acceptance", None), ("refusal", {"reason": "Non."})):
        assert "un collègue en juge" in world.lead.refused(403, "POST", f"{path}/{act}", json=words)["detail"]


def test_who_is_in_conflict_with_the_second_side_parts_no_identity(world: World) -> None:
    identity, words = world.accepted(), {"reason": "?"}
    in_conflict(world.auditor, BRISE)
    for dry in ("?dry_run=true", ""):
        world.auditor.refused(403, "POST", f"/identities/{identity}/revocation{dry}", json=words)
    fact = f"/verifications/{world.fact}/revocation?dry_run=true"
    world.auditor.post(fact, words, status=200)
    conflict = in_conflict(world.auditor, ALIZE)
    world.auditor.post(f"/conflicts/{conflict['id']}/reading", {"reason": "Seul."}, status=200)
    assert "un collègue en juge" in world.auditor.refused(403, "POST", fact, json=words)["detail"]


def in_conflict(client: Client, organisation: str) -> Any:
    return client.post(
        "/conflicts", {"organisation": organisation, "reason": "Parent.", "verifier": client.get("/me")["id"]}
    )


def test_from_the_declaration_to_the_revocation(world: World, jobs: Callable[[], int]) -> None:
    said = declare(world.brise, world.theirs, world.ours)
    path = f"/identity-declarations/{said['id']}"
    assert (said["state"], [one["filename"] for one in said["files"]]) == ("declared", ["attestation.txt"])
    file = world.lead.send("GET", f"{path}/files/{said['files'][0]['id']}")
    assert file.get_data() == b"Nous attestons."
    world.lead.refused(409, "POST", f"{path}/acceptance")
    declare(world.alize, world.ours, world.theirs)

    (shown, _) = world.lead.get("/identity-declarations?state=declared")["items"]
    assert (shown["complete"], shown["other_software"]["organisation"]) == (True, ALIZE)
    asked = world.lead.post(f"{path}/acceptance?dry_run=true", status=200)
    done = world.lead.post(f"{path}/acceptance", status=200)
    assert asked["effects"] == done["effects"]
    assert (asked["summary"], asked["dry_run"], done["dry_run"]) == ({"gained": 2}, True, False)

    identity = world.brise.get(path)["identity"]
    foreseen = world.auditor.post(f"/identities/{identity}/revocation?dry_run=true", {"reason": "?"}, 200)
    world.auditor.refused(409, "POST", f"/identities/{identity}/revocation", json={"reason": "Divergents."})
    fallen = revoked(world.auditor, f"/identities/{identity}/revocation", {"reason": "Divergents."})
    assert foreseen["summary"] == fallen["summary"] == {"reopened": 1}
    world.auditor.refused(409, "POST", f"/identities/{identity}/revocation", json={"reason": "?"})
    jobs()
    states = [one["state"] for one in world.brise.get(f"/candidatures/{world.dossier}/items")["items"]]
    assert states == ["required", "required"]
    assert world.brise.get(path)["state"] == "withdrawn"

    (revocation,) = world.auditor.get("/revocations")["items"]
    assert (revocation["cause"], revocation["identity"], revocation["expired"]) == (
        "identity",
        identity,
        False,
    )
    followed = world.auditor.get(f"/revocations/{revocation['id']}")
    assert followed["summary"] == {"reopened": 1}
    assert world.auditor.get(f"/revocations/{revocation['id']}/effects")["items"] == fallen["effects"]


def test_an_editor_takes_an_accepted_declaration_back_knowing_what_it_loses(world: World) -> None:
    world.accepted()
    (said,) = world.brise.get("/identity-declarations")["items"]
    path = f"/identity-declarations/{said['id']}/withdrawal"
    foreseen = world.brise.post(f"{path}?dry_run=true", {}, 200)
    assert (foreseen["state"], foreseen["impact"]["summary"]) == ("accepted", {"reopened": 1})
    refused = world.brise.refused(409, "POST", path)
    assert (refused["digest"], refused["losing"]) == (foreseen["impact"]["digest"], 1)
    world.brise.refused(409, "POST", path, json={"digest": "0" * 64})
    done = world.brise.post(path, {"digest": refused["digest"]}, 200)
    assert (done["state"], done["impact"]) == ("withdrawn", None)
    states = [item["state"] for item in world.brise.get(f"/candidatures/{world.dossier}/items")["items"]]
    assert states == ["required", "required"]


def test_what_the_other_loses_by_a_withdrawal_is_not_told_by_its_digest_either(world: World) -> None:
    world.accepted()
    (said,) = world.alize.get("/identity-declarations")["items"]
    path = f"/identity-declarations/{said['id']}/withdrawal"
    impact = world.alize.post(f"{path}?dry_run=true", {}, 200)["impact"]
    assert (impact["effects"], impact["digest"]) == ([], sha256(b"").hexdigest())
    assert world.alize.post(path, {}, 200)["state"] == "withdrawn"


def test_what_the_other_has_is_not_told(world: World) -> None:
    world.accepted()
    path = f"/candidatures/{world.dossier}"
    item = world.brise.get(f"{path}/items/{escaped(NEW)}")
    resolution = world.brise.get(f"{path}/equivalence")
    timeline = world.brise.get(f"{path}/timeline")
    account = world.brise.get(f"{path}/items/{escaped(NEW)}/explanation")
    assert item["state"] == "covered"
    assert item["reuse"]["facts"] == []
    assert item["reuse"]["derivation"]["from"] == [{"code": OLD, "fact": "autre-1"}]
    covered, awaited = resolution["items"]
    assert (covered["status"], covered["facts"]) == ("covered", ["autre-1"])
    assert "d'une autre organisation" in " ".join(covered["explanation"])
    assert awaited["status"] == "awaiting"
    assert (account["reuse"]["facts"], account["facts"]) == (["autre-1"], [])
    assert "d'une autre organisation" in " ".join(account["sentences"])
    told = json.dumps([item, resolution, timeline, account], ensure_ascii=False)
    for secret in (str(world.fact), "Secret Alizé", ALIZE, "NIL-1", str(world.ours)):
        assert secret not in told
    by_lead = world.lead.get(f"{path}/items/{escaped(NEW)}")
    assert by_lead["reuse"]["facts"] == [str(world.fact)]
    (fact,) = world.lead.get(f"{path}/items/{escaped(NEW)}/explanation")["facts"]
    assert (fact["id"], fact["solution"]) == (str(world.fact), "Secret Alizé")


def test_what_stands_in_the_way_of_the_other_s_facts_is_not_told(app: Flask, world: World) -> None:
    world.accepted()
    with db.transaction(parts(app).sessions) as session:
        publish_rules(session, equal("LGC-V1:INS.1", "LGC-V2:INS.1"), policies=[Policy({}, Reuse.NEVER)])
    path = f"/candidatures/{world.dossier}/equivalence"
    assert world.lead.get(path)["items"][0]["blocked"] == [
        {"fact": str(world.fact), "reasons": ["policy_never"]}
    ]
    assert world.brise.get(path)["items"][0]["blocked"] == []
    account = world.brise.get(f"/candidatures/{world.dossier}/items/{escaped(NEW)}/explanation")
    assert (account["nearest"], account["facts"], account["reuse"]["blocked"]) == ([], [], [])


def test_one_s_own_facts_are_told_as_before(app: Flask, world: World) -> None:
    world.accepted()
    with db.transaction(parts(app).sessions) as session:
        story = Story(session)
        solution = session.scalars(sa.select(Solution).where(Solution.software_id == world.ours)).one()
        own = story.draft(solution, "LGC-V2").id
    resolution = world.alize.get(f"/candidatures/{own}/equivalence")
    assert resolution["items"][0]["facts"] == [str(world.fact)]
    assert "Secret Alizé" in " ".join(resolution["items"][0]["explanation"])


def test_the_answer_is_the_same_whether_the_other_exists_or_not(world: World) -> None:
    known, unknown = (declare(world.brise, world.theirs, other) for other in (world.ours, uuid4()))
    assert set(known) == set(unknown)
    fixed = ("software", "state", "identity", "organisation", "refusal", "ended_at")
    assert [known[key] for key in fixed] == [unknown[key] for key in fixed]
    assert "other_software" not in known
    assert world.alize.get("/identity-declarations")["items"] == []
    world.alize.refused(404, "GET", f"/identity-declarations/{known['id']}")
    world.alize.refused(404, "GET", f"/identity-declarations/{known['id']}/files/{known['files'][0]['id']}")
    world.alize.refused(404, "POST", f"/identity-declarations/{known['id']}/withdrawal")


def test_bad_input_is_told(world: World) -> None:
    path = f"/softwares/{world.theirs}/identity-declarations"
    world.brise.refused(422, "POST", path, **declaration(world.ours))
    world.brise.refused(422, "POST", path, **declaration("x", ("a.txt", b"a")))
    world.brise.refused(415, "POST", path, json={"other": str(world.ours)})
    world.brise.refused(
        404, "POST", f"/softwares/{world.ours}/identity-declarations", **declaration(uuid4(), ("a.txt", b"a"))
    )
    said = declare(world.brise, world.theirs, world.ours)
    world.brise.refused(409, "POST", path, **declaration(world.ours, ("a.txt", b"a")))
    refused = f"/identity-declarations/{said['id']}/refusal"
    world.brise.refused(403, "POST", refused, json={"reason": "?"})
    world.lead.refused(422, "POST", refused, json={"reason": " "})
    assert world.lead.post(refused, {"reason": "Illisible."}, 200)["refusal"] == "Illisible."
    world.brise.refused(409, "POST", f"/identity-declarations/{said['id']}/withdrawal")
    world.lead.refused(403, "POST", path, **declaration(uuid4(), ("a.txt", b"a")))
    world.lead.refused(403, "POST", f"/identities/{uuid4()}/revocation", json={"reason": "?"})
    world.auditor.refused(404, "POST", f"/identities/{uuid4()}/revocation", json={"reason": "?"})


def test_declared_twice_with_one_key_it_is_declared_once(world: World) -> None:
    path = f"/softwares/{world.theirs}/identity-declarations"
    key = {"Idempotency-Key": "abc"}
    first, second = (
        world.brise.send(
            "POST", path, headers=key, **declaration(world.ours, ("attestation.txt", b"Nous attestons."))
        )
        for _ in range(2)
    )
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
