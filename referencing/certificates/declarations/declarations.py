"""Declaring components in the trust space of Pro Santé Connect: the editor's counter, then the operator's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.db import new_id, now, today
from referencing.base.errors import Conflict, FieldError, Invalid
from referencing.base.permissions import Actor, Right, authorise
from referencing.certificates.declarations.queries import of_component, to_change
from referencing.journal.operations import record
from referencing.solutions.models import Software
from referencing.solutions.nils import clean
from referencing.solutions.operations import COMPONENT
from referencing.solutions.queries import refuse_to_judge
from referencing.solutions.queries import software as find_software

from .models import Counter, EdcPscDeclaration

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
    """Record a declaration. Raises NotFound, Invalid, Forbidden in a conflict of interest.

    Raises Conflict for the operator's counter before the editor's.
    """
    authorise(actor, Right.DECLARE_COMPONENTS)
    software = find_software(session, actor, software_id, lock=True)
    refuse_to_judge(session, actor, software.id)
    declared = _row(session, actor, software, step)
    standing = of_component(session, software.id, declared.component)
    same = (declared.counter, declared.operator)
    if any((one.counter, one.operator) == same for one in standing):
        raise Conflict("Ce composant est déjà déclaré à ce guichet : retirez d'abord cette déclaration.")
    _refuse_early(declared, standing)
    session.add(declared)
    session.flush()
    _record(session, actor, "edc_psc.declared", declared)
    return declared


def withdraw(session: Session, actor: Actor, declaration_id: UUID, reason: str) -> EdcPscDeclaration:
    """Take a declaration back; the editor's only once no operator's stands. Raises NotFound, Forbidden, Conflict."""
    authorise(actor, Right.DECLARE_COMPONENTS)
    declaration = to_change(session, actor, declaration_id)
    refuse_to_judge(session, actor, declaration.software_id)
    if declaration.withdrawn_at is not None:
        raise Conflict("Cette déclaration est déjà retirée.")
    standing = of_component(session, declaration.software_id, declaration.component)
    if declaration.counter is Counter.EDITOR and any(one.counter is Counter.OPERATOR for one in standing):
        raise Conflict("Retirez d'abord les déclarations de ce composant au guichet opérateur.")
    declaration.withdrawn_at, declaration.withdrawn_reason = now(session), reason
    _record(session, actor, "edc_psc.withdrawn", declaration, reason=reason)
    return declaration


def _row(session: Session, actor: Actor, software: Software, step: Step) -> EdcPscDeclaration:
    component = clean(step.component)
    errors = []
    if component != software.nil and not COMPONENT.fullmatch(component):
        errors.append(
            FieldError("/component", "Donnez le NIL du logiciel, ou d'un composant : IDENTIFIANT@VERSION.")
        )
    if step.declared_on > today(session):
        errors.append(FieldError("/declared_on", "Donnez le jour où la déclaration a été faite."))
    if (step.counter is Counter.OPERATOR) != (step.operator is not None):
        errors.append(FieldError("/operator", "Nommez l'opérateur, au guichet opérateur seulement."))
    if errors:
        raise Invalid("Corrigez la déclaration.", errors)
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


def _refuse_early(declared: EdcPscDeclaration, standing: Sequence[EdcPscDeclaration]) -> None:
    if declared.counter is Counter.EDITOR:
        return
    editor = next((one for one in standing if one.counter is Counter.EDITOR), None)
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


def _record(session: Session, actor: Actor, action: str, declaration: EdcPscDeclaration, **more: str) -> None:
    detail = {
        "declaration": str(declaration.id),
        "component": declaration.component,
        "counter": declaration.counter.value,
        "operator": declaration.operator,
        "number": declaration.number,
        "declared_on": declaration.declared_on.isoformat(),
        **more,
    }
    record(session, actor, action, f"software:{declaration.software_id}", detail)
