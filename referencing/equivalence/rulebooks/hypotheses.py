"""Rules that are not in force, compiled to be tried: cached apart, so that those in force stay at hand.

They are tried batch after batch, each a job, by work that is a row with a state: it may be given up meanwhile.
"""

import logging
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.jobs import last_try

from .queries import KnownRules, RulesCache, known_rules, revision_of

log = logging.getLogger(__name__)

RUNNING = "running"


class Work(Protocol):
    """What goes on while its state is `RUNNING`."""

    @property
    def id(self) -> UUID: ...

    @property
    def state(self) -> StrEnum: ...


W = TypeVar("W", bound=Work)
E = TypeVar("E")


class Edited(Exception):
    """The version of the rules that was asked for is gone."""


class Overtaken(Exception):
    """The work was cancelled meanwhile, or another worker did this batch."""


def do_batch(
    session: Session,
    work: W,
    batch: Callable[[Session, W], None],
    end: Callable[[Session, W, E], None],
    *,
    outdated: E,
    failed: E,
) -> None:
    """Do a batch, whole or not at all. What cannot go on is ended as `outdated`, or `failed` at the job's last try."""
    if work.state != RUNNING:
        return
    try:
        with session.begin_nested():
            batch(session, work)
    except Overtaken:
        return
    except Edited:
        ending = outdated
    except Exception:
        if not last_try(session):
            raise
        log.exception("%s %s failed", type(work).__name__.lower(), work.id)
        ending = failed
    else:
        return
    session.refresh(work, with_for_update={"key_share": True})
    if work.state == RUNNING:
        end(session, work, ending)


def lock_running(session: Session, work: Work) -> None:
    """Lock work from here to the commit alone, so that nobody waits for a batch: neither who cancels it, nor who ends
    another batch. Raises Overtaken.
    """
    session.refresh(work, with_for_update={"key_share": True})
    if work.state != RUNNING:
        raise Overtaken


#: Two rulebooks, on the lists of four groups of dossiers.
_cache = RulesCache(most=8)


def rules_tried(
    session: Session, lists: tuple[UUID, ...], rulebook_id: UUID | None, revision: int | None, day: date
) -> KnownRules:
    """A version of a rulebook on these lists, as its rules hold on a day. Raises Edited when it is gone.

    A published rulebook has one version (None).
    """
    key = (lists, rulebook_id, revision)
    rules = _cache.get(key, day)
    if rules is None:
        rules = known_rules(session, lists, rulebook_id, day)
        # The rules were read in several statements: what was edited meanwhile has another revision.
        if revision is not None and revision_of(session, rulebook_id) != revision:
            raise Edited
        _cache.add(key, rules)
    return rules
