"""Open dossiers follow the facts of their software: they gain at once, and lose when a fact is gone."""

from datetime import date

import sqlalchemy as sa

from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import ItemState, State
from referencing.candidatures.resolution.resolution import resolve_core
from referencing.candidatures.resolution.resolved import as_it_stands
from referencing.candidatures.tasks.models import Queue, Task
from referencing.equivalence.engine.facts import CertificateKind, Relation
from referencing.equivalence.grants.models import GrantState
from referencing.reviews.queues.outcomes import Outcome
from tests.builders import (
    Asked,
    Story,
    changes,
    entries,
    equal,
    grants,
    perform_jobs,
    publish_dsr,
    publish_rules,
    revoke,
    state,
    states,
    supply,
    verification_of,
)
from tests.candidatures.resolution.worlds import GOAL, PAST, same
from tests.conftest import Time


def waiting(story: Story) -> tuple[Candidature, Candidature]:
    """A dossier under review, and another of the same software that waits for it."""
    publish_rules(story.session, same())
    solution = story.solution()
    first = story.in_review(solution, "LGC-V1")
    return first, story.draft(solution, "LGC-V2")


def test_what_awaits_a_proof_is_covered_as_soon_as_it_is_verified(story: Story) -> None:
    first, second = waiting(story)
    story.find(first, PAST)
    assert state(story.session, second) is ItemState.COVERED


def test_what_awaits_a_proof_is_required_when_it_is_rejected(story: Story) -> None:
    first, second = waiting(story)
    story.find(first, PAST, Outcome.NONCONFORM)
    assert state(story.session, second) is ItemState.REQUIRED


def test_a_rejection_is_named_as_what_blocks(story: Story) -> None:
    first, second = waiting(story)
    story.find(first, PAST, Outcome.NONCONFORM)
    resolution, _ = as_it_stands(story.session, second)
    (blocked,) = resolution.items[0].blocked
    assert blocked.fact == str(verification_of(story.session, PAST).id)
    assert blocked.reasons == ("rejected",)


def test_what_awaits_a_proof_is_required_while_a_complement_is_asked(story: Story) -> None:
    first, second = waiting(story)
    story.find(first, PAST, Outcome.COMPLEMENT)
    assert state(story.session, second) is ItemState.REQUIRED


def test_what_was_completed_is_awaited_again(story: Story) -> None:
    first, second = waiting(story)
    story.find(first, PAST, Outcome.COMPLEMENT)
    supply(story.session, story.editor, first, PAST)
    assert state(story.session, second) is ItemState.AWAITING


def test_the_withdrawal_of_a_dossier_reopens_what_awaited_its_proofs(story: Story) -> None:
    first, second = waiting(story)
    story.withdraw(first)
    assert state(story.session, second) is ItemState.REQUIRED


def test_what_was_verified_stays_reusable_after_a_withdrawal(story: Story) -> None:
    publish_dsr(story.session, "LGC-V1", Asked("INS.01", ["01.01", "01.02"]))
    first, second = waiting(story)
    story.find(first, PAST)
    story.withdraw(first)
    assert state(story.session, second) is ItemState.COVERED


def test_a_revoked_fact_reopens_what_stood_on_it_and_ends_the_grant(story: Story) -> None:
    first, second = waiting(story)
    story.find(first, PAST)
    revoke(story.session, PAST, date(2026, 3, 2))
    resolve_core(story.session, second.core_id)
    assert state(story.session, second) is ItemState.REQUIRED
    (grant,) = grants(story.session)
    assert (grant.state, grant.ended_at) == (GrantState.ENDED, story.session.info["clock"]())


def test_the_journal_says_what_became_of_each_item(story: Story) -> None:
    first, second = waiting(story)
    story.find(first, PAST)
    revoke(story.session, PAST, date(2026, 3, 2))
    resolve_core(story.session, second.core_id)
    resolved = [one for one in entries(story.session, second) if one.action == "candidature.resolved"]
    assert [one.detail["items"] for one in resolved] == [
        {GOAL: ["required", "awaiting"]},
        {GOAL: ["awaiting", "covered"]},
        {GOAL: ["covered", "required"]},
    ]


