"""A finding is about the words that were asked: other words are another question."""

from referencing.candidatures.record.states import ItemState
from referencing.candidatures.resolution.resolution import resolve_core
from tests.builders import Asked, Story, publish_dsr, publish_rules, state, states
from tests.candidatures.resolution.worlds import same

CHANGED = Asked("INS.01", text="Le logiciel DOIT le faire, et le journaliser.")


def test_a_dossier_keeps_the_version_that_it_was_drafted_on(story: Story) -> None:
    dossier = story.draft(story.solution(), "LGC-V1")
    publish_dsr(story.session, "LGC-V1", CHANGED)
    story.submit(dossier, incomplete=True)
    assert dossier.version.number == 1


def test_what_was_found_on_other_words_is_not_reused_for_the_new_ones(story: Story) -> None:
    publish_rules(story.session)
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    publish_dsr(story.session, "LGC-V1", CHANGED)
    assert state(story.session, story.draft(solution, "LGC-V1")) is ItemState.REQUIRED


def test_what_was_found_is_reused_in_a_version_that_kept_the_words(story: Story) -> None:
    publish_rules(story.session)
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    publish_dsr(story.session, "LGC-V1", Asked("INS.01"), Asked("INS.02", text="Du nouveau."))
    dossier = story.draft(solution, "LGC-V1")
    assert list(states(story.session, dossier).values()) == [ItemState.COVERED, ItemState.REQUIRED]


def test_what_was_found_on_the_new_words_does_not_serve_a_dossier_on_the_old_ones(story: Story) -> None:
    publish_rules(story.session)
    solution = story.solution()
    old = story.draft(solution, "LGC-V1", composition={"mss": "Boîte@1"})
    publish_dsr(story.session, "LGC-V1", CHANGED)
    story.verified(solution, "LGC-V1")
    assert state(story.session, old) is ItemState.REQUIRED


def test_a_correspondence_speaks_of_the_words_in_force(story: Story) -> None:
    publish_rules(story.session, same())
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    dossier = story.draft(solution, "LGC-V2")
    publish_dsr(story.session, "LGC-V1", CHANGED)
    resolve_core(story.session, dossier.core_id)
    assert state(story.session, dossier) is ItemState.REQUIRED


def test_what_is_under_review_on_other_words_is_not_awaited(story: Story) -> None:
    publish_rules(story.session)
    solution = story.solution()
    story.submitted(solution, "LGC-V1")
    publish_dsr(story.session, "LGC-V1", CHANGED)
    assert state(story.session, story.draft(solution, "LGC-V1")) is ItemState.REQUIRED
