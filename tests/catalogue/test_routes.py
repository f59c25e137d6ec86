"""The catalogue over HTTP: who sees what, in which shape, and what a refusal leaves."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from referencing.base.permissions import Role
from tests.builders import somebody, unheard
from tests.clients import Client

from .workbooks import REM, inline, needs_real_lists, package, row, sheet_xml, workbook

WORDS = {"dispositif": "LGC", "vague": 2, "couloir": "Médecine de ville", "title": "Gestion de cabinet"}
FORM = "multipart/form-data"
MIB = 1 << 20


@pytest.fixture
def manager(shared_app: Flask) -> Client:
    return somebody(shared_app, Role.CATALOGUE)


@pytest.fixture
def dsr() -> str:
    return f"{unheard()}-V2"


def load(manager: Client, dsr: str, *rows: dict[str, object]) -> Any:
    return manager.upload(f"/dsrs/{dsr}/imports", ("rem.xlsx", workbook(*rows).getvalue()), status=200)


def test_a_dsr_is_created_then_changed_under_its_code(manager: Client, dsr: str) -> None:
    created = manager.send("PUT", f"/dsrs/{dsr}", json=WORDS)
    assert (created.status_code, created.headers["Location"]) == (201, f"/api/v1/dsrs/{dsr}")
    draft = [{"number": 1, "published_at": None}]
    acts = ["change", "correct_proof", "import", "link_socles", "publish"]
    assert created.json == {**WORDS, "code": dsr, "versions": draft, "actions": acts}
    changed = manager.put(f"/dsrs/{dsr}", {**WORDS, "title": "Autre"})
    assert changed["title"] == "Autre"


def test_words_that_are_not_right_are_pointed_at(manager: Client, dsr: str) -> None:
    words = {"dispositif": None, "vague": "2", "couloir": "x" * 101, "title": " ", "words": 1}
    problem = manager.refused(422, "PUT", f"/dsrs/{dsr}", json=words)
    assert sorted(error["pointer"] for error in problem["errors"]) == sorted(f"/{key}" for key in words)


def test_the_report_of_an_import_names_the_rows_with_a_problem(manager: Client, dsr: str) -> None:
    manager.put(f"/dsrs/{dsr}", WORDS, status=201)
    bare = dict.fromkeys(("N° scénario", "Scénario de conformité", "N° preuve", "Preuve"))
    report = load(manager, dsr, row(), {**row("INS.02"), **bare})
    problem = report["problems"].pop()
    assert (problem["row"], problem["code"]) == (3, "requirement_without_proof")
    assert "INS.02" in problem["detail"]
    report["problems"].clear()
    assert report == {
        "version": 1,
        "rows": 2,
        "requirements": 2,
        "proofs": 1,
        "added": 2,
        "changed": 0,
        "removed": 0,
        "unchanged": 0,
        "problems": [],
    }


def bomb() -> bytes:
    """A workbook of a few hundred KiB with a cell of 70 MiB."""
    cell = inline("A2", " " * 70 * MIB)
    return package(sheet_xml(f'<row r="2">{cell}</row>')).getvalue()


@pytest.mark.parametrize(
    "file",
    [
        lambda: workbook(row(), sheet="Autre").getvalue(),
        "Périmètre;ID;Chapitre\n".encode,
        bomb,
    ],
    ids=["another workbook", "a CSV", "a zip bomb"],
)
def test_a_file_that_is_refused_leaves_the_draft_as_it_was(
    manager: Client, dsr: str, file: Callable[[], bytes]
) -> None:
    manager.put(f"/dsrs/{dsr}", WORDS, status=201)
    load(manager, dsr, row())
    before = manager.get(f"/dsrs/{dsr}/requirements?version=1")
    sent = {"data": {"file": (BytesIO(file()), "rem.xlsx")}}
    problem = manager.refused(422, "POST", f"/dsrs/{dsr}/imports", **sent)
    assert problem["type"] == "urn:referencing:problem:invalid"
    assert manager.get(f"/dsrs/{dsr}/requirements?version=1") == before


def test_an_import_needs_one_file(manager: Client, dsr: str) -> None:
    manager.put(f"/dsrs/{dsr}", WORDS, status=201)
    manager.refused(400, "POST", f"/dsrs/{dsr}/imports", data={"other": "x"}, content_type=FORM)
    manager.refused(415, "POST", f"/dsrs/{dsr}/imports", json={})


def test_a_draft_is_invisible_to_other_roles(manager: Client, dsr: str, shared_app: Flask) -> None:
    manager.put(f"/dsrs/{dsr}", WORDS, status=201)
    load(manager, dsr, row())
    editor = somebody(shared_app, Role.EDITOR)
    editor.refused(404, "GET", f"/dsrs/{dsr}/requirements")
    editor.refused(404, "GET", f"/dsrs/{dsr}/requirements?version=1")
    assert len(manager.get(f"/dsrs/{dsr}/requirements")["items"]) == 1


def test_the_next_draft_does_not_show_before_it_is_published(
    manager: Client, dsr: str, shared_app: Flask
) -> None:
    manager.put(f"/dsrs/{dsr}", WORDS, status=201)
    load(manager, dsr, row())
    manager.post(f"/dsrs/{dsr}/publication", status=200)
    load(manager, dsr, row(Exigence="Un autre texte."))
    editor = somebody(shared_app, Role.EDITOR)
    shown = next(one for one in editor.every("/dsrs") if one["code"] == dsr)
    assert [version["number"] for version in shown["versions"]] == [1]
    (requirement,) = editor.get(f"/dsrs/{dsr}/requirements")["items"]
    assert requirement["text"] != "Un autre texte."
    manager.post(f"/dsrs/{dsr}/publication", status=200)
    (requirement,) = editor.get(f"/dsrs/{dsr}/requirements")["items"]
    assert requirement["text"] == "Un autre texte."
    (requirement,) = editor.get(f"/dsrs/{dsr}/requirements?version=1")["items"]
    assert requirement["text"] != "Un autre texte."


def test_a_second_publication_is_a_conflict(manager: Client, dsr: str) -> None:
    manager.put(f"/dsrs/{dsr}", WORDS, status=201)
    manager.refused(409, "POST", f"/dsrs/{dsr}/publication")
    load(manager, dsr, row())
    assert manager.post(f"/dsrs/{dsr}/publication", status=200)["number"] == 1
    manager.refused(409, "POST", f"/dsrs/{dsr}/publication")


def test_a_requirement_is_shown_with_what_was_proposed_for_its_proofs(manager: Client, dsr: str) -> None:
    manager.put(f"/dsrs/{dsr}", WORDS, status=201)
    load(manager, dsr, row("MSS/va1.01", "MSS/va1.01.02.01", Preuve="Une vidéo.", Profil="IAM"))
    (shown,) = manager.get(f"/dsrs/{dsr}/requirements")["items"]
    (proof,) = shown.pop("proofs")
    assert (shown["code"], shown["chapter"], shown["profile"], shown["socle"]) == (
        "MSS/va1.01",
        "MSS",
        "IAM",
        None,
    )
    assert proof == {
        "code": f"{dsr}:MSS/va1.01#02.01",
        "number": "MSS/va1.01.02.01",
        "text": "Une vidéo.",
        "scenario_number": "INS.01.01",
        "scenario_text": "Chercher un patient par son nom.",
        "guichet": "ANS",
        "kind": "demonstration",
        "roles": ["mss"],
        "duo": True,
        "live_without_trace": False,
        "platforms": [],
        "corrected": False,
        "revision": 1,
    }


def test_a_proof_needs_the_platforms_that_its_text_calls_until_somebody_corrects_it(
    manager: Client, dsr: str, shared_app: Flask
) -> None:
    lead, (code, word) = somebody(shared_app, Role.LEAD), (unheard().lower(), unheard())
    named = {"code": code, "name": f"{word}é Tests", "description": "", "words": [f"l’outil {word}"]}
    lead.post("/platforms", named)
    manager.put(f"/dsrs/{dsr}", WORDS, status=201)
    texts = {
        f"Un rapport de {word.upper()}E  TESTS.": [code],
        f"Une trace de L'OUTIL {word.lower()}, signée.": [code],
        f"Une trace de l'outil {word}s.": [],
        f"Une copie d'écran de {word}.": [],
    }
    numbered = {f"INS.{place:02}": text for place, text in enumerate(texts, start=1)}
    load(manager, dsr, *(row(code, f"{code}.01.01", Preuve=text) for code, text in numbered.items()))

    def needed() -> list[tuple[list[str], bool]]:
        shown = manager.get(f"/dsrs/{dsr}/requirements")["items"]
        return [(proof["platforms"], proof["corrected"]) for one in shown for proof in one["proofs"]]

    assert needed() == [(platforms, False) for platforms in texts.values()]
    path = f"/dsrs/{dsr}/proofs/{dsr}:INS.04%2301.01"
    problem = manager.refused(
        422, "PATCH", path, json={"platforms": ["nulle-part"]}, headers={"If-Match": '"1"'}
    )
    assert problem["errors"][0]["pointer"] == "/platforms"
    manager.send("PATCH", path, json={"platforms": [code]}, headers={"If-Match": '"1"'})
    assert needed()[-1] == ([code], True)
    numbered["INS.04"] = "D'autres mots."
    load(manager, dsr, *(row(code, f"{code}.01.01", Preuve=text) for code, text in numbered.items()))
    assert needed()[-1] == ([], False), "other words are proposed for anew"


def test_requirements_come_in_pages_that_follow_one_another(manager: Client, dsr: str) -> None:
    manager.put(f"/dsrs/{dsr}", WORDS, status=201)
    codes = [f"INS.{number:02}" for number in (3, 1, 2)]
    load(manager, dsr, *(row(code, f"{code}.01.01") for code in codes))
    first = manager.send("GET", f"/dsrs/{dsr}/requirements?limit=2")
    assert first.json is not None
    link, _, relation = first.headers["Link"].partition(">; ")
    assert relation == 'rel="next"'
    target = urlsplit(link.removeprefix("<"))
    second = manager.get(f"{target.path.removeprefix('/api/v1')}?{target.query}")
    assert [one["code"] for one in first.json["items"] + second["items"]] == codes
    assert second["next"] is None


def test_socles_are_linked_from_a_table(manager: Client, dsr: str) -> None:
    manager.put(f"/dsrs/{dsr}", WORDS, status=201)
    load(manager, dsr, row())
    table = "dispositif,vague,exigence,socle,texte\nLGC,2,INS.01,SC.INS/01,surchargée\n".encode()
    report = manager.upload(f"/dsrs/{dsr}/socles", ("socles.csv", table), method="PUT", status=200)
    assert report == {"version": 1, "rows": 1, "linked": 1, "changed": 1, "ignored": 0, "problems": []}
    (shown,) = manager.get(f"/dsrs/{dsr}/requirements")["items"]
    assert (shown["socle"], shown["socle_fidelity"]) == ("SC.INS/01", "overridden")


#: Requirements and proofs of each list, as the README beside them says.
REAL = {
    "LGC-V1": (108, 205),
    "LGC-V2": (227, 302),
    "DPI-V1": (42, 62),
    "DPI-V2": (146, 207),
    "DB-V2": (146, 86),
}


@needs_real_lists
def test_the_real_lists_are_imported_and_published(as_: Callable[..., Client]) -> None:
    manager = as_(Role.CATALOGUE)
    counted = {}
    for dsr in REAL:
        dispositif, vague = dsr.split("-V")
        manager.put(f"/dsrs/{dsr}", {**WORDS, "dispositif": dispositif, "vague": int(vague)}, status=201)
        file = REM / f"REM-{dispositif}-Va{vague}.xlsx"
        report = manager.upload(f"/dsrs/{dsr}/imports", (file.name, file.read_bytes()), status=200)
        counted[dsr] = (report["requirements"], report["proofs"])
        socles = ("socles.csv", (REM / "socles.csv").read_bytes())
        linked = manager.upload(f"/dsrs/{dsr}/socles", socles, method="PUT", status=200)
        assert (linked["linked"] > 0) == dsr.endswith("V2")
        manager.post(f"/dsrs/{dsr}/publication", status=200)
        listed = list(manager.every(f"/dsrs/{dsr}/requirements"))
        assert (len(listed), sum(len(one["proofs"]) for one in listed)) == counted[dsr]
    assert counted == REAL


def test_a_version_is_summed_up_and_its_requirements_narrowed_down(manager: Client, dsr: str) -> None:
    manager.put(f"/dsrs/{dsr}", WORDS, status=201)
    load(manager, dsr, row(), row("MSS.02", "MSS.02.01.01", Preuve="Une attestation."))
    summary = manager.get(f"/dsrs/{dsr}/summary")
    assert summary["chapters"] == ["INS", "MSS"]
    assert [(one["kind"], one["guichet"], one["number"]) for one in summary["proofs"]] == [
        ("certificate", "ANS", 1),
        ("demonstration", "ANS", 1),
    ]
    assert summary["changes"] is None
    manager.post(f"/dsrs/{dsr}/publication", status=200)
    load(manager, dsr, row(Preuve="Une capture."), row("INS.03", "INS.03.01.01"))
    changed = {"added": 1, "removed": 1, "reworded": 1}
    assert manager.get(f"/dsrs/{dsr}/summary?version=2")["changes"] == changed
    for narrowed in ("kind=certificate", "chapter=MSS"):
        (requirement,) = manager.get(f"/dsrs/{dsr}/requirements?version=1&{narrowed}")["items"]
        assert requirement["code"] == "MSS.02"
    assert manager.get(f"/dsrs/{dsr}/requirements?version=1&guichet=CNDA")["items"] == []


def test_what_nobody_published_yet_is_known_to_the_catalogue_alone(
    shared_app: Flask, manager: Client, dsr: str
) -> None:
    manager.put(f"/dsrs/{dsr}", WORDS, status=201)
    assert dsr in [one["code"] for one in manager.every("/dsrs")]
    for role in {*Role} - {Role.CATALOGUE}:
        reader = somebody(shared_app, role)
        assert dsr not in [one["code"] for one in reader.every("/dsrs")], role
        for below in ("", "/summary", "/requirements"):
            detail = reader.refused(404, "GET", f"/dsrs/{dsr}{below}")["detail"]
            assert detail == reader.refused(404, "GET", f"/dsrs/Z{dsr}{below}")["detail"].replace(
                f"Z{dsr}", dsr
            )
