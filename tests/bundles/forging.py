"""Contents sealed by whoever has a key of their own: then only what a content says of itself can be wrong."""

import base64
import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from referencing.bundles.checker import canonical, sha256


def sealed(content: Any, signer: Ed25519PrivateKey) -> Any:
    """A bundle that holds, but perhaps for its content: a record of one entry, its head signed."""
    content = {name: value for name, value in content.items() if name != "digest"}
    detail = {"kind": content["kind"], "sha256": sha256(canonical(content)), "subject": content["subject"]}
    entry = {"action": "record.sealed", "detail": detail}
    digest = sha256(b"0" * 64 + b"\n" + canonical(entry))
    leaf = canonical({"digest": digest, "organisation_id": None, "position": 1})
    head = {
        "at": "2026-03-02T09:00:00+00:00",
        "format": "referencing-head/1",
        "key": base64.b64encode(signer.public_key().public_bytes_raw()).decode(),
        "root": hashlib.sha256(b"\x00" + leaf).hexdigest(),
        "size": 1,
    }
    signature = base64.b64encode(signer.sign(canonical(head))).decode()
    return {
        "format": "referencing-bundle/1",
        "content": content,
        "attached": {},
        "act": None,
        "seal": {
            "entry": entry,
            "previous": "0" * 64,
            "position": 1,
            "organisation_id": None,
            "leaf_index": 0,
            "path": [],
        },
        "head": {**head, "at": "2026-03-02T09:00:00Z", "signature": signature},
    }
