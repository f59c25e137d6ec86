"""A kind of certificates that no rule in force reads: it is said wherever the kind is."""

from collections.abc import Sequence

import pytest

from referencing.certificates.kinds import kind_remarks
from tests.candidatures.dossiers import Dossier

WORDS = {"kind": "CNDA-DPM", "holder": "DMP-Box@2.1", "number": "2026-1", "valid_from": "2026-01-01"}


@pytest.mark.parametrize(
    ("kind", "read", "end"),
    [
        ("CNDA-DPM", ["CNDA-DMP", "STLC"], "vouliez-vous dire « CNDA-DMP » ?"),
        ("DMN", ["CNDA-DMP", "STLC"], "vérifiez qu'il est voulu."),
        ("DMN", [], "vérifiez qu'il est voulu."),
    ],
)
def test_what_is_said_names_the_kind_that_was_meant(kind: str, read: Sequence[str], end: str) -> None:
    (remark,) = kind_remarks([kind, *read], read)
    assert f"« {kind} »" in remark
    assert remark.endswith(end)


def test_a_certificate_that_no_rule_reads_says_so_until_it_is_corrected(dossier: Dossier) -> None:
    lead = dossier.people.lead
    certificates = f"/softwares/{dossier.read()['software']}/certificates"
    entered = lead.post(certificates, WORDS)
    (remark,) = entered["remarks"]
    assert "« CNDA-DMP »" in remark
    sent = {"certificates": [{**WORDS, "number": "2026-2"}]}
    (line,) = lead.post(f"{certificates}/manifests", sent, 200)["lines"]
    assert line["certificate"]["remarks"] == [remark]
    words = {**WORDS, "kind": "CNDA-DMP", "reason": "Faute de frappe"}
    assert lead.post(f"/certificates/{entered['id']}/correction", words, 200)["remarks"] == []
    told = {
        one["number"]: one["remarks"] for one in lead.get("/certificates")["items"] if not one["revoked_on"]
    }
    assert told == {"2026-1": [], "2026-2": [remark]}
    assert lead.get(f"/certificates/{entered['id']}")["remarks"] == [], "it stands no more"


def test_an_issuer_says_which_of_its_kinds_no_rule_reads(dossier: Dossier) -> None:
    lead = dossier.people.lead
    defined = lead.put("/issuers/CNDA", {"name": "CNDA", "kinds": ["CNDA-DMP", "CNDA-DPM"]}, status=201)
    (remark,) = defined["remarks"]
    assert "« CNDA-DPM »" in remark
    assert [one["remarks"] for one in lead.get("/issuers")["items"]] == [[remark]]
    assert lead.get("/issuers/CNDA")["remarks"] == [remark]
