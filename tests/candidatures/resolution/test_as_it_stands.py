"""The equivalence of a dossier says how its items stand, and never that what is conform is to be supplied."""

import pytest

from referencing.candidatures.api.views import resolution_view
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.queries import states_by_code
from referencing.candidatures.record.states import STATES, State
from referencing.candidatures.resolution.resolved import as_it_stands, resolved_as_it_stands
from referencing.equivalence.engine.facts import Policy, Reuse
from referencing.reviews.queues.outcomes import Outcome
from tests.builders import Asked, Story, equal, publish_dsr, publish_rules

NEVER = Policy({}, Reuse.NEVER)
CODE = "LGC-V1:INS.01#01.01"


@pytest.fixture
def dossier(story: Story) -> Candidature:
    publish_dsr(story.session, "LGC-V1", Asked("INS.01"), Asked("INS.02"))
    publish_rules(story.session, policies=[NEVER])
    return story.in_review(story.solution(), "LGC-V1")


def told(story: Story, dossier: Candidature) -> dict[str, tuple[str, str]]:
    """State and first sentence, by code."""
    states = states_by_code(story.session, dossier.id)
    items = resolution_view(dossier.state, *as_it_stands(story.session, dossier), states)["items"]
    return {item["code"]: (item["state"], item["explanation"][0]) for item in items}


@pytest.mark.parametrize(
    ("outcome", "state", "words"),
    [
        (Outcome.CONFORM, "conform", "conforme"),
        (Outcome.NONCONFORM, "nonconform", "non conforme"),
        (Outcome.COMPLEMENT, "complement", "à compléter"),
    ],
)
def test_what_was_decided_in_the_dossier_is_told(
    story: Story, dossier: Candidature, outcome: Outcome, state: str, words: str
) -> None:
    story.find(dossier, CODE, outcome)
    stands, sentence = told(story, dossier)[CODE]
    assert stands == state
    assert f"« {words} »" in sentence
    assert "À fournir" not in sentence


def test_what_nobody_supplied_is_to_be_supplied(story: Story) -> None:
    publish_dsr(story.session, "LGC-V1", Asked("INS.01"))
    publish_rules(story.session, policies=[NEVER])
    draft = story.draft(story.solution(), "LGC-V1")
    assert told(story, draft) == {CODE: ("required", "À fournir : aucune preuve déjà connue ne suffit.")}


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.REFUSED, State.DELISTED])
def test_nothing_is_awaited_in_a_dossier_that_ended_first(story: Story, state: State) -> None:
    publish_dsr(story.session, "LGC-V1", Asked("INS.01"), Asked("INS.02"))
    publish_rules(story.session, equal("LGC-V1:INS.01", "LGC-V2:INS.01"))
    solution = story.solution()
    story.in_review(solution, "LGC-V1")
    publish_dsr(story.session, "LGC-V2", Asked("INS.01"), Asked("INS.02"))
    draft = story.draft(solution, "LGC-V2")
    assert {one for one, _ in told(story, draft).values()} == {"awaiting", "required"}
    story.withdraw(draft)
    draft.state = state
    story.session.flush()
    assert {sentence for _, sentence in told(story, draft).values()} == {
        f"Cette preuve attendue est restée « {words} » : la candidature est {STATES[state]}, plus rien n'y est "
        "attendu."
        for words in ("en attente d'une autre preuve", "à fournir")
    }


def test_what_is_asked_alone_is_answered_as_in_the_whole_and_reads_no_other_facts(story: Story) -> None:
    publish_dsr(story.session, "LGC-V1", Asked("INS.01"), Asked("INS.02"))
    publish_dsr(story.session, "LGC-V2", Asked("INS.01"), Asked("INS.02"), Asked("INS.03"))
    rules = [equal(f"LGC-V1:{code}", f"LGC-V2:{code}") for code in ("INS.01", "INS.02")]
    publish_rules(story.session, *rules)
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    draft = story.draft(solution, "LGC-V2")
    whole = resolved_as_it_stands(story.session, draft)
    assert len(whole.known.facts) == 2
    for code, answer in whole.answers.items():
        alone = resolved_as_it_stands(story.session, draft, {code})
        assert alone.answers == {code: answer}
        assert [fact.id for fact in alone.known.facts] == list(answer.facts)
