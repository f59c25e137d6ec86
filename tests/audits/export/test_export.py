"""The file for the decision on sanctions: whole, checkable by anybody, the same for the same state, without authors."""

import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any
from zipfile import ZipFile

import pytest
import sqlalchemy as sa

from referencing.audits.inquiries.sampling import Entrant, draw
from referencing.base import db
from referencing.base.permissions import Role
from referencing.files.models import Scan
from referencing.journal.chain import GENESIS, digest
from tests.audits.conftest import referenced_twice
from tests.audits.inquiry import REASON, Inquiry, auditor_of
from tests.builders import scanned_as
from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running
from tests.revocations.worlds import revoked

AUTHOR = {"name": "Claude Ézéchiel", "email": "claude@exemple.fr"}
WORDS = "Je travaille au cabinet de la rue des Lilas."
NOTE = ("Relevé d'écran.txt", b"Les traits manquent.")


def audited(people: People) -> Sequence[Dossier]:
    """A solution that was referenced twice, and an audit of the second time in which everything happened."""
    dossiers = referenced_twice(people)
    second = dossiers[1]
    auditor = auditor_of(people)
    seen = {"solution": "Alpha", "description": WORDS, "author": AUTHOR, "channel": "email"}
    signal = auditor.post("/signals", seen)["id"]
    auditor.post(f"/signals/{signal}/qualification", {"assessment": "Identité incomplète."}, 200)
    words = {"candidature": second.id, "reason": REASON, "size": 500, "signals": [signal]}
    inquiry = Inquiry(people, second, auditor.post("/audits", words)["id"]).open()
    sampled = next(one for one in inquiry.sample() if one["reused"])
    inquiry.find(sampled, "nonconform", "<script>alert(1)</script>")
    fact = sampled["facts"][0]["verification"]
    revoked(auditor, f"/verifications/{fact}/revocation", {"reason": "Falsifiée.", "audit": inquiry.id})
    raised = inquiry.raise_("critique", requirement=sampled["requirement"], sampled=sampled["id"])
    inquiry.find_all()
    inquiry.do("notification")
    plan = inquiry.propose(raised)
    inquiry.add(auditor, NOTE, nonconformity=raised["id"])
    inquiry.add(inquiry.editor, ("plan.txt", b"fait"), plan=plan["id"])
    sanction = inquiry.announce(urgent_reason="La sécurité des soins.")
    inquiry.editor.post(f"/sanctions/{sanction['id']}/answer", {"observations": "Une erreur d'envoi."}, 200)
    inquiry.decide(sanction)
    return dossiers


@pytest.fixture
def told(running: Running) -> Iterator[Inquiry]:
    with running.after(audited) as (people, (_, second)):
        (audit,) = auditor_of(people).every("/audits")
        yield Inquiry(people, second, audit["id"])


def opened(content: bytes) -> ZipFile:
    return ZipFile(io.BytesIO(content))


def record(archive: ZipFile) -> Any:
    return json.loads(archive.read("dossier.json"))


def test_the_same_state_gives_the_same_bytes(told: Inquiry) -> None:
    first = told.export()
    assert told.export() == first
    assert told.export(told.lead) == first
    told.add(told.auditor, ("c.txt", b"trois"))
    assert told.export() != first


def test_it_tells_all_that_happened(told: Inquiry) -> None:
    found = record(opened(told.export()))
    assert (found["audit"]["state"], found["audit"]["created_by"]) == ("contradictory", "Ada")
    assert found["solution"]["state"] == "suspended"
    assert [one["assessment"] for one in found["signals"]] == ["Identité incomplète."]
    (raised,) = found["nonconformities"]
    assert (raised["severity"], len(raised["plans"])) == ("critique", 1)
    (sanction,) = found["sanctions"]
    assert (sanction["measure"], sanction["answer"], sanction["decided_by"]) == (
        "suspension",
        "Une erreur d'envoi.",
        "Dominique",
    )
    (revocation,) = found["revocations"]
    assert revocation["reason"] == "Falsifiée."
    drawn = [Entrant(**one) for one in found["draw"]["population"]]
    sampled = list(dict.fromkeys(one["requirement"] for one in found["sample"]))
    assert sampled == draw(found["draw"]["seed"], drawn, found["draw"]["size"])


