"""Certificates that an editor could obtain: facts that a plan reckons with, though nobody has issued them. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from referencing.base.errors import FieldError
from referencing.equivalence.engine.facts import Certificate

from .suppositions import Basis


@dataclass(frozen=True, slots=True)
class ObtainableCertificate:
    """A certificate of a kind for a software, or for a component of its compositions (`holder`)."""

    software: UUID
    kind: str
    holder: str | None = None


def obtained(
    certificates: Sequence[ObtainableCertificate], software: UUID, product: str, day: date
) -> Iterator[Certificate]:
    """The certificates of a software as facts, issued today; each is named by its rank."""
    for rank, certificate in enumerate(certificates):
        if certificate.software == software:
            yield Certificate(name_of(rank), certificate.kind, certificate.holder or product, day)


def name_of(rank: int) -> str:
    return f"obtainable-{rank}"


def errors(
    certificates: Sequence[ObtainableCertificate], dossiers: Sequence[tuple[UUID, Basis]]
) -> Iterator[FieldError]:
    """What cannot be reckoned with: of no software of these dossiers, or of a kind that no rule reads there."""
    for rank, certificate in enumerate(certificates):
        bases = [basis for software, basis in dossiers if software == certificate.software]
        if not bases:
            told = "Aucune candidature du plan n'est de ce logiciel."
            yield FieldError(f"/certificates/{rank}/software", told)
        elif not any(_is_read(basis, name_of(rank)) for basis in bases):
            told = (
                f"Aucune règle en vigueur ne lit de certificat « {certificate.kind} » pour ces candidatures."
            )
            yield FieldError(f"/certificates/{rank}/kind", told)


def _is_read(basis: Basis, name: str) -> bool:
    return any(fact.id == name for facts in basis.facts.values() for fact in facts)
