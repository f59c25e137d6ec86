"""A brick verified once over HTTP: its own dossier, who embeds it, what serves there, and how that ends."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from referencing.base import db
from referencing.base.permissions import Role
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.queries import held_still
from referencing.candidatures.resolution.resolution import resolve_core
from referencing.candidatures.resolution.resolved import Resolved
from referencing.components.declaring import declare_component
from referencing.equivalence.engine.facts import Policy, Reuse
from referencing.equivalence.grants.models import Grant, GrantSource, GrantState
from referencing.identities.separation import separate
from referencing.journal.operations import SYSTEM
from referencing.proofs.models import Verification
from referencing.solutions.cores import join
from referencing.solutions.models import Embedding
from referencing.solutions.ownership import confirm_nil
from referencing.takeover.models import PastReferencing, PastState, Takeover
from referencing.takeover.recording import record_referencing
from referencing.takeover.states import TakeoverState
from tests.builders import ALIZE, ALWAYS, Asked, Story, equal, publish_dsr, publish_rules, states
from tests.clients import Client, escaped, read_in_spite_of_a_conflict
from tests.conftest import parts
from tests.revocations.worlds import revoked

MAKER, RIVAL = "Modules du Ponant", "Brise Santé"
MODULE = "NIL-M@1.0"
ON_ROLE, FREE, ON_BOTH = "LGC-V2:INS.1#01.01", "LGC-V2:INS.2#01.01", "LGC-V2:INS.3#01.01"
OF_BEFORE = "LGC-V1:INS.1#01.01"
UNSEEN = Policy({"case": ("embedded",)}, Reuse.AUTO)
As = Callable[..., Client]


class World:
    """A module was verified by itself on the DSR of before, and a software embeds it in its dossier on the next."""

    def __init__(self, app: Flask, as_: As, *policies: Policy) -> None:
        self.app = app
        with db.transaction(parts(app).sessions) as session:
            for vague in (1, 2):
                publish_dsr(
                    session,
                    f"LGC-V{vague}",
                    Asked("INS.1", roles=["mss"]),
                    Asked("INS.2"),
                    Asked("INS.3", roles=["dmp", "mss"]),
                )
            links = [equal(f"LGC-V1:INS.{n}", f"LGC-V2:INS.{n}") for n in (1, 2, 3)]
            publish_rules(session, *links, policies=policies or (UNSEEN, ALWAYS))
            maker = Story(session, MAKER)
            module = maker.solution("Module MSS", "NIL-M")
            declare_component(session, maker.editor, module.software_id, ["mss"])
            confirm_nil(session, maker.lead, module.software_id, "Vu.")
            session.expire_all()
            self.of_module = maker.verified(module, "LGC-V1").id
            self.dossier, self.software = self.embedder(Story(session))
            self.module = module.software_id
        self.editor, self.lead = as_(Role.EDITOR, organisation=ALIZE), as_(Role.LEAD)
        self.maker = as_(Role.EDITOR, organisation=MAKER)
        self.verifier, self.auditor = as_(Role.VERIFIER), as_(Role.AUDITOR)

    @staticmethod
    def embedder(story: Story, **composition: str) -> tuple[UUID, UUID]:
        solution = story.solution()
        dossier = story.draft(
            solution, "LGC-V2", composition={"mss": MODULE, "dmp": "AUTRE@1", **composition}
        )
        story.submit(dossier, incomplete=True)
        return dossier.id, solution.software_id

    @property
    def path(self) -> str:
        return f"/candidatures/{self.dossier}"

    def state(self, code: str = ON_ROLE) -> str:
        state: str = self.item(code)["state"]
        return state

    def item(self, code: str = ON_ROLE, client: Client | None = None) -> Any:
        return (client or self.editor).get(f"{self.path}/items/{escaped(code)}")

    def accept(self, software: UUID | None = None, component: str = MODULE) -> Any:
        path = f"/components/{self.module}/embeddings"
        said = {"software": str(software or self.software), "component": component}
        digest = self.lead.post(f"{path}?dry_run=true", said, 200)["digest"]
        return self.lead.post(path, {**said, "digest": digest}, 200)

    def accepted(self) -> str:
        self.accept()
        (embedding,) = self.editor.get(f"/softwares/{self.software}/embeddings")["items"]
        return f"/embeddings/{embedding['id']}"

    def stored_is_recomputed(self) -> None:
        """What is kept of the embedder's dossier is what the engine answers anew from everything that is known."""
        with db.transaction(parts(self.app).sessions) as session:
            dossier = held_still(session, self.dossier)
            answers = Resolved.by_rules_in_force(session, dossier).answers
            kept = {code: state.value for code, state in states(session, dossier).items()}
            assert {code: answer.status.value for code, answer in answers.items()} == kept


