"""What an audit finds false is taken back in its name: the dry run first, then the facts, the flags and the link."""

from typing import Any

import pytest
import sqlalchemy as sa

from referencing.base import db
from referencing.revocations.models import Revocation
from tests.audits.inquiry import Inquiry


@pytest.fixture
def fallen(inquiry: Inquiry) -> Any:
    """Of the sample, a proof that is not as it was found."""
    inquiry.open()
    sampled = next(one for one in inquiry.sample() if one["facts"])
    return inquiry.find(sampled, "nonconform", "La capture est d'un autre logiciel.")


def path_of(fallen: Any) -> str:
    return f"/verifications/{fallen['facts'][0]['verification']}/revocation"


def test_the_dry_run_tells_what_then_happens(inquiry: Inquiry, fallen: Any) -> None:
    words = {"reason": "Capture d'un autre logiciel.", "audit": inquiry.id}
    asked = inquiry.auditor.post(f"{path_of(fallen)}?dry_run=true", words, 200)
    assert "audit.revoked" not in inquiry.actions()
    problem = inquiry.auditor.refused(409, "POST", path_of(fallen), json=words)
    assert problem["digest"] == asked["digest"]
    done = inquiry.auditor.post(path_of(fallen), {**words, "digest": asked["digest"]}, 200)
    assert asked["effects"] == done["effects"] != []
    assert inquiry.actions()[-1] == "audit.revoked"
    after = inquiry.auditor.get(f"{inquiry.path}/sample/{fallen['id']}")
    assert after["facts"][0]["revoked_on"] == "2026-03-02"
    with db.transaction(inquiry.people.parts.sessions) as session:
        assert [str(one) for one in session.scalars(sa.select(Revocation.audit_id))] == [inquiry.id]


def test_an_editor_does_not_read_which_facts(inquiry: Inquiry, fallen: Any) -> None:
    inquiry.find_all()
    inquiry.do("notification")
    assert {len(one["facts"]) for one in inquiry.sample(inquiry.editor)} == {0}


def test_an_audit_of_another_software_takes_nothing_back(inquiry: Inquiry, fallen: Any) -> None:
    other = inquiry.people.referenced("LGC-V1")
    words = {"candidature": other.id, "reason": "Autre."}
    audit = inquiry.auditor.post("/audits", words)["id"]
    about = {"reason": "?", "audit": audit}
    inquiry.auditor.refused(409, "POST", path_of(fallen), json=about)
    inquiry.auditor.post(f"/audits/{audit}/opening", status=200)
    problem = inquiry.auditor.refused(409, "POST", path_of(fallen), json=about)
    assert "autre logiciel" in problem["detail"]
    nobody_s = "00000000-0000-0000-0000-000000000000"
    inquiry.auditor.refused(404, "POST", path_of(fallen), json={"reason": "?", "audit": nobody_s})
    inquiry.lead.refused(403, "POST", path_of(fallen), json={"reason": "?", "audit": inquiry.id})
