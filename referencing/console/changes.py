"""Pages that change by themselves: what they show, how it stands, and the stream that tells when it changed.

What is told is that something changed, never what: the page is then fetched again, with the rights of who reads it.
"""

import hashlib
import re
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import sqlalchemy as sa
from flask import Response, request
from sqlalchemy.orm import Session

from referencing.accounts.watching_queries import to_be_asked_again
from referencing.base import db
from referencing.base.db import Sessions
from referencing.base.permissions import Actor, Entrance, Right, may
from referencing.journal.queries import ends, heads
from referencing.presence.operations import Person, go_on, look_at
from referencing.presence.queries import lookers
from referencing.web.requests import actor, entrance, parts, pushed, transaction
from referencing.web.streams import Observation, mark_of, observed

#: Characters of a digest that make a mark: two changes of one topic do not share it by chance.
LENGTH = 16
#: Milliseconds for a statement of a look, and half of them for a lock: all that is watched waits meanwhile.
PATIENCE = 1000
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


@dataclass(frozen=True, slots=True)
class Place:
    """Who of the agency, or of an organisation, looks at a dossier, an item or a task."""

    id: UUID
    organisation_id: UUID | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page carries of what it shows: the mark of it all, and who else looks at it."""

    mark: str
    others: Sequence[Person] = ()


def work_of(actor: Actor) -> Sequence[Work]:
    """Nothing for who may not follow the dossiers of their organisation; the agency has the whole."""
    follows = actor.own_organisation is None or may(actor, Right.FOLLOW_CANDIDATURES)
    return [Work(actor.organisation_id)] if follows else []


def dossier_of(actor: Actor, candidature: UUID) -> Sequence[Dossier]:
    """Nothing for who may read the dossier, but not follow what happens to it."""
    return [Dossier(candidature)] if may(actor, Right.FOLLOW_CANDIDATURES) else []


def place_of(actor: Actor, about: UUID) -> Place:
    return Place(about, actor.organisation_id)


def standing(session: Session, topics: Collection[Hashable]) -> dict[Hashable, str]:
    """The mark of each topic, in as many statements for many as for one."""
    marks: dict[Hashable, str] = {}
    if dossiers := {topic.stream: topic for topic in topics if isinstance(topic, Dossier)}:
        marks |= {dossiers[name]: head[:LENGTH] for name, head in heads(session, dossiers).items()}
    if works := {topic.organisation_id for topic in topics if isinstance(topic, Work)}:
        marks |= {Work(whose): end[:LENGTH] for whose, end in ends(session, works).items()}
    if places := {topic.id for topic in topics if isinstance(topic, Place)}:
        marks |= {Place(*side): _mark(there) for side, there in lookers(session, places).items()}
    return marks


def seen(session: Session, *topics: Hashable, place: Place | None = None) -> Seen:
    """How what a page shows stands, read before the page itself: what changes meanwhile is told afterwards."""
    marks, there = standing(session, topics), []
    if place is not None:
        there = [*look_at(session, actor(), place.id)]
        marks[place] = _mark([person.id for person in there])
        topics = (*topics, place)
    others = [person for person in there if person.id != actor().account_id]
    return Seen(mark_of(topics, marks), others)


def look(sessions: Sessions, observations: Collection[Observation]) -> Mapping[Hashable, str]:
    """How all that is watched stands now; who watches a place looks at it still."""
    with _hurried(sessions) as session:
        topics = {(topic, each.entrance.account) for each in observations for topic in each.topics}
        if looks := {(account, topic.id) for topic, account in topics if isinstance(topic, Place)}:
            go_on(session, looks)
        return standing(session, {topic for topic, _ in topics})


def left(sessions: Sessions, entrances: Collection[Entrance]) -> Collection[Entrance]:
    """By which of these nobody may watch any more without being asked again."""
    with _hurried(sessions) as session:
        return to_be_asked_again(session, entrances)


@contextmanager
def _hurried(sessions: Sessions) -> Iterator[Session]:
    with db.transaction(sessions) as session:
        patience = {"statement_timeout": PATIENCE, "lock_timeout": PATIENCE // 2}
        limits = [sa.func.set_config(name, str(most), True) for name, most in patience.items()]
        session.execute(sa.select(*limits))
        yield session


def watch(*topics: Hashable) -> Response:
    """The stream that tells that a page's topics are no longer as its address says they were seen."""
    told = request.headers.get("Last-Event-ID") or request.args.get("vu", "")
    mark = told if _MARK.fullmatch(told) else ""
    with transaction() as session:
        for topic in topics:
            if isinstance(topic, Place):  # whoever comes back to the page is there again
                look_at(session, actor(), topic.id)
        observation = Observation(topics, mark, entrance(session))
    return pushed(observation, observed(partial(look, parts().sessions), observation))


def _mark(accounts: Collection[UUID]) -> str:
    return hashlib.sha256(b"".join(account.bytes for account in accounts)).hexdigest()[:LENGTH]