@pytest.fixture
def world(app: Flask, as_: As) -> World:
    return World(app, as_)


@pytest.mark.parametrize("side", [ALIZE, MAKER], ids=["of who embeds it", "of who makes it"])
def test_who_reads_in_spite_of_a_conflict_with_either_side_judges_no_embedding(
    world: World, side: str
) -> None:
    embedding = world.accepted()
    words = {"software": str(world.software), "component": MODULE}
    read_in_spite_of_a_conflict(world.lead, side)
    judged = f"/components/{world.module}/embeddings", f"{embedding}/revocation"
    for path, said in zip(judged, (words, {"reason": "Non."}), strict=True):
        for dry in ("?dry_run=true", ""):
            refusal = world.lead.refused(403, "POST", f"{path}{dry}", json=said)
            assert "un collègue en juge" in refusal["detail"], path
    assert world.state() == "covered"


def test_the_dossier_of_a_component_is_asked_for_what_depends_on_its_roles_and_has_itself_in_them(
    world: World,
) -> None:
    dossier = world.maker.get(f"/candidatures/{world.of_module}")
    assert [item["code"] for item in world.maker.get(f"/candidatures/{world.of_module}/items")["items"]] == [
        OF_BEFORE
    ]
    assert dossier["composition"] == [{"role": "mss", "component": MODULE}]
    (software,) = world.maker.get("/softwares")["items"]
    assert software["fills"] == ["mss"]
    roles = f"/softwares/{world.module}/component-roles"
    world.maker.refused(409, "PUT", roles, json={"roles": ["mss", "dmp"]})  # it has a dossier
    world.editor.refused(404, "PUT", roles, json={"roles": []})
    new = world.maker.post("/softwares", {"name": "Module DMP", "nil": "NIL-D"})
    wrong = world.maker.refused(422, "PUT", f"/softwares/{new['id']}/component-roles", json={"roles": ["É"]})
    assert wrong["errors"][0]["pointer"] == "/roles"
    path = f"/softwares/{new['id']}/component-roles"
    assert world.maker.put(path, {"roles": ["psc", "psc"]})["fills"] == ["psc"]
    sold = world.maker.post("/solutions", {"software": new["id"], "commercial_name": "DMP"})
    drafted = {"dsr": "LGC-V2", "solution": sold["id"], "software_version": "2", "mode": "async"}
    nothing = world.maker.refused(422, "POST", "/candidatures", json=drafted)
    assert nothing["errors"][0]["pointer"] == "/dsr", "nothing there depends on its role"


