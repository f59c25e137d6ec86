"""Who looks at many places, by side."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.models import Account
from referencing.base.db import now

from .models import Looker

#: The id of a place, and the organisation of those who look: None for the agency.
Side = tuple[UUID, UUID | None]


def lookers(session: Session, places: Collection[UUID]) -> Mapping[Side, Sequence[UUID]]:
    """The accounts of each side that look at each place, in the order of their names."""
    select = (
        sa.select(Looker.place, Account.organisation_id, Account.id)
        .join(Looker.account)
        .where(Looker.place.in_(places), Looker.until > now(session))
        .order_by(Account.name, Account.id)
    )
    by_side: dict[Side, list[UUID]] = defaultdict(list)
    for place, organisation_id, account_id in session.execute(select):
        by_side[place, organisation_id].append(account_id)
    return by_side
