"""The calls a person waits for, one after the other: an editor's dossier, from its draft to a verifier's verdict."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote
from uuid import UUID

from .world import SECOND, World

MIB = 1024**2
LINE = b"2026-03-02T09:00:00Z INFO recherche du patient par ses traits, reponse en 120 ms\n"
WHO_AM_I = "who am I"
DRAFT = "draft"
CANDIDATURE = "a candidature"
ITEMS = "its items"
UPLOAD = "upload of 1 MiB"
SUBMISSION = "submission"
ADMISSIBILITY = "admissibility"
QUEUE_PAGE = "a queue page"
CLAIM_NEXT = "claim next"
VERDICT = "verdict"
EVENTS = "events"
EQUIVALENCE = "equivalence"
EXPLANATION = "an explanation"


@dataclass(frozen=True, slots=True)
class Call:
    """A request below /api/v1, by the key of who sends it; `file` is a content to upload."""

    name: str
    key: str
    method: str
    path: str
    json: Mapping[str, Any] | None = None
    file: bytes | None = field(default=None, repr=False)


class Send(Protocol):
    """Answers the JSON of a call that succeeded; raises otherwise."""

    def __call__(self, call: Call, /) -> Any: ...


def play(
    send: Send, world: World, solution: UUID, supply_missing: Callable[[UUID], None], size: int = MIB
) -> None:
    """One story on a solution of which no dossier of the second vague is under way; it makes each call once.

    `supply_missing` gives the dossier what it lacks, besides the file of `size` bytes that is uploaded.
    """
    drafted = send(Call(DRAFT, world.editor, "POST", "/candidatures", _draft(solution)))
    dossier = f"/candidatures/{drafted['id']}"
    items = send(Call(ITEMS, world.editor, "GET", f"{dossier}/items?limit=500"))["items"]
    by_state = {item["state"]: f"{dossier}/items/{quote(item['code'], safe='')}" for item in items}
    file = LINE * (size // len(LINE)) + drafted["id"].encode()
    send(Call(UPLOAD, world.editor, "POST", f"{by_state['required']}/proofs", file=file))
    supply_missing(UUID(drafted["id"]))
    send(Call(SUBMISSION, world.editor, "POST", f"{dossier}/submission"))
    send(Call(ADMISSIBILITY, world.lead, "POST", f"{dossier}/admissibility", {"outcome": "admissible"}))
    _read(send, world.editor, dossier, by_state["covered"])
    _review(send, world.verifier)


def _read(send: Send, editor: str, dossier: str, covered: str) -> None:
    """What an editor looks at while the agency has the dossier; `covered` is the path of an item that is."""
    send(Call(WHO_AM_I, editor, "GET", "/me"))
    send(Call(CANDIDATURE, editor, "GET", dossier))
    send(Call(EQUIVALENCE, editor, "GET", f"{dossier}/equivalence"))
    send(Call(EXPLANATION, editor, "GET", f"{covered}/explanation"))
    send(Call(EVENTS, editor, "GET", "/events"))


def _review(send: Send, verifier: str) -> None:
    """A verifier takes what comes first, and finds it conform."""
    send(Call(QUEUE_PAGE, verifier, "GET", "/queues/proof_review/tasks"))
    task = send(Call(CLAIM_NEXT, verifier, "POST", "/queues/proof_review/claims"))
    read = task["subject"]["proof"]["files"][0]["sha256"]
    found = {"outcome": "conform", "comment": "Vu.", "file_sha256": read}
    send(Call(VERDICT, verifier, "POST", f"/tasks/{task['id']}/verdict", found))


def _draft(solution: UUID) -> dict[str, Any]:
    return {
        "dsr": SECOND,
        "solution": str(solution),
        "software_version": "2.0",
        "composition": [],
        "profiles": [],
    }
