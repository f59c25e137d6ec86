"""Small files that come with the other fields of a form."""

from flask import request

from referencing.catalogue.proposals import ProofKind
from referencing.files.examination import all_examined
from referencing.files.operations import StoredFile, store_file
from referencing.web.requests import parts


def sent_files(most: int) -> list[StoredFile]:
    """The files of the form's field `file`, at most as large as what a form may hold; larger ones go by the API."""
    vault, limit = parts().vault, parts().settings.largest_file
    chosen = [part for part in request.files.getlist("file") if part.filename][:most]
    stored = [
        store_file(vault.storage, part.filename or "", part.content_type or "", part.stream, limit)
        for part in chosen
    ]
    return all_examined(vault.storage, stored, ProofKind.OTHER)
