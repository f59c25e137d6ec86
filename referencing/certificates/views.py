"""Certificates, issuers and their lists as the API shows them: plain values."""

from typing import Any

from referencing.proofs.views import file_view

from .embedding_queries import Embedding
from .issuers import ListReport, Moved
from .models import EdcPscDeclaration, Issuer, IssuerList, ListedCertificate
from .queries import Whole
from .standing import Check

#: Of an import, the certificates that are told one by one; the rest are counted.
MOST_TOLD = 500


def certificate_view(whole: Whole) -> dict[str, Any]:
    certificate = whole.certificate
    keys = ("id", "kind", "holder", "number", "valid_from", "valid_until", "revoked_on", "replaced_by")
    return {
        **{key: getattr(certificate, key) for key in keys},
        "software": certificate.software_id,
        "held_by": whole.held_by,
        "embedded": certificate.original_id is not None,
        "check": check_view(whole.check),
        "files": [file_view(one) for one in whole.files],
    }


def embedding_view(one: Embedding) -> dict[str, Any]:
    software = one.software
    return {
        "software": {"id": software.id, "name": software.name, "nil": software.nil},
        "organisation": software.organisation.name,
        "component": one.component,
        "certificate": one.certificate,
    }


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
