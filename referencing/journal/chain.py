"""The seal of a record: each entry carries the digest of the one before it in its stream."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

GENESIS = "0" * 64


def digest(previous: str, content: Mapping[str, Any]) -> str:
    """SHA-256 (hexadecimal) of the previous digest and the entry's content in one canonical form."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()
