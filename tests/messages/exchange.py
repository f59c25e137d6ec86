"""What people do with messages over HTTP."""

import io
import json
from collections.abc import Sequence
from typing import Any

from tests.candidatures.dossiers import Dossier
from tests.clients import Client

NOBODY_S = "00000000-0000-0000-0000-000000000000"


def write(writer: Client, dossier: Dossier, text: str = "Bonjour.", **words: Any) -> Any:
    return writer.post(f"{dossier.path}/messages", {"text": text, **words})


def form(words: object, *files: tuple[str, bytes]) -> dict[str, Any]:
    """A request with a form: the words come first, as a client has to send them."""
    fields = {"message": json.dumps(words), "file": [(io.BytesIO(content), name) for name, content in files]}
    return {"data": fields, "content_type": "multipart/form-data"}


def enclose(writer: Client, dossier: Dossier, *files: tuple[str, bytes], **words: Any) -> Any:
    """A message with files."""
    body = form({"text": "Ci-joint.", **words}, *files)
    return writer.expect(201, writer.send("POST", f"{dossier.path}/messages", **body))


def read(reader: Client, dossier: Dossier, query: str = "") -> list[Any]:
    return list(reader.every(f"{dossier.path}/messages{query}"))


def texts(messages: Sequence[Any]) -> list[str]:
    return [one["text"] for one in messages]


def mark(reader: Client, dossier: Dossier, message: Any) -> Any:
    return reader.put(f"{dossier.path}/messages/read", {"message": message["id"]})


def reading(reader: Client, dossier: Dossier) -> Any:
    return reader.get(f"{dossier.path}/messages/read")
