"""What taking a takeover back would do to the dossiers that stand on it, and the digest that confirms it."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, Session

from referencing.base.errors import confirm_loss
from referencing.base.french import counted
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import OPEN, State
from referencing.catalogue.models import ExpectedProof
from referencing.equivalence.grants.models import Grant, GrantState

from .coverage import reuses_of
from .models import PastReferencing, PastState, Takeover

#: Dossiers that lose by it: open ones, and those that are on the public list.
_LOSING = (*sorted(OPEN), State.REFERENCED, State.SUSPENDED)


@dataclass(frozen=True, slots=True)
class TakingBack:
    """`referencings` would be annulled; `losing` items of `dossiers` stand on what they told."""

    referencings: int
    dossiers: int
    losing: int
    digest: str

    def confirm(self, digest: str | None) -> None:
        """Raises Unconfirmed for another digest than its own, or for none when items lose."""
        confirm_loss(
            digest,
            asdict(self),
            "dans "
            + counted(
                self.dossiers, "candidature en cours ou référencée", "candidatures en cours ou référencées"
            )
            + ", "
            + counted(self.losing, "preuve attendue repose", "preuves attendues reposent")
            + " sur cette reprise ; les dossiers en préparation comptent, sans être nommés",
        )


def leaning_on(session: Session, takeover: Takeover) -> TakingBack:
    """What leans on a takeover now; its digest names the referencings and the items, one by one.

    The database counts and names them: one row, however many they are.
    """
    taken = (
        sa.select(sa.func.count().label("referencings"), _lines(PastReferencing.number).label("lines"))
        .where(PastReferencing.takeover_id == takeover.id, PastReferencing.state == PastState.TAKEN)
        .subquery("taken")
    )
    leaning = (
        sa.select(
            sa.func.count(Item.candidature_id.distinct()).label("dossiers"),
            sa.func.count().label("losing"),
            _lines(Item.id).label("lines"),
        )
        .join(Item.candidature)
        .where(sa.or_(Item.grant_id.in_(reuses_of(takeover)), Item.id.in_(_stood_in_for(takeover))))
        .where(Candidature.state.in_(_LOSING))
        .subquery("leaning")
    )
    named = sa.func.convert_to(taken.c.lines + leaning.c.lines, "UTF8")
    row = session.execute(
        sa.select(
            taken.c.referencings,
            leaning.c.dossiers,
            leaning.c.losing,
            sa.func.encode(sa.func.sha256(named), "hex").label("digest"),
        ).join_from(taken, leaning, sa.true())
    ).one()
    return TakingBack(**row._asdict())


def _lines(key: InstrumentedAttribute[Any]) -> sa.ColumnElement[str]:
    """A line for each, in order."""
    line = sa.cast(key, sa.Text) + "\n"
    return sa.func.coalesce(sa.func.string_agg(line, aggregate_order_by(sa.literal(""), key)), "")


def _stood_in_for(takeover: Takeover) -> sa.Select[UUID]:
    """The items of decided dossiers for which a reuse stands in that leans on a takeover."""
    return (
        sa.select(Item.id)
        .join(Item.expected_proof)
        .join(Grant, (Grant.candidature_id == Item.candidature_id) & (Grant.proof_code == ExpectedProof.code))
        .where(Grant.state == GrantState.STANDS_IN, Grant.id.in_(reuses_of(takeover)))
    )
