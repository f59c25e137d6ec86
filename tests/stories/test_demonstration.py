"""The demonstration referential: a software goes from LGC vague 1 to vague 2, then to DPI under another name."""

from collections.abc import Iterator
from typing import Any

import pytest

from demonstration import referential
from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running
from tests.stories.work import equivalence, progress, publish_dsr, publish_rulebook, work_through

DMP = {"role": "dmp", "component": "DMP-Box@2.1"}

IDENTITY = "INS/va1.02#01.01"
SECURE_MAIL = "LGC-V2:MSS/va1.02#01.01"
DIRECTORY = "LGC-V2:ANN/va1.01#01.01"
CNDA = "DMP/CNDA.01#01.01"
BROWSER, DESKTOP, EMBEDDED = "PSC.01#01.01", "PSC.01#02.01", "PSC.01#03.01"


def catalogue(people: People) -> list[Dossier]:
    for dsr, title in referential.DSRS.items():
        publish_dsr(people, dsr, title._asdict(), referential.workbook(dsr), referential.table("socles"))
    publish_rulebook(people, referential.rulebook(), referential.table("correspondances"))
    return []


def after_vague_1(people: People) -> list[Dossier]:
    """LGC-V1 is referenced, and LGC-V2 drafted for the same solution."""
    first = people.draft("LGC-V1", composition=[DMP])
    first.supply_all()
    first.submit()
    first.judge()
    work_through(people.verifier, "proof_review")
    first.decide("referenced")
    return [first, people.draft("LGC-V2", first.read()["solution"], composition=[DMP])]


def after_vague_2(people: People) -> list[Dossier]:
    """LGC-V2 is referenced as well, one of three alternative scenarios shown; DPI-V2 is another name."""
    _, second = after_vague_1(people)
    for suffix in (DESKTOP, EMBEDDED):
        second.claim_not_applicable(f"LGC-V2:{suffix}", "Application web : le scénario 01 est montré.")
    second.supply_all()
    second.submit()
    second.judge()
    for queue in ("proof_review", "equivalence"):
        work_through(people.verifier, queue)
    second.decide("referenced")
    name = people.solution("Mistral Hôpital", second.read()["software"])
    return [second, people.draft("DPI-V2", name, composition=[DMP])]


@pytest.fixture
def vague_2(running: Running) -> Iterator[Dossier]:
    with running.after(after_vague_1, on=catalogue) as (_, (_, second)):
        yield second


@pytest.fixture
def hospital(running: Running) -> Iterator[Dossier]:
    with running.after(after_vague_2, on=catalogue) as (_, (_, third)):
        yield third


def items(dossier: Dossier) -> dict[str, Any]:
    """The resolution's items, by the code of the proof."""
    return {item["code"]: item for item in equivalence(dossier)["items"]}


def blocked(dossier: Dossier, code: str) -> set[str]:
    """Why the nearest facts cannot serve."""
    return {reason for one in items(dossier)[code]["blocked"] for reason in one["reasons"]}


def test_vague_2_asks_for_what_is_new_and_has_three_reuses_confirmed(vague_2: Dossier) -> None:
    assert progress(vague_2) == {"covered": 8, "to_confirm": 3, "required": 4}
    assert vague_2.codes("required") == [
        "LGC-V2:DMP/CONS.01#01.01",
        *(f"LGC-V2:{suffix}" for suffix in (BROWSER, DESKTOP, EMBEDDED)),
    ]


def test_reuses_are_to_confirm_for_what_changed_and_one_for_the_cnda(vague_2: Dossier) -> None:
    why = {code: items(vague_2)[code]["confirm"] for code in vague_2.codes("to_confirm")}
    assert why == {DIRECTORY: ["partial"], SECURE_MAIL: ["partial"], f"LGC-V2:{CNDA}": ["policy"]}


def test_two_requirements_of_vague_1_together_cover_one_of_vague_2(vague_2: Dossier) -> None:
    item = items(vague_2)[f"LGC-V2:{IDENTITY}"]
    assert [item["status"], len(item["facts"])] == ["covered", 2]
    assert [source["code"] for source in item["derivation"]["from"]] == [
        "LGC-V1:INS.02#01.01",
        "LGC-V1:INS.03#01.01",
    ]
    assert any(sentence.startswith("Ensemble, ") for sentence in item["explanation"])


def test_the_intrusion_test_of_vague_1_serves_through_the_socle(vague_2: Dossier) -> None:
    item = items(vague_2)["LGC-V2:SSI/GEN.02#01.01"]
    assert [item["status"], item["depth"]] == ["covered", 2]
    assert item["derivation"]["clause"] == "socle:SC.SSI/GEN.02"


def test_after_a_year_the_intrusion_test_is_too_old(running: Running, vague_2: Dossier) -> None:
    running.clock.pass_days(366)
    code = "LGC-V2:SSI/GEN.02#01.01"
    assert items(vague_2)[code]["status"] == "required"
    assert blocked(vague_2, code) == {"too_old"}


def test_the_profile_of_organisational_mail_adds_its_document(vague_2: Dossier) -> None:
    editor = vague_2.people.editor
    tag = {"If-Match": editor.send("GET", vague_2.path).headers["ETag"]}
    profiles = {"profiles": ["Messagerie organisationnelle"]}
    editor.expect(200, editor.send("PATCH", vague_2.path, tag, json=profiles))
    assert progress(vague_2) == {"covered": 8, "to_confirm": 3, "required": 5}


def test_vague_2_is_referenced(hospital: Dossier) -> None:
    listed = hospital.people.editor.get("/candidatures?state=referenced")["items"]
    assert [one["dsr"] for one in listed] == ["LGC-V1", "LGC-V2"]
    counts = {state: count for state, count in listed[1]["progress"].items() if count}
    assert counts == {"covered": 11, "conform": 2, "not_applicable": 2}


