"""What open dossiers owe to a takeover, as it stands when its last referencing is taken over."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by, array
from sqlalchemy.orm import Session, aliased

from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import OPEN, ItemState
from referencing.catalogue.models import ExpectedProof
from referencing.equivalence.grants.models import GrantSource
from referencing.proofs.models import Verification

from .models import Takeover, TakeoverCoverage


def keep_coverage(session: Session, takeover: Takeover) -> None:
    """Keep, for each open dossier, which of its items stand on findings of a takeover; one statement."""
    leaning = reuses_of(takeover).cte("leaning")
    helped = (
        sa.select(Item.candidature_id)
        .join(leaning, leaning.c.grant_id == Item.grant_id)
        .join(Item.candidature)
        .where(Candidature.state.in_(sorted(OPEN)))
    )
    owed = (
        sa.select(
            sa.literal(takeover.id, sa.Uuid()),
            Item.candidature_id,
            _codes(leaning, ItemState.COVERED),
            _codes(leaning, ItemState.TO_CONFIRM),
            sa.func.count(),
        )
        .join(Item.expected_proof)
        .outerjoin(leaning, leaning.c.grant_id == Item.grant_id)
        .where(Item.candidature_id.in_(helped))
        .group_by(Item.candidature_id)
    )
    names = ["takeover_id", "candidature_id", "covered", "to_confirm", "items"]
    session.execute(sa.insert(TakeoverCoverage).from_select(names, owed))


def reuses_of(takeover: Takeover) -> sa.Select[UUID]:
    """The reuses that stand on a finding of a takeover."""
    past = aliased(Candidature)
    return (
        sa.select(GrantSource.grant_id)
        .join(Verification, Verification.id == GrantSource.verification_id)
        .join(past, past.id == Verification.candidature_id)
        .where(past.takeover_id == takeover.id)
        .distinct()
    )


def _codes(leaning: sa.CTE, state: ItemState) -> sa.ColumnElement[list[str]]:
    """The codes of the items in a state that stand on such a reuse, in their order."""
    codes = sa.func.array_agg(aggregate_order_by(ExpectedProof.code, Item.position))
    owed = codes.filter(leaning.c.grant_id.is_not(None), Item.state == state)
    return sa.func.coalesce(owed, array([], type_=sa.Text()))
