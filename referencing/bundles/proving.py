"""A bundle as it is handed out: what was sealed, where the record has it, and the signed head over that."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.errors import Conflict, NotFound
from referencing.heads.models import Head
from referencing.heads.proving import head_over
from referencing.heads.statements import line_of
from referencing.journal.models import Entry
from referencing.journal.queries import digest_before, sealed_content
from referencing.journal.tree import place_of, prove_included

from .models import Bundle
from .queries import last_of

FORMAT = "referencing-bundle/1"
_NOT_YET = (
    "Ce contenu est scellé, mais aucune empreinte signée ne le couvre encore : elle vient dans les minutes qui "
    "suivent, revenez alors. Si elle tarde, dites-le à l'agence : une clé doit signer son journal."
)


def proven(
    session: Session, subject: str, act: Entry | None = None, attached: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What was sealed last of a subject, with its proofs.

    `act` is the entry of which it tells the digest, `attached` are texts of files that it names, by their names. Each
    level of the tree's tiles takes a statement or two. Raises NotFound where nothing was sealed, Conflict while no
    signed head covers it.
    """
    bundle = last_of(session, subject)
    if bundle is None:
        raise NotFound("Rien n'est scellé ici : demandez-le d'abord (PUT à cette adresse).")
    head = head_over(session, bundle.position)
    if head is None:
        raise Conflict(_NOT_YET)
    return {
        "format": FORMAT,
        "content": json.loads(bundle.content),
        "attached": {**(attached or {})},
        "seal": _seal(session, bundle, head),
        "act": _included(session, act, head) if act is not None else None,
        "head": {**json.loads(line_of(head)), "at": head.at},
    }


def _seal(session: Session, bundle: Bundle, head: Head) -> dict[str, Any]:
    entry = session.scalars(sa.select(Entry).where(Entry.position == bundle.position)).one()
    return {
        "entry": sealed_content(entry),
        "previous": digest_before(session, entry),
        **_included(session, entry, head),
    }


def _included(session: Session, entry: Entry, head: Head) -> dict[str, Any]:
    """What is beside an entry's digest in its leaf, its place, and the path from there to the root of a head."""
    place = place_of(session, entry.position)
    if place is None:
        raise Conflict(_NOT_YET)
    return {
        "position": entry.position,
        "organisation_id": str(entry.organisation_id) if entry.organisation_id else None,
        "leaf_index": place,
        "path": [step.hex() for step in prove_included(session, place, head.size)],
    }
