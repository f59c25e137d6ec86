"""LGC vague 1 is referenced, and vague 2 gains from it: over HTTP, on the real requirement lists."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from referencing.equivalence.engine.formats import resolve_case
from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running
from tests.conftest import SHARED
from tests.stories.work import equivalence, progress, publish_dsr, publish_rulebook, work_through

REM = SHARED / "data" / "rem"
CASE = SHARED / "equivalence" / "cases" / "real-lgc-v1-to-lgc-v2.json"
DSRS = ["LGC-V1", "LGC-V2"]

pytestmark = pytest.mark.skipif(
    not REM.is_dir(), reason="the real requirement lists are not beside the project"
)


def catalogue(people: People) -> list[Dossier]:
    """Both DSRs, with their socles, and what vague 2 took over from vague 1."""
    for dsr in DSRS:
        vague = int(dsr[-1])
        words = {"dispositif": "LGC", "vague": vague, "couloir": "Médecine de ville", "title": dsr}
        workbook = (REM / f"REM-LGC-Va{vague}.xlsx").read_bytes()
        publish_dsr(people, dsr, words, workbook, (REM / "socles.csv").read_bytes())
    rules = {"label": "Vague 1 vers vague 2", "policies": json.loads(CASE.read_bytes())["policies"]}
    publish_rulebook(people, rules, (REM / "correspondances.csv").read_bytes())
    return []


def first_and_second(people: People) -> list[Dossier]:
    """All that vague 1 asks for in every profile was verified; vague 2 is drafted for the same solution."""
    requirements = people.editor.every("/dsrs/LGC-V1/requirements")
    profiles = sorted({requirement["profile"] for requirement in requirements})
    first = people.draft("LGC-V1", profiles=profiles)
    assert progress(first) == {"required": 205}
    first.supply_all()
    first.submit()
    first.judge()
    assert work_through(people.verifier, "proof_review") == 205
    first.decide("referenced")
    return [first, people.draft("LGC-V2", first.read()["solution"])]


@pytest.fixture
def dossiers(running: Running) -> Iterator[list[Dossier]]:
    with running.after(first_and_second, on=catalogue) as (_, dossiers):
        yield dossiers


def test_what_was_verified_in_vague_1_is_not_asked_again_in_vague_2(dossiers: list[Dossier]) -> None:
    first, second = dossiers
    assert progress(first) == {"conform": 205}
    assert progress(second) == {"covered": 91, "to_confirm": 64, "required": 116}


def test_the_resolution_says_the_same_and_explains_every_item(dossiers: list[Dossier]) -> None:
    _, second = dossiers
    resolution = equivalence(second)
    assert resolution["summary"] == {"covered": 91, "to_confirm": 64, "awaiting": 0, "required": 116}
    assert {item["code"]: item["status"] for item in resolution["items"]} == second.states()
    openings = {
        "covered": "Couverte",
        "to_confirm": "Rien n'est à fournir pour l'instant",
        "required": "À fournir",
    }
    for item in resolution["items"]:
        assert item["explanation"][0].startswith(openings[item["status"]])
        assert len(item["explanation"]) > 1


def test_the_resolution_is_what_the_engine_answers_to_what_the_api_tells(dossiers: list[Dossier]) -> None:
    answered = equivalence(dossiers[1])
    for item in answered["items"]:
        del item["explanation"], item["state"]
    resolution = resolve_case(case_of(*dossiers))
    del resolution["format"]
    assert by_code(resolution) == answered


def by_code(written: Any) -> Any:
    """What the published format says of a `proof`, in the word of the API."""
    if isinstance(written, dict):
        return {"code" if key == "proof" else key: by_code(value) for key, value in written.items()}
    return [*map(by_code, written)] if isinstance(written, list) else written


def test_what_did_not_change_is_accepted_and_little_is_left_to_confirm(dossiers: list[Dossier]) -> None:
    """Of 64 to confirm 4 remain, of the CNDA; scenarios of vague 1 were rebuilt from vague 2, which flatters it."""
    _, second = dossiers
    lead = second.people.lead
    (in_force,) = lead.get("/rulebooks")["items"]
    rules = lead.get(f"/rulebooks/{in_force['id']}")
    copied = {name: rules[name] for name in ("label", "correspondences", "certificate_kinds", "policies")}
    draft = f"/rulebooks/{lead.post('/rulebooks', copied)['id']}"
    asked = {"from": "LGC-V1", "to": "LGC-V2", "level": "proof", "origins": ["rule"]}
    proposed = lead.post(f"{draft}/proposals", asked, status=200)["proposed"]
    selection = f"{draft}/proposals/selection?unchanged=true"
    unchanged = lead.get(selection)
    assert (proposed, unchanged["count"]) == (161, 157)
    decision = {"digest": unchanged["digest"], "accepted": True, "reason": "Scénario et preuve inchangés."}
    assert lead.post(selection, decision, status=200)["done"] == 157
    address = f"{draft}/simulations/{lead.post(f'{draft}/simulations', status=202)['id']}"
    second.people.jobs()
    (batch,) = lead.get(address)["batches"]
    assert {"before": "to_confirm", "after": "covered", "items": 60} in batch["open"]["moves"]
    lead.post(f"{draft}/publication", {"accept_warnings": True}, 200)
    second.people.jobs()
    assert progress(second) == {"covered": 151, "to_confirm": 4, "required": 116}


def test_another_commercial_name_loses_what_the_cnda_delivered_and_nothing_else(
    dossiers: list[Dossier],
) -> None:
    _, second = dossiers
    people = second.people
    other = people.draft("LGC-V2", people.solution("Bêta", second.read()["software"]))
    guichets = {item["code"]: item["guichet"] for item in people.editor.every(f"{second.path}/items")}
    before, after = second.states(), other.states()
    gained = [code for code, state in before.items() if state != "required"]
    lost = [code for code in gained if guichets[code] == "CNDA"]
    assert {code: after[code] for code in before if after[code] != before[code]} == dict.fromkeys(
        lost, "required"
    )
    assert progress(other) == {"covered": 91, "to_confirm": 64 - len(lost), "required": 116 + len(lost)}
    assert len(lost) == 4
    for item in equivalence(other)["items"]:
        assert item["code"] not in lost or {"policy_never"} <= {*item["blocked"][0]["reasons"]}
        assert "commercial_name" in item["cases"] or item["status"] == "required"


def test_vague_2_is_referenced_with_what_was_confirmed_and_what_was_still_asked_for(
    dossiers: list[Dossier],
) -> None:
    _, second = dossiers
    verifier = second.people.verifier
    second.supply_all()
    second.submit()
    assert second.judge()["state"] == "in_review"
    assert work_through(verifier, "proof_review") == 116
    assert work_through(verifier, "equivalence") == 64
    assert progress(second) == {"covered": 155, "conform": 116}
    assert second.state == "deliberation"
    assert second.decide("referenced")["state"] == "referenced"


def case_of(first: Dossier, second: Dossier) -> dict[str, Any]:
    """The question that the second dossier asks, made of nothing but what the API tells."""
    people, target = first.people, second.read()
    (rulebook,) = (people.lead.get(f"/rulebooks/{one['id']}") for one in people.lead.every("/rulebooks"))
    return {
        "format": "equivalence-case/1",
        "as_of": "2026-03-02",
        "requirements": [one for dsr in DSRS for one in requirements_of(people, dsr)],
        "correspondences": rulebook["correspondences"],
        "certificate_kinds": rulebook["certificate_kinds"],
        "policies": rulebook["policies"],
        "facts": facts_of(first),
        "target": {
            "dsr": target["dsr"],
            "product": target["software"],
            "solution": target["commercial_name"],
            "composition": {one["role"]: one["component"] for one in target["composition"]},
            "profiles": target["profiles"],
            "deposited_on": target["deposited_on"],
        },
    }


def requirements_of(people: People, dsr: str) -> list[dict[str, Any]]:
    words = people.editor.get(f"/dsrs/{dsr}")
    return [
        {
            **{key: one[key] for key in ("code", "chapter", "profile", "socle", "socle_fidelity")},
            "dsr": dsr,
            "dispositif": words["dispositif"],
            "vague": words["vague"],
            "proofs": [
                {
                    "suffix": proof["code"].partition("#")[2],
                    **{key: proof[key] for key in ("guichet", "kind", "roles")},
                }
                for proof in one["proofs"]
            ],
        }
        for one in people.editor.every(f"/dsrs/{dsr}/requirements")
    ]


def facts_of(dossier: Dossier) -> list[dict[str, Any]]:
    """A fact for each finding on what was supplied."""
    said = dossier.read()
    return [
        {
            "type": "verification",
            "id": finding["id"],
            "proof": item["code"],
            "product": said["software"],
            "solution": said["commercial_name"],
            "status": {"conform": "verified", "nonconform": "rejected"}[finding["outcome"]],
            "mode": item["track"],
            "date": finding["found_on"],
            "composition": {one["role"]: one["component"] for one in said["composition"]},
            "revoked_on": finding["revoked_on"],
        }
        for item in dossier.people.editor.every(f"{dossier.path}/items")
        for finding in item["proof"]["verifications"]
    ]
