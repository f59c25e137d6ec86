"""The file of an audit as a bundle: its record and pieces by their digests, as they were at the sealing."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from referencing.bundles.checker import Refused, check
from tests.audits.conftest import referenced_twice
from tests.audits.inquiry import Inquiry, of
from tests.bundles.conftest import KEY, sign
from tests.candidatures.running import Running


@pytest.fixture
def inquiry(running: Running) -> Iterator[Inquiry]:
    """Notified, with a non-conformité."""
    with running.after(referenced_twice) as (_, (_, second)):
        inquiry = of(second, size=2)
        inquiry.notified("majeure")
        yield inquiry


def test_the_file_of_an_audit_is_checked_beside_its_archive(inquiry: Inquiry, tmp_path: Path) -> None:
    address, auditor = f"{inquiry.path}/bundle", inquiry.auditor
    inquiry.editor.refused(403, "PUT", address)
    auditor.put(address, status=201)
    auditor.put(address, status=200)
    sign(inquiry.people)
    bundle = auditor.get(address)
    words = bundle["content"]["summary"]
    assert "audit en phase contradictoire" in words
    assert "Non-conformités : 1" in words
    archive = auditor.send("GET", f"{inquiry.path}/export").get_data()
    with ZipFile(io.BytesIO(archive)) as files:
        files.extractall(tmp_path)
        assert json.loads(bundle["attached"]["dossier.json"]) == json.loads(files.read("dossier.json"))
    count = len(bundle["content"]["files"])
    assert check(bundle, KEY, str(tmp_path))[-1] == f"Fichiers retrouvés, de même empreinte : {count}"
    (tmp_path / "dossier.json").write_text(bundle["attached"]["dossier.json"].replace("majeure", "mineure"))
    with pytest.raises(Refused, match="a une autre empreinte"):
        check(bundle, KEY, str(tmp_path))


def test_what_was_sealed_holds_after_a_change_and_is_sealed_again(inquiry: Inquiry) -> None:
    address, auditor = f"{inquiry.path}/bundle", inquiry.auditor
    first = auditor.put(address, status=201)
    sign(inquiry.people)
    inquiry.propose(*auditor.every(f"{inquiry.path}/nonconformities"))
    bundle = auditor.get(address)
    assert (bundle["attached"], bundle["seal"]["entry"]["detail"]["sha256"]) == ({}, first["sha256"])
    assert check(bundle, KEY)
    assert auditor.put(address, status=201)["sha256"] != first["sha256"]
    assert "empreinte signée" in auditor.refused(409, "GET", address)["detail"]
