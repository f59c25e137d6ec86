"""Pages that change by themselves: what they show, how it stands, and the stream that tells when it changed.

What is told is that something changed, never what: the page is then fetched again, with the rights of who reads it.
"""

import re
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from referencing.base.db import Sessions
from referencing.base.permissions import Actor
from referencing.journal.queries import ends, heads
from referencing.web.requests import actor, parts, pushed
from referencing.web.streams import Observation, observed

#: Characters of a digest that make a mark: two changes of one topic do not share it by chance.
LENGTH = 16
_MARK = re.compile(r"[0-9a-f.]{0,100}")


@dataclass(frozen=True, slots=True)
class Work:
    """All that happens to the dossiers of an organisation; for the agency, all that happens."""

    organisation_id: UUID | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that happens to one dossier."""

    id: UUID

    @property
    def stream(self) -> str:
        return f"candidature:{self.id}"


def work_of(actor: Actor) -> Work:
    return Work(actor.organisation_id)


def standing(session: Session, topics: Collection[Hashable]) -> dict[Hashable, str]:
    """The mark of each topic, in as many statements for many as for one."""
    marks: dict[Hashable, str] = {}
    if dossiers := {topic.stream: topic for topic in topics if isinstance(topic, Dossier)}:
        marks |= {dossiers[name]: head[:LENGTH] for name, head in heads(session, dossiers).items()}
    if works := {topic.organisation_id for topic in topics if isinstance(topic, Work)}:
        marks |= {Work(whose): end[:LENGTH] for whose, end in ends(session, works).items()}
    return marks


def seen(session: Session, *topics: Hashable) -> str:
    """How what a page shows stands, read before the page itself: what changes meanwhile is told afterwards."""
    return Observation(topics, "", actor().account_id).mark(standing(session, topics))


def look(sessions: Sessions, observations: Collection[Observation]) -> Mapping[Hashable, str]:
    """How all that is watched stands now."""
    with sessions() as session:
        return standing(session, {topic for each in observations for topic in each.topics})


def watch(*topics: Hashable) -> Response:
    """The stream that tells that a page's topics are no longer as its address says they were seen."""
    told = request.headers.get("Last-Event-ID") or request.args.get("vu", "")
    mark = told if _MARK.fullmatch(told) else ""
    observation = Observation(topics, mark, actor().account_id)
    return pushed(observation, observed(partial(look, parts().sessions), observation))
