"""Nothing of a form is passed over: a part that nobody reads is refused, and nothing of the form is kept."""

import io

import pytest
from flask import Flask

from referencing.base.permissions import Role
from tests.clients import Client
from tests.conftest import Keys
from tests.web.conftest import Dossier


@pytest.mark.parametrize(
    ("beside", "instead"),
    [
        ({"performed_on": "2026-01-01"}, "donnez-le dans l'adresse (?performed_on=…)"),
        ({"other": (io.BytesIO(b"x"), "x.txt")}, "retirez-le"),
    ],
)
def test_a_part_beside_the_files_of_a_proof_is_refused(
    dossier: Dossier, beside: dict[str, object], instead: str
) -> None:
    (name,) = beside
    data = {"file": (io.BytesIO(b"preuve"), "preuve.txt"), **beside}
    problem = dossier.editor.refused(400, "POST", dossier.slot, data=data)
    assert f"« {name} » n'est pas attendu : {instead}" in problem["detail"]
    assert {item["state"] for item in dossier.editor.every(f"{dossier.path}/items")} == {"required"}


def test_a_text_after_what_announces_the_files_is_refused(dossier: Dossier) -> None:
    data = {"message": '{"text": "Vu."}', "text": "Vu.", "file": (io.BytesIO(b"x"), "x.txt")}
    problem = dossier.editor.refused(400, "POST", f"{dossier.path}/messages", data=data)
    assert "« text » n'est pas attendu" in problem["detail"]
    assert dossier.editor.get(f"{dossier.path}/messages")["items"] == []


def test_a_text_beside_a_table_is_refused(app: Flask, key_of: Keys) -> None:
    lead = Client(app.test_client(), key_of(Role.LEAD))
    rulebook = lead.post("/rulebooks", {"label": "Règles"})["id"]
    data = {"file": (io.BytesIO(b"x"), "x.csv"), "mode": "replace"}
    problem = lead.refused(400, "POST", f"/rulebooks/{rulebook}/correspondences", data=data)
    assert "« mode » n'est pas attendu" in problem["detail"]