def test_what_is_foreseen_is_what_accepting_does_and_no_more_than_the_role(world: World) -> None:
    assert [world.state(code) for code in (ON_ROLE, FREE, ON_BOTH)] == ["required"] * 3
    path, said = (
        f"/components/{world.module}/embeddings",
        {"software": str(world.software), "component": MODULE},
    )
    (declared,) = world.lead.get(path)["items"]
    assert (declared["software"]["id"], declared["component"], declared["embedding"]) == (
        str(world.software),
        MODULE,
        None,
    )
    foreseen = world.lead.post(f"{path}?dry_run=true", said, 200)
    assert [(one["code"], one["fate"], one["state"]) for one in foreseen["effects"]] == [
        (ON_ROLE, "gained", "covered")
    ]
    assert (world.state(), world.lead.get(path)["items"]) == ("required", [declared])
    world.lead.refused(409, "POST", path, json=said)
    world.lead.refused(409, "POST", path, json={**said, "digest": "0" * 64})
    done = world.accept()
    assert [(one["item"], one["fate"]) for one in done["effects"]] == [
        (one["item"], one["fate"]) for one in foreseen["effects"]
    ]
    assert done["digest"] == foreseen["digest"]
    assert [world.state(code) for code in (ON_ROLE, FREE, ON_BOTH)] == ["covered", "required", "required"]
    assert world.accept()["effects"] == [], "it is accepted already"
    (told,) = [
        entry
        for entry in world.editor.get(f"{world.path}/timeline")["items"]
        if entry["action"] == "candidature.component_embedded"
    ]
    assert told["detail"]["component"] == MODULE
    world.stored_is_recomputed()


def test_the_editor_reads_that_it_embeds_and_nothing_of_whose_the_finding_is(world: World) -> None:
    embedding = world.accepted().rpartition("/")[2]
    item = world.item()
    (leaf,) = item["reuse"]["derivation"]["from"]
    assert (leaf["fact"], leaf["embedding"]["id"], leaf["embedding"]["component"]) == (
        "autre-1",
        embedding,
        MODULE,
    )
    account = world.editor.get(f"{world.path}/items/{escaped(ON_ROLE)}/explanation")
    assert any(
        f"embarque le composant « {MODULE} » pour le rôle « mss »" in said for said in account["sentences"]
    )
    assert account["facts"] == []
    everything = json.dumps([item, account, world.editor.get(f"{world.path}/timeline")])
    with db.transaction(parts(world.app).sessions) as session:
        (finding,) = session.scalars(sa.select(Verification))
        hidden = (
            MAKER,
            "Module MSS",
            str(world.module),
            str(world.of_module),
            str(finding.id),
            str(finding.proof_id),
        )
    for word in hidden:
        assert word not in everything
    by_verifier = world.verifier.get(f"{world.path}/items/{escaped(ON_ROLE)}/explanation")
    assert by_verifier["facts"][0]["id"] == hidden[4]
    assert any("Module MSS" in said for said in by_verifier["sentences"])
    assert any("embarque le composant" in said for said in by_verifier["sentences"])


def test_who_makes_it_is_not_told_who_embeds_it(world: World) -> None:
    path = world.accepted()
    for client in (world.maker, world.editor, world.verifier):
        client.refused(403, "GET", f"/components/{world.module}/embeddings")
        client.refused(403, "POST", f"{path}/revocation", json={"reason": "?"})
    world.maker.refused(404, "GET", f"/softwares/{world.software}/embeddings")
    assert world.maker.get(f"/softwares/{world.module}/embeddings")["items"] == []
    (own,) = world.editor.get(f"/softwares/{world.software}/embeddings")["items"]
    assert (own["state"], own["actions"]) == ("accepted", [])
    (read,) = world.lead.get(f"/softwares/{world.software}/embeddings")["items"]
    assert read["actions"] == ["revoke"]
    assert str(world.software) not in json.dumps(world.maker.get(f"/candidatures/{world.of_module}/timeline"))


