"""How a session and a line of its agenda are told: to who reads them, and in the events. Plain values."""

from datetime import UTC, datetime
from typing import Any

from referencing.candidatures.record.models import OUTCOMES

from .models import Capture, Line


def line_told(line: Line) -> dict[str, Any]:
    """All of a line that changes in a session. Times in UTC, timecodes in seconds since the opening."""
    verdict = line.verdict
    return {
        "item": str(line.item_id),
        "code": line.item.expected_proof.code,
        "position": line.position,
        "minutes": line.minutes,
        "state": line.state.value,
        "revision": line.revision,
        "shown_at": moment(line.shown_at),
        "decided_at": moment(line.decided_at),
        "timecode": line.timecode,
        "note": line.note,
        "recording": line.recording,
        "steps": line.steps,
        "captures": [capture_told(one) for one in line.captures],
        "verdict": verdict
        and {
            "id": str(verdict.id),
            "round": verdict.round,
            "outcome": OUTCOMES[verdict.finding],
            "comment": verdict.comment,
            "missing": verdict.missing,
            "due_on": verdict.due_on and verdict.due_on.isoformat(),
        },
    }


def capture_told(capture: Capture) -> dict[str, Any]:
    return {
        "id": str(capture.id),
        "filename": capture.filename,
        "sha256": capture.sha256,
        "size": capture.content.size,
        "timecode": capture.timecode,
        "taken_at": moment(capture.taken_at),
        "proof": capture.proof_id and str(capture.proof_id),
    }


def moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
