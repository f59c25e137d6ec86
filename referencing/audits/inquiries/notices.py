"""The events of an audit are written in its own stream, which no editor reads. What the editor is told is written in
the timeline of its dossier as well.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from referencing.base.db import today
from referencing.base.errors import FieldError, Invalid
from referencing.base.workdays import add_working_days, days_until
from referencing.journal.operations import Author, record

from .models import Audit

#: No deadline is further away, in working days.
LONGEST = 500


def record_event(
    session: Session,
    author: Author,
    audit: Audit,
    action: str,
    detail: Mapping[str, Any],
    to_editor: Mapping[str, Any] | None = None,
) -> None:
    """Write an event of the audit. `to_editor` is what the editor is told: nothing before the audit is announced."""
    record(session, author, action, f"audit:{audit.id}", detail)
    if to_editor is not None and audit.opened_at is not None:
        announcement = {"audit": str(audit.id), **to_editor}
        record(session, author, action, f"candidature:{audit.candidature_id}", announcement)


def day_of(session: Session, on: date | None, working_days: int | None, place: str = "/due_on") -> date:
    """The day `on`, or `working_days` from now. Raises Invalid for a day that has passed or is too far away."""
    day = today(session)
    if on is None:
        return add_working_days(day, working_days or 0)
    if on < day:
        raise Invalid("Cette date est passée.", [FieldError(place, "Donnez un jour à venir.")])
    if on.year > day.year + 3 or days_until(on, day) > LONGEST:
        raise Invalid("Cette date est trop lointaine.", [FieldError(place, "Donnez un jour plus proche.")])
    return on
