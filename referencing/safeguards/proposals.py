"""What the application proposes of itself, once a day: a safeguard for each rule beyond what leads tolerate."""

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy.orm import Session

from referencing.accounts.queries import leads
from referencing.base.errors import Conflict
from referencing.base.french import counted
from referencing.journal.operations import SYSTEM
from referencing.mail.operations import write

from . import operations, queries
from .models import Safeguard

#: Drafts of all rules that are written in one night; the weakest rules come first.
AT_ONCE = 10


def propose_safeguards(session: Session) -> None:
    """Propose what was not proposed of as many false reuses, whatever was decided then; leads are told of it once.

    A rule that nothing goes through unconfirmed is left as it is. Nothing is put in force.
    """
    current = operations.in_force(session)
    if current is None:
        return
    accounted_for = queries.accounted_for(session, current.weak)
    grown = [
        record for rule, record in current.weak.items() if record.found_false > accounted_for.get(rule, 0)
    ]
    proposed: list[Safeguard] = []
    for record in sorted(grown, key=lambda record: record.bound, reverse=True):
        if len(proposed) < AT_ONCE:
            with suppress(Conflict):  # there is nothing to propose, or somebody just has
                proposed.append(operations.propose_against(session, SYSTEM, current, record))
    if proposed:
        _tell_leads(session, proposed)


def _tell_leads(session: Session, proposed: Sequence[Safeguard]) -> None:
    lines = "\n".join(
        f"- « {safeguard.code} » : {counted(safeguard.found_false, 'réemploi trouvé faux', 'réemplois trouvés faux')} "
        f"sur {counted(safeguard.verified_again, 'vérifié', 'vérifiés')} de nouveau, pour un seuil de "
        f"{safeguard.share} %"
        for safeguard in proposed
    )
    text = (
        f"Bonjour,\n\nLe bilan de ces règles dépasse le seuil :\n\n{lines}\n\nPour chacune, une précaution est "
        "proposée : ce qui y passe sans confirmation serait à confirmer. Rien ne change avant que vous n'acceptiez ; "
        "« Sûreté des règles » dit ce que cela ferait.\n"
    )
    for lead in leads(session):
        write(
            session,
            lead,
            f"safeguards:{proposed[0].id}",
            "Règles au-delà du seuil : des précautions sont proposées",
            text,
        )
