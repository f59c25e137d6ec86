"""A rule that was found wrong is taken out of the rules in force, with all that leaned on it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.db import today
from referencing.base.errors import Conflict, Forbidden, NotFound
from referencing.base.permissions import Role
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import ItemState
from referencing.equivalence.engine.facts import CertificateKind, Correspondence
from referencing.equivalence.rulebooks import queries
from referencing.equivalence.rulebooks.models import Rulebook, RulebookState
from referencing.equivalence.rulebooks.operations import publish_rulebook, write_rulebook
from referencing.revocations.impact import digest_of
from referencing.revocations.models import Fate, Flag, Revocation
from referencing.revocations.removals import revoke_rule, what_if_rule_revoked
from tests.builders import (
    Asked,
    Story,
    entries,
    equal,
    perform_jobs,
    person,
    publish_dsr,
    publish_rules,
    state,
)
from tests.clients import Client, escaped
from tests.conftest import parts
from tests.revocations.worlds import confirmed, reference, revoked, told

NEW = "LGC-V2:INS.1#01.01"
RULE = equal("LGC-V1:INS.1", "LGC-V2:INS.1")
BY_DMN = CertificateKind("DMN", ({"requirement": "INS.1"},))


@pytest.fixture
def story(scratch: Session) -> Story:
    for dsr in ("LGC-V1", "LGC-V2", "RIS-V1"):
        publish_dsr(scratch, dsr, Asked("INS.1"))
    return Story(scratch)


def in_force(session: Session) -> Rulebook:
    found = queries.in_force(session)
    assert found is not None
    return found


def test_a_correspondence_taken_out_reopens_flags_and_leaves_what_another_covers(story: Story) -> None:
    session, solution, other = story.session, story.solution(), story.solution("Bêta", "NIL-2")
    publish_rules(session, RULE, equal("RIS-V1:INS.1", "LGC-V2:INS.1"))
    story.verified(solution, "LGC-V1")
    reopened = story.draft(solution, "LGC-V2", composition={"mss": "Boîte@1"})
    listed = story.verified(solution, "LGC-V2")
    reference(story, listed)
    story.verified(other, "LGC-V1")
    elsewhere = story.draft(other, "LGC-V2")
    story.verified(other, "RIS-V1")
    before = in_force(session)

    words = (before.id, Correspondence, RULE.id, "Elle dit trop.")
    asked = what_if_rule_revoked(session, story.lead, *words)
    assert in_force(session).id == before.id
    done = revoke_rule(session, story.lead, *words, digest_of(asked))
    session.expire_all()

    assert told(asked) == told(done)
    assert set(told(done)) == {
        (reopened.id, NEW, Fate.REOPENED, ItemState.REQUIRED),
        (listed.id, NEW, Fate.FLAGGED, ItemState.COVERED),
        (elsewhere.id, NEW, Fate.COVERED_OTHERWISE, ItemState.COVERED),
    }
    assert [one.id for one in queries.rules_of(in_force(session)).correspondences] == [
        "RIS-V1:INS.1 → LGC-V2:INS.1"
    ]
    assert session.get_one(Rulebook, before.id).state is RulebookState.SUPERSEDED
    assert RULE in queries.rules_of(queries.rulebook(session, before.id)).correspondences
    (flagged,) = [one for one in entries(session, listed) if one.action == "candidature.flagged"]
    assert flagged.detail["reason"] == "Elle dit trop."


def test_what_a_kind_of_certificate_covers_is_taken_out(story: Story) -> None:
    session, solution = story.session, story.solution()
    publish_rules(session, kinds=[BY_DMN])
    story.certificate(solution, "DMN")
    dossier = story.draft(solution, "LGC-V2")
    assert state(session, dossier) is ItemState.COVERED
    words = (in_force(session).id, CertificateKind, "DMN", "Il ne dit rien de l'INS.")
    asked = what_if_rule_revoked(session, story.lead, *words)
    assert told(asked) == told(revoke_rule(session, story.lead, *words, digest_of(asked)))
    session.expire_all()
    assert state(session, dossier) is ItemState.REQUIRED


def test_rules_that_wait_for_their_day_lose_it_too(story: Story) -> None:
    session = story.session
    publish_rules(session, RULE)
    rules = queries.rules_of(in_force(session))
    coming = write_rulebook(session, story.lead, "À venir", rules)
    tomorrow = today(session) + timedelta(days=1)
    publish_rulebook(session, story.lead, coming.id, valid_from=tomorrow, accept_warnings=True)
    revoke_rule(session, story.lead, in_force(session).id, Correspondence, RULE.id, "Elle dit trop.")
    session.expire_all()
    waiting = queries.rulebook(session, coming.id)
    assert (waiting.correspondences, waiting.first_day, waiting.state) == (
        [],
        tomorrow,
        RulebookState.PUBLISHED,
    )


def test_a_dossier_that_leans_on_no_such_rule_is_not_told_of_it(story: Story) -> None:
    session, solution = story.session, story.solution()
    publish_rules(session, RULE)
    dossier = story.verified(solution, "LGC-V1")
    revoke_rule(session, story.lead, in_force(session).id, Correspondence, RULE.id, "Elle dit trop.")
    perform_jobs(session)
    assert "candidature.affected" not in {one.action for one in entries(session, dossier)}


def test_only_rules_in_force_and_only_by_who_publishes(story: Story) -> None:
    session = story.session
    old = publish_rules(session, RULE)
    publish_rules(session, RULE)
    with pytest.raises(Conflict, match="en vigueur"):
        revoke_rule(session, story.lead, old.id, Correspondence, RULE.id, "?")
    with pytest.raises(NotFound, match="INCONNU"):
        revoke_rule(session, story.lead, in_force(session).id, CertificateKind, "INCONNU", "?")
    with pytest.raises(Forbidden):
        revoke_rule(
            session, person(session, Role.AUDITOR), in_force(session).id, Correspondence, RULE.id, "?"
        )


@pytest.fixture
def by_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    from referencing.revocations import consequences  # noqa: PLC0415

    monkeypatch.setattr(consequences, "AT_ONCE", 1)


@pytest.mark.usefixtures("by_jobs")
def test_what_is_much_is_left_to_jobs_and_comes_to_what_was_foreseen(story: Story) -> None:
    session, solution = story.session, story.solution()
    publish_rules(session, RULE)
    story.verified(solution, "LGC-V1")
    boxes = ({"mss": f"Boîte@{number}"} for number in range(2))
    dossiers = [story.draft(solution, "LGC-V2", composition=composition) for composition in boxes]
    reference(story, story.verified(solution, "LGC-V2"))
    words = (in_force(session).id, Correspondence, RULE.id, "Elle dit trop.")
    asked = what_if_rule_revoked(session, story.lead, *words)
    done = revoke_rule(session, story.lead, *words, digest_of(asked))
    session.flush()
    assert {one.fate for one in done} == {None}
    assert [(one.candidature, one.code) for one in done] == [(one.candidature, one.code) for one in asked]

    perform_jobs(session)
    perform_again(session)

    (revocation,) = session.scalars(sa.select(Revocation))
    rows = queries_consequences(session, revocation)
    assert rows == told(asked)
    assert session.scalar(sa.select(sa.func.count(Flag.id))) == 1
    for one in dossiers:
        assert [entry.action for entry in entries(session, one)].count("candidature.affected") == 1


def perform_again(session: Session) -> None:
    """Every job once more, as after a crash."""
    from referencing.base.models import Job  # noqa: PLC0415

    session.execute(sa.update(Job).values(done_at=None))
    perform_jobs(session)


def queries_consequences(session: Session, revocation: Revocation) -> list[object]:
    from referencing.revocations.consequences import Effect  # noqa: PLC0415
    from referencing.revocations.models import Consequence  # noqa: PLC0415

    rows = session.scalars(
        sa.select(Consequence).where(Consequence.revocation_id == revocation.id).order_by(Consequence.id)
    )
    return list(told([Effect.of(one) for one in rows]))


def test_a_decided_dossier_keeps_its_grant_as_it_was(story: Story) -> None:
    session, solution = story.session, story.solution()
    publish_rules(session, RULE)
    story.verified(solution, "LGC-V1")
    listed = story.verified(solution, "LGC-V2")
    reference(story, listed)
    words = (session, story.lead, in_force(session).id, Correspondence, RULE.id, "Elle dit trop.")
    confirmed(revoke_rule, what_if_rule_revoked, *words)
    perform_jobs(session)
    assert state(session, session.get_one(Candidature, listed.id)) is ItemState.COVERED


def test_over_http_a_rule_is_struck_and_what_became_of_each_item_can_be_read(
    app: Flask, as_: Callable[..., Client]
) -> None:
    with db.transaction(parts(app).sessions) as session:
        for dsr in ("LGC-V1", "LGC-V2"):
            publish_dsr(session, dsr, Asked("INS.1"))
        rulebook = publish_rules(session, RULE, kinds=[BY_DMN]).id
        story = Story(session)
        solution = story.solution()
        story.verified(solution, "LGC-V1")
        drafted = story.draft(solution, "LGC-V2")
        story.submit(drafted, incomplete=True)
        dossier = drafted.id
    lead, auditor = as_(Role.LEAD), as_(Role.AUDITOR)
    path = f"/rulebooks/{rulebook}/correspondences/{escaped(RULE.id)}/revocation"

    asked = lead.post(f"{path}?dry_run=true", {"reason": "Elle dit trop."}, 200)
    done = revoked(lead, path, {"reason": "Elle dit trop."})

    assert asked["effects"] == done["effects"]
    assert done["summary"] == {"reopened": 1}
    (told_of,) = done["effects"]
    assert (told_of["candidature"], told_of["fate"]) == (str(dossier), "reopened")
    (revocation,) = lead.get("/revocations")["items"]
    assert (revocation["cause"], revocation["rule"]["id"]) == ("rule", RULE.id)
    assert lead.get(f"/revocations/{revocation['id']}/effects")["items"] == done["effects"]
    lead.refused(409, "POST", path, json={"reason": "Encore."})
    auditor.refused(403, "POST", path, json={"reason": "?"})
    lead.refused(404, "GET", f"/revocations/{rulebook}")
    kind = f"/rulebooks/{in_force_id(app)}/certificate-kinds/DMN/revocation"
    assert lead.post(kind, {"reason": "Il ne dit rien de l'INS."}, 200)["effects"] == []


def in_force_id(app: Flask) -> UUID:
    with db.transaction(parts(app).sessions) as session:
        return in_force(session).id
