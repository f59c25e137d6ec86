"""Publishing rules once somebody has seen what that changes, and going back to earlier ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.db import today, undone
from referencing.base.errors import Conflict
from referencing.base.permissions import Actor, Right, authorise
from referencing.equivalence.rulebooks import operations, queries
from referencing.equivalence.rulebooks.checks.findings import Finding
from referencing.equivalence.rulebooks.models import Rulebook
from referencing.equivalence.states import RULEBOOK, RulebookAction

from .foresight import AffectedDossier, affected, foresee, same_rules
from .impact import Impact


@dataclass(frozen=True, slots=True)
class Published:
    """Rules that were put in force, or are to be, with the warnings that stood against them and what they change.

    `affected` are dossiers that change by it, where they were asked for.
    """

    rulebook: Rulebook
    warnings: Sequence[Finding]
    impact: Impact
    affected: Sequence[AffectedDossier] | None = None

    @property
    def dry_run(self) -> bool:
        """Whether it was only asked what would happen."""
        return self.affected is not None


def publish(
    session: Session,
    actor: Actor,
    rulebook_id: UUID,
    *,
    valid_from: date | None = None,
    accept_warnings: bool = False,
    digest: str | None = None,
) -> Published:
    """Publish a draft, from today or a later day on, in the place of the rules in force.

    Raises Conflict with the errors; Unconfirmed with the warnings unless they are accepted, and when items of open
    dossiers lose by it and `digest` does not name that impact.
    """
    publication = operations.prepare_publication(session, actor, rulebook_id, valid_from)
    publication.accept_warnings(accept_warnings)
    impact = foresee(session, publication.rulebook, publication.day)
    impact.confirm(digest)
    _hold_in_force(session, impact)
    operations.complete_publication(session, actor, publication, impact.figures)
    return Published(publication.rulebook, publication.warnings, impact)


def what_if_published(
    session: Session,
    actor: Actor,
    rulebook_id: UUID,
    cursor: Sequence[Any] | None,
    limit: int,
    *,
    valid_from: date | None = None,
) -> Published:
    """The impact that `publish` would have, its errors, and the warnings to accept; nothing is changed."""
    with undone(session):
        publication = operations.prepare_publication(session, actor, rulebook_id, valid_from)
        impact = foresee(session, publication.rulebook, publication.day)
        dossiers = affected(session, actor, impact, cursor, limit)
    return Published(publication.rulebook, publication.warnings, impact, dossiers)


def reinstate(
    session: Session, actor: Actor, rulebook_id: UUID, *, reason: str, digest: str | None = None
) -> Published:
    """Go back at once to rules that were in force: the same ones apply again, under a rulebook of their own.

    They are not checked again. Raises Conflict unless they were replaced by others; Unconfirmed when items of open
    dossiers lose by it and `digest` does not name that impact.
    """
    earlier = _replaced(session, actor, rulebook_id)
    impact = foresee(session, earlier, today(session))
    impact.confirm(digest)
    _hold_in_force(session, impact)
    label = f"{earlier.label} — repris"
    rulebook = operations.write_rulebook(session, actor, label, queries.rules_of(earlier), "reinstated")
    rulebook.first_day = today(session)
    detail = {
        "label": label,
        "reinstated": str(earlier.id),
        "reason": reason,
        "impact": impact.figures,
    }
    operations.put_in_force(session, actor, rulebook, "rulebook.published", detail)
    return Published(rulebook, [], impact)


def what_if_reinstated(
    session: Session, actor: Actor, rulebook_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Published:
    """The impact that `reinstate` would have, and its errors; nothing is changed."""
    earlier = _replaced(session, actor, rulebook_id)
    impact = foresee(session, earlier, today(session))
    return Published(earlier, [], impact, affected(session, actor, impact, cursor, limit))


def _replaced(session: Session, actor: Actor, rulebook_id: UUID) -> Rulebook:
    """Rules that were in force. Raises NotFound, and Conflict for those that are not replaced, or apply again."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    rulebook = queries.rulebook(session, rulebook_id)
    if not RULEBOOK.allows(rulebook.phase, RulebookAction.REINSTATE):
        raise Conflict(
            "Seules des règles qui ont été en vigueur, et que d'autres ont remplacées, se reprennent : publiez un "
            "brouillon, ou donnez le référentiel de règles d'avant."
        )
    current = queries.in_force(session)
    if current is not None and same_rules(current, rulebook):
        raise Conflict(
            f"Ces règles sont déjà celles qui s'appliquent (« {current.label} ») : rien n'est à reprendre."
        )
    return rulebook


def _hold_in_force(session: Session, impact: Impact) -> None:
    """Hold the rules in force until the transaction ends. Raises Conflict when they are others than were compared.

    Not before: who makes a grant under them would wait for the comparison.
    """
    current = queries.in_force(session, lock=True)
    if (current.id if current else None) != impact.basis.against_id:
        raise Conflict(
            "D'autres règles viennent d'entrer en vigueur : demandez de nouveau ce qui changerait."
        )
