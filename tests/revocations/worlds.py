"""What auditors' tests ask of effects."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import Action, ItemState
from referencing.candidatures.verdicts import instruction
from referencing.revocations.consequences import Effect
from referencing.revocations.impact import digest_of
from referencing.revocations.models import Fate
from tests.builders import Story
from tests.clients import Client

Act = Callable[..., Sequence[Effect]]
Told = tuple[UUID, str, Fate | None, ItemState | None]


def told(effects: Sequence[Effect]) -> list[Told]:
    return [(one.candidature, one.code, one.fate, one.state) for one in effects]


def confirmed(act: Act, foresee: Act, *words: Any) -> Sequence[Effect]:
    """Do it as whoever has seen what it does."""
    return act(*words, digest_of(foresee(*words)))


def revoked(client: Client, path: str, words: dict[str, Any]) -> Any:
    """The answer to a revocation over HTTP by somebody who has seen what it does."""
    digest = client.post(f"{path}?dry_run=true", words, status=200)["digest"]
    return client.post(path, {**words, "digest": digest}, status=200)


def reference(story: Story, candidature: Candidature) -> None:
    """The solution is referenced."""
    instruction.decide(story.session, story.lead, candidature.id, action=Action.REFERENCE, comment="Vu.")
    story.session.flush()
    story.session.expire_all()
