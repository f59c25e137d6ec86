"""A draft is something to work on: what it says is changed until it is submitted, or it is given up."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import today
from referencing.base.errors import Conflict, Stale
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record import queries
from referencing.candidatures.record.models import Candidature, Item, Said
from referencing.candidatures.record.states import Action, Track
from referencing.candidatures.resolution.resolution import apply
from referencing.candidatures.tasks.holders import follow_ball
from referencing.equivalence.engine.facts import GENERAL_PROFILE
from referencing.equivalence.grants.operations import end_grants
from referencing.journal.operations import record
from referencing.proofs.operations import drop_undecided
from referencing.solutions import operations as solutions
from referencing.solutions.compositions import composition_view

from .operations import move, stream_of
from .scope import applicable_profiles, refuse_second_draft, set_items, set_tracks

CHANGED = "Ce brouillon a changé depuis que vous l'avez lu : relisez-le et recommencez."

_SAID = Said.__optional_keys__

#: Which items changed, by expected proof's code in order: state before and after, None where there was or is no item.
Differences = dict[str, tuple[str | None, str | None]]


class Changes(Said, total=False):
    """What a draft is to say from now on; what is left out stays as it is."""

    software_version: str
    composition: Sequence[tuple[str, str]]
    profiles: Sequence[str]
    mode: Track


def amend(
    session: Session, actor: Actor, candidature_id: UUID, revision: int, changes: Changes
) -> tuple[Candidature, Differences]:
    """Change what a draft says, and resolve its reuse again; answers what that changes for its items.

    Raises Stale unless `revision` is the draft's, Conflict once it is submitted, where another draft says the same,
    or where something was supplied for what the profiles no longer ask.
    """
    authorise(actor, Right.PREPARE_CANDIDATURES)
    candidature = queries.locked(session, actor, candidature_id)
    move(actor, candidature, Action.AMEND)
    if candidature.revision != revision:
        raise Stale(CHANGED)
    before, items_before = _words(candidature), queries.states_by_code(session, candidature.id)
    _configure(session, candidature, changes)
    for name, value in changes.items():
        if name in _SAID:
            setattr(candidature, name, value)
    if "mode" in changes:
        candidature.mode = changes["mode"]
        set_tracks(session, candidature)
    if "profiles" in changes:
        applicable = applicable_profiles(session, candidature.version, changes["profiles"])
        candidature.profiles = sorted(applicable - {GENERAL_PROFILE})
        set_items(session, candidature, sorted(applicable))
    candidature.revision += 1
    after = _words(candidature)
    detail = {key: [before[key], after[key]] for key in before if before[key] != after[key]}
    record(session, actor, "candidature.amended", stream_of(candidature), detail)
    session.flush()
    apply(session, candidature, actor)
    session.flush()
    return candidature, _differences(items_before, queries.states_by_code(session, candidature.id))


def give_up(session: Session, actor: Actor, candidature_id: UUID, revision: int | None = None) -> None:
    """Delete a draft: nobody finds it any more, and the journal keeps that there was one.

    Raises Stale where `revision` is not the draft's, Conflict once a lead has judged the dossier.
    """
    authorise(actor, Right.PREPARE_CANDIDATURES)
    candidature = queries.locked(session, actor, candidature_id)
    move(actor, candidature, Action.GIVE_UP)
    if revision is not None and candidature.revision != revision:
        raise Stale(CHANGED)
    if candidature.deposited_on is not None:
        raise Conflict(
            "L'agence a déjà jugé cette candidature : elle ne s'efface plus, mais peut être retirée."
        )
    candidature.closed_on = today(session)
    items = session.execute(
        sa.select(Item.id, Item.grant_id).where(Item.candidature_id == candidature.id)
    ).all()
    drop_undecided(session, [item.id for item in items])
    end_grants(session, [item.grant_id for item in items if item.grant_id is not None])
    record(session, actor, "candidature.given_up", stream_of(candidature), {})
    session.flush()
    follow_ball(session, candidature)


def _configure(session: Session, candidature: Candidature, changes: Changes) -> None:
    if not changes.keys() & {"software_version", "composition"}:
        return
    before = candidature.configuration
    candidature.configuration = solutions.configure(
        session,
        before.solution,
        changes.get("software_version", before.software_version),
        changes.get("composition", list(before.composition.items())),
    )
    if candidature.configuration.composition != before.composition:
        refuse_second_draft(session, candidature)


def _words(candidature: Candidature) -> dict[str, Any]:
    configuration = candidature.configuration
    return {
        "software_version": configuration.software_version,
        "composition": composition_view(configuration.composition),
        "profiles": candidature.profiles,
        "mode": candidature.mode.value,
        **{name: getattr(candidature, name) for name in sorted(_SAID)},
    }


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> Differences:
    return {
        code: (before.get(code), after.get(code))
        for code in {**after, **before}
        if before.get(code) != after.get(code)
    }
