"""The minutes of a session as one document, and the bytes of it that are signed. Pure.

The bytes are JSON in UTF-8, keys sorted, without blanks, so that anybody who holds the document can make them again and
compare their SHA-256 with the one that both sides signed.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

KIND = "duo-minutes/1"


def canonical(document: Mapping[str, Any]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def digest(written: bytes) -> str:
    return hashlib.sha256(written).hexdigest()


def moment(at: datetime | None) -> str | None:
    """RFC 3339, UTC, to the second: what was committed is read back the same."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
