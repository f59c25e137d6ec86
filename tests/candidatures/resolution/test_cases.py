"""One software under several names, made of several components: what the policies see, and the guards."""

from collections.abc import Mapping

import pytest

from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import ItemState
from referencing.candidatures.resolution.resolution import resolve_core
from referencing.candidatures.resolution.resolved import as_it_stands
from referencing.equivalence.engine.facts import CertificateKind, Policy, Reuse
from tests.builders import (
    ALWAYS,
    Asked,
    Story,
    grants,
    perform_jobs,
    publish_dsr,
    publish_rules,
    state,
    states,
)
from tests.candidatures.resolution.worlds import GOAL, same
from tests.conftest import Time

MSS_1, MSS_2 = {"mss": "messagerie@1.0"}, {"mss": "messagerie@2.0"}


def confirming(case: str) -> list[Policy]:
    return [Policy({"case": (case,)}, Reuse.CONFIRM), ALWAYS]


def reasons(story: Story, dossier: Candidature) -> tuple[str, ...]:
    resolution, _ = as_it_stands(story.session, dossier)
    return resolution.items[0].blocked[0].reasons


def test_the_same_software_under_another_name_is_a_case_of_its_own(story: Story) -> None:
    publish_rules(story.session, same(), policies=confirming("commercial_name"))
    first = story.solution("Alpha")
    story.verified(first, "LGC-V1")
    dossier = story.draft(story.solution("Bêta", on=first), "LGC-V2")
    assert state(story.session, dossier) is ItemState.TO_CONFIRM
    assert grants(story.session)[0].cases == ["commercial_name", "inter_vague"]


def test_under_the_same_name_that_policy_does_not_apply(story: Story) -> None:
    publish_rules(story.session, same(), policies=confirming("commercial_name"))
    solution = story.solution("Alpha")
    story.verified(solution, "LGC-V1")
    assert state(story.session, story.draft(solution, "LGC-V2")) is ItemState.COVERED


def test_another_component_that_the_proof_does_not_depend_on_is_a_case(story: Story) -> None:
    publish_rules(story.session, same(), policies=confirming("component"))
    solution = story.solution()
    story.verified(solution, "LGC-V1", composition=MSS_1)
    dossier = story.draft(solution, "LGC-V2", composition=MSS_2)
    assert state(story.session, dossier) is ItemState.TO_CONFIRM
    assert grants(story.session)[0].cases == ["component", "inter_vague"]


@pytest.mark.parametrize("other", [MSS_2, {}], ids=["another version", "none"])
def test_another_component_in_a_role_of_the_proof_blocks_it(story: Story, other: Mapping[str, str]) -> None:
    publish_dsr(story.session, "LGC-V2", Asked("INS/va1.01", roles=["mss"]))
    publish_rules(story.session, same())
    solution = story.solution()
    story.verified(solution, "LGC-V1", composition=MSS_1)
    dossier = story.draft(solution, "LGC-V2", composition=other)
    assert state(story.session, dossier) is ItemState.REQUIRED
    assert reasons(story, dossier) == ("component:mss",)


def test_the_same_component_lets_the_proof_serve(story: Story) -> None:
    publish_dsr(story.session, "LGC-V2", Asked("INS/va1.01", roles=["mss"]))
    publish_rules(story.session, same())
    solution = story.solution()
    story.verified(solution, "LGC-V1", composition=MSS_1)
    assert state(story.session, story.draft(solution, "LGC-V2", composition=MSS_1)) is ItemState.COVERED


@pytest.mark.parametrize(
    ("holder", "composition", "expected"),
    [
        ("NIL-1", {}, ItemState.COVERED),
        ("messagerie@1.0", MSS_1, ItemState.COVERED),
        ("messagerie@1.0", MSS_2, ItemState.REQUIRED),
        ("NIL-9", MSS_1, ItemState.REQUIRED),
    ],
    ids=["its own", "of a component that it embeds", "of another version of the component", "of a stranger"],
)
def test_a_certificate_counts_when_its_holder_is_in_the_solution(
    story: Story, holder: str, composition: Mapping[str, str], expected: ItemState
) -> None:
    publish_rules(story.session, kinds=[CertificateKind("DMP", ({"dsr": "LGC-V2"},))])
    solution = story.solution(nil="NIL-1")
    dossier = story.draft(solution, "LGC-V2", composition=composition)
    story.certificate(solution, "DMP", holder=holder)
    perform_jobs(story.session)
    assert state(story.session, dossier) is expected


def test_a_proof_too_old_on_the_day_of_deposit_is_blocked(story: Story, time: Time) -> None:
    publish_rules(story.session, same(), policies=[Policy({}, Reuse.AUTO, max_age_days=365)])
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    time.pass_days(366)
    dossier = story.draft(solution, "LGC-V2")
    assert reasons(story, dossier) == ("too_old",)


def test_what_was_young_enough_on_the_day_of_deposit_does_not_age_during_the_review(
    story: Story, time: Time
) -> None:
    publish_dsr(story.session, "LGC-V2", Asked("INS/va1.01"), Asked("NEW.01"))
    publish_rules(story.session, same(), policies=[Policy({}, Reuse.AUTO, max_age_days=365)])
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    time.pass_days(365)
    dossier = story.in_review(solution, "LGC-V2")
    time.pass_days(30)
    resolve_core(story.session, dossier.core_id)
    assert states(story.session, dossier)[GOAL] is ItemState.COVERED
