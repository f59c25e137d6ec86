"""What is taken back takes with it all that stood on it: covered otherwise, reopened, or flagged."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.errors import Conflict, NotFound
from referencing.base.permissions import Actor, Role
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import Action, ItemState, State
from referencing.candidatures.tasks.models import Task
from referencing.candidatures.verdicts import instruction
from referencing.proofs.models import Verification
from referencing.revocations.consequences import AT_ONCE, Effect, by_jobs
from referencing.revocations.models import Fate, Flag, Revocation
from referencing.revocations.operations import revoke, what_if_revoked
from referencing.revocations.queries import summary
from referencing.solutions.models import Certificate
from tests.builders import (
    ALIZE,
    Asked,
    Story,
    entries,
    equal,
    person,
    publish_dsr,
    publish_rules,
    state,
    statements,
    verification_of,
)
from tests.clients import Client
from tests.conftest import parts
from tests.revocations.worlds import confirmed

OLD, NEW = "LGC-V1:INS.1#01.01", "LGC-V2:INS.1#01.01"


@pytest.fixture
def story(scratch: Session) -> Story:
    """A proof of vague 1 is the same as one of vague 2."""
    publish_dsr(scratch, "LGC-V1", Asked("INS.1"))
    publish_dsr(scratch, "LGC-V2", Asked("INS.1"))
    publish_rules(scratch, equal("LGC-V1:INS.1", "LGC-V2:INS.1"))
    return Story(scratch)


@pytest.fixture
def auditor(scratch: Session) -> Actor:
    return person(scratch, Role.AUDITOR)


def test_jobs_see_to_many_dossiers_each_counted_once_however_many_items_lean() -> None:
    """What is followed at once and what the digest of the dry run names go by this."""
    dossiers = [uuid4() for _ in range(AT_ONCE + 1)]
    assert not by_jobs(dossiers[:-1] * 2)
    assert by_jobs(dossiers)


def decide(story: Story, candidature: Candidature) -> None:
    instruction.decide(story.session, story.lead, candidature.id, action=Action.REFERENCE, comment="Vu.")
    story.session.flush()
    story.session.expire_all()


def take_back(
    session: Session, auditor: Actor, code: str
) -> list[tuple[UUID, str, Fate | None, ItemState | None]]:
    fact = verification_of(session, code).id
    words = (session, auditor, Verification, fact, "Capture falsifiée.")
    effects = confirmed(revoke, what_if_revoked, *words)
    session.flush()
    session.expire_all()
    return [told(one) for one in effects]


def told(effect: Effect) -> tuple[UUID, str, Fate | None, ItemState | None]:
    return effect.candidature, effect.code, effect.fate, effect.state


def test_what_stood_on_it_is_asked_again_and_its_own_item_is_looked_at_again(
    scratch: Session, story: Story, auditor: Actor
) -> None:
    solution = story.solution()
    first = story.verified(solution, "LGC-V1")
    second = story.draft(solution, "LGC-V2")
    assert state(scratch, second) is ItemState.COVERED

    effects = take_back(scratch, auditor, OLD)

    assert effects == [
        (first.id, OLD, Fate.REOPENED, ItemState.UNDER_REVIEW),
        (second.id, NEW, Fate.REOPENED, ItemState.AWAITING),
    ]
    assert state(scratch, first) is ItemState.UNDER_REVIEW
    assert scratch.get_one(Candidature, first.id).state is State.IN_REVIEW
    waiting = sa.select(sa.func.count()).where(Task.candidature_id == first.id, Task.closed_at.is_(None))
    assert scratch.scalar(waiting) == 1


def test_another_derivation_takes_over(scratch: Session, story: Story, auditor: Actor) -> None:
    publish_dsr(scratch, "DPI-V1", Asked("INS.1"))
    publish_rules(scratch, equal("LGC-V1:INS.1", "LGC-V2:INS.1"), equal("DPI-V1:INS.1", "LGC-V2:INS.1"))
    solution = story.solution()
    for dsr in ("LGC-V1", "DPI-V1"):
        decide(story, story.verified(solution, dsr))
    second = story.draft(solution, "LGC-V2")
    before = scratch.get_one(Candidature, second.id)
    assert state(scratch, before) is ItemState.COVERED
    used = OLD if "LGC-V1" in str(_derivation(scratch, second)) else "DPI-V1:INS.1#01.01"

    effects = take_back(scratch, auditor, used)

    assert (second.id, NEW, Fate.COVERED_OTHERWISE, ItemState.COVERED) in effects
    other = {OLD: "DPI-V1", "DPI-V1:INS.1#01.01": "LGC-V1"}[used]
    assert other in str(_derivation(scratch, second))


def _derivation(session: Session, candidature: Candidature) -> object:
    from referencing.equivalence.grants.models import Grant, GrantState  # noqa: PLC0415

    return session.scalars(
        sa.select(Grant.derivation).where(
            Grant.candidature_id == candidature.id, Grant.state == GrantState.GRANTED
        )
    ).one()


def test_a_referenced_solution_is_flagged_and_not_changed(
    scratch: Session, story: Story, auditor: Actor
) -> None:
    solution = story.solution()
    first = story.verified(solution, "LGC-V1")
    decide(story, first)
    second = story.verified(solution, "LGC-V2")
    decide(story, second)

    effects = take_back(scratch, auditor, OLD)

    assert effects == [
        (first.id, OLD, Fate.FLAGGED, ItemState.CONFORM),
        (second.id, NEW, Fate.FLAGGED, ItemState.COVERED),
    ]
    assert (state(scratch, first), state(scratch, second)) == (ItemState.CONFORM, ItemState.COVERED)
    assert scratch.get_one(Candidature, second.id).state is State.REFERENCED
    assert scratch.scalar(sa.select(sa.func.count(Flag.id))) == 2
    assert [one.action for one in entries(scratch, second)].count("candidature.flagged") == 1


def test_what_was_never_reused_leans_on_nothing_else(scratch: Session, story: Story, auditor: Actor) -> None:
    first = story.verified(story.solution(), "LGC-V1")
    story.verified(story.solution("Bêta", "NIL-2"), "LGC-V2")
    story.withdraw(first)
    assert take_back(scratch, auditor, OLD) == []


def test_a_certificate_is_taken_back_as_well(scratch: Session, auditor: Actor) -> None:
    from referencing.equivalence.engine.facts import CertificateKind  # noqa: PLC0415

    publish_dsr(scratch, "LGC-V2", Asked("INS.1"))
    publish_rules(scratch, kinds=[CertificateKind("DMN", ({"requirement": "INS.1"},))])
    story = Story(scratch)
    solution = story.solution()
    certificate = story.certificate(solution, "DMN")
    candidature = story.draft(solution, "LGC-V2")
    assert state(scratch, candidature) in {ItemState.COVERED, ItemState.TO_CONFIRM}

    words = (scratch, auditor, Certificate, certificate.id, "Retiré par son émetteur.")
    effects = confirmed(revoke, what_if_revoked, *words)

    assert [told(one) for one in effects] == [
        (candidature.id, "LGC-V2:INS.1#01.01", Fate.REOPENED, ItemState.REQUIRED)
    ]


def test_the_second_time_there_is_nothing_to_revoke(scratch: Session, story: Story, auditor: Actor) -> None:
    story.verified(story.solution(), "LGC-V1")
    take_back(scratch, auditor, OLD)
    with pytest.raises(Conflict, match="ne compte plus"):
        take_back(scratch, auditor, OLD)
    with pytest.raises(NotFound):
        revoke(scratch, auditor, Verification, uuid4(), "?")


def test_finding_who_leans_takes_a_bounded_number_of_queries(
    scratch: Session, story: Story, auditor: Actor, shared: sa.Engine
) -> None:
    from referencing.revocations.queries import leaning  # noqa: PLC0415

    solution = story.solution()
    story.verified(solution, "LGC-V1")
    counts = []
    for number in range(3):
        story.draft(solution, "LGC-V2", composition={"mss": f"Boîte@{number}"})
        fact = verification_of(scratch, OLD)
        with statements(shared) as sent:
            found = leaning(scratch, fact)
        counts.append((len(found), len(sent)))
    assert counts == [(2, 1), (3, 1), (4, 1)]


def test_over_http_a_dry_run_tells_what_then_happens_and_changes_nothing(
    app: Flask, as_: Callable[..., Client]
) -> None:
    with db.transaction(parts(app).sessions) as session:
        publish_dsr(session, "LGC-V1", Asked("INS.1"))
        publish_dsr(session, "LGC-V2", Asked("INS.1"))
        publish_rules(session, equal("LGC-V1:INS.1", "LGC-V2:INS.1"))
        story = Story(session)
        solution = story.solution()
        decide(story, story.verified(solution, "LGC-V1"))
        draft = story.draft(solution, "LGC-V2").id
        fact = verification_of(session, OLD).id
    auditor, verifier = as_(Role.AUDITOR, name="Ada"), as_(Role.VERIFIER, name="Vic")
    path = f"/verifications/{fact}/revocation"

    involved = as_(Role.AUDITOR, name="Zoé")
    involved.post("/conflicts", {"organisation": ALIZE, "reason": "Ancien employeur."})
    for asked_path in (path, f"{path}?dry_run=true"):
        problem = involved.refused(403, "POST", asked_path, json={"reason": "Audit."})
        assert "conflit d'intérêts" in problem["detail"]

    asked = auditor.post(f"{path}?dry_run=true", {"reason": "Audit."}, 200)
    again = auditor.post(f"{path}?dry_run=true", {"reason": "Audit."}, 200)
    with db.transaction(parts(app).sessions) as session:
        assert session.scalar(sa.select(sa.func.count(Revocation.id))) == 0
        assert verification_of(session, OLD).revoked_on is None
    for digest in (None, "0" * 64):
        problem = auditor.refused(409, "POST", path, json={"reason": "Audit.", "digest": digest})
        assert problem["type"].endswith("unconfirmed")
        assert [problem[key] for key in ("digest", "dossiers", "losing")] == [asked["digest"], 2, 2]
    done = auditor.post(path, {"reason": "Audit.", "digest": asked["digest"]}, 200)

    assert (asked["dry_run"], done["dry_run"]) == (True, False)
    assert asked["effects"] == again["effects"] == done["effects"]
    assert done["summary"] == {"flagged": 1, "reopened": 1}
    with db.transaction(parts(app).sessions) as session:
        revocation = session.scalars(sa.select(Revocation.id)).one()
        assert [*summary(session, revocation)] == [Fate.REOPENED, Fate.FLAGGED], "as a page tells them"
    assert [effect["code"] for effect in done["effects"]] == [OLD]
    assert str(draft) not in str(done)  # it is its editor's alone
    (flag,) = auditor.get("/flags")["items"]
    assert (flag["code"], flag["reason"], flag["commercial_name"]) == (OLD, "Audit.", "Alpha")
    auditor.refused(409, "POST", path, json={"reason": "Audit."})
    auditor.refused(422, "POST", path, json={"reason": " "})
    auditor.refused(404, "POST", f"/certificates/{uuid4()}/revocation", json={"reason": "?"})
    verifier.refused(403, "POST", path, json={"reason": "?"})
    verifier.refused(403, "GET", "/flags")
