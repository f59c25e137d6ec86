"""What a change reaches, rule by rule: other dossiers of the software follow at once, and what it does not reach waits.

The number of statements hangs neither on how many dossiers are open nor on how many items they have.
"""

from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.candidatures.record.models import Candidature, Item, ItemStanding
from referencing.candidatures.record.states import ItemState
from referencing.candidatures.resolution.resolution import resolve_core
from referencing.equivalence.engine.facts import CertificateKind, Policy, Reuse
from referencing.equivalence.engine.knowledge import Changed
from tests.builders import (
    ALWAYS,
    Asked,
    Story,
    equal,
    perform_jobs,
    publish_dsr,
    publish_rules,
    revoke,
    state,
    statements,
    states,
    supply,
)
from tests.candidatures.resolution.worlds import GOAL, PAST, same
from tests.conftest import Time

NOTHING = Changed()


def covered(story: Story, *policies: Policy, kinds: tuple[CertificateKind, ...] = ()) -> Candidature:
    """A draft of which the only item is covered by what was found in another dossier."""
    publish_rules(story.session, same(), policies=(*policies, ALWAYS), kinds=kinds)
    solution = story.solution()
    first = story.in_review(solution, "LGC-V1")
    second = story.draft(solution, "LGC-V2")
    story.find(first, PAST)
    assert state(story.session, second) is ItemState.COVERED
    return second


def follow(story: Story, dossier: Candidature, changed: Changed | None) -> ItemState:
    resolve_core(story.session, dossier.core_id, changed=changed)
    return state(story.session, dossier)


def test_only_what_a_changed_fact_reaches_is_looked_at(story: Story) -> None:
    dossier = covered(story)
    revoke(story.session, PAST, date(2026, 3, 2))
    assert follow(story, dossier, Changed.of("LGC-V1:ELSEWHERE#01.01")) is ItemState.COVERED
    assert follow(story, dossier, Changed.of(PAST)) is ItemState.REQUIRED


def test_a_certificate_reaches_what_its_kind_covers(story: Story) -> None:
    publish_rules(story.session, same(), kinds=[CertificateKind("DMP", ({"dsr": "LGC-V1"},))])
    solution = story.solution()
    certificate = story.certificate(solution, "DMP")
    dossier = story.draft(solution, "LGC-V2")
    assert state(story.session, dossier) is ItemState.COVERED
    certificate.revoked_on = date(2026, 3, 2)
    assert follow(story, dossier, Changed(kinds=frozenset({"STLC"}))) is ItemState.COVERED
    assert follow(story, dossier, Changed(kinds=frozenset({"DMP"}))) is ItemState.REQUIRED


def test_on_another_day_everything_is_looked_at(story: Story, time: Time) -> None:
    dossier = covered(story, Policy({"vague": ("2",)}, Reuse.AUTO, max_age_days=3))
    time.pass_days(4)
    assert follow(story, dossier, NOTHING) is ItemState.REQUIRED


def test_under_other_rules_what_they_may_answer_otherwise_is_looked_at(story: Story) -> None:
    dossier = covered(story)
    publish_rules(story.session)
    assert follow(story, dossier, NOTHING) is ItemState.REQUIRED


def test_by_another_list_everything_is_looked_at(story: Story) -> None:
    dossier = covered(story)
    publish_dsr(story.session, "LGC-V1", Asked("INS.01", text="Le logiciel DOIT faire autre chose."))
    assert follow(story, dossier, NOTHING) is ItemState.REQUIRED


def test_what_is_filed_on_another_day_is_looked_at_whole(story: Story, time: Time) -> None:
    publish_dsr(story.session, "LGC-V2", Asked("INS/va1.01"), Asked("NEW.01"))
    publish_rules(story.session, same(), policies=[Policy({}, Reuse.AUTO, max_age_days=3)])
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    dossier = story.draft(solution, "LGC-V2")
    time.pass_days(4)
    supply(story.session, story.editor, dossier, "LGC-V2:NEW.01#01.01")
    assert states(story.session, dossier)[GOAL] is ItemState.COVERED, "nothing was resolved since"
    story.submit(dossier)
    assert states(story.session, dossier)[GOAL] is ItemState.REQUIRED


def test_what_was_verified_in_a_withdrawn_dossier_is_judged_by_its_standing_at_once(story: Story) -> None:
    publish_dsr(story.session, "LGC-V1", Asked("INS.01", ["01.01", "01.02"]))
    publish_rules(story.session, same(), policies=[Policy({"standing": ("withdrawn",)}, Reuse.NEVER), ALWAYS])
    solution = story.solution()
    first = story.in_review(solution, "LGC-V1")
    second = story.draft(solution, "LGC-V2")
    story.find(first, PAST)
    before = state(story.session, second)
    story.withdraw(first)
    assert (before, state(story.session, second)) == (ItemState.COVERED, ItemState.REQUIRED)


def test_the_facts_near_a_required_item_are_kept_as_they_change(story: Story) -> None:
    publish_rules(story.session, same())
    solution = story.solution()
    first = story.in_review(solution, "LGC-V1")
    second = story.draft(solution, "LGC-V2")
    story.find(first, PAST)
    revoke(story.session, PAST, date(2026, 3, 2))
    resolve_core(story.session, second.core_id, changed=Changed.of(PAST))
    kept = story.session.scalars(
        sa.select(ItemStanding.answer)
        .join(Item, Item.id == ItemStanding.item_id)
        .where(Item.candidature_id == second.id, ItemStanding.ended_at.is_(None))
    ).one()
    assert kept is not None
    assert [near["reasons"] for near in kept["blocked"]] == [["revoked"]]


@pytest.fixture(scope="module")
def sent(shared: sa.Engine) -> Callable[[int, int], list[int]]:
    """How many statements a submission, verdicts, a supplied proof and a withdrawal send beside open dossiers."""

    def count(others: int, items: int) -> list[int]:
        with db.sessions(shared, Time())() as session:
            return _counts(shared, session, others, items)

    return count


def _counts(engine: sa.Engine, session: Session, others: int, items: int) -> list[int]:
    for dsr in ("LGC-V1", "LGC-V2"):
        publish_dsr(session, dsr, *(Asked(f"R{number}") for number in range(items)))
    publish_rules(session, *(equal(f"LGC-V1:R{number}", f"LGC-V2:R{number}") for number in range(items)))
    story = Story(session)
    solution = story.solution()
    first = story.draft(solution, "LGC-V1")
    for code in states(session, first):
        supply(session, story.editor, first, code)
    for number in range(others):
        story.draft(story.solution(f"Beta {number}", on=solution), "LGC-V2")
    steps: list[Callable[[], object]] = [
        lambda: story.submit(first),
        lambda: story.admit(first),
        lambda: story.find(first, "LGC-V1:R0#01.01"),
        lambda: story.find(first, "LGC-V1:R1#01.01"),
        lambda: story.withdraw(first),
        lambda: perform_jobs(session),
    ]
    counted = []
    for step in steps:
        with statements(engine) as seen:
            step()
            session.flush()
        counted.append(len(seen))
    return counted


def test_as_many_statements_for_many_open_dossiers_and_many_items(
    sent: Callable[[int, int], list[int]],
) -> None:
    assert sent(2, 5) == sent(6, 5) == sent(2, 25)
