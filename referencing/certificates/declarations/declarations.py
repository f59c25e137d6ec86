"""Declaring components in the trust space of Pro Santé Connect: the editor's counter, then the operator's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.db import new_id, now, today
from referencing.base.errors import Conflict, FieldError, Invalid, NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.certificates.declarations.queries import _of_component
from referencing.journal.operations import record
from referencing.solutions.models import Software
from referencing.solutions.operations import COMPONENT, clean
from referencing.solutions.queries import software as find_software

from .models import Counter, EdcPscDeclaration

NO_DECLARATION = "Cette déclaration n'existe pas : vérifiez son identifiant."
EDITOR_FIRST = "Déclarez d'abord ce composant au guichet éditeur : le guichet opérateur vient après."


@dataclass(frozen=True, slots=True)
class Step:
    """A declaration at one counter; `operator` is who runs the component, for the operator's counter."""

    component: str
    counter: Counter
    number: str
    declared_on: date
    operator: str | None


def declare(session: Session, actor: Actor, software_id: UUID, step: Step) -> EdcPscDeclaration:
    """Record a declaration. Raises NotFound, Invalid, and Conflict for the operator's counter before the editor's."""
    authorise(actor, Right.DECLARE_COMPONENTS)
    software = find_software(session, actor, software_id, lock=True)
    declared = _row(session, actor, software, step)
    known = _of_component(session, software.id, declared.component)
    same = (declared.counter, declared.operator)
    if any((one.counter, one.operator) == same for one in known):
        raise Conflict("Ce composant est déjà déclaré à ce guichet : retirez d'abord cette déclaration.")
    _in_order(declared, known)
    session.add(declared)
    session.flush()
    _record(session, actor, "edc_psc.declared", declared)
    return declared


def withdraw(session: Session, actor: Actor, declaration_id: UUID, reason: str) -> EdcPscDeclaration:
    """Take a declaration back; the editor's only once no operator's stands. Raises NotFound, Conflict."""
    authorise(actor, Right.DECLARE_COMPONENTS)
    found = session.get(EdcPscDeclaration, declaration_id)
    if found is None:
        raise NotFound(NO_DECLARATION)
    try:
        find_software(session, actor, found.software_id, lock=True)
    except NotFound as error:
        raise NotFound(NO_DECLARATION) from error
    session.refresh(found)
    if found.withdrawn_at is not None:
        raise Conflict("Cette déclaration est déjà retirée.")
    known = _of_component(session, found.software_id, found.component)
    if found.counter is Counter.EDITOR and any(one.counter is Counter.OPERATOR for one in known):
        raise Conflict("Retirez d'abord les déclarations de ce composant au guichet opérateur.")
    found.withdrawn_at, found.withdrawn_reason = now(session), reason
    _record(session, actor, "edc_psc.withdrawn", found, reason=reason)
    return found


def _row(session: Session, actor: Actor, software: Software, step: Step) -> EdcPscDeclaration:
    component = clean(step.component)
    found = []
    if component != software.nil and not COMPONENT.fullmatch(component):
        found.append(
            FieldError("/component", "Donnez le NIL du logiciel, ou d'un composant : IDENTIFIANT@VERSION.")
        )
    if step.declared_on > today(session):
        found.append(FieldError("/declared_on", "Donnez le jour où la déclaration a été faite."))
    if (step.counter is Counter.OPERATOR) != (step.operator is not None):
        found.append(FieldError("/operator", "Nommez l'opérateur, au guichet opérateur seulement."))
    if found:
        raise Invalid("Corrigez la déclaration.", found)
    return EdcPscDeclaration(
        id=new_id(),
        software_id=software.id,
        component=component,
        counter=step.counter,
        operator=clean(step.operator) if step.operator else None,
        number=clean(step.number),
        declared_on=step.declared_on,
        entered_by=actor.account_id,
        entered_at=now(session),
    )


def _in_order(declared: EdcPscDeclaration, known: Sequence[EdcPscDeclaration]) -> None:
    if declared.counter is Counter.EDITOR:
        return
    editor = next((one for one in known if one.counter is Counter.EDITOR), None)
    if editor is None:
        raise Conflict(EDITOR_FIRST)
    if declared.declared_on < editor.declared_on:
        raise Invalid(
            EDITOR_FIRST,
            [
                FieldError(
                    "/declared_on",
                    f"Le guichet éditeur n'a sa déclaration que du {editor.declared_on:%d/%m/%Y}.",
                )
            ],
        )


def _record(session: Session, actor: Actor, action: str, one: EdcPscDeclaration, **more: str) -> None:
    detail = {
        "declaration": str(one.id),
        "component": one.component,
        "counter": one.counter.value,
        "operator": one.operator,
        "number": one.number,
        "declared_on": one.declared_on.isoformat(),
        **more,
    }
    record(session, actor, action, f"software:{one.software_id}", detail)
