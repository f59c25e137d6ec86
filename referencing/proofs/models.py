"""Proofs with their files, and the findings on them."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.base.db import Base, Id, Timestamped, same_core, values_of
from referencing.catalogue.models import ExpectedProof
from referencing.files.models import KeptFile
from referencing.solutions.models import Configuration


class ProofState(StrEnum):
    HELD = "held"  # supplied, the dossier not yet filed
    SUBMITTED = "submitted"  # before the agency
    DECIDED = "decided"  # a verdict was given
    DROPPED = "dropped"  # replaced, or the dossier withdrawn, before any verdict


class Proof(Base):
    """A version of what was supplied for an item. Its files never change; its state does.

    `performed_on` is the day of the intrusion test that it reports, once somebody gave it. Nobody supplied what was
    taken over with a past referencing: it has no files here.
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
    supplied_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    submitted_on: Mapped[date | None]
    performed_on: Mapped[date | None]
    journal_position: Mapped[int | None] = mapped_column(sa.BigInteger())

    files: Mapped[list["ProofFile"]] = relationship(order_by="ProofFile.position", back_populates="proof")
    expected_proof: Mapped[ExpectedProof] = relationship()
    configuration: Mapped[Configuration] = relationship()
    verifications: Mapped[list["Verification"]] = relationship(
        order_by="Verification.id", back_populates="proof"
    )


class ProofFile(KeptFile):
    __tablename__ = "proof_file"
    __table_args__ = (sa.UniqueConstraint("proof_id", "position"),)

    proof_id: Mapped[UUID] = mapped_column(sa.ForeignKey("proof.id"))

    proof: Mapped[Proof] = relationship(back_populates="files")


class Finding(StrEnum):
    VERIFIED = "verified"
    REJECTED = "rejected"
    COMPLEMENT = "complement"  # something is missing: neither for nor against


#: The word of the API for each finding, as of each verdict.
OUTCOMES = {Finding.VERIFIED: "conform", Finding.REJECTED: "nonconform", Finding.COMPLEMENT: "complement"}


class Verification(Timestamped, Base):
    """A verifier's finding on one version, with all that a later reader needs: a fact, as it was that day.

    A version that is read again gets another finding, and the one before is revoked. `candidature_id`, `round`,
    `dsr_version` and `rulebook_id` are the dossier, the review, the version of the DSR and the rules that it was made
    in. What was taken over with a past referencing names its `source` in French instead: who found it, in which file,
    is not known here, and nobody knew of it before `created_at`.
    """

    __tablename__ = "verification"
    __table_args__ = (
        same_core(["software_id", "core_id"], "software"),
        same_core(["proof_id", "core_id"], "proof"),
        sa.UniqueConstraint("id", "core_id"),
        sa.CheckConstraint(
            "num_nulls(verifier_id, file_sha256) = num_nonnulls(source) * 2", name="found_here"
        ),
        sa.Index("ix_verification_proof_id", "proof_id"),
        sa.Index("ix_verification_core_id", "core_id"),
        sa.Index("ix_verification_candidature_id", "candidature_id"),
    )

    id: Mapped[Id]
    proof_id: Mapped[UUID]
    candidature_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("candidature.id")
    )  # its table is of a package above
    software_id: Mapped[UUID]
    core_id: Mapped[UUID]
    proof_code: Mapped[str]
    wording: Mapped[str]
    solution: Mapped[str]
    composition: Mapped[dict[str, str]]
    mode: Mapped[str]
    finding: Mapped[Finding] = mapped_column(values_of(Finding, "finding"))
    found_on: Mapped[date]
    verifier_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    file_sha256: Mapped[str | None]
    source: Mapped[str | None]
    comment: Mapped[str]
    round: Mapped[int]
    dsr_version: Mapped[int]
    rulebook_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("rulebook.id"))  # of a package above
    revoked_on: Mapped[date | None]

    proof: Mapped[Proof] = relationship(back_populates="verifications")
