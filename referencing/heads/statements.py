"""What a head says, the bytes that are signed of it, and its line in a file (`referencing-head/1`). Pure."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "referencing-head/1"


class Signed(Protocol):
    """A head with its signature, from the database or from a file."""

    @property
    def size(self) -> int: ...
    @property
    def root(self) -> bytes: ...
    @property
    def at(self) -> datetime: ...
    @property
    def key(self) -> bytes: ...
    @property
    def signature(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Statement:
    """A head as it was read from a line. `at` is when it was signed, `key` the public key, of 32 bytes."""

    size: int
    root: bytes
    at: datetime
    key: bytes
    signature: bytes


def to_sign(size: int, root: bytes, at: datetime, key: bytes) -> bytes:
    """The bytes under a signature."""
    return canonical(_signed_fields(size, root, at, key))


def line_of(head: Signed) -> str:
    """A head as people and programs are given it: what is signed, with its signature."""
    signed = _signed_fields(head.size, head.root, head.at, head.key)
    return canonical({**signed, "signature": in_base64(head.signature)}).decode()


def in_base64(words: bytes) -> str:
    return base64.b64encode(words).decode()


def read(line: str) -> Statement:
    """A head from its line. Raises ValueError where it is none, or where its signature does not hold."""
    try:
        statement = _statement(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise ValueError("this line is no head of the record") from error
    if not holds(statement):
        raise ValueError("the signature of this head does not hold")
    return statement


def holds(head: Signed) -> bool:
    """Whether the signature of a head is that of its key."""
    try:
        public = Ed25519PublicKey.from_public_bytes(head.key)
        public.verify(head.signature, to_sign(head.size, head.root, head.at, head.key))
    except (InvalidSignature, ValueError):
        return False
    return True


def _signed_fields(size: int, root: bytes, at: datetime, key: bytes) -> dict[str, Any]:
    return {"at": at.isoformat(), "format": FORMAT, "key": in_base64(key), "root": root.hex(), "size": size}


def canonical(fields: Mapping[str, Any]) -> bytes:
    """One form for what is signed: JSON without blanks, keys sorted (RFC 8785, where there are no fractions)."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _statement(fields: Mapping[str, Any]) -> Statement:
    if fields["format"] != FORMAT or type(fields["size"]) is not int:
        raise ValueError(fields["format"])
    return Statement(
        fields["size"],
        bytes.fromhex(fields["root"]),
        datetime.fromisoformat(fields["at"]),
        base64.b64decode(fields["key"], validate=True),
        base64.b64decode(fields["signature"], validate=True),
    )
