"""A day's list as it is written, and what is signed of it and of an answer. Pure.

The list is JSON with a line of text for each solution, in the order of NIL, DSR and version: on days on which nothing
changed it has the same bytes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from referencing.heads.statements import canonical, in_base64
from referencing.register.contents import Line, iso

LIST, DAY, ANSWER = "referencing-register/1", "referencing-register-day/1", "referencing-register-answer/1"


def json_line(line: Line) -> dict[str, Any]:
    """A solution as JSON has it: texts, integers and booleans."""
    return {
        **asdict(line),
        "solution": str(line.solution),
        "referenced_on": iso(line.referenced_on),
        "since": line.since.isoformat(),
        "state": line.state.value,
    }


def json_of(lines: Iterable[Line]) -> bytes:
    """A day's list."""
    written = b",\n".join(canonical(json_line(line)) for line in lines)
    return b'{"format":"' + LIST.encode() + b'","lines":[\n' + written + b"\n]}\n"


def name_of(day: date, kind: str) -> str:
    """The name of a day's list as a file of a kind, `json` or `csv`."""
    return f"solutions-referencees-{day.isoformat()}.{kind}"


def statement_of_day(day: date, at: datetime, size: int, json_sha256: str, csv_sha256: str) -> dict[str, Any]:
    """What is signed of a day's list."""
    return {
        "format": DAY,
        "day": day.isoformat(),
        "at": at.isoformat(),
        "size": size,
        "json_sha256": json_sha256,
        "csv_sha256": csv_sha256,
    }


def signed(statement: Mapping[str, Any], signer: Ed25519PrivateKey) -> dict[str, Any]:
    """A statement with the public key, and the signature (both in base64) over all the rest of it."""
    with_key = {**statement, "key": in_base64(signer.public_key().public_bytes_raw())}
    return {**with_key, "signature": in_base64(signer.sign(canonical(with_key)))}


def has_line(json_list: bytes, nil: str, dsr: str) -> bool:
    """Whether a line of a day's list is of a NIL on a DSR."""
    needles = [canonical({name: value})[1:-1] for name, value in (("nil", nil), ("dsr", dsr))]
    return any(all(needle in line for needle in needles) for line in json_list.split(b"\n"))
