"""A reuse: the facts that who confirms it looks at, and whether they would justify it today. Changes nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from referencing.candidatures.record.models import Candidature
from referencing.equivalence.engine.facts import Certificate, Fact
from referencing.equivalence.grants.models import Grant, GrantState
from referencing.equivalence.grants.queries import Reuse

from .resolved import Resolved


@dataclass(frozen=True, slots=True)
class LookedAt:
    """The facts that a verifier is shown of a reuse; `also` are those beside the ones that it stands on."""

    verifications: Sequence[UUID]
    certificates: Sequence[UUID]
    also: Sequence[str]


def to_look_at(grant: Reuse, helpful: Sequence[str], facts: Mapping[str, Fact]) -> LookedAt:
    """What a reuse stands on, then what helps it too."""
    sources = {*map(str, grant.verifications), *map(str, grant.certificates)}
    also = [fact for fact in helpful if fact not in sources] if grant.state is GrantState.PROPOSED else []
    certificates = [fact for fact in also if isinstance(facts[fact], Certificate)]
    verifications = [fact for fact in also if fact not in certificates]
    return LookedAt(
        [*grant.verifications, *map(UUID, verifications)],
        [*grant.certificates, *map(UUID, certificates)],
        also,
    )


def fallen(session: Session, candidature: Candidature, codes: Collection[str]) -> frozenset[str]:
    """The codes of a decided dossier, of these, whose reuse its facts would not justify today; changes nothing."""
    found = Resolved.by_rules_in_force(session, candidature, codes)
    grants = session.scalars(
        sa.select(Grant)
        .where(
            Grant.candidature_id == candidature.id,
            Grant.proof_code.in_(codes),
            Grant.state.in_([GrantState.GRANTED, GrantState.CONFIRMED, GrantState.STANDS_IN]),
        )
        .options(selectinload(Grant.sources))
    ).all()
    return frozenset(codes) - {grant.proof_code for grant in grants if found.still_justifies(grant)}
