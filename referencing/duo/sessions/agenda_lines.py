"""The lines of an agenda: chosen by name, within the time of the session, added at its end."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id
from referencing.base.errors import FieldError, Invalid
from referencing.base.permissions import Actor
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.tasks.tracks import put_in_session

from . import queries
from .agenda import too_long
from .models import Line, LiveSession
from .phases import LineState
from .queries import Showable

NOTHING = (
    "Il n'y a rien à montrer en séance : tout est couvert, décidé, en cours d'examen, ou d'un autre domaine que celui "
    "de ce créneau."
)
CHANGED = "Quelqu'un a changé la séance entre-temps : relisez-la et recommencez."


def refuse_too_long(kept: Sequence[int], added: Sequence[Showable], length: int) -> None:
    """Raises Invalid when an agenda, of items of `kept` minutes each and of what is added, is longer than its slot."""
    excess = too_long(kept, added, length)
    if excess is None:
        return
    fits = ", ".join(one.code for one in excess.fits) or "aucune de celles que vous ajoutez"
    raise Invalid(
        f"Cet ordre du jour demande environ {excess.minutes} minutes et le créneau en a {length} : gardez-en une "
        f"partie pour une autre séance. Y tiennent : {fits}.",
        [FieldError("/items", "Retirez des preuves, ou prenez un créneau plus long.")],
    )


def named(showable: Sequence[Showable], items: Sequence[str]) -> list[Showable]:
    """The items of these ids or codes, in the order given. Raises Invalid, pointing to each that cannot be shown."""
    by_name = {name: one for one in showable for name in (str(one.id), one.code)}
    errors = [
        FieldError(f"/items/{place}", f"« {one} » ne peut pas être à l'ordre du jour.")
        for place, one in enumerate(items)
        if one not in by_name
    ]
    if errors or not items:
        raise Invalid(
            "Choisissez parmi les preuves qui se montrent en séance et que personne n'a en main "
            "(/api/v1/candidatures/{id}/duo-agenda).",
            errors or [FieldError("/items", "Donnez au moins une preuve.")],
        )
    return list({by_name[one].id: by_name[one] for one in items}.values())


def add_lines(
    session: Session, actor: Actor, candidature: Candidature, live: LiveSession, added: Sequence[Showable]
) -> None:
    """Put items at the end of the agenda, and take them out of their queues; one that was taken off it comes back."""
    lines = {one.item_id: one for one in queries.lines(session, live.id)}
    last = max((one.position for one in lines.values()), default=0)
    for position, item in enumerate(added, last + 1):
        line = lines.get(item.id)
        if line is None:
            line = Line(id=new_id(), session_id=live.id, item_id=item.id, revision=0, steps=[], note="")
            session.add(line)
        line.position, line.minutes, line.state = position, item.minutes, LineState.PLANNED
        line.revision += 1
    session.flush()
    items = session.scalars(
        sa.select(Item)
        .where(Item.id.in_([one.id for one in added]))
        .execution_options(populate_existing=True)
    ).all()
    put_in_session(session, actor, candidature, items, live.id)
    session.flush()
