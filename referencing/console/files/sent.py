"""Small files that come with the other fields of a form."""

from flask import request

from referencing.base.errors import FieldError, Invalid
from referencing.catalogue.proposals import ProofKind
from referencing.files.examination import all_examined
from referencing.files.operations import StoredFile, store_file
from referencing.web.requests import parts


def sent_files(most: int, *, required: bool = False) -> list[StoredFile]:
    """The files of the form's field `file`, at most as large as what a form may hold; larger ones go by the API.

    Raises Invalid for more than `most` of them, and for none where they are `required`.
    """
    chosen = [part for part in request.files.getlist("file") if part.filename]
    if len(chosen) > most:
        raise _refused(f"Joignez {most} fichiers au plus à la fois.")
    if required and not chosen:
        raise _refused("Joignez au moins un fichier.")
    vault, limit = parts().vault, parts().settings.largest_file
    stored = [
        store_file(vault.storage, part.filename or "", part.content_type or "", part.stream, limit)
        for part in chosen
    ]
    return all_examined(vault.storage, stored, ProofKind.OTHER)


def _refused(what_to_do: str) -> Invalid:
    return Invalid(what_to_do, [FieldError("/file", what_to_do)])
