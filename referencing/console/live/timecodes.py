"""Seconds since the opening of a session, as people read and type them. Pure."""

import re

_WRITTEN = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})")


def written(seconds: int | None) -> str:
    """« 1:02:05 », « 4:09 »; nothing where there is none."""
    if seconds is None:
        return ""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def seconds(typed: str) -> str:
    """What was typed as a number of seconds; what is no timecode is left for the schema to refuse."""
    said = _WRITTEN.fullmatch(typed.strip())
    if said is None:
        return typed.strip()
    hours, minutes, rest = (int(part or 0) for part in said.groups())
    return str(hours * 3600 + minutes * 60 + rest)
