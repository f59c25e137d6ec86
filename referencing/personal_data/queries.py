"""Who was erased."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from .models import Erasure


def erased(connection: sa.Connection) -> Sequence[UUID]:
    """The accounts whose persons were erased, in the order of their erasures; none in a schema before 0.2."""
    if not sa.inspect(connection).has_table(Erasure.__tablename__):
        return []
    return connection.scalars(sa.select(Erasure.account_id).order_by(Erasure.number)).all()
