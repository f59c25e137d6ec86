"""Platforms that proofs need, what watches them, and what happened to them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.base.db import Base, Id, Timestamped, values_of

from .judging import Reason, Sighting
from .states import Impact, IncidentState, MaintenanceState, WatchState


class Platform(Timestamped, Base):
    """A platform or a service that proofs need. `words` are the names by which the texts of requirements call it.

    How it stands is not here: it follows from its incidents and from maintenance. `failures` is after how many failed
    probes in a row it counts as down.
    """

    __tablename__ = "platform"
    __table_args__ = (sa.CheckConstraint("failures BETWEEN 1 AND 20", name="failures"),)

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    description: Mapped[str]
    words: Mapped[list[str]]
    failures: Mapped[int]
    state: Mapped[WatchState] = mapped_column(values_of(WatchState, "state"), default=WatchState.WATCHED)
    revision: Mapped[int] = mapped_column(default=1)


class ProbeKind(StrEnum):
    HTTP = "http"  # one request or several in a row, each with the answer that is expected
    TLS = "tls"  # a certificate, and when it ends
    TCP = "tcp"  # somebody answers there
    HEARTBEAT = "heartbeat"  # a sign of life that an integration sends


class Probe(Timestamped, Base):
    """What looks at a platform every so many seconds: at the addresses of `steps`, one after the other.

    A heartbeat has no address but an account, which alone may send it. `slow_after` is in milliseconds, of the whole;
    `expiry_days` is how many days before its end a certificate is said to end.
    """

    __tablename__ = "probe"
    __table_args__ = (
        sa.CheckConstraint("every_seconds BETWEEN 30 AND 86400", name="every_seconds"),
        sa.CheckConstraint("(kind = 'heartbeat') = (account_id IS NOT NULL)", name="heartbeat"),
        sa.UniqueConstraint("platform_id", "account_id"),
        sa.Index("ix_probe_platform_id", "platform_id", "id"),
    )

    id: Mapped[Id]
    platform_id: Mapped[UUID] = mapped_column(sa.ForeignKey("platform.id"))
    kind: Mapped[ProbeKind] = mapped_column(values_of(ProbeKind, "kind"))
    label: Mapped[str]
    steps: Mapped[list[dict[str, Any]]]
    every_seconds: Mapped[int]
    slow_after: Mapped[int | None]
    expiry_days: Mapped[int | None]
    account_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))

    platform: Mapped[Platform] = relationship()
    sights: Mapped[list["ProbeSight"]] = relationship(
        order_by="ProbeSight.place", passive_deletes=True, cascade="all, delete-orphan"
    )


class ProbeSight(Base):
    """What a place saw last of a probe, `streak` times in a row since `since`; one row, whatever was seen before.

    `next_at` is when the place looks again: whoever looks has moved it on before.
    """

    __tablename__ = "probe_sight"

    probe_id: Mapped[UUID] = mapped_column(sa.ForeignKey("probe.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    sighting: Mapped[Sighting | None] = mapped_column(values_of(Sighting, "sighting"))
    reason: Mapped[Reason | None] = mapped_column(values_of(Reason, "reason"))
    streak: Mapped[int] = mapped_column(default=0)
    since: Mapped[datetime | None]
    milliseconds: Mapped[int | None]
    certificate_ends_at: Mapped[datetime | None]


class Incident(Base):
    """What happened to a platform from `begun_at` on; `opened_by` is nobody where the rule opened it.

    One that is corrected says so by its entries in the journal: what follows from it is counted anew.
    """

    __tablename__ = "incident"
    __table_args__ = (
        sa.CheckConstraint("state <> 'closed' OR ended_at IS NOT NULL", name="closed"),
        sa.CheckConstraint("state <> 'open' OR ended_at IS NULL", name="open"),
        sa.CheckConstraint("ended_at >= begun_at", name="ended_after"),
        sa.Index(
            "uq_incident_by_rule",
            "platform_id",
            unique=True,
            postgresql_where=sa.text("state = 'open' AND opened_by IS NULL"),
        ),
        sa.Index("ix_incident_platform_id", "platform_id", "id"),
        sa.Index("ix_incident_ended_at", "platform_id", "ended_at"),
        sa.Index("ix_incident_changed_at", "changed_at", "id"),
    )

    id: Mapped[Id]
    platform_id: Mapped[UUID] = mapped_column(sa.ForeignKey("platform.id"))
    impact: Mapped[Impact] = mapped_column(values_of(Impact, "impact"))
    state: Mapped[IncidentState] = mapped_column(values_of(IncidentState, "state"))
    title: Mapped[str]
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    opened_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    changed_at: Mapped[datetime]

    platform: Mapped[Platform] = relationship()
    notes: Mapped[list["IncidentNote"]] = relationship(order_by="IncidentNote.id")


class IncidentNote(Base):
    """What everybody is told of an incident while it lasts, and at its end."""

    __tablename__ = "incident_note"
    __table_args__ = (sa.Index("ix_incident_note_incident_id", "incident_id", "id"),)

    id: Mapped[Id]
    incident_id: Mapped[UUID] = mapped_column(sa.ForeignKey("incident.id"))
    text: Mapped[str]
    written_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    written_at: Mapped[datetime]


class Maintenance(Base):
    """Time for which a platform is not there, said in advance."""

    __tablename__ = "maintenance"
    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at", name="ends_after"),
        sa.Index("ix_maintenance_platform_id", "platform_id", "id"),
        sa.Index(
            "ix_maintenance_ends_at", "platform_id", "ends_at", postgresql_where=sa.text("state = 'planned'")
        ),
        sa.Index("ix_maintenance_changed_at", "changed_at", "id"),
    )

    id: Mapped[Id]
    platform_id: Mapped[UUID] = mapped_column(sa.ForeignKey("platform.id"))
    title: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[MaintenanceState] = mapped_column(values_of(MaintenanceState, "state"))
    planned_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    changed_at: Mapped[datetime]

    platform: Mapped[Platform] = relationship()


class PlatformFollower(Base):
    """Who asked to be written of a platform's incidents and maintenance."""

    __tablename__ = "platform_follower"

    platform_id: Mapped[UUID] = mapped_column(sa.ForeignKey("platform.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)
    asked_at: Mapped[datetime]
