"""Issuers, their lists and what came of an import, as the API shows them."""

from typing import Any

from referencing.certificates.models import Issuer, IssuerList, ListedCertificate
from referencing.certificates.views import check_view

from .lists import ListReport, Moved

#: Of an import, the certificates that are told one by one; the rest are counted.
MOST_TOLD = 500


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