def test_another_derivation_takes_over_from_a_revoked_fact(story: Story) -> None:
    publish_dsr(story.session, "DPI-V2", Asked("INS.09"))
    publish_rules(story.session, same(), equal("DPI-V2:INS.09", "LGC-V2:INS/va1.01"))
    solution = story.solution()
    for dsr in ("LGC-V1", "DPI-V2"):
        story.verified(solution, dsr)
    second = story.draft(solution, "LGC-V2")
    (before,) = grants(story.session)
    for source in before.sources:
        code = PAST if source.verification_id == verification_of(story.session, PAST).id else DPI
        revoke(story.session, code, date(2026, 3, 2))
    resolve_core(story.session, second.core_id)
    assert state(story.session, second) is ItemState.COVERED
    assert [one.state for one in grants(story.session)] == [GrantState.ENDED, GrantState.GRANTED]


DPI = "DPI-V2:INS.09#01.01"


def test_a_certificate_covers_until_the_day_it_expires(story: Story, time: Time) -> None:
    publish_rules(story.session, kinds=[CertificateKind("DMP", ({"dsr": "LGC-V2"},))])
    solution = story.solution()
    dossier = story.draft(solution, "LGC-V2")
    story.certificate(solution, "DMP", until=date(2026, 3, 4))
    perform_jobs(story.session)
    assert state(story.session, dossier) is ItemState.COVERED
    time.pass_days(2)
    resolve_core(story.session, dossier.core_id)
    assert state(story.session, dossier) is ItemState.REQUIRED


def test_a_revoked_certificate_covers_no_longer(story: Story) -> None:
    publish_rules(story.session, kinds=[CertificateKind("DMP", ({"dsr": "LGC-V2"},))])
    solution = story.solution()
    certificate = story.certificate(solution, "DMP")
    dossier = story.draft(solution, "LGC-V2")
    assert [source.certificate_id for source in grants(story.session)[0].sources] == [certificate.id]
    certificate.revoked_on = date(2026, 3, 2)
    resolve_core(story.session, dossier.core_id)
    assert state(story.session, dossier) is ItemState.REQUIRED


def test_a_reuse_to_confirm_that_no_longer_holds_leaves_the_queue(story: Story) -> None:
    publish_dsr(story.session, "LGC-V2", Asked("INS/va1.01"), Asked("NEW.01"))
    publish_rules(story.session, same(Relation.INTERSECTS))
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    second = story.in_review(solution, "LGC-V2")
    revoke(story.session, PAST, date(2026, 3, 2))
    resolve_core(story.session, second.core_id)
    asked = sa.select(Task).where(Task.queue == Queue.EQUIVALENCE, Task.candidature_id == second.id)
    (task,) = story.session.scalars(asked)
    assert (task.closed_at is not None, task.outcome) == (True, "needless")


def test_a_dossier_in_deliberation_is_instructed_again_when_an_item_reopens(story: Story) -> None:
    publish_dsr(story.session, "LGC-V2", Asked("INS/va1.01"), Asked("NEW.01"))
    first, _ = waiting(story)
    story.find(first, PAST)
    second = story.verified(first.configuration.solution, "LGC-V2", composition={"mss": "Boîte@1"})
    before = second.state
    revoke(story.session, PAST, date(2026, 3, 2))
    resolve_core(story.session, second.core_id)
    assert states(story.session, second)[GOAL] is ItemState.REQUIRED
    assert (before, second.state) == (State.DELIBERATION, State.IN_REVIEW)


def test_resolving_again_what_has_not_changed_writes_nothing(story: Story, shared: sa.Engine) -> None:
    publish_dsr(
        story.session,
        "LGC-V2",
        Asked("INS/va1.01"),
        Asked("INS/va1.02"),
        Asked("INS/va1.03"),
        Asked("NEW.01"),
    )
    publish_dsr(story.session, "LGC-V1", Asked("INS.01"), Asked("INS.02"))
    publish_dsr(story.session, "DPI-V2", Asked("INS.09"))
    publish_rules(
        story.session,
        same(),
        equal("LGC-V1:INS.02", "LGC-V2:INS/va1.02", Relation.INTERSECTS),
        equal("DPI-V2:INS.09", "LGC-V2:INS/va1.03"),
    )
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    story.submitted(solution, "DPI-V2")
    dossier = story.draft(solution, "LGC-V2")
    assert list(states(story.session, dossier).values()) == ["covered", "to_confirm", "awaiting", "required"]
    with changes(shared) as written:
        resolve_core(story.session, dossier.core_id)
        story.session.flush()
    assert written == []


def test_a_proof_of_its_own_ends_the_grant_it_makes_needless(story: Story) -> None:
    publish_rules(story.session, same(Relation.INTERSECTS))
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    second = story.draft(solution, "LGC-V2")
    supply(story.session, story.editor, second, GOAL)
    assert state(story.session, second) is ItemState.SUPPLIED
    assert [grant.state for grant in grants(story.session)] == [GrantState.ENDED]
