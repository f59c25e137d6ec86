"""Registering softwares, commercial names and what they are made of."""

import re
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.db import new_id
from referencing.base.errors import Conflict, FieldError, Invalid, invalid_field
from referencing.base.permissions import Actor, Right, authorise
from referencing.journal.operations import Author, record

from . import queries
from .models import Configuration, Software, Solution
from .nils import clean, clean_nil, look

ROLE = re.compile(r"[a-z][a-z0-9_]{0,29}")
COMPONENT = re.compile(r"[^\s@]+(?: [^\s@]+)*@[^\s@]+(?: [^\s@]+)*")
#: What somebody is told whose text is none.
ROLE_FORM = "Un rôle est un mot en minuscules : mss, dmp, psc…"
COMPONENT_FORM = "Donnez l'identifiant et la version : IDENTIFIANT@VERSION."


def register_software(session: Session, actor: Actor, name: str, nil: str) -> Software:
    """Register a software. Raises Conflict when the organisation has one of that NIL already."""
    authorise(actor, Right.REGISTER_SOLUTIONS)
    nil = clean_nil(nil)
    twin = session.scalar(queries.of_nil(actor.organisation_id, nil))
    if twin is not None:
        raise Conflict(f"Votre organisation a déjà un logiciel de NIL « {twin.nil} » : utilisez-le.")
    assert actor.organisation_id is not None  # noqa: S101 - the table of rights says so
    return add_software(session, actor, actor.organisation_id, name, nil)


def add_software(session: Session, author: Author, organisation_id: UUID, name: str, nil: str) -> Software:
    """Register a software for an organisation that has none of this NIL."""
    software = Software(
        id=new_id(), organisation_id=organisation_id, name=clean(name), nil=nil, nil_judgements=[]
    )
    software.core_id = software.id
    session.add(software)
    session.flush()
    detail = {"name": software.name, "nil": nil}
    record(session, author, "software.registered", f"software:{software.id}", detail)
    return software


def register_solution(session: Session, actor: Actor, software: UUID, commercial_name: str) -> Solution:
    """Put a commercial name on a software. Raises NotFound, or Conflict when it carries that name already."""
    authorise(actor, Right.REGISTER_SOLUTIONS)
    owner = queries.software(session, actor, software, lock=True)
    name = clean(commercial_name)
    twin = next((one for one in owner.solutions if look(one.commercial_name) == look(name)), None)
    if twin is not None:
        raise Conflict(
            f"Ce logiciel porte déjà le nom commercial « {twin.commercial_name} » : utilisez cette solution."
        )
    return add_solution(session, actor, owner.id, name)


def add_solution(session: Session, author: Author, software_id: UUID, name: str) -> Solution:
    """Put a commercial name on a software that does not carry it."""
    solution = Solution(id=new_id(), software_id=software_id, commercial_name=name)
    session.add(solution)
    session.flush()
    detail = {"solution": str(solution.id), "commercial_name": name}
    record(session, author, "solution.registered", f"software:{software_id}", detail)
    return solution


def configure(
    session: Session, solution: Solution, software_version: str, composition: Iterable[tuple[str, str]]
) -> Configuration:
    """A solution as it is on this occasion; a component fills its roles itself. Raises Invalid as `composed`."""
    configuration = Configuration(
        id=new_id(),
        solution=solution,
        software_version=clean(software_version),
        composition=composed(solution.software, software_version, composition),
    )
    session.add(configuration)
    session.flush()
    return configuration


def composed(
    software: Software, software_version: str, composition: Iterable[tuple[str, str]]
) -> dict[str, str]:
    """The composition of a software in a version: a component has itself in the roles that it fills.

    Raises Invalid as `components_by_role`, and for another component in one of these roles.
    """
    components = components_by_role(composition)
    if not software.fills:
        return components
    itself = f"{software.nil}@{clean(software_version)}"
    if not COMPONENT.fullmatch(itself):
        raise invalid_field("software_version", "Donnez une version sans « @ » : elle nomme ce composant.")
    others = [
        role
        for role in software.fills
        if role in components and not components[role].startswith(f"{software.nil}@")
    ]
    if others:
        raise invalid_field(
            "composition",
            f"Ce logiciel est le composant des rôles {', '.join(software.fills)} : retirez-les de la composition.",
        )
    return {**components, **dict.fromkeys(software.fills, itself)}


def components_by_role(composition: Iterable[tuple[str, str]]) -> dict[str, str]:
    """A composition as it is kept. Raises Invalid for a role given twice or a component without version."""
    errors: list[FieldError] = []
    components: dict[str, str] = {}
    for index, (role, component) in enumerate(composition):
        at = f"/composition/{index}"
        if not ROLE.fullmatch(role):
            errors.append(FieldError(f"{at}/role", ROLE_FORM))
        elif role in components:
            errors.append(FieldError(f"{at}/role", f"Le rôle « {role} » est donné deux fois."))
        if not COMPONENT.fullmatch(clean(component)):
            errors.append(FieldError(f"{at}/component", COMPONENT_FORM))
        components[role] = clean(component)
    if errors:
        raise Invalid("Corrigez la composition de la solution.", errors)
    return components