def test_revoked_all_that_it_gave_falls_and_nothing_else(world: World, jobs: Callable[[], int]) -> None:
    path = world.accepted()
    foreseen = world.lead.post(f"{path}/revocation?dry_run=true", {"reason": "?"}, 200)
    assert (foreseen["summary"], [one["code"] for one in foreseen["effects"]]) == ({"reopened": 1}, [ON_ROLE])
    assert world.state() == "covered"
    world.lead.refused(409, "POST", f"{path}/revocation", json={"reason": "Fin de contrat."})
    assert (
        revoked(world.lead, f"{path}/revocation", {"reason": "Fin de contrat."})["effects"]
        == foreseen["effects"]
    )
    jobs()
    assert [world.state(code) for code in (ON_ROLE, FREE, ON_BOTH)] == ["required"] * 3
    (revocation,) = world.auditor.get("/revocations")["items"]
    assert (revocation["cause"], revocation["embedding"]) == ("embedding", path.rpartition("/")[2])
    world.lead.refused(409, "POST", f"{path}/revocation", json={"reason": "?"})
    world.stored_is_recomputed()
    assert world.accept()["summary"] == {"gained": 1}, "it may be accepted anew"


def test_a_finding_that_comes_later_and_one_that_is_taken_back_reach_who_embeds(
    world: World, jobs: Callable[[], int]
) -> None:
    world.accept()
    with db.transaction(parts(world.app).sessions) as session:
        (finding,) = session.scalars(sa.select(Verification.id))
    path = f"/verifications/{finding}/revocation"
    foreseen = world.auditor.post(f"{path}?dry_run=true", {"reason": "?"}, 200)["effects"]
    assert (str(world.dossier), ON_ROLE, "reopened") in [
        (one["candidature"], one["code"], one["fate"]) for one in foreseen
    ]
    revoked(world.auditor, path, {"reason": "Fausse."})
    jobs()
    assert world.state() == "required"
    (told,) = [
        entry
        for entry in world.editor.get(f"{world.path}/timeline")["items"]
        if entry["action"] == "candidature.affected"
    ]
    assert "reason" not in told["detail"], "the reason is of another's dossier"
    with db.transaction(parts(world.app).sessions) as session:
        maker = Story(session, MAKER)
        maker.find(held_still(session, world.of_module), OF_BEFORE)
    jobs()
    assert world.state() == "covered"
    world.stored_is_recomputed()


def test_what_is_taken_over_of_a_component_reaches_who_embeds_it(
    world: World, jobs: Callable[[], int]
) -> None:
    with db.transaction(parts(world.app).sessions) as session:
        session.execute(sa.text("UPDATE verification SET revoked_on = found_on"))
    world.accept()
    jobs()  # of what was found before
    assert world.state() == "required"
    with db.transaction(parts(world.app).sessions) as session:
        taken = {"filename": "stock.csv", "sha256": "0" * 64, "state": TakeoverState.RUNNING}
        takeover = Takeover(id=uuid4(), **taken, rows=1, left_aside=0, taken_at=db.now(session))
        session.add(takeover)
        session.flush()
        of_module = session.get_one(Candidature, world.of_module)
        past = PastReferencing(
            takeover_id=takeover.id,
            number=1,
            row=2,
            state=PastState.WAITING,
            organisation_id=of_module.organisation_id,
            nil="NIL-M",
            software="Module",
            software_version="1.0",
            commercial_name="Module d'avant",
            composition={},
            version=of_module.version,
            profiles=[],
            referenced_on=db.today(session),
            findings={OF_BEFORE: ("conform", db.today(session).isoformat(), None)},
        )
        session.add(past)
        session.flush()
        record_referencing(session, SYSTEM, takeover, past)
    jobs()
    assert world.state() == "covered"


def test_what_becomes_of_the_components_dossier_counts_as_the_policies_say(
    app: Flask, as_: As, jobs: Callable[[], int]
) -> None:
    world = World(app, as_, Policy({"standing": ("withdrawn",)}, Reuse.NEVER), UNSEEN, ALWAYS)
    world.accept()
    assert world.state() == "covered"
    world.maker.post(f"/candidatures/{world.of_module}/withdrawal", status=200)
    jobs()
    assert world.state() == "required"
    world.stored_is_recomputed()