def test_the_hospital_s_software_gains_from_both_under_another_name(hospital: Dossier) -> None:
    assert progress(hospital) == {"covered": 8, "to_confirm": 1, "required": 4}
    assert hospital.codes("to_confirm") == [f"DPI-V2:{IDENTITY}"]
    assert hospital.codes("required") == [
        f"DPI-V2:{suffix}" for suffix in (CNDA, DESKTOP, EMBEDDED, "IE/HOP.01#01.01")
    ]


def test_what_two_lists_word_alike_is_covered_by_their_socle_and_what_one_rewords_in_part(
    hospital: Dossier,
) -> None:
    alike, reworded = items(hospital)[f"DPI-V2:{BROWSER}"], items(hospital)[f"DPI-V2:{IDENTITY}"]
    assert [alike["strength"], alike["cases"]] == ["full", ["commercial_name", "inter_dispositif"]]
    assert [reworded["strength"], reworded["confirm"]] == ["partial", ["partial"]]


def test_what_does_not_apply_in_one_dossier_is_no_proof_in_another(hospital: Dossier) -> None:
    assert blocked(hospital, f"DPI-V2:{DESKTOP}") == set()
    assert items(hospital)[f"DPI-V2:{DESKTOP}"]["explanation"][-1] == (
        "Aucune preuve vérifiée de ce logiciel ne répond à cette exigence."
    )


def test_what_the_cnda_delivered_does_not_serve_another_name(hospital: Dossier) -> None:
    assert blocked(hospital, f"DPI-V2:{CNDA}") == {"policy_never"}


def test_the_certificate_of_the_component_may_serve_whatever_the_name(hospital: Dossier) -> None:
    enter_certificate(hospital)
    assert progress(hospital) == {"covered": 8, "to_confirm": 2, "required": 3}
    item = items(hospital)[f"DPI-V2:{CNDA}"]
    assert [item["confirm"], item["cases"]] == [["policy"], ["certificate", "same_dsr"]]
    assert any("le certificat CNDA-DMP de DMP-Box@2.1" in sentence for sentence in item["explanation"])


def test_the_certificate_of_a_component_serves_only_what_embeds_it(hospital: Dossier) -> None:
    enter_certificate(hospital)
    bare = hospital.people.draft("DPI-V2", hospital.read()["solution"], composition=[])
    assert items(bare)[f"DPI-V2:{CNDA}"]["status"] == "required"
    assert "policy_never" in blocked(bare, f"DPI-V2:{CNDA}")
    newer = hospital.people.draft(
        "DPI-V2", hospital.read()["solution"], composition=[{"role": "dmp", "component": "DMP-Box@3.0"}]
    )
    assert items(newer)[f"DPI-V2:{CNDA}"]["status"] == "required"


def test_without_the_component_what_it_showed_is_asked_for_again(hospital: Dossier) -> None:
    bare = hospital.people.draft("DPI-V2", hospital.read()["solution"], composition=[])
    again = ["DMP/CNDA.01#01.01", "DMP/va1.02#01.01", "DMP/va1.02#01.02"]
    assert [code for code in bare.codes("required") if ":DMP" in code] == [f"DPI-V2:{one}" for one in again]
    assert blocked(bare, f"DPI-V2:{again[1]}") == {"component:dmp"}


def enter_certificate(dossier: Dossier) -> None:
    """The counter that certifies enters it; the jobs then take it to the dossiers."""
    words = {
        "kind": "CNDA-DMP",
        "holder": DMP["component"],
        "number": "2026-0042",
        "valid_from": "2026-01-01",
        "valid_until": "2029-01-01",
    }
    software = dossier.read()["software"]
    counter = dossier.people.counter()
    dossier.allow(counter)
    counter.post(f"/softwares/{software}/certificates", words)
    dossier.people.jobs()


def three_drafts(people: People) -> list[Dossier]:
    """A dossier of one software on each list, the last under another name; nothing is supplied."""
    first = people.draft("LGC-V1", composition=[DMP])
    solution, software = first.read()["solution"], first.read()["software"]
    second = people.draft("LGC-V2", solution, composition=[DMP])
    return [
        first,
        second,
        people.draft("DPI-V2", people.solution("Mistral Hôpital", software), composition=[DMP]),
    ]


def test_who_follows_a_plan_supplies_half_and_files_three_dossiers_that_lack_nothing(
    running: Running,
) -> None:
    with running.after(three_drafts, on=catalogue) as (people, dossiers):
        plans = people.editor.post("/reuse-plans", {}, status=200)
        certain, plan = plans["certain"], plans["to_confirm"]
        assert [plans["alone"], len(certain["supplies"]), len(plan["supplies"])] == [40, 22, 18]
        assert plan["exact"]
        assert certain["exact"]
        for supply in plan["supplies"]:
            item = plan["items"][supply["item"]]
            dossier, code = dossiers[item["dossier"]], item["code"]
            tested = dossier.item(code)["kind"] == "pentest"
            dossier.supply(code, performed_on="2026-03-02" if tested else None)
        assert [filing["dossier"] for filing in plan["filing"]] == [0, 1, 2]
        for filing in plan["filing"]:
            dossier = dossiers[filing["dossier"]]
            assert dossier.codes("required") == []
            dossier.submit()
            dossier.judge()
            for queue in ("equivalence", "proof_review"):
                work_through(people.verifier, queue)
            dossier.decide("referenced")
        ends = [progress(dossier) for dossier in dossiers]
        assert [sum(end.get(state, 0) for end in ends) for state in ("conform", "covered")] == [18, 22]
