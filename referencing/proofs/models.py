"""What was supplied and what was found: contents, proofs with their files, verifications."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from referencing.base.db import Base, Id, Timestamped, same_core, values_of
from referencing.catalogue.models import ExpectedProof
from referencing.solutions.models import Configuration


class Scan(StrEnum):
    UNSCANNED = "unscanned"  # no scanner was configured when it came
    PENDING = "pending"
    CLEAN = "clean"
    MALWARE = "malware"
    UNSCANNABLE = "unscannable"  # too large, encrypted, or the scanner did not answer


class Content(Base):
    """A content in the object storage, under its SHA-256 (hexadecimal); `size` in bytes.

    `checked_at` is when it was last read whole, `fault` what was then wrong: `missing` or `altered`.
    """

    __tablename__ = "content"
    __table_args__ = (sa.Index("ix_content_checked_at", "checked_at"),)

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(sa.BigInteger())
    scan: Mapped[Scan] = mapped_column(values_of(Scan, "scan"))
    scan_detail: Mapped[str | None]
    checked_at: Mapped[datetime]
    fault: Mapped[str | None]


class ProofState(StrEnum):
    HELD = "held"  # supplied, the dossier not yet filed
    SUBMITTED = "submitted"  # before the agency
    DECIDED = "decided"  # a verdict was given
    DROPPED = "dropped"  # replaced, or the dossier withdrawn, before any verdict


class Proof(Base):
    """One version of what was supplied for an item. Its files never change; its state does.

    `performed_on` is the day of the intrusion test that it reports, once somebody gave it.
    """

    __tablename__ = "proof"
    __table_args__ = (
        sa.UniqueConstraint("item_id", "number"),
        sa.UniqueConstraint("id", "core_id"),
        same_core(["software_id", "core_id"], "software"),
        sa.Index("ix_proof_submitted", "core_id", postgresql_where=sa.text("state = 'submitted'")),
    )

    id: Mapped[Id]
    item_id: Mapped[UUID] = mapped_column(sa.ForeignKey("item.id"))  # its table is of a package above
    number: Mapped[int]
    software_id: Mapped[UUID]
    core_id: Mapped[UUID]
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    expected_proof_id: Mapped[UUID] = mapped_column(sa.ForeignKey("expected_proof.id"))
    configuration_id: Mapped[UUID] = mapped_column(sa.ForeignKey("configuration.id"))
    state: Mapped[ProofState] = mapped_column(values_of(ProofState, "state"))
    supplied_at: Mapped[datetime]
    supplied_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    submitted_on: Mapped[date | None]
    performed_on: Mapped[date | None]
    journal_position: Mapped[int | None] = mapped_column(sa.BigInteger())

    files: Mapped[list["ProofFile"]] = relationship(order_by="ProofFile.position", back_populates="proof")
    expected_proof: Mapped[ExpectedProof] = relationship()
    configuration: Mapped[Configuration] = relationship()
    verifications: Mapped[list["Verification"]] = relationship(
        order_by="Verification.id", back_populates="proof"
    )


class KeptFile(Base):
    """`filename` is the name given by who sent it; it is shown, and never used as a path.

    `media_type` is the declared one, `detected_type` what its content shows, None where nobody looked; `remarks`
    are for who reads it. `identifiers` counts the numbers in it that may be real people's; `identifier_places`
    says where the first ones are, and shows them masked.
    `accepted_reason` is why a verifier reads it although it could not be scanned.
    """

    __abstract__ = True

    id: Mapped[Id]
    position: Mapped[int]
    filename: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str] = mapped_column(sa.ForeignKey("content.sha256"), index=True)
    detected_type: Mapped[str | None]
    remarks: Mapped[list[str]] = mapped_column(server_default="{}")
    identifiers: Mapped[int] = mapped_column(server_default="0")
    identifier_places: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    accepted_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    accepted_reason: Mapped[str | None]

    @declared_attr
    def content(self) -> Mapped[Content]:
        return relationship(lazy="joined")


class ProofFile(KeptFile):
    __tablename__ = "proof_file"
    __table_args__ = (sa.UniqueConstraint("proof_id", "position"),)

    proof_id: Mapped[UUID] = mapped_column(sa.ForeignKey("proof.id"))

    proof: Mapped[Proof] = relationship(back_populates="files")


class Finding(StrEnum):
    VERIFIED = "verified"
    REJECTED = "rejected"
    COMPLEMENT = "complement"  # something is missing: neither for nor against


class Verification(Timestamped, Base):
    """A verifier's finding on one version, with all that a later reader needs: a fact, as it was that day.

    A version that is read again gets another finding, and the one before is revoked. `round`, `dsr_version` and
    `rulebook_id` are the review, the version of the DSR and the rules that it was made in.
    """

    __tablename__ = "verification"
    __table_args__ = (
        same_core(["software_id", "core_id"], "software"),
        same_core(["proof_id", "core_id"], "proof"),
        sa.UniqueConstraint("id", "core_id"),
        sa.Index("ix_verification_proof_id", "proof_id"),
        sa.Index("ix_verification_core_id", "core_id"),
    )

    id: Mapped[Id]
    proof_id: Mapped[UUID]
    software_id: Mapped[UUID]
    core_id: Mapped[UUID]
    proof_code: Mapped[str]
    wording: Mapped[str]
    solution: Mapped[str]
    composition: Mapped[dict[str, str]]
    mode: Mapped[str]
    finding: Mapped[Finding] = mapped_column(values_of(Finding, "finding"))
    found_on: Mapped[date]
    verifier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    file_sha256: Mapped[str]
    comment: Mapped[str]
    round: Mapped[int]
    dsr_version: Mapped[int]
    rulebook_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("rulebook.id"))  # of a package above
    revoked_on: Mapped[date | None]

    proof: Mapped[Proof] = relationship(back_populates="verifications")
