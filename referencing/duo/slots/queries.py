"""Whose time is taken."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from .models import Hold, Quarter


def taken(account: Any, start: Any, end: Any, moment: datetime, but_by: UUID | None = None) -> sa.Exists:
    """Whether some of a person's time between two moments is taken; by columns, or by values.

    What the session `but_by` takes counts as free: it would be given back.
    """
    lasting = sa.select(Hold.id).where(Hold.id == Quarter.hold_id, Hold.expires_at > moment)
    return sa.exists().where(
        Quarter.account_id == account,
        Quarter.starts_at >= start,
        Quarter.starts_at < end,
        Quarter.hold_id.is_(None) | lasting.exists(),
        Quarter.session_id.is_distinct_from(but_by) if but_by else sa.true(),
    )
