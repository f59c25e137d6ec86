"""Softwares with the commercial names on them, their composition, their certificates and their technical cores."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Organisation
from referencing.base.db import Base, Id, Timestamped, new_id, same_core

from .nils import look


class NilStanding(StrEnum):
    UNCONFIRMED = "unconfirmed"  # nobody of the agency has said yet whose it is
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class Software(Timestamped, Base):
    """A logiciel, with its NIL. `core_id` names its technical core: the smallest id of the softwares that are one.

    `nil_look` and `name_look` are keys that look-alikes share, also those of other organisations. A component of others
    `fills` roles where it is embedded, and is asked only for what depends on them.
    """

    __tablename__ = "software"
    __table_args__ = (
        sa.UniqueConstraint("id", "core_id"),
        sa.UniqueConstraint("organisation_id", "nil"),
        sa.Index("ix_software_core_id", "core_id"),
        sa.Index("ix_software_nil_look", "nil_look"),
        sa.Index("ix_software_name_look", "name_look"),
    )

    id: Mapped[Id]
    core_id: Mapped[UUID] = mapped_column(default=lambda context: context.get_current_parameters()["id"])
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    name: Mapped[str]
    nil: Mapped[str]
    fills: Mapped[list[str]] = mapped_column(default=list, server_default="{}")
    nil_look: Mapped[str] = mapped_column(default=lambda context: _look_of(context, "nil"))
    name_look: Mapped[str] = mapped_column(default=lambda context: _look_of(context, "name"))

    organisation: Mapped[Organisation] = relationship()
    solutions: Mapped[list["Solution"]] = relationship(
        order_by="Solution.commercial_name", back_populates="software"
    )
    nil_judgements: Mapped[list["NilJudgement"]] = relationship(order_by="NilJudgement.id")

    @property
    def nil_judgement(self) -> "NilJudgement | None":
        """The last word of the agency on whether its present NIL is its own."""
        return next((one for one in reversed(self.nil_judgements) if one.nil == self.nil), None)

    @property
    def nil_standing(self) -> NilStanding:
        if self.nil_judgement is None:
            return NilStanding.UNCONFIRMED
        return NilStanding.CONFIRMED if self.nil_judgement.belongs else NilStanding.REFUSED


def _look_of(context: Any, column: str) -> str:
    return look(context.get_current_parameters()[column])


class NilJudgement(Base):
    """The agency's word, with its reason, on whether a NIL is a software's; the last on its present NIL counts."""

    __tablename__ = "nil_judgement"
    __table_args__ = (sa.Index("ix_nil_judgement_software_id", "software_id", "id"),)

    id: Mapped[Id]
    software_id: Mapped[UUID] = mapped_column(sa.ForeignKey("software.id"))
    nil: Mapped[str]
    belongs: Mapped[bool]
    reason: Mapped[str]
    judged_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    judged_at: Mapped[datetime]


class Solution(Timestamped, Base):
    """A commercial name on a software: what is referenced."""

    __tablename__ = "solution"
    __table_args__ = (
        sa.UniqueConstraint("software_id", "commercial_name"),
        sa.Index("ix_solution_name_look", "name_look"),
    )

    id: Mapped[Id]
    software_id: Mapped[UUID] = mapped_column(sa.ForeignKey("software.id"))
    commercial_name: Mapped[str]
    name_look: Mapped[str] = mapped_column(default=lambda context: _look_of(context, "commercial_name"))

    software: Mapped[Software] = relationship(back_populates="solutions")


class Configuration(Timestamped, Base):
    """A solution as it was on one occasion: version, and role -> component with its version. Never changes."""

    __tablename__ = "configuration"
    __table_args__ = (sa.Index("ix_configuration_solution_id", "solution_id"),)

    id: Mapped[Id] = mapped_column(default=new_id)
    solution_id: Mapped[UUID] = mapped_column(sa.ForeignKey("solution.id"))
    software_version: Mapped[str]
    composition: Mapped[dict[str, str]]

    solution: Mapped[Solution] = relationship()


class Certificate(Timestamped, Base):
    """A certificate issued elsewhere, for a software (`holder` is its NIL) or a component.

    `valid_until` is the first day without.
    A correction is another row, and `replaced_by` names it; a renewal under the same number is a later period.
    `original_id` names the certificate that this one repeats for a software that embeds its component (montage).
    `confirmed_by` is who answers for it beside its issuer's list: the agency, or the counter of that issuer.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        same_core(["software_id", "core_id"], "software"),
        sa.UniqueConstraint("id", "core_id"),
        sa.Index(
            "uq_certificate_standing",
            "software_id",
            "kind",
            "holder",
            "number",
            "valid_from",
            unique=True,
            postgresql_where=sa.text("revoked_on IS NULL"),
        ),
        sa.Index("ix_certificate_core_id", "core_id"),
        sa.Index("ix_certificate_kind", "kind"),
        sa.Index("ix_certificate_entered_by", "entered_by"),
        sa.Index("ix_certificate_valid_until", "valid_until"),
        sa.Index(
            "ix_certificate_original_id", "original_id", postgresql_where=sa.text("original_id IS NOT NULL")
        ),
        sa.CheckConstraint("valid_from < valid_until", name="validity"),
    )

    id: Mapped[Id]
    software_id: Mapped[UUID]
    core_id: Mapped[UUID]
    kind: Mapped[str]
    holder: Mapped[str]
    number: Mapped[str]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    revoked_on: Mapped[date | None]
    entered_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    confirmed_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    confirmed_at: Mapped[datetime | None]
    replaced_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("certificate.id"))
    original_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("certificate.id"))


