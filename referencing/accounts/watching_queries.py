"""Who watches, and may have to be asked again for the right to: one statement for all of them.

The tables of rooms above are named here by the columns that say when something was taken from somebody.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.base.permissions import Entrance

from .keys.models import AccountKey
from .keys.queries import serving
from .models import Account
from .sessions.models import BrowserSession
from .sessions.queries import standing_at

_conflict = sa.table(
    "conflict_of_interest", *map(sa.column, ("verifier_id", "declared_at", "readable_until"))
)
_opinion = sa.table("opinion", *map(sa.column, ("expert_id", "answered_at", "declined_at", "withdrawn_at")))
#: How long what takes something away may need to be committed.
_UNSEEN = timedelta(seconds=5)


def to_be_asked_again(session: Session, entrances: Collection[Entrance]) -> Collection[Entrance]:
    """Entrances whose account, key or session stands no longer, or whose account something was taken from since.

    What was taken need not be what they watch: who may still watch it comes back.
    """
    moment, of = now(session), dict(enumerate(entrances))
    came = sa.func.unnest(
        sa.literal([*of], sa.ARRAY(sa.Integer)),
        sa.literal([one.account for one in entrances], sa.ARRAY(sa.Uuid)),
        sa.literal([one.key for one in entrances], sa.ARRAY(sa.Uuid)),
        sa.literal([one.browser for one in entrances], sa.ARRAY(sa.Uuid)),
        sa.literal([one.since - _UNSEEN for one in entrances], sa.ARRAY(sa.DateTime(timezone=True))),
    ).table_valued("number", "account", "key", "browser", "since", name="came")
    came = came.render_derived()
    stands = (
        sa.exists().where(Account.id == came.c.account, Account.disabled_at.is_(None))
        & (came.c.key.is_(None) | sa.exists().where(AccountKey.id == came.c.key, serving(moment)))
        & (
            came.c.browser.is_(None)
            | sa.exists().where(BrowserSession.id == came.c.browser, standing_at(moment))
        )
        & ~_something_taken(came.c, moment)
    )
    standing = {of[number] for number in session.scalars(sa.select(came.c.number).where(stands))}
    return [
        one for one in entrances if one not in standing or (one.ends_at is not None and one.ends_at <= moment)
    ]


def _something_taken(came: Any, moment: datetime) -> sa.ColumnElement[bool]:
    """A conflict of interest was declared, or closes again; or an expert is asked no longer."""
    closed = sa.exists().where(
        _conflict.c.verifier_id == came.account,
        (_conflict.c.declared_at > came.since) | _conflict.c.readable_until.between(came.since, moment),
    )
    last = sa.func.greatest(_opinion.c.answered_at, _opinion.c.declined_at, _opinion.c.withdrawn_at)
    return closed | sa.exists().where(_opinion.c.expert_id == came.account, last > came.since)
