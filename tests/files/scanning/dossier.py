"""A draft, to supply files for items of it that accept texts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from demonstration.referential import DSRS, workbook
from referencing.base.permissions import Role
from tests.clients import Client, escaped


@dataclass(frozen=True)
class Dossier:
    editor: Client
    id: str
    item: str

    def supply(self, content: bytes, item: str | None = None) -> dict[str, Any]:
        path = f"/candidatures/{self.id}/items/{escaped(item or self.item)}/proofs"
        receipt: dict[str, Any] = self.editor.upload(path, ("preuve.txt", content))
        return receipt

    def submit(self) -> None:
        """File it with what it has: nobody of the agency reads a draft."""
        self.editor.post(f"/candidatures/{self.id}/submission", {"incomplete": True}, status=200)


def draft(as_: Callable[..., Client]) -> Dossier:
    manager = as_(Role.CATALOGUE)
    manager.put("/dsrs/LGC-V1", DSRS["LGC-V1"]._asdict(), status=201)
    manager.upload("/dsrs/LGC-V1/imports", ("rem.xlsx", workbook("LGC-V1")), status=200)
    manager.post("/dsrs/LGC-V1/publication", status=200)
    return drafted_by(as_(Role.EDITOR))


def drafted_by(editor: Client) -> Dossier:
    software = editor.post("/softwares", {"name": "Alizé", "nil": "NIL-1"})
    solution = editor.post("/solutions", {"software": software["id"], "commercial_name": "Alizé"})
    words = {"dsr": "LGC-V1", "solution": solution["id"], "software_version": "1"}
    candidature = editor.post("/candidatures", words)
    return Dossier(editor, candidature["id"], "LGC-V1:MSS.02#01.01")