class AlikeVersions(Base):
    """Two versions of a component that a lead declared alike in a role, from `valid_from` until `revoked_on`.

    `first` and `second` are in the order of text; whatever software embeds them.
    """

    __tablename__ = "alike_versions"
    __table_args__ = (
        sa.CheckConstraint("first <> second", name="two_versions"),
        sa.Index(
            "uq_alike_versions_standing",
            "role",
            "first",
            "second",
            unique=True,
            postgresql_where=sa.text("revoked_on IS NULL"),
        ),
    )

    id: Mapped[Id]
    role: Mapped[str]
    first: Mapped[str]
    second: Mapped[str]
    valid_from: Mapped[date]
    declared_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    declared_at: Mapped[datetime]
    revoked_on: Mapped[date | None]


class Embedding(Base):
    """A software that embeds another one, its `maker`, as a `component` (NIL@version), by a lead's word.

    What is verified on the component then counts for it, in the roles that the component fills, until `revoked_on`.
    """

    __tablename__ = "embedding"
    __table_args__ = (
        sa.CheckConstraint("software_id <> maker_id", name="two_softwares"),
        sa.Index(
            "uq_embedding_standing",
            "software_id",
            "component",
            unique=True,
            postgresql_where=sa.text("revoked_on IS NULL"),
        ),
        sa.Index("ix_embedding_software_id", "software_id"),
        sa.Index("ix_embedding_maker_id", "maker_id"),
    )

    id: Mapped[Id]
    software_id: Mapped[UUID] = mapped_column(sa.ForeignKey("software.id"))
    maker_id: Mapped[UUID] = mapped_column(sa.ForeignKey("software.id"))
    component: Mapped[str]
    valid_from: Mapped[date]
    accepted_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    accepted_at: Mapped[datetime]
    revoked_on: Mapped[date | None]

    software: Mapped[Software] = relationship(foreign_keys=software_id)
    maker: Mapped[Software] = relationship(foreign_keys=maker_id)


class Identity(Base):
    """Two softwares that a lead accepted as one technical core, until `withdrawn_at`. Cores are what these join."""

    __tablename__ = "identity"
    __table_args__ = (
        sa.CheckConstraint("first_id < second_id", name="one_order"),
        sa.Index(
            "uq_identity_standing",
            "first_id",
            "second_id",
            unique=True,
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        ),
        sa.Index("ix_identity_second_id", "second_id", postgresql_where=sa.text("withdrawn_at IS NULL")),
    )

    id: Mapped[Id]
    first_id: Mapped[UUID] = mapped_column(sa.ForeignKey("software.id"))
    second_id: Mapped[UUID] = mapped_column(sa.ForeignKey("software.id"))
    accepted_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    accepted_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    first: Mapped[Software] = relationship(foreign_keys=first_id)
    second: Mapped[Software] = relationship(foreign_keys=second_id)
