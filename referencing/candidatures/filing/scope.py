"""What a draft asks for: an item for each expected proof of its profiles, on the track of its mode."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from referencing.base.db import insert_rows, new_id, update_rows
from referencing.base.errors import Conflict, FieldError, Invalid, invalid_field
from referencing.candidatures.record import queries
from referencing.candidatures.record.models import Candidature, Item, ItemStanding
from referencing.candidatures.record.states import State, Track
from referencing.candidatures.resolution.resolved import NewItem
from referencing.candidatures.resolution.storing import new_row
from referencing.catalogue import queries as catalogue
from referencing.catalogue.models import DsrVersion, ExpectedProof
from referencing.equivalence.engine.facts import GENERAL_PROFILE
from referencing.equivalence.grants.operations import end_grants
from referencing.proofs.models import Proof
from referencing.solutions.models import Configuration


def applicable_profiles(session: Session, version: DsrVersion, profiles: Sequence[str]) -> frozenset[str]:
    """The profiles given, with the one of everybody. Raises Invalid for one that the version does not have."""
    of_version = catalogue.profiles(session, version.id)
    errors = [
        FieldError(f"/profiles/{index}", f"Le profil « {profile} » n'existe pas dans ce DSR.")
        for index, profile in enumerate(profiles)
        if profile not in of_version | {GENERAL_PROFILE}
    ]
    if errors:
        raise Invalid(f"Choisissez parmi les profils : {', '.join(sorted(of_version))}.", errors)
    return frozenset(profiles) | {GENERAL_PROFILE}


def refuse_second_draft(session: Session, candidature: Candidature, *, said: bool = True) -> None:
    """Raises Conflict, with its address, where another draft has the same solution, DSR and composition.

    A composition that nobody `said` is no other one.
    """
    other = _other_draft(session, candidature, said=said)
    if other is not None:
        raise Conflict(
            f"Cette solution a déjà un brouillon sur ce DSR{', avec cette composition' if said else ''} : "
            f"continuez-le à l'adresse {other}, ou donnez une autre composition.",
            [FieldError("/composition", f"Donnez-en une autre que celle de {other}.")],
        )


def refuse_begun_again(session: Session, candidature: Candidature) -> None:
    """Raises Conflict, with its address, where another draft was begun in place of a dossier that is filed."""
    other = _other_draft(session, candidature)
    if other is not None:
        raise Conflict(
            "Cette solution a depuis un autre brouillon sur ce DSR, avec cette composition : continuez-le à l'adresse "
            f"{other}, ou effacez-le avant de reprendre cette candidature."
        )


def _other_draft(session: Session, candidature: Candidature, *, said: bool = True) -> str | None:
    configuration = candidature.configuration
    other = session.scalar(
        sa.select(Candidature.id)
        .join(Candidature.configuration)
        .join(Candidature.version)
        .where(
            Candidature.id != candidature.id,
            Candidature.state == State.DRAFT,
            Candidature.core_id == candidature.core_id,  # by which an index finds open dossiers
            Configuration.solution_id == configuration.solution_id,
            sa.or_(sa.literal(not said), Configuration.composition == configuration.composition),
            DsrVersion.dsr_id == candidature.version.dsr_id,
        )
        .limit(1)
    )
    return f"/api/v1/candidatures/{other}" if other else None


def set_items(session: Session, candidature: Candidature, profiles: Sequence[str]) -> None:
    """An item for each expected proof of these profiles, in order; those that a draft has already stay.

    Raises Conflict where something was supplied or said for one that is not asked for any more.
    """
    expected_proofs = asked_proofs(session, candidature, profiles)
    positions = {row.id: position for position, row in enumerate(expected_proofs, start=1)}
    items = session.execute(
        sa.select(Item.id, Item.expected_proof_id, Item.grant_id).where(Item.candidature_id == candidature.id)
    ).all()
    _remove(session, [item for item in items if item.expected_proof_id not in positions])
    kept = {item.expected_proof_id: item.id for item in items if item.expected_proof_id in positions}
    _renumber(session, candidature, {item_id: positions[proof] for proof, item_id in kept.items()})
    new = new_items(candidature, expected_proofs)
    insert_rows(
        session, Item, [new_row(candidature, item) for item in new if item.expected_proof_id not in kept]
    )


def asked_proofs(
    session: Session, candidature: Candidature, profiles: Sequence[str]
) -> Sequence[sa.Row[UUID, str, bool]]:
    """What a dossier is asked for in these profiles: one of a component, what depends on its roles alone.

    Raises Invalid for a component where nothing does.
    """
    fills = candidature.configuration.solution.software.fills
    expected_proofs = queries.applicable_proofs(session, candidature.version.id, profiles, fills)
    if fills and not expected_proofs:
        raise invalid_field(
            "dsr",
            f"Aucune preuve attendue de ce DSR, dans ces profils, ne dépend des seuls rôles {', '.join(fills)} : "
            "choisissez un autre DSR.",
        )
    return expected_proofs


def new_items(candidature: Candidature, expected_proofs: Sequence[sa.Row[UUID, str, bool]]) -> list[NewItem]:
    """An item, not stored yet, for each of these expected proofs, in their order."""
    live = candidature.mode is Track.DUO
    return [
        NewItem(
            id=new_id(),
            candidature_id=candidature.id,
            expected_proof_id=row.id,
            position=position,
            code=row.code,
            track=Track.DUO if live and row.duo else Track.ASYNC,
        )
        for position, row in enumerate(expected_proofs, start=1)
    ]


def _remove(session: Session, items: Sequence[sa.Row[UUID, UUID, UUID | None]]) -> None:
    ids = [item.id for item in items]
    if not ids:
        return
    supplied = session.scalars(
        sa.select(ExpectedProof.code)
        .where(ExpectedProof.id.in_(sa.select(Proof.expected_proof_id).where(Proof.item_id.in_(ids))))
        .order_by(ExpectedProof.code)
    ).all()
    if supplied:
        raise Conflict(
            "Des preuves ont été fournies pour ce que seuls ces profils demandent : gardez-les, ou effacez ce "
            f"brouillon. Preuves attendues : {', '.join(supplied)}."
        )
    end_grants(session, [item.grant_id for item in items if item.grant_id is not None])
    try:
        with session.begin_nested():
            for kind, key in ((ItemStanding, ItemStanding.item_id), (Item, Item.id)):
                session.execute(
                    sa.delete(kind).where(key.in_(ids)).execution_options(synchronize_session="fetch")
                )
    except IntegrityError as error:  # a message or an upload, of rooms above, is about one of them
        raise Conflict(
            "Un message ou un envoi en cours porte sur ce que seuls ces profils demandent : gardez ces profils, "
            "ou effacez ce brouillon."
        ) from error


def _renumber(session: Session, candidature: Candidature, positions: dict[UUID, int]) -> None:
    """Out of the way first: no two items of a dossier have one position, at any moment."""
    if not positions:
        return
    aside = sa.update(Item).where(Item.candidature_id == candidature.id).values(position=-Item.position)
    session.execute(aside.execution_options(synchronize_session=False))
    update_rows(
        session, Item, [{"id": item_id, "position": position} for item_id, position in positions.items()]
    )


def set_tracks(session: Session, candidature: Candidature) -> None:
    """What can be shown live is on the live track in DUO mode, everything else on the other."""
    live = sa.case((ExpectedProof.duo, Track.DUO), else_=Track.ASYNC)
    session.execute(
        sa.update(Item)
        .where(Item.candidature_id == candidature.id, Item.expected_proof_id == ExpectedProof.id)
        .values(track=live if candidature.mode is Track.DUO else Track.ASYNC)
        .execution_options(synchronize_session=False)
    )
