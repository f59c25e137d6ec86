"""The permissions and references that an editor gives its integrations, and what these push, many at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.accounts import queries as accounts
from referencing.accounts.models import Account, Permission
from referencing.base.batch import each
from referencing.base.db import new_id, now
from referencing.base.errors import (
    Conflict,
    DomainError,
    FieldError,
    Invalid,
    NotFound,
    UnsupportedMedia,
    file_too_large,
)
from referencing.base.permissions import Actor, Right, authorise
from referencing.base.vault import Vault
from referencing.candidatures.filing import supplying
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.queries import REFERENCE, candidature, item, locked
from referencing.candidatures.record.states import ENDED, STATES
from referencing.catalogue.proposals import ProofKind
from referencing.certificates import operations as certificates
from referencing.files.examination import examined
from referencing.files.operations import clean_filename, store_file
from referencing.journal.models import INTERNAL
from referencing.journal.operations import record
from referencing.proofs.models import Proof
from referencing.solutions.models import Certificate
from referencing.solutions.nils import clean
from storage.port import ObjectStorage, TooLarge

from . import queries
from .manifests import Manifest, ManifestLine

#: One sentence for all that is no open account of an integration: nobody finds out which accounts there are.
NO_INTEGRATION = (
    "Aucune intégration n'a cet identifiant de compte : demandez-le à qui la tient, "
    "qui le lit à l'adresse /api/v1/me."
)


def allow(session: Session, actor: Actor, candidature_id: UUID, account_id: UUID) -> tuple[Permission, bool]:
    """Let an integration see and supply a candidature; also answers whether it could not before. Raises NotFound."""
    authorise(actor, Right.ALLOW_INTEGRATIONS)
    candidature = locked(session, actor, candidature_id)
    _refuse_ended(candidature)
    account = accounts.integration(session, account_id)
    if account is None or account.organisation is None:
        raise NotFound(NO_INTEGRATION)
    standing = queries.standing_permission(session, candidature.id, account.id)
    if standing is not None:
        return standing, False
    permission = Permission(id=new_id(), candidature_id=candidature.id, account=account)
    session.add(permission)
    session.flush()
    names = {"integration": account.name, "of": account.organisation.name}
    detail = {"permission": str(permission.id), **_disclosed(actor, account, names)}
    record(session, actor, "integration.allowed", f"candidature:{candidature.id}", detail)
    return permission, True


def _disclosed(actor: Actor, account: Account, names: dict[str, str]) -> dict[str, Any]:
    """The account, with its names as far as an editor is told them: who only has its id learns nothing by it."""
    own = account.organisation_id == actor.organisation_id
    return {"account": str(account.id), **(names if own else {INTERNAL: names})}


def _refuse_ended(candidature: Candidature) -> None:
    if candidature.state in ENDED:
        raise Conflict(f"La candidature est {STATES[candidature.state]} : elle ne change plus.")


def revoke(session: Session, actor: Actor, candidature_id: UUID, permission_id: UUID) -> None:
    """Revoke a permission: from its next request on, the integration finds nothing here. Raises NotFound.

    What is being supplied at the same time comes before, or not at all.
    """
    authorise(actor, Right.ALLOW_INTEGRATIONS)
    candidature = locked(session, actor, candidature_id)
    permission = queries.permission(session, candidature.id, permission_id)
    if permission.revoked_at is None:
        permission.revoked_at = now(session)
        names = {"integration": permission.account.name}
        detail = {"permission": str(permission.id), **_disclosed(actor, permission.account, names)}
        record(session, actor, "integration.revoked", f"candidature:{candidature.id}", detail)


def name_items(
    session: Session, actor: Actor, candidature_id: UUID, names: Sequence[tuple[str, str]]
) -> Sequence[Item]:
    """Give items, by code or id, the editor's own references; those that are not named here have none any more.

    Raises Invalid with a pointer to each line that is wrong. Answers all items, in order.
    """
    authorise(actor, Right.PREPARE_CANDIDATURES)
    candidature = locked(session, actor, candidature_id)
    _refuse_ended(candidature)
    items = queries.all_items(session, candidature.id)
    wanted = _references(items, names)
    changed = [item for item in items if item.external_reference != wanted.get(item.id)]
    if changed:
        for renamed_item in changed:
            renamed_item.external_reference = wanted.get(renamed_item.id)
        session.flush()
        detail = {item.expected_proof.code: item.external_reference for item in changed}
        record(session, actor, "items.named", f"candidature:{candidature.id}", {"references": detail})
    return items


def _references(items: Sequence[Item], names: Sequence[tuple[str, str]]) -> dict[UUID, str]:
    """The references by item. Raises Invalid with a pointer to each line that is wrong."""
    id_by_name = {item.expected_proof.code: item.id for item in items} | {
        str(item.id): item.id for item in items
    }
    wanted: dict[UUID, str] = {}
    taken: set[str] = set()
    errors: list[FieldError] = []
    for index, (name, written) in enumerate(names):
        at, reference, item_id = f"/references/{index}", clean(written), id_by_name.get(name)
        if item_id is None:
            errors.append(
                FieldError(f"{at}/item", f"Cette candidature n'a pas de preuve attendue « {name} ».")
            )
        elif item_id in wanted:
            errors.append(FieldError(f"{at}/item", f"La preuve attendue « {name} » est nommée deux fois."))
        if reference in taken:
            errors.append(
                FieldError(f"{at}/reference", f"La référence « {reference} » est donnée deux fois.")
            )
        if {"", ".", ".."} & set(reference.split("/")):  # which would not come through in an address
            errors.append(
                FieldError(f"{at}/reference", "Entre deux « / », mettez un mot qui n'est ni « . » ni « .. ».")
            )
        taken.add(reference)
        if item_id is not None:
            wanted[item_id] = reference
    if errors:
        raise Invalid("Corrigez les lignes indiquées ; rien n'a été changé.", errors)
    return wanted


class Arriving(Protocol):
    """A file of a form, as it arrives."""

    filename: str
    media_type: str

    def read(self, size: int, /) -> bytes: ...


def proof_kinds(session: Session, actor: Actor, candidature_id: UUID) -> dict[str, ProofKind]:
    """The kind of proof that each item asks for, by every name that a line may give it."""
    authorise(actor, Right.SUPPLY_PROOFS)
    kinds: dict[str, ProofKind] = {}
    for expected_item in queries.all_items(session, candidature(session, actor, candidature_id).id):
        proof = expected_item.expected_proof
        names = [str(expected_item.id), proof.code, f"{REFERENCE}{expected_item.external_reference}"]
        kinds |= dict.fromkeys(names, proof.kind)
    return kinds


def receive(
    manifest: Manifest,
    storage: ObjectStorage,
    files: Iterable[Arriving],
    limit: int,
    kinds: Mapping[str, ProofKind],
) -> None:
    """Stream each file that a line names into the storage, and examine it; what is wrong is its line's refusal.

    Raises what concerns the whole request: a form that is cut short, a storage that does not answer.
    """
    for file in files:
        name = clean_filename(file.filename)
        line = manifest.line_expecting(name)
        if line is None:
            continue
        try:
            stored = store_file(storage, file.filename, file.media_type, file, limit)
            if line.item in kinds:
                stored = examined(storage, stored, kinds[line.item])
        except (Invalid, UnsupportedMedia) as refusal:
            line.refuse(refusal)
        except TooLarge as refusal:
            line.refuse(file_too_large(refusal.limit))
        else:
            manifest.add_file(line, name, stored)
    manifest.refuse_missing()


def supply_lines(
    session: Session, actor: Actor, vault: Vault, candidature_id: UUID, lines: Sequence[ManifestLine]
) -> Sequence[Proof | DomainError]:
    """Supply a new version for the item of each line; answers each version, or why it was refused.

    All in one transaction, each line in a savepoint: a line that is refused changes nothing of the others. What was
    supplied commits with the report that says so, and a manifest sent again after a crash finds that nothing, or all
    of it, has been done.
    """
    authorise(actor, Right.SUPPLY_PROOFS)
    candidature = locked(session, actor, candidature_id)
    first: dict[UUID, int] = {}
    supplied: list[Item] = []

    def supply(number: int, line: ManifestLine) -> Proof:
        supplied_item = item(session, candidature, line.item)
        if first.setdefault(supplied_item.id, number) != number:
            raise Conflict(
                f"Cette preuve attendue est déjà à la ligne {first[supplied_item.id]} : "
                "mettez tous ses fichiers sur une ligne."
            )
        if line.refusal is not None:
            raise line.refusal
        files = [line.stored[name] for name in line.files]
        proof = supplying.take_in(session, actor, vault, supplied_item, files, line.performed_on)
        supplied.append(supplied_item)
        return proof

    outcomes = each(session, lines, supply)
    if supplied:
        supplying.follow_supplied(session, actor, candidature, supplied)
    for outcome in outcomes:
        if isinstance(outcome, Proof):
            session.refresh(outcome)
    return outcomes


def enter_certificates(
    session: Session, actor: Actor, software: UUID, rows: Sequence[certificates.Words | Invalid]
) -> Sequence[Certificate | DomainError]:
    """Enter certificates; answers each, or why not. A row that could not even be read comes as its refusal.

    Raises NotFound for a software that the actor may not know.
    """
    certificates.may_enter_certificates(session, actor, software)

    def enter(_: int, row: certificates.Words | Invalid) -> Certificate:
        if isinstance(row, Invalid):
            raise row
        return certificates.enter_certificate(session, actor, software, row)

    return each(session, rows, enter)
