"""Files that come in one form for several items: each streams to the storage, then each item takes its own.

An item whose files are refused takes none of them; the others take theirs. A field names the last version that its
page showed: when somebody supplied another one meanwhile, it is told before it is replaced.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from referencing.base import db
from referencing.base.errors import DomainError, Stale
from referencing.base.permissions import Actor
from referencing.candidatures.filing import supplying
from referencing.catalogue.proposals import ProofKind
from referencing.files.examination import all_examined
from referencing.files.operations import StoredFile, store_file
from referencing.proofs.models import Proof
from referencing.proofs.queries import versions
from referencing.web.forms import FilePart, labelled_file_parts
from referencing.web.requests import Parts

#: Before the id of the item and the number of its last version (0: none), in the name of the field of its files.
LABEL = "file:"
#: Fields with files in one form: more than any DSR has expected proofs.
MOST_FIELDS = 2_000


@dataclass(slots=True)
class Outcome:
    """What became of the files of an item: how many it took, or why none."""

    item: str
    seen: str
    files: list[StoredFile] = field(default_factory=list)
    refused: str | None = None


def receive(actor: Actor, parts: Parts, candidature: UUID) -> list[Outcome]:
    """Take files in, in their order. Raises Malformed for a form that is cut short: nothing of it is kept."""
    outcomes: dict[str, Outcome] = {}
    for part in labelled_file_parts(LABEL, MOST_FIELDS):
        item, _, seen = part.field.removeprefix(LABEL).partition(":")
        _store(outcomes.setdefault(item, Outcome(item, seen)), part, parts)
    for outcome in outcomes.values():
        if outcome.refused is None:
            _supply(actor, parts, candidature, outcome)
    return list(outcomes.values())


def _store(outcome: Outcome, part: FilePart, parts: Parts) -> None:
    try:
        stored = store_file(
            parts.vault.storage, part.filename, part.media_type, part, parts.settings.largest_file
        )
        outcome.files.append(stored)
    except DomainError as error:
        outcome.refused = error.detail


def refuse_unseen(last: Sequence[Proof], seen: str) -> None:
    """Raises Stale when the last version is not the one that the page showed."""
    number = last[0].number if last else 0
    if str(number) != seen:
        names = ", ".join(file.filename for file in last[0].files) if last else ""
        raise Stale(
            f"Quelqu'un a fourni la version {number} entre-temps ({names}) : rien n'est remplacé. "
            "Regardez-la, puis envoyez de nouveau s'il le faut."
        )


def _supply(actor: Actor, parts: Parts, candidature: UUID, outcome: Outcome) -> None:
    try:
        with db.transaction(parts.sessions) as session:
            asked = supplying.asked(session, actor, candidature, outcome.item)
            kind = ProofKind(asked.expected_proof.kind)
            supplying.may_supply(session, actor, candidature, outcome.item)
            refuse_unseen(versions(session, actor, asked.id, most=1), outcome.seen)
        examined = all_examined(parts.vault.storage, outcome.files, kind)
        with db.transaction(parts.sessions) as session:
            supplying.supply(session, actor, parts.vault, candidature, outcome.item, examined)
    except DomainError as error:
        outcome.refused = error.detail
