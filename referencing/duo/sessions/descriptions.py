"""A line of an agenda as plain values, as readers see it and as events hold it."""

from typing import Any

from referencing.base.instants import instant
from referencing.proofs.models import OUTCOMES

from .models import Capture, Line


def line_values(line: Line) -> dict[str, Any]:
    """What changes of a line in a session. Times in UTC, timecodes in seconds since the opening."""
    verdict = line.verdict
    return {
        "item": str(line.item_id),
        "code": line.item.expected_proof.code,
        "position": line.position,
        "minutes": line.minutes,
        "state": line.state.value,
        "revision": line.revision,
        "shown_at": line.shown_at and instant(line.shown_at),
        "decided_at": line.decided_at and instant(line.decided_at),
        "timecode": line.timecode,
        "note": line.note,
        "recording": line.recording,
        "steps": line.steps,
        "captures": [capture_values(one) for one in line.captures],
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


def capture_values(capture: Capture) -> dict[str, Any]:
    """A file taken of what was shown; `proof` is the version that it became part of."""
    return {
        "id": str(capture.id),
        "filename": capture.filename,
        "sha256": capture.sha256,
        "size": capture.content.size,
        "timecode": capture.timecode,
        "taken_at": instant(capture.taken_at),
        "proof": capture.proof_id and str(capture.proof_id),
    }
