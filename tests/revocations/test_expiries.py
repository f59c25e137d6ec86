"""What expires is noticed on its day in Paris, told and flagged once, and used by nobody from then on."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.permissions import Role
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import ItemState
from referencing.equivalence.engine.facts import CertificateKind, Correspondence, Relation
from referencing.proofs.models import Verification
from referencing.reviews.queues.outcomes import Outcome
from referencing.revocations.expiries import notice_expiries
from referencing.revocations.models import Cause, Consequence, Fate, Flag, Revocation
from referencing.revocations.operations import revoke, what_if_revoked
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
from tests.conftest import Time
from tests.revocations.worlds import confirmed, reference

LAST_DAY = date(2026, 3, 31)  # the first day without; the clocks have changed on the 29th
JUST_BEFORE = datetime(2026, 3, 30, 21, 59, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 30, 22, 0, tzinfo=UTC)
NEW = "LGC-V2:INS.1#01.01"


@pytest.fixture
def story(scratch: Session) -> Story:
    publish_dsr(scratch, "LGC-V1", Asked("INS.1"))
    publish_dsr(scratch, "LGC-V2", Asked("INS.1"))
    return Story(scratch)


@pytest.fixture
def dossiers(story: Story) -> tuple[Candidature, Candidature]:
    """One open, one referenced, on a certificate until the end of March."""
    publish_rules(story.session, kinds=[CertificateKind("DMN", ({"requirement": "INS.1"},))])
    solution = story.solution()
    story.certificate(solution, "DMN", until=LAST_DAY)
    return both(story, solution)


def both(story: Story, solution: object) -> tuple[Candidature, Candidature]:
    listed = story.verified(solution, "LGC-V2")  # type: ignore[arg-type]
    reference(story, listed)
    return story.draft(solution, "LGC-V2"), listed  # type: ignore[arg-type]


def notice(session: Session) -> None:
    """What the worker does every few minutes."""
    notice_expiries(session)
    session.flush()
    perform_jobs(session)


def actions(session: Session, dossier: Candidature) -> list[str]:
    return [one.action for one in entries(session, dossier)]


def test_a_certificate_is_good_until_midnight_in_paris(
    story: Story, dossiers: tuple[Candidature, Candidature], time: Time
) -> None:
    session, (open_one, listed) = story.session, dossiers
    time.now = JUST_BEFORE
    notice(session)
    assert state(session, open_one) is ItemState.COVERED
    assert session.scalars(sa.select(Revocation)).all() == []

    time.now = MIDNIGHT
    notice(session)
    notice(session)
    assert state(session, open_one) is ItemState.REQUIRED
    assert state(session, listed) is ItemState.COVERED
    (flag,) = session.scalars(sa.select(Flag))
    assert (flag.candidature_id, flag.revocation.expired) == (listed.id, True)
    assert "n'est plus valable depuis le 31/03/2026" in flag.revocation.reason
    assert actions(session, open_one).count("candidature.affected") == 1
    assert actions(session, listed).count("candidature.flagged") == 1


def test_nobody_uses_it_from_its_day_on_noticed_or_not(
    story: Story, dossiers: tuple[Candidature, Candidature], time: Time
) -> None:
    time.now = MIDNIGHT
    late = story.draft(dossiers[0].configuration.solution, "LGC-V2", composition={"essai": "Autre@1"})
    assert state(story.session, late) is ItemState.REQUIRED


def test_where_another_certificate_goes_on_nothing_is_flagged(
    story: Story, dossiers: tuple[Candidature, Candidature], time: Time
) -> None:
    open_one, listed = dossiers
    story.certificate(open_one.configuration.solution, "DMN")
    time.now = MIDNIGHT
    notice(story.session)
    assert state(story.session, open_one) is ItemState.COVERED
    assert story.session.scalars(sa.select(Flag)).all() == []
    assert "candidature.flagged" not in actions(story.session, listed)


def test_a_correspondence_that_ends_is_noticed_once_whatever_is_published_after(
    story: Story, time: Time
) -> None:
    session, solution = story.session, story.solution()
    ends = Correspondence("C", ("LGC-V1:INS.1",), "LGC-V2:INS.1", Relation.EQUAL, None, valid_until=LAST_DAY)
    publish_rules(session, ends)
    story.verified(solution, "LGC-V1")
    open_one, listed = both(story, solution)
    time.now = MIDNIGHT
    notice(session)
    publish_rules(session, ends)
    notice(session)
    assert state(session, open_one) is ItemState.REQUIRED
    (revocation,) = session.scalars(sa.select(Revocation))
    assert (revocation.cause, revocation.expired) == (Cause.RULE, True)
    assert actions(session, listed).count("candidature.flagged") == 1
    assert session.scalars(sa.select(Flag.item_id)).all() != []


@pytest.mark.parametrize("again", [Outcome.NONCONFORM, Outcome.CONFORM])
def test_what_stands_on_a_finding_that_is_made_anew_is_looked_at_again(story: Story, again: Outcome) -> None:
    session, solution = story.session, story.solution()
    publish_rules(session, equal("LGC-V1:INS.1", "LGC-V2:INS.1"))
    first = story.verified(solution, "LGC-V1")
    listed = story.verified(solution, "LGC-V2")
    reference(story, listed)
    story.send_back(first, "LGC-V1:INS.1#01.01")
    story.find(first, "LGC-V1:INS.1#01.01", again)
    perform_jobs(session)
    (consequence,) = session.scalars(sa.select(Consequence))
    conform = again is Outcome.CONFORM
    assert consequence.candidature_id == listed.id
    assert consequence.fate is (Fate.COVERED_OTHERWISE if conform else Fate.FLAGGED)
    assert ("candidature.flagged" in actions(session, listed)) is not conform
    if conform:  # what stands in is known, so its own fall is noticed
        later = session.scalars(sa.select(Verification.id).order_by(Verification.id.desc()).limit(1)).one()
        auditor = person(session, Role.AUDITOR)
        confirmed(revoke, what_if_revoked, session, auditor, Verification, later, "Audit.")
        assert "candidature.flagged" in actions(session, listed)
