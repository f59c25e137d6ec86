"""Certificates, issuers and their lists as the API shows them: plain values."""

from typing import Any

from referencing.proofs.views import file_view

from .queries import Whole
from .standing import Check


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


def check_view(check: Check) -> dict[str, Any]:
    return {
        "standing": check.standing,
        "differs": check.differs,
        "issuer": check.issuer,
        "list": check.list_number,
        "as_of": check.as_of,
    }
