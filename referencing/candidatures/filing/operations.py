"""What an editor does with a dossier: draft it, submit it, take it back to draft, withdraw it."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import Unpack
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now, today
from referencing.base.errors import DomainError, FieldError, Unconfirmed
from referencing.base.french import counted
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record import queries
from referencing.candidatures.record.models import Candidature, Item, Said
from referencing.candidatures.record.standings import judge_facts_again, keep_dossier_standing
from referencing.candidatures.record.states import (
    CANDIDATURE,
    Action,
    State,
    Track,
)
from referencing.candidatures.resolution.resolution import apply_to_new, resolve_core
from referencing.candidatures.tasks.holders import follow_ball
from referencing.candidatures.tasks.opening import close_tasks, open_dossier_task
from referencing.candidatures.tasks.queries import was_judged
from referencing.candidatures.tasks.tracks import leave_sessions
from referencing.catalogue import queries as catalogue
from referencing.equivalence.engine.facts import GENERAL_PROFILE
from referencing.equivalence.engine.knowledge import Changed
from referencing.journal.operations import record
from referencing.proofs.operations import drop_undecided, hold_submitted, submit_held
from referencing.proofs.queries import proofs_found_in
from referencing.solutions import operations as solutions
from referencing.solutions.compositions import composition_view
from referencing.solutions.models import Software
from referencing.solutions.queries import lock_core_of
from referencing.solutions.queries import solution as find_solution

from .dating import refuse_old_tests
from .scope import applicable_profiles, asked_proofs, new_items, refuse_begun_again, refuse_second_draft


def draft(
    session: Session,
    actor: Actor,
    *,
    dsr: str,
    solution: UUID,
    software_version: str,
    profiles: Sequence[str],
    mode: Track,
    composition: Sequence[tuple[str, str]] | None = None,
    **said: Unpack[Said],
) -> Candidature:
    """A new dossier with one item per expected proof of its profiles, resolved against what is known already.

    Raises Conflict where the solution has a draft on this DSR already, unless another composition is said.
    """
    authorise(actor, Right.PREPARE_CANDIDATURES)
    chosen = find_solution(session, actor, solution)
    of_software = sa.select(Software.core_id).where(Software.id == chosen.software_id)
    core_id = lock_core_of(session, of_software) or chosen.software.core_id
    version = catalogue.published_version(session, dsr)
    applicable = applicable_profiles(session, version, profiles)
    candidature = Candidature(
        id=new_id(),
        organisation_id=chosen.software.organisation_id,
        software_id=chosen.software.id,
        core_id=core_id,
        configuration=solutions.configure(session, chosen, software_version, composition or ()),
        version=version,
        profiles=sorted(applicable - {GENERAL_PROFILE}),
        mode=mode,
        state=State.DRAFT,
        created_at=now(session),
        **said,
    )
    session.add(candidature)
    session.flush()
    refuse_second_draft(session, candidature, said=composition is not None)
    items = new_items(candidature, asked_proofs(session, candidature, sorted(applicable)))
    _record_draft(session, actor, candidature, dsr, chosen.commercial_name)
    apply_to_new(session, candidature, items, actor)
    return candidature


def _record_draft(session: Session, actor: Actor, candidature: Candidature, dsr: str, solution: str) -> None:
    detail = {
        "dsr": dsr,
        "version": candidature.version.number,
        "solution": solution,
        "software_version": candidature.configuration.software_version,
        "composition": composition_view(candidature.configuration.composition),
        "profiles": candidature.profiles,
    }
    stream = stream_of(candidature)
    record(
        session,
        actor,
        "candidature.drafted",
        stream,
        detail,
        organisation_id=candidature.organisation_id,
    )


def submit(session: Session, actor: Actor, candidature_id: UUID, *, incomplete: bool = False) -> Candidature:
    """File the dossier; the lead then says whether it is complete.

    Raises Unconfirmed, with what misses by guichet, unless `incomplete` says that it is filed so on purpose.
    """
    authorise(actor, Right.FILE_CANDIDATURES)
    candidature = queries.locked(session, actor, candidature_id)
    move(actor, candidature, Action.SUBMIT)
    day = today(session)
    missing = queries.missing(session, candidature.id)
    for objection in objections(session, candidature, missing, day):
        if not (incomplete and isinstance(objection, Unconfirmed)):
            raise objection
    candidature.deposited_on = candidature.deposited_on or day
    of_dossier = sa.select(Item.id).where(Item.candidature_id == candidature.id)
    submitted = submit_held(session, of_dossier, candidature.configuration_id, day)
    open_dossier_task(session, candidature)
    detail = {
        "deposited_on": candidature.deposited_on.isoformat(),
        "version": candidature.version.number,
        **({"missing": queries.codes_by_guichet(missing)} if missing else {}),
    }
    record(session, actor, "candidature.submitted", stream_of(candidature), detail)
    session.flush()
    resolve_core(session, candidature.core_id, actor, Changed(submitted))
    return candidature


def objections(
    session: Session, candidature: Candidature, missing: Sequence[tuple[str, str]], day: date
) -> Iterator[DomainError]:
    """What stands against filing a dossier on a day, as the errors that `submit` raises; `missing` is code, guichet.

    Unconfirmed is no obstacle where it is said to be meant.
    """
    advice = (
        "Fournissez-les, ou déposez le dossier ainsi si c'est voulu : l'agence peut le dire incomplet, ou l'admettre "
        "sans elles."
    )
    checks = (
        partial(refuse_gaps, missing, advice),
        partial(refuse_old_tests, session, candidature, candidature.deposited_on or day),
    )
    for check in checks:
        try:
            check()
        except DomainError as objection:
            yield objection


def refuse_gaps(missing: Sequence[tuple[str, str]], advice: str) -> None:
    """Raises Unconfirmed, with the codes by guichet, when something of a dossier is `missing` (code, guichet)."""
    by_guichet = queries.codes_by_guichet(missing)
    if by_guichet:
        counts = ", ".join(f"{guichet} : {len(codes)}" for guichet, codes in by_guichet.items())
        raise Unconfirmed(
            f"{counted(len(missing), 'preuve manque', 'preuves manquent')} ({counts}). {advice}",
            [FieldError("/incomplete", "Donnez true si le dossier est voulu ainsi.")],
            {"missing": by_guichet},
        )


def take_back(session: Session, actor: Actor, candidature_id: UUID) -> Candidature:
    """Make a submitted dossier a draft again, before its admissibility is judged; what was supplied stays.

    The day of the first filing stays too once a lead has found the dossier incomplete. Raises Conflict where another
    draft says the same by now.
    """
    authorise(actor, Right.FILE_CANDIDATURES)
    candidature = queries.locked(session, actor, candidature_id)
    move(actor, candidature, Action.TAKE_BACK)
    refuse_begun_again(session, candidature)
    if not was_judged(session, candidature):
        candidature.deposited_on = None
    hold_submitted(session, sa.select(Item.id).where(Item.candidature_id == candidature.id))
    close_tasks(session, candidature, "taken_back")
    record(session, actor, "candidature.taken_back", stream_of(candidature), {})
    session.flush()
    follow_ball(session, candidature)
    resolve_core(session, candidature.core_id, actor)
    return candidature


def withdraw(session: Session, actor: Actor, candidature_id: UUID) -> Candidature:
    """Take the dossier back; what was verified stays verified, the rest is no longer looked at."""
    authorise(actor, Right.FILE_CANDIDATURES)
    candidature = queries.locked(session, actor, candidature_id)
    move(actor, candidature, Action.WITHDRAW)
    candidature.closed_on = today(session)
    judge_facts_again(session, keep_dossier_standing(session, actor, candidature))
    dropped = drop_undecided(
        session, session.scalars(sa.select(Item.id).where(Item.candidature_id == candidature.id)).all()
    )
    close_tasks(session, candidature, "withdrawn")
    leave_sessions(session, candidature)
    record(session, actor, "candidature.withdrawn", stream_of(candidature), {})
    session.flush()
    follow_ball(session, candidature)
    verified = proofs_found_in(session, candidature.id)
    resolve_core(session, candidature.core_id, actor, Changed(dropped | verified))
    return candidature


def move(actor: Actor, candidature: Candidature, action: Action) -> None:
    """Raises Conflict, with what the actor may do instead."""
    candidature.state = CANDIDATURE.follow("La candidature", candidature.state, action, actor)


def stream_of(candidature: Candidature) -> str:
    return f"candidature:{candidature.id}"
