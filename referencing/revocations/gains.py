"""What the open dossiers of a technical core gain by something that begins to count: their items before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import OPEN, ItemState
from referencing.catalogue.models import ExpectedProof
from referencing.equivalence.grants.models import Grant

from .consequences import Effect
from .models import Fate


@dataclass(frozen=True, slots=True)
class Standing:
    """An item of an open dossier as it stands; `derivation` is that of the grant that covers it."""

    candidature_id: UUID
    code: str
    state: ItemState
    derivation: dict[str, object] | None


def items_of_core(session: Session, core_id: UUID) -> Mapping[UUID, Standing]:
    """The items of the open dossiers of a core, by id."""
    rows = session.execute(
        sa.select(Item.id, Item.candidature_id, ExpectedProof.code, Item.state, Grant.derivation)
        .join(Item.candidature)
        .join(Item.expected_proof)
        .outerjoin(Grant, Grant.id == Item.grant_id)
        .where(Candidature.core_id == core_id, Candidature.state.in_(sorted(OPEN)))
        .order_by(Item.candidature_id, Item.position)
    )
    return {row.id: Standing(row.candidature_id, row.code, row.state, row.derivation) for row in rows}


def gained(before: Mapping[UUID, Standing], after: Mapping[UUID, Standing]) -> list[Effect]:
    """The items of another state than before."""
    return [
        Effect(item.candidature_id, item_id, item.code, Fate.GAINED, item.state, item.derivation)
        for item_id, item in after.items()
        if before[item_id].state is not item.state
    ]
