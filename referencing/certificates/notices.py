"""What is written of a certificate, and what is refused of one that stands no more or is known."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from referencing.base.errors import Conflict
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor
from referencing.solutions.models import Certificate


def refuse_known(actor: Actor, new: Certificate, known: Sequence[Certificate]) -> Certificate | None:
    """The period before this one, under the same number. Raises Conflict for what is known, or was taken back."""
    for one in known:
        if one.revoked_on is not None and not actor.of_agency:
            raise Conflict(
                f"Ce certificat a été retiré le {one.revoked_on:%d/%m/%Y} : "
                "demandez à l'agence de le saisir s'il vaut de nouveau."
            )
        if one.revoked_on is None and _overlap(one, new):
            raise Conflict(
                f"Ce certificat est déjà enregistré pour ce logiciel, {_period(one)}. Corrigez-le "
                f"(/api/v1/certificates/{one.id}/correction), ou donnez à son renouvellement une autre période."
            )
    return next((one for one in known if one.revoked_on is None), None)


def _overlap(one: Certificate, other: Certificate) -> bool:
    first, second = sorted((one, other), key=lambda certificate: certificate.valid_from)
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
    if certificate.revoked_on is not None:
        raise Conflict(f"Ce certificat a été retiré le {certificate.revoked_on:%d/%m/%Y} et ne change plus.")


def told(certificate: Certificate) -> dict[str, str | None]:
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


def followed(session: Session, certificate: Certificate) -> None:
    enqueue(session, "resolve_software", core_id=str(certificate.core_id))