def test_every_member_is_as_the_sums_say(told: Inquiry) -> None:
    archive = opened(told.export())
    lines = archive.read("SHA256SUMS").decode().splitlines()
    sums = {name: expected for expected, _, name in (line.partition("  ") for line in lines)}
    assert set(sums) == set(archive.namelist()) - {"SHA256SUMS"}
    for name, expected in sums.items():
        assert hashlib.sha256(archive.read(name)).hexdigest() == expected


def test_the_evidence_is_in_it_with_the_proof_that_fell(told: Inquiry) -> None:
    archive = opened(told.export())
    pieces = record(archive)["evidence"]
    assert [one["filename"] for one in pieces[:2]] == ["Relevé d'écran.txt", "plan.txt"]
    assert archive.read(pieces[0]["name"]) == NOTE[1]
    fell = pieces[2:]
    assert {one["about"]["code"] for one in fell} == {code_of_fact(told)}, "as it was reused"
    assert all(hashlib.sha256(archive.read(one["name"])).hexdigest() == one["sha256"] for one in fell)


def code_of_fact(told: Inquiry) -> str:
    sampled = next(one for one in told.sample() if one["outcome"] == "nonconform")
    with db.transaction(told.people.parts.sessions) as session:
        code = sa.text("SELECT proof_code FROM verification WHERE id = :id")
        return str(session.scalar(code, {"id": sampled["facts"][0]["verification"]}))


def test_the_seals_of_the_journal_can_be_checked_without_us(told: Inquiry) -> None:
    archive = opened(told.export())
    for stream in record(archive)["journal"]:
        name = f"journal/{stream['stream'].replace(':', '-')}.jsonl"
        previous = GENESIS
        lines = archive.read(name).decode().splitlines()
        for line in map(json.loads, lines):
            assert digest(previous, line["content"]) == line["digest"]
            previous = line["digest"]
        assert (len(lines), previous) == (stream["entries"], stream["head"])
    kinds = [one["stream"].partition(":")[0] for one in record(archive)["journal"]]
    assert kinds == ["audit", "candidature", "software"]


def test_who_signalled_is_in_none_of_it(told: Inquiry) -> None:
    archive = opened(told.export())
    receipt = told.auditor.get("/signals")["items"][0]["receipt"]
    for name in archive.namelist():
        content = archive.read(name).decode(errors="replace")
        assert not any(secret in content for secret in (*AUTHOR.values(), WORDS, receipt)), name


def test_the_summary_is_read_by_people_and_runs_nothing(told: Inquiry) -> None:
    page = opened(told.export()).read("synthese.html").decode()
    for sentence in (
        "Dossier d'audit",
        "Suspension, appliquée",
        "(critique), ouverte",
        "Une erreur d&#39;envoi.",
    ):
        assert sentence in page, sentence
    assert "<script>" not in page
    assert "http://" not in page
    assert "https://" not in page


def test_a_file_that_nobody_may_read_is_named_and_left_out(told: Inquiry) -> None:
    with db.transaction(told.people.parts.sessions) as session:
        sha256 = hashlib.sha256(NOTE[1]).hexdigest()
        scanned_as(session, sha256, Scan.MALWARE)
    archive = opened(told.export())
    piece = record(archive)["evidence"][0]
    assert piece["name"] is None
    assert "quarantaine" in piece["not_included"]
    assert not any(NOTE[1] in archive.read(name) for name in archive.namelist() if name.startswith("pieces/"))


def test_only_the_agency_s_auditors_and_leads_have_it(told: Inquiry) -> None:
    for who in (told.editor, told.people.verifier, told.people(Role.EXPERT, "Élie")):
        who.refused(403, "GET", f"{told.path}/export")
    told.auditor.refused(404, "GET", "/audits/00000000-0000-0000-0000-000000000000/export")
