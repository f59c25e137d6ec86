"""What an editor does with a dossier: draft it, submit it, withdraw it."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import insert_rows, new_id, today
from referencing.base.errors import Conflict, FieldError, Invalid
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record import queries
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.standings import judge_facts_again, keep_dossier_standing
from referencing.candidatures.record.states import (
    CANDIDATURE,
    Action,
    ItemState,
    State,
    Track,
)
from referencing.candidatures.resolution.resolution import apply, resolve_core
from referencing.candidatures.tasks.holders import follow_ball
from referencing.candidatures.tasks.opening import close_tasks, open_dossier_task
from referencing.candidatures.tasks.tracks import leave_sessions
from referencing.catalogue import queries as catalogue
from referencing.catalogue.models import DsrVersion
from referencing.equivalence.engine.facts import GENERAL_PROFILE
from referencing.equivalence.engine.knowledge import Changed
from referencing.journal.operations import record
from referencing.proofs.operations import drop_undecided, submit_held
from referencing.proofs.queries import proofs_found_in
from referencing.solutions import operations as solutions
from referencing.solutions.queries import solution as find_solution

from .dating import refuse_old_tests


def draft(
    session: Session,
    actor: Actor,
    *,
    dsr: str,
    solution: UUID,
    software_version: str,
    composition: Sequence[tuple[str, str]],
    profiles: Sequence[str],
    mode: Track,
) -> Candidature:
    """A new dossier with one item per expected proof of its profiles, resolved against what is known already."""
    authorise(actor, Right.FILE_CANDIDATURES)
    chosen = find_solution(session, actor, solution)
    version = catalogue.published(catalogue.dsr(session, dsr))
    if version is None:
        raise Conflict(f"Le DSR « {dsr} » n'est pas encore publié : attendez sa publication.")
    applicable = _profiles(session, version, profiles)
    candidature = Candidature(
        id=new_id(),
        organisation_id=chosen.software.organisation_id,
        software_id=chosen.software.id,
        core_id=chosen.software.core_id,
        configuration=solutions.configure(session, chosen, software_version, composition),
        version=version,
        profiles=sorted(applicable - {GENERAL_PROFILE}),
        mode=mode,
        state=State.DRAFT,
    )
    session.add(candidature)
    session.flush()
    _add_items(session, candidature, sorted(applicable))
    record(
        session,
        actor,
        "candidature.drafted",
        _stream(candidature),
        {
            "dsr": dsr,
            "version": version.number,
            "solution": chosen.commercial_name,
            "software_version": candidature.configuration.software_version,
            "composition": candidature.configuration.composition,
            "profiles": candidature.profiles,
        },
        organisation_id=candidature.organisation_id,
    )
    apply(session, candidature, actor)
    return candidature


def _profiles(session: Session, version: DsrVersion, asked: Sequence[str]) -> frozenset[str]:
    known = catalogue.profiles(session, version.id)
    found = [
        FieldError(f"/profiles/{index}", f"Le profil « {profile} » n'existe pas dans ce DSR.")
        for index, profile in enumerate(asked)
        if profile not in known | {GENERAL_PROFILE}
    ]
    if found:
        raise Invalid(f"Choisissez parmi les profils : {', '.join(sorted(known))}.", found)
    return frozenset(asked) | {GENERAL_PROFILE}


def _add_items(session: Session, candidature: Candidature, profiles: Sequence[str]) -> None:
    items = [
        {
            "id": new_id(),
            "candidature_id": candidature.id,
            "core_id": candidature.core_id,
            "expected_proof_id": asked.id,
            "position": position,
            "state": ItemState.REQUIRED,
            "track": Track.DUO if candidature.mode is Track.DUO and asked.duo else Track.ASYNC,
        }
        for position, asked in enumerate(queries.asked(session, candidature.version_id, profiles), start=1)
    ]
    insert_rows(session, Item, items)


def submit(session: Session, actor: Actor, candidature_id: UUID) -> Candidature:
    """File the dossier; the lead then says whether it is complete."""
    authorise(actor, Right.FILE_CANDIDATURES)
    candidature = queries.locked(session, actor, candidature_id)
    move(candidature, Action.SUBMIT)
    day = today(session)
    candidature.deposited_on = candidature.deposited_on or day
    refuse_old_tests(session, candidature, candidature.deposited_on)
    of_dossier = sa.select(Item.id).where(Item.candidature_id == candidature.id)
    submitted = submit_held(session, of_dossier, candidature.configuration_id, day)
    open_dossier_task(session, candidature)
    detail = {"deposited_on": candidature.deposited_on.isoformat(), "version": candidature.version.number}
    record(session, actor, "candidature.submitted", _stream(candidature), detail)
    session.flush()
    resolve_core(session, candidature.core_id, actor, Changed(submitted))
    return candidature


def withdraw(session: Session, actor: Actor, candidature_id: UUID) -> Candidature:
    """Take the dossier back; what was verified stays verified, the rest is no longer looked at."""
    authorise(actor, Right.FILE_CANDIDATURES)
    candidature = queries.locked(session, actor, candidature_id)
    move(candidature, Action.WITHDRAW)
    candidature.closed_on = today(session)
    judge_facts_again(session, keep_dossier_standing(session, actor, candidature))
    dropped = drop_undecided(
        session, session.scalars(sa.select(Item.id).where(Item.candidature_id == candidature.id)).all()
    )
    close_tasks(session, candidature, "withdrawn")
    leave_sessions(session, candidature)
    record(session, actor, "candidature.withdrawn", _stream(candidature), {})
    session.flush()
    follow_ball(session, candidature)
    verified = proofs_found_in(session, candidature.id)
    resolve_core(session, candidature.core_id, actor, Changed(dropped | verified))
    return candidature


def move(candidature: Candidature, action: Action) -> None:
    """Raises Conflict, with what is possible instead."""
    candidature.state = CANDIDATURE.follow("La candidature", candidature.state, action)


def _stream(candidature: Candidature) -> str:
    return f"candidature:{candidature.id}"
