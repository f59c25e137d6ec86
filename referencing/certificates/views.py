"""Certificates, issuers and their lists as the API shows them: plain values."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy.orm import Session

from referencing.proofs.views import file_view

from . import queries
from .issuers import ListReport, Moved
from .models import CertificateFile, EdcPscDeclaration, Issuer, IssuerList, ListedCertificate
from .queries import Checked
from .standing import Check, HeldBy

#: Of an import, the certificates that are told one by one; the rest are counted.
MOST_TOLD = 500


def certificate_views(session: Session, found: Sequence[Checked]) -> list[dict[str, Any]]:
    """In two queries more, however many."""
    files = queries.files(session, [one.certificate.id for one in found])
    embedded = queries.embedded(session, sorted({one.software.id for one in found}))
    return [_certificate(one, files[one.certificate.id], embedded[one.software.id]) for one in found]


def _certificate(
    checked: Checked, files: Sequence[CertificateFile], embedded: Collection[str]
) -> dict[str, Any]:
    certificate = checked.certificate
    keys = ("id", "kind", "holder", "number", "valid_from", "valid_until", "revoked_on", "replaced_by")
    return {
        **{key: getattr(certificate, key) for key in keys},
        "software": certificate.software_id,
        "held_by": _held_by(checked, embedded),
        "check": check_view(checked.check),
        "files": [file_view(one) for one in files],
    }


def _held_by(checked: Checked, embedded: Collection[str]) -> HeldBy:
    holder = checked.certificate.holder
    if holder in {checked.software.nil, str(checked.software.id)}:
        return HeldBy.SOFTWARE
    return HeldBy.COMPONENT if holder in embedded else HeldBy.UNKNOWN


def check_view(check: Check) -> dict[str, Any]:
    return {
        "standing": check.standing,
        "differs": check.differs,
        "issuer": check.issuer,
        "list": check.list_number,
        "as_of": check.as_of,
    }


def issuer_view(issuer: Issuer) -> dict[str, Any]:
    return {
        "code": issuer.code,
        "name": issuer.name,
        "kinds": [one.kind for one in issuer.kinds],
        "revision": issuer.revision,
    }


def list_view(found: IssuerList) -> dict[str, Any]:
    keys = ("number", "as_of", "kinds", "rows", "entries", "sha256", "imported_at", "superseded_at")
    return {**{key: getattr(found, key) for key in keys}, "imported_by": found.importer.name}


def listed_view(one: ListedCertificate) -> dict[str, Any]:
    return {key: getattr(one, key) for key in ("kind", "number", "holder", "valid_from", "valid_until")}


def declaration_view(one: EdcPscDeclaration) -> dict[str, Any]:
    keys = (
        "id",
        "component",
        "counter",
        "operator",
        "number",
        "declared_on",
        "withdrawn_at",
        "withdrawn_reason",
    )
    return {**{key: getattr(one, key) for key in keys}, "software": one.software_id}


def report_view(report: ListReport, *, dry_run: bool) -> dict[str, Any]:
    keys = ("number", "as_of", "rows", "entries")
    return {
        "dry_run": dry_run,
        **{key: getattr(report.issued, key) for key in keys},
        "moved": len(report.moved),
        "certificates": [_moved(one) for one in report.moved[:MOST_TOLD]],
        "problems": [{"row": one.row, "code": one.code, "detail": one.detail} for one in report.problems],
    }


def _moved(one: Moved) -> dict[str, Any]:
    certificate = one.now.certificate
    return {
        "certificate": certificate.id,
        "software": certificate.software_id,
        "kind": certificate.kind,
        "holder": certificate.holder,
        "number": certificate.number,
        "before": check_view(one.before),
        "after": check_view(one.now.check),
    }
