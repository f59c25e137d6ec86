"""What is written of an audit: all of it in its own stream, which no editor reads; what the editor is told, in the
timeline of its dossier as well.
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


def tell(
    session: Session,
    author: Author,
    audit: Audit,
    action: str,
    detail: Mapping[str, Any],
    shown: Mapping[str, Any] | None = None,
) -> None:
    """`shown` is what the editor is told; nothing before the audit is announced."""
    record(session, author, action, f"audit:{audit.id}", detail)
    if shown is not None and audit.opened_at is not None:
        told = {"audit": str(audit.id), **shown}
        record(session, author, action, f"candidature:{audit.candidature_id}", told)


def day_of(session: Session, on: date | None, working_days: int | None, place: str = "/due_on") -> date:
    """The day that somebody named, or so many working days from now. Raises Invalid for one that has passed."""
    day = today(session)
    if on is None:
        return add_working_days(day, working_days or 0)
    if on < day:
        raise Invalid("Cette date est passée.", [FieldError(place, "Donnez un jour à venir.")])
    if on.year > day.year + 3 or days_until(on, day) > LONGEST:
        raise Invalid("Cette date est trop lointaine.", [FieldError(place, "Donnez un jour plus proche.")])
    return on
