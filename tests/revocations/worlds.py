"""What auditors' tests ask of effects."""

from collections.abc import Sequence
from uuid import UUID

from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import Action, ItemState
from referencing.candidatures.verdicts import instruction
from referencing.revocations.consequences import Effect
from referencing.revocations.models import Fate
from tests.builders import Story

Told = tuple[UUID, str, Fate | None, ItemState | None]


def told(effects: Sequence[Effect]) -> list[Told]:
    return [(one.candidature, one.code, one.fate, one.state) for one in effects]


def reference(story: Story, candidature: Candidature) -> None:
    """The solution is referenced."""
    instruction.decide(story.session, story.lead, candidature.id, action=Action.REFERENCE, comment="Vu.")
    story.session.flush()
    story.session.expire_all()
