"""The webhooks of an organisation, the log of one, and what of the feed is still to be told to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.models import Account
from referencing.accounts.queries import leads
from referencing.accounts.visible_queries import DOSSIER, readable_id, was_filed
from referencing.base.db import after, before, now
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Function, Right, authorise
from referencing.equivalence.rulebooks.models import DossierStanding
from referencing.journal.events.table import EVENTS, REGISTER
from referencing.journal.models import OF_PLATFORMS, Entry
from referencing.journal.queries import DOSSIER_ID

from .models import Delivery, Webhook
from .states import WebhookState

#: The events of the public list.
OF_REGISTER = frozenset(EVENTS[REGISTER])
_NAMES_OF_REGISTER = sa.literal(sorted(OF_REGISTER), sa.ARRAY(sa.Text()))
NO_WEBHOOK = "Ce webhook n'existe pas : relisez la liste."


def webhooks(session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int) -> Sequence[Webhook]:
    """The webhooks of one's organisation, or of the agency, in the order in which they were made."""
    return session.scalars(after(_own(actor), [Webhook.id], cursor).limit(limit)).all()


def webhook(session: Session, actor: Actor, webhook_id: UUID, *, lock: bool = False) -> Webhook:
    """Raises NotFound for another's as for none."""
    select = _own(actor).where(Webhook.id == webhook_id)
    own = session.scalar(select.with_for_update() if lock else select)
    if own is None:
        raise NotFound(NO_WEBHOOK)
    return own


def number_of(session: Session, actor: Actor) -> int:
    return session.scalars(sa.select(sa.func.count()).select_from(_own(actor).subquery())).one()


def _own(actor: Actor) -> sa.Select[Webhook]:
    authorise(actor, Right.MANAGE_WEBHOOKS)
    return sa.select(Webhook).where(Webhook.organisation_id.is_not_distinct_from(actor.own_organisation))


def deliveries(
    session: Session, actor: Actor, webhook_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Delivery]:
    """The attempts, the latest first; none about a dossier that is closed to the reader. Raises NotFound."""
    own = webhook(session, actor, webhook_id)
    readable = Delivery.candidature_id.is_(None) | readable_id(session, actor, Delivery.candidature_id)
    select = sa.select(Delivery).where(Delivery.webhook_id == own.id, readable)
    return session.scalars(before(select, Delivery.id, cursor).limit(limit)).all()


def owners(session: Session, organisation_id: UUID | None) -> Sequence[UUID]:
    """The accounts of those who answer for the webhooks of an organisation, or of the agency."""
    if organisation_id is None:
        return leads(session)
    answering = (Account.organisation_id == organisation_id, Account.function == Function.MANDATAIRE)
    select = sa.select(Account.id).where(*answering, Account.disabled_at.is_(None))
    return session.scalars(select.order_by(Account.id)).all()


def anything_due(session: Session) -> bool:
    """Whether there is a webhook to look at; one that is off waits for nothing but a test."""
    due = (Webhook.state == WebhookState.ON) & (Webhook.due_at <= now(session))
    select = sa.select(Webhook.id).where(due | Webhook.test_asked_at.is_not(None))
    return session.scalar(select.limit(1)) is not None


def takeable(moment: datetime, until: int, *, slow: bool, most: int) -> sa.Select[UUID]:
    """The webhooks to which something is to be told up to a position, and that nobody holds; the longest due first."""
    entries, changes = (
        sa.select(position).where(position > Webhook.position, position <= until).correlate(Webhook)
        for position in (Entry.position, DossierStanding.position)
    )
    told_of = sa.or_(
        entries.where(Entry.organisation_id == Webhook.organisation_id).exists(),
        entries.where(Webhook.organisation_id.is_(None), Entry.organisation_id.is_not(None)).exists(),
        entries.where(OF_PLATFORMS).exists(),
        changes.where(Webhook.events.bool_op("&&")(_NAMES_OF_REGISTER)).exists(),
    )
    due = sa.and_(Webhook.state == WebhookState.ON, Webhook.due_at <= moment, told_of)
    free = Webhook.held_until.is_(None) | (Webhook.held_until <= moment)
    return (
        sa.select(Webhook.id)
        .where(free, Webhook.slow.is_(slow), due | Webhook.test_asked_at.is_not(None))
        .order_by(Webhook.due_at, Webhook.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )


@dataclass(frozen=True, slots=True)
class Untold:
    """What is to be told next: `about` says by ids of what; `told` is whether this webhook's side may read it."""

    position: int
    message: str
    action: str
    at: datetime
    about: Mapping[str, Any]
    told: bool = True


def untold(session: Session, webhook: Webhook, position: int, until: int, limit: int) -> Sequence[Untold]:
    """What comes for a webhook after a position, up to one that is certain: of its feed, and of the public list."""
    told = _of_feed(session, webhook.organisation_id, position, until, limit)
    if not OF_REGISTER.isdisjoint(webhook.events):
        told += _of_register(session, position, until, limit)
    return sorted(told, key=attrgetter("position"))[:limit]


def _of_feed(
    session: Session, organisation_id: UUID | None, position: int, until: int, limit: int
) -> list[Untold]:
    """All dossiers of an organisation, or what was filed for the agency, as `/api/v1/events` shows them.

    What happens to platforms is in everybody's.
    """
    filed = sa.exists().where(DOSSIER.c.id == DOSSIER_ID, DOSSIER.c.state != "given_up", was_filed(DOSSIER.c))
    of_agency = organisation_id is None
    whose = Entry.organisation_id.is_not(None) if of_agency else Entry.organisation_id == organisation_id
    columns = (Entry.position, Entry.stream, Entry.number, Entry.action, Entry.at)
    select = sa.select(*columns, (OF_PLATFORMS | filed if of_agency else sa.true()).label("told"))
    select = select.where(whose | OF_PLATFORMS, Entry.position > position, Entry.position <= until)
    return [_of_entry(row) for row in session.execute(select.order_by(Entry.position).limit(limit))]


def _of_entry(row: sa.Row[int, str, int, str, datetime, bool]) -> Untold:
    kind, _, which = row.stream.partition(":")
    about = {kind: UUID(which), "number": row.number}
    return Untold(row.position, f"{which}_{row.number}", row.action, row.at, about, row.told)


def _of_register(session: Session, position: int, until: int, limit: int) -> list[Untold]:
    """Whose dossier it is that changed the public list is nobody's business: the change is told by its own id."""
    select = sa.select(
        DossierStanding.id, DossierStanding.position, DossierStanding.change, DossierStanding.began_at
    )
    select = select.where(DossierStanding.position > position, DossierStanding.position <= until)
    return [
        Untold(row.position, f"register_{row.id}", f"register.{row.change}", row.began_at, {"change": row.id})
        for row in session.execute(select.order_by(DossierStanding.position).limit(limit))
    ]
