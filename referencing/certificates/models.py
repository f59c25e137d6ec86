"""Files of certificates; issuers with the lists of what they issued."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Account, Organisation
from referencing.base.db import Base, Id, Timestamped
from referencing.files.models import KeptFile


class CertificateFile(KeptFile):
    __tablename__ = "certificate_file"
    __table_args__ = (sa.UniqueConstraint("certificate_id", "position"),)

    certificate_id: Mapped[UUID] = mapped_column(sa.ForeignKey("certificate.id"))


class Issuer(Timestamped, Base):
    """An issuer of certificates, with the kinds that it delivers. `revision` counts the edits, for ETags.

    `counter` is the organisation whose integrations enter its certificates in its name.
    """

    __tablename__ = "issuer"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    counter_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("organisation.id"))
    revision: Mapped[int] = mapped_column(default=1, server_default=sa.text("1"))

    counter: Mapped[Organisation | None] = relationship(lazy="selectin")
    kinds: Mapped[list["IssuerKind"]] = relationship(
        order_by="IssuerKind.kind", cascade="all, delete-orphan", lazy="selectin"
    )


class IssuerKind(Base):
    """A kind of certificate; one issuer at most delivers it, so that one list at most speaks of a certificate."""

    __tablename__ = "issuer_kind"

    kind: Mapped[str] = mapped_column(primary_key=True)
    issuer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("issuer.id"), index=True)


class IssuerList(Base):
    """An import of all that an issuer has certified of these kinds, as of a day; it counts until the next one."""

    __tablename__ = "issuer_list"
    __table_args__ = (
        sa.UniqueConstraint("issuer_id", "number"),
        sa.Index(
            "uq_issuer_list_current",
            "issuer_id",
            unique=True,
            postgresql_where=sa.text("superseded_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    issuer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("issuer.id"))
    number: Mapped[int]
    as_of: Mapped[date]
    kinds: Mapped[list[str]]
    rows: Mapped[int]
    entries: Mapped[int]
    sha256: Mapped[str]
    imported_at: Mapped[datetime]
    imported_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    superseded_at: Mapped[datetime | None]

    importer: Mapped[Account] = relationship()


class ListedCertificate(Base):
    """A line of an issuer's list; what the list does not tell is None. `valid_until` is the first day without.

    `siren` is that of the holder's organisation.
    """

    __tablename__ = "listed_certificate"
    __table_args__ = (sa.Index("ix_listed_certificate_number", "list_id", "kind", sa.text("lower(number)")),)

    id: Mapped[Id]
    list_id: Mapped[UUID] = mapped_column(sa.ForeignKey("issuer_list.id"))
    kind: Mapped[str]
    number: Mapped[str]
    holder: Mapped[str]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    siren: Mapped[str | None]