def test_of_what_no_policy_speaks_a_verifier_looks(app: Flask, as_: As) -> None:
    world = World(app, as_, ALWAYS)
    world.accept()
    assert world.state() == "to_confirm"


def test_a_referenced_solution_is_flagged_when_what_it_stood_on_ends(
    world: World, jobs: Callable[[], int]
) -> None:
    path = world.accepted()
    with db.transaction(parts(world.app).sessions) as session:
        session.execute(
            sa.text("UPDATE candidature SET state = 'referenced', closed_on = current_date WHERE id = :id"),
            {"id": world.dossier},
        )
    fallen = revoked(world.lead, f"{path}/revocation", {"reason": "Fin de contrat."})
    assert fallen["summary"] == {"flagged": 1}
    jobs()
    (flag,) = world.auditor.get("/flags")["items"]
    assert (flag["code"], flag["reason"]) == (ON_ROLE, "Fin de contrat.")
    assert world.state() == "covered", "nothing of its dossier changes"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"component": "NIL-M@2.0"}, 409),  # no composition names it
        ({"component": "AUTRE@1"}, 422),
        ({"component": "NIL-M"}, 422),
        ({"software": str(uuid4())}, 404),
    ],
)
def test_what_nobody_declares_is_not_accepted(world: World, said: dict[str, str], status: int) -> None:
    words = {"software": str(world.software), "component": MODULE, **said}
    world.lead.refused(status, "POST", f"/components/{world.module}/embeddings", json=words)
    if status == 409:
        other = f"/components/{world.software}/embeddings"
        world.lead.refused(409, "POST", other, json=words)  # it is no component


def test_a_nil_that_nobody_confirmed_lets_nothing_out(app: Flask, as_: As) -> None:
    world = World(app, as_)
    with db.transaction(parts(app).sessions) as session:
        session.execute(sa.text("DELETE FROM nil_judgement"))
    words = {"software": str(world.software), "component": MODULE}
    said = world.lead.refused(409, "POST", f"/components/{world.module}/embeddings", json=words)
    assert "nil-confirmation" in said["detail"]


def test_a_nil_under_which_others_embed_is_not_refused_before_they_embed_no_more(world: World) -> None:
    path, why = world.accepted(), {"reason": "Ce NIL est celui d'un autre."}
    refusal = f"/softwares/{world.module}/nil-refusal"
    said = world.lead.refused(409, "POST", refusal, json=why)
    assert f"/components/{world.module}/embeddings" in said["detail"]
    revoked(world.lead, f"{path}/revocation", {"reason": "Fin de contrat."})
    world.lead.post(refusal, why, 200)


def test_who_was_one_with_who_embeds_loses_it_when_they_are_parted(world: World) -> None:
    world.accept()
    with db.transaction(parts(world.app).sessions) as session:
        lead = Story(session).lead
        rival, theirs = World.embedder(Story(session, RIVAL))
        identity = join(session, world.software, theirs, lead.account_id)
        resolve_core(session, identity.first.core_id)
        assert states(session, held_still(session, rival))[ON_ROLE] == "covered"
        _, leaning = separate(session, lead, identity.id, "Ce n'est pas le même.")
        assert [(one.candidature_id, one.code) for one in leaning] == [(rival, ON_ROLE)]


def test_a_grant_names_the_embedding_and_the_database_holds_what_it_stands_on(world: World) -> None:
    embedding = world.accepted().rpartition("/")[2]
    with db.transaction(parts(world.app).sessions) as session:
        source = session.scalars(
            sa.select(GrantSource).join(GrantSource.grant).where(Grant.state == GrantState.GRANTED)
        ).one()
        assert (str(source.embedding_id), source.core_id) == (embedding, None)
        (row,) = session.scalars(sa.select(Embedding))
        assert row.maker_id == world.module
        resolve_core(session, world.software)
        assert session.scalars(sa.select(Grant.id).where(Grant.state == GrantState.GRANTED)).all() == [
            source.grant_id
        ], "what is resolved again stands as it did"
