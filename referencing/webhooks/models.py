"""Webhooks: the addresses at which others are told what happens, and what became of each delivery."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from referencing.base.db import Base, Id, Timestamped, values_of

from .states import WebhookState


class Webhook(Timestamped, Base):
    """An address that is told of an organisation's dossiers, or of the agency's where there is no organisation.

    `position` is the place in the whole journal of the last event that was told or passed over: what comes after it is
    still to be told, whatever happened meanwhile. `events` are those that are told; where there are none, all but those
    of the public list.
    Its secrets are not here: they are made of the service's own key and `generation` (docs/adr/0059); `public_key` is
    that of the current generation, and the one before signs as well until `overlap_until`.
    `due_at` is when it may next be looked at; `failures` how often in a row nobody took the next event; `slow` whether
    the last round showed it to keep others waiting. Who delivers holds it (`held_by`) until `held_until`.
    """

    __tablename__ = "webhook"
    __table_args__ = (
        sa.Index("ix_webhook_organisation_id", "organisation_id", "id"),
        sa.Index("ix_webhook_due", "due_at", postgresql_where=sa.text("state = 'on'")),
        sa.Index("ix_webhook_test", "test_asked_at", postgresql_where=sa.text("test_asked_at IS NOT NULL")),
        sa.CheckConstraint("(held_by IS NULL) = (held_until IS NULL)", name="held"),
    )

    id: Mapped[Id]
    organisation_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("organisation.id"))
    label: Mapped[str]
    address: Mapped[str]
    events: Mapped[list[str]]
    state: Mapped[WebhookState] = mapped_column(values_of(WebhookState, "state"), default=WebhookState.ON)
    revision: Mapped[int] = mapped_column(default=1)
    generation: Mapped[int] = mapped_column(default=1)
    public_key: Mapped[str]
    overlap_until: Mapped[datetime | None]
    position: Mapped[int] = mapped_column(sa.BigInteger())
    due_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
    slow: Mapped[bool] = mapped_column(default=False)
    test_asked_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    held_by: Mapped[UUID | None]
    held_until: Mapped[datetime | None]


class DeliveryOutcome(StrEnum):
    """What became of an attempt."""

    DELIVERED = "delivered"
    REFUSED = "refused"  # by the status of the answer
    UNRESOLVED = "unresolved"
    FORBIDDEN = "forbidden"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    TIMEOUT = "timeout"
    CUT = "cut"
    UNREADABLE = "unreadable"


class Delivery(Base):
    """One attempt: `message` is its `webhook-id`, `milliseconds` how long it took, `status` that of the answer.

    A test is about no dossier, nor is what everybody is told: of platforms and of the public list.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        sa.Index("ix_webhook_delivery_webhook_id", "webhook_id", "id"),
        sa.Index("ix_webhook_delivery_attempted_at", "attempted_at"),
    )

    id: Mapped[Id]
    webhook_id: Mapped[UUID] = mapped_column(sa.ForeignKey("webhook.id", ondelete="CASCADE"))
    message: Mapped[str]
    event: Mapped[str]
    candidature_id: Mapped[UUID | None]
    attempt: Mapped[int]
    attempted_at: Mapped[datetime]
    milliseconds: Mapped[int]
    outcome: Mapped[DeliveryOutcome] = mapped_column(values_of(DeliveryOutcome, "outcome"))
    status: Mapped[int | None]
