"""Journal entries of certificates, and refusals of certificates that stand no more or are entered already."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from referencing.base.errors import Conflict
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor
from referencing.solutions.models import Certificate

from .states import CERTIFICATE, state_at


def refuse_entered(actor: Actor, new: Certificate, same_number: Sequence[Certificate]) -> Certificate | None:
    """The certificate before the new one under the same number, if any, of `same_number`.

    Raises Conflict when the period is entered already, or was taken back.
    """
    for certificate in same_number:
        if certificate.revoked_on is not None and not actor.of_agency:
            raise Conflict(
                f"Ce certificat a été retiré le {certificate.revoked_on:%d/%m/%Y} : "
                "demandez à l'agence de le saisir s'il vaut de nouveau."
            )
        if certificate.revoked_on is None and _overlap(certificate, new):
            raise Conflict(
                f"Ce certificat est déjà enregistré pour ce logiciel, {_period(certificate)}. Corrigez-le "
                f"(/api/v1/certificates/{certificate.id}/correction), ou donnez à son renouvellement une autre période."
            )
    return next((certificate for certificate in same_number if certificate.revoked_on is None), None)


def _overlap(certificate: Certificate, other: Certificate) -> bool:
    first, second = sorted((certificate, other), key=lambda either: either.valid_from)
    return first.valid_until is None or first.valid_until > second.valid_from


def _period(certificate: Certificate) -> str:
    until = f" et avant le {certificate.valid_until:%d/%m/%Y}" if certificate.valid_until else ""
    return f"valable à partir du {certificate.valid_from:%d/%m/%Y}{until}"


def refuse_settled(certificate: Certificate) -> None:
    if certificate.replaced_by is not None:
        raise Conflict(
            f"Ce certificat a été corrigé : relisez celui qui le remplace "
            f"(/api/v1/certificates/{certificate.replaced_by})."
        )
    if not CERTIFICATE.allowed(state_at(certificate.revoked_on)):
        raise Conflict(f"Ce certificat a été retiré le {certificate.revoked_on:%d/%m/%Y} et ne change plus.")


def certificate_detail(certificate: Certificate) -> dict[str, str | None]:
    until = certificate.valid_until
    return {
        "certificate": str(certificate.id),
        "kind": certificate.kind,
        "holder": certificate.holder,
        "number": certificate.number,
        "valid_from": certificate.valid_from.isoformat(),
        "valid_until": until.isoformat() if until else None,
    }


def stream(certificate: Certificate) -> str:
    return f"software:{certificate.software_id}"


def enqueue_resolution(session: Session, certificate: Certificate) -> None:
    enqueue(session, "resolve_software", core_id=str(certificate.core_id))
