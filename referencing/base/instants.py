"""A moment as everything writes it, answers and events alike: RFC 3339 in UTC, with `Z`. Pure."""

from datetime import UTC, datetime


def instant(at: datetime) -> str:
    """`2026-03-02T09:00:00.120000Z`, without the fraction where there is none. `at` knows its offset."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
