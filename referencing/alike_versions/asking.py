"""Asking that two versions of a component be declared alike in a role: an editor with an attestation, or a lead.

An attestation is the file of who makes the component, or for a lead the reference of a document that the agency has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.errors import Conflict, FieldError, Invalid, invalid_field
from referencing.base.permissions import Actor, Right, authorise
from referencing.base.vault import Vault
from referencing.files.operations import StoredFile, keep_contents, kept_files, told_files
from referencing.journal.operations import record
from referencing.mail.operations import write
from referencing.solutions.nils import clean
from referencing.solutions.operations import COMPONENT, COMPONENT_FORM, ROLE, ROLE_FORM
from referencing.solutions.queries import refuse_to_judge
from referencing.solutions.queries import software as find_software

from . import queries
from .models import AlikeAttestation, AlikeRequest
from .states import REQUEST, RequestAction

SUBJECT = "Cette demande"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: two versions of one component, in a role, and why; `software` is the editor's."""

    software: UUID | None
    role: str
    components: tuple[str, str]
    reason: str
    reference: str


def may_ask(session: Session, actor: Actor, asked: Asked) -> Asked:
    """What is asked with its components in order; raises the errors of `ask` before files are sent for nothing."""
    authorise(actor, Right.ASK_ALIKE_VERSIONS)
    if (asked.software is None) is not actor.of_agency:
        whose = "Ne nommez pas de logiciel." if actor.of_agency else "Donnez l'identifiant de votre logiciel."
        raise Invalid("Dites pour quel logiciel vous demandez.", [FieldError("/software", whose)])
    if asked.software is not None:
        find_software(session, actor, asked.software)
    components = _two_versions(asked)
    if queries.standing(session, asked.role, components) is not None:
        raise Conflict("L'agence a déjà déclaré ces deux versions équivalentes pour ce rôle.")
    if queries.pending(session, asked.software, asked.role, components):
        raise Conflict("Vous l'avez déjà demandé : suivez cette demande, ou retirez-la d'abord.")
    return Asked(asked.software, asked.role, components, asked.reason, clean(asked.reference))


def ask(
    session: Session, actor: Actor, vault: Vault, asked: Asked, files: Sequence[StoredFile]
) -> AlikeRequest:
    """Ask it, with the attestation that was examined. Raises NotFound, Invalid, Conflict."""
    asked = may_ask(session, actor, asked)
    if not files and not (actor.of_agency and asked.reference):
        else_reference = ", ou donnez la référence d'un document de l'agence" if actor.of_agency else ""
        raise invalid_field(
            "file", f"Joignez l'attestation, dans un champ « file » du formulaire{else_reference}."
        )
    keep_contents(session, vault, files)
    first, second = asked.components
    request = AlikeRequest(
        id=new_id(),
        software_id=asked.software,
        role=asked.role,
        first=first,
        second=second,
        reference=asked.reference,
        reason=asked.reason,
        asked_by=actor.account_id,
        asked_at=now(session),
        files=kept_files(AlikeAttestation, files),
    )
    session.add(request)
    session.flush()
    said = {"reason": asked.reason, "reference": asked.reference, "files": told_files(files)}
    record_step(session, actor, request, "asked", **said)
    return request


def withdraw(session: Session, actor: Actor, request_id: UUID) -> AlikeRequest:
    """Take one's own request back before it has an answer. Raises NotFound, Conflict."""
    authorise(actor, Right.ASK_ALIKE_VERSIONS)
    request = queries.request(session, actor, request_id, lock=True)
    if hindered(request, actor, RequestAction.WITHDRAW):
        raise Conflict("Cette demande est celle d'un éditeur : refusez-la, ou laissez-le la retirer.")
    REQUEST.follow(SUBJECT, request.state, RequestAction.WITHDRAW, actor)
    request.ended_at = now(session)
    record_step(session, actor, request, "withdrawn")
    session.flush()
    return request


def refuse(session: Session, actor: Actor, request_id: UUID, reason: str) -> AlikeRequest:
    """Refuse a request, with a reason that who asked reads. Raises NotFound, Conflict."""
    authorise(actor, Right.JUDGE_ALIKE_VERSIONS)
    request = queries.request(session, actor, request_id, lock=True)
    refuse_to_judge(session, actor, request.software_id)
    REQUEST.follow(SUBJECT, request.state, RequestAction.REFUSE, actor)
    request.refusal, request.ended_at = reason, now(session)
    record_step(session, actor, request, "refused", reason=reason)
    tell_asker(session, request, f"est refusée : {reason}")
    session.flush()
    return request


def hindered(request: AlikeRequest, actor: Actor, action: RequestAction) -> bool:
    """Whether it is not the actor's to take back: an editor's for the agency, or the agency's for an editor."""
    return action is RequestAction.WITHDRAW and (request.software_id is None) is not actor.of_agency


def record_step(session: Session, actor: Actor, request: AlikeRequest, step: str, **more: object) -> None:
    detail = {"role": request.role, "components": list(request.components), **more}
    record(session, actor, f"alike_versions.{step}", f"alike_versions:{request.id}", detail)


def tell_asker(session: Session, request: AlikeRequest, outcome: str) -> None:
    """Write to the editor's person who asked what became of it."""
    if request.software_id is None:
        return
    first, second = request.components
    write(
        session,
        request.asked_by,
        f"alike-versions:{request.id}:{request.state}",
        "Votre demande sur deux versions d'un composant",
        f"Bonjour,\n\nVotre demande que {first} et {second} soient déclarées équivalentes pour le rôle "
        f"« {request.role} » {outcome}\n",
    )


def _two_versions(asked: Asked) -> tuple[str, str]:
    """The components in order. Raises Invalid unless they are two versions of one."""
    errors = []
    if not ROLE.fullmatch(asked.role):
        errors.append(FieldError("/role", ROLE_FORM))
    components = [clean(component) for component in asked.components]
    errors += [
        FieldError(f"/components/{place}", COMPONENT_FORM)
        for place, component in enumerate(components)
        if not COMPONENT.fullmatch(component)
    ]
    first, second = sorted(components)
    if not errors and (first == second or not same_component(first, second)):
        told = "Donnez deux versions différentes d'un même composant : l'identifiant avant « @ » est le même."
        errors.append(FieldError("/components/1", told))
    if errors:
        raise Invalid("Corrigez ce que vous demandez.", errors)
    return first, second


def same_component(first: str, second: str) -> bool:
    """Whether two components are versions of one."""
    return first.partition("@")[0] == second.partition("@")[0]
