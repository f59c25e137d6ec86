"""Receipts, decisions and minutes as bundles: sealed on demand, handed out once a head covers them, checked offline."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from referencing.base.permissions import Role
from referencing.bundles.checker import Refused, check, main
from tests.bundles.conftest import KEY, Decided, bundle_at, receipt_of, sign


def test_a_decision_tells_what_it_rests_on(case: Decided) -> None:
    content = case.bundle["content"]
    assert content["kind"] == "decision"
    assert {item["proof"]: item["state"] for item in content["items"]} == case.second.states()
    assert [item["proof"] for item in content["derivations"]["items"] if item["confirmed"]] == [
        "LGC-V2:DMP/CNDA.01#01.01"
    ]
    files = [
        file["sha256"] for item in case.second.items() if item["proof"] for file in item["proof"]["files"]
    ]
    assert sorted(file["sha256"] for file in content["files"]) == sorted(files)
    words = content["summary"]
    assert "Décision du 2 mars 2026" in words
    assert "Solution Alpha" in words
    assert "Réemplois démontrés dans ce fichier : 3, dont 1 confirmés" in words


def test_nobody_is_named_in_it(case: Decided) -> None:
    written = json.dumps(case.bundle)
    people = case.people
    for client in (people.editor, people.lead, people.verifier):
        account = client.get("/me")
        assert account["id"] not in written
        assert account["name"] not in written


def test_everybody_is_handed_the_same(case: Decided) -> None:
    address = receipt_of(case.second, "candidature.decided")
    for reader in (case.people.editor, case.people.lead, case.people(Role.AUDITOR, "Aude")):
        assert reader.get(address) == case.bundle
        sealed = reader.put(address, status=200)
        assert sealed["sha256"] == case.bundle["seal"]["entry"]["detail"]["sha256"]


def test_it_is_sealed_first_and_handed_out_under_a_head(case: Decided) -> None:
    address, editor = receipt_of(case.second, "candidature.submitted"), case.people.editor
    assert "PUT" in editor.refused(404, "GET", address)["detail"]
    sealed = editor.put(address, status=201)
    assert (sealed["kind"], sealed["subject"]) == (
        "receipt",
        f"candidature:{case.second.id}/{_number(address)}",
    )
    assert "empreinte signée" in editor.refused(409, "GET", address)["detail"]
    sign(case.people)
    bundle = editor.get(address)
    assert bundle["content"]["digest"] == editor.get(address.removesuffix("/bundle"))["digest"]
    assert check(bundle, KEY)[-1] == f"Acte inscrit au journal : {bundle['content']['digest']}"
    editor.refused(404, "PUT", f"{case.second.path}/receipts/999/bundle")


def _number(address: str) -> str:
    return address.split("/")[-2]


def run(bundle: Any, folder: Path, *arguments: str) -> tuple[int, str]:
    """The script as somebody else runs it: alone, without the project."""
    file = folder / "preuve.json"
    file.write_text(json.dumps(bundle))
    script = folder / "verifier-preuve.py"
    ran = subprocess.run(
        [sys.executable, "-I", str(script), str(file), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={"PYTHONIOENCODING": "utf-8"},
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_a_stranger_checks_it_with_the_script_that_is_served(case: Decided, tmp_path: Path) -> None:
    served = case.people.app.test_client().get("/api/v1/bundles/checker")
    assert served.status_code == 200
    (tmp_path / "verifier-preuve.py").write_bytes(served.data)
    code, told = run(case.bundle, tmp_path, "--cle", KEY)
    assert (code, told.splitlines()[-1]) == (0, "ACCEPTÉ")
    assert case.bundle["content"]["summary"] in told
    code, told = run(case.bundle, tmp_path)
    assert code == 3
    assert "LA CLÉ N'A PAS ÉTÉ COMPARÉE" in told
    code, told = run({**case.bundle, "act": None}, tmp_path, "--cle", KEY)
    assert code == 1
    assert told.startswith("REFUSÉ")
    (tmp_path / "preuve.json").write_text("{")
    assert main([str(tmp_path / "preuve.json")]) == 2


def test_files_are_compared_with_those_of_a_folder(case: Decided, tmp_path: Path) -> None:
    bundle = bundle_at(case.people, receipt_of(case.second, "proof.supplied"))
    (file,) = bundle["content"]["files"]
    assert any("Fichier absent" in line for line in check(bundle, KEY, str(tmp_path)))
    content = b"".join(case.people.parts.vault.storage.read(file["sha256"]))
    (tmp_path / "sous un autre nom").write_bytes(content)
    assert "Fichiers retrouvés, de même empreinte : 1" in check(bundle, KEY, str(tmp_path))
    (tmp_path / file["name"]).write_bytes(content + b" ")
    with pytest.raises(Refused, match="a une autre empreinte"):
        check(bundle, KEY, str(tmp_path))
