"""Who embeds which component: a lead reads of all softwares, an editor what was accepted for its own."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from referencing.accounts.visible_queries import readable_software, refusal
from referencing.base.db import after, any_of
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import OPEN
from referencing.certificates import queries as certificates
from referencing.solutions.models import Configuration, Embedding, Software, Solution
from referencing.solutions.queries import software as find_software

NO_EMBEDDING = "Cet embarquement n'existe pas : vérifiez son identifiant."


@dataclass(frozen=True, slots=True)
class Declared:
    """A software of which a composition names a version of a component, and the lead's word on it, if any."""

    software: Software
    component: str
    embedding: UUID | None


def _compositions(maker: Software) -> sa.Select[UUID, str]:
    """The softwares and the versions of a component that they name in a role that it fills."""
    return certificates.DECLARED.where(
        certificates.role.in_(maker.fills),
        sa.func.starts_with(certificates.component, f"{maker.nil}@"),
        Solution.software_id != maker.id,
    )


def declares(session: Session, software_id: UUID, maker: Software, component: str) -> bool:
    """Whether a composition of a software names this version of a component in a role that it fills."""
    named = _compositions(maker).where(
        Solution.software_id == software_id, certificates.component == component
    )
    return session.execute(named.limit(1)).first() is not None


def components(
    session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Software]:
    """The softwares of all organisations that are components of others, in the order of registering."""
    return session.scalars(after(_components(session, actor), [Software.id], cursor).limit(limit)).all()


def component(session: Session, actor: Actor, software_id: UUID) -> Software:
    """Raises NotFound, also for a software that is no component."""
    visible = session.scalar(_components(session, actor).where(Software.id == software_id))
    if visible is None:
        owner = sa.select(Software.organisation_id).where(Software.id == software_id)
        raise refusal(session, actor, "Ce composant n'existe pas : vérifiez son identifiant.", owner)
    return visible


def _components(session: Session, actor: Actor) -> sa.Select[Software]:
    authorise(actor, Right.JUDGE_EMBEDDINGS)
    return (
        sa.select(Software)
        .where(sa.func.cardinality(Software.fills) > 0, readable_software(session, actor, Software))
        .options(joinedload(Software.organisation), selectinload(Software.nil_judgements))
    )


def declared(
    session: Session, actor: Actor, maker_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Declared]:
    """The softwares of all organisations that declare a component, but those in a conflict of interest."""
    authorise(actor, Right.JUDGE_EMBEDDINGS)
    compositions = _compositions(find_software(session, actor, maker_id)).subquery()
    accepted = sa.and_(
        Embedding.software_id == Software.id,
        Embedding.component == compositions.c.component,
        Embedding.maker_id == maker_id,
        Embedding.revoked_on.is_(None),
    )
    select = (
        sa.select(Software, compositions.c.component, Embedding.id.label("embedding"))
        .join(compositions, compositions.c.software_id == Software.id)
        .outerjoin(Embedding, accepted)
        .where(readable_software(session, actor, Software))
        .options(joinedload(Software.organisation))
    )
    rows = session.execute(after(select, [Software.id, compositions.c.component], cursor).limit(limit))
    return [Declared(row.Software, row.component, row.embedding) for row in rows]


def _visible(session: Session, actor: Actor) -> sa.Select[Embedding]:
    """The embeddings in softwares that the actor may read; a maker is not told who embeds what it makes."""
    authorise(actor, Right.READ_SOLUTIONS)
    return sa.select(Embedding).where(Embedding.software.has(readable_software(session, actor, Software)))


def embedding(session: Session, actor: Actor, embedding_id: UUID) -> Embedding:
    """Raises NotFound, also for another organisation's."""
    visible = session.scalar(_visible(session, actor).where(Embedding.id == embedding_id))
    if visible is None:
        named = sa.select(Embedding.software_id).where(Embedding.id == embedding_id).scalar_subquery()
        owner = sa.select(Software.organisation_id).where(Software.id == named)
        raise refusal(session, actor, NO_EMBEDDING, owner)
    return visible


def embeddings(
    session: Session, actor: Actor, software_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Embedding]:
    """What was accepted that a software embeds, what was revoked since too, in the order of accepting."""
    visible = _visible(session, actor)
    software = find_software(session, actor, software_id)
    select = visible.where(Embedding.software_id == software.id)
    return session.scalars(after(select, [Embedding.id], cursor).limit(limit)).all()


def last_words(
    session: Session, actor: Actor, software_id: UUID, components: Collection[str]
) -> dict[str, Embedding]:
    """What was said last of each of these components in a software: accepted, or revoked since."""
    of_software = _visible(session, actor).where(
        Embedding.software_id == software_id, any_of(Embedding.component, components)
    )
    return {row.component: row for row in session.scalars(of_software.order_by(Embedding.id))}


def standing(session: Session, software_id: UUID, component: str) -> Embedding | None:
    return session.scalar(
        sa.select(Embedding).where(
            Embedding.software_id == software_id,
            Embedding.component == component,
            Embedding.revoked_on.is_(None),
        )
    )


def dossiers_with(session: Session, software_id: UUID, component: str) -> Sequence[UUID]:
    """The open dossiers of a software of which the composition has this component, by id."""
    in_any_role = sa.func.jsonb_path_exists(
        Configuration.composition,
        sa.cast("$.* ? (@ == $component)", sa.dialects.postgresql.JSONPATH),
        sa.func.jsonb_build_object("component", component),
    )
    dossiers = sa.select(Candidature.id).join(Candidature.configuration)
    return session.scalars(
        dossiers.where(
            Candidature.software_id == software_id, Candidature.state.in_(sorted(OPEN)), in_any_role
        ).order_by(Candidature.id)
    ).all()
