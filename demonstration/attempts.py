"""What to try first: commands to copy, on the dossiers as they stand now, as the people of the cast."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from demonstration.cast import is_left_out, piece
from demonstration.story.page import WIDTH
from referencing.base import db
from referencing.base.errors import DomainError
from referencing.base.permissions import Actor
from referencing.candidatures.api.queries import Dossier, ItemView, items
from referencing.candidatures.record.states import ACCEPTS_PROOFS, ItemState
from referencing.candidatures.tasks.models import Opinion, Queue, Task
from referencing.catalogue.proposals import Guichet
from referencing.duo.sessions.models import LiveSession
from referencing.duo.sessions.phases import Phase
from referencing.reviews.experts.queries import IN_STATE
from referencing.reviews.experts.states import OpinionState
from referencing.reviews.queues.claims import claim_next
from referencing.reviews.queues.models import SecondReading

#: Shell functions that the text defines: JSON set for reading, and an equivalence's explanations alone.
READABLE, WHY = "lisible", "pourquoi"
_PLAIN_PATH = re.compile(r"[\w@%+=:./-]+")


class Attempt(NamedTuple):
    """A command, what it shows, and the variable of the person who may give it."""

    what: str
    variable: str
    command: str


@dataclass(frozen=True, slots=True)
class Scene:
    """The first editor's dossiers, the sessions of their database, and a folder for the file to supply."""

    sessions: db.Sessions
    dossiers: Sequence[Dossier]
    verifier: Actor | None
    folder: Path


def attempts(scene: Scene) -> Iterator[Attempt]:
    """The commands, each of which works after the one before. What makes no sense any more is left out."""
    yield _by("Les candidatures de l'éditeur", "EDITEUR", "/candidatures")
    if not scene.dossiers:
        return
    with db.transaction(scene.sessions) as session:
        required = _required(session, scene.dossiers)
        supplied = next((one for one in required if one[1].item.expected_proof.guichet is Guichet.ANS), None)
        certified = next(
            (one for one in required if one[1].item.expected_proof.guichet is Guichet.CNDA), None
        )
        reused = supplied[0] if supplied else scene.dossiers[-1]
        yield _equivalence(reused)
        if supplied:
            yield _supply(*supplied, scene.folder)
        yield from _confirmation(scene)
        if certified:
            yield _certificate(session, certified[0])
        yield _timeline(certified[0] if certified else reused)
    yield from _at_any_hour(scene)


def _at_any_hour(scene: Scene) -> Iterator[Attempt]:
    """What waits for somebody else: each as long as it does."""
    with db.transaction(scene.sessions) as session:
        for live in session.scalars(sa.select(LiveSession).where(LiveSession.phase == Phase.SCHEDULED)):
            path = f"/duo/sessions/{live.id}/opening"
            yield _by("Ouvrir la séance DUO : l'ordre du jour", "VERIFICATEUR", path, "-X POST")
        if session.scalar(
            sa.select(SecondReading.task_id).join(Task).where(Task.closed_at.is_(None)).limit(1)
        ):
            path = f"/queues/{Queue.SECOND_READING}/claims"
            yield _by(
                "Prendre la seconde lecture qui attend", "VERIFICATEUR", path, *_json({"another": True})
            )
        for opinion in session.scalars(
            sa.select(Opinion).join(Opinion.task).where(IN_STATE[OpinionState.ASKED])
        ):
            path = f"/opinions/{opinion.id}/answer"
            words = {"opinion": "Oui : l'archive est celle du patient."}
            yield _by("Rendre l'avis qui est demandé à l'expert", "EXPERT", path, *_json(words))
    yield _by("Les audits : un en cours, un clos", "AUDITEUR", "/audits")
    yield _by("La solution suspendue par cet audit", "EDITEUR_2", "/candidatures?state=suspended")


def _required(session: Session, dossiers: Sequence[Dossier]) -> list[tuple[Dossier, ItemView]]:
    """What an editor would supply now."""
    return [
        (dossier, view)
        for dossier in dossiers
        if dossier.candidature.state in ACCEPTS_PROOFS
        for view in items(session, dossier.candidature.id, state=ItemState.REQUIRED)
        if not is_left_out(view.item.expected_proof.code)
    ]


def _equivalence(dossier: Dossier) -> Attempt:
    what = f"Ce que {_dsr(dossier)} réemploie ou non, et pourquoi"
    return _by(what, "EDITEUR", f"/candidatures/{dossier.candidature.id}/equivalence", readable_by=WHY)


def _supply(dossier: Dossier, view: ItemView, folder: Path) -> Attempt:
    expected = view.item.expected_proof
    file = piece(expected.kind, expected.code)
    path = folder / file.filename
    path.write_bytes(file.content)
    form = f"file=@{path}" if _PLAIN_PATH.fullmatch(str(path)) else shlex.quote(f'file=@"{path}"')
    # Colons and slashes are legible in a path and mean themselves; the rest is percent-encoded.
    address = f"/candidatures/{dossier.candidature.id}/items/{quote(expected.code, safe=':/')}/proofs"
    return _by(f"Fournir une preuve attendue de {_dsr(dossier)}", "EDITEUR", address, f"-F {form}")


def _confirmation(scene: Scene) -> Iterator[Attempt]:
    """Take the next reuse to confirm, then confirm it."""
    task = _next_task(scene)
    if task is None:
        return
    yield _by(
        "Prendre la tâche suivante de la file des équivalences, avec tout ce qu'il faut pour juger",
        "VERIFICATEUR",
        f"/queues/{Queue.EQUIVALENCE}/claims",
        "-X POST",
    )
    verdict = {"outcome": "conform", "comment": "Le réemploi se justifie."}
    yield _by("Confirmer ce réemploi", "VERIFICATEUR", f"/tasks/{task}/verdict", *_json(verdict))


def _next_task(scene: Scene) -> UUID | None:
    """The task that the verifier would be given: claimed in a transaction that is given up."""
    if scene.verifier is None:
        return None
    with scene.sessions() as session:
        try:
            return claim_next(session, scene.verifier, Queue.EQUIVALENCE)
        except DomainError:
            return None


def _certificate(session: Session, dossier: Dossier) -> Attempt:
    software = dossier.candidature.configuration.solution.software
    certificate = {
        "kind": "CNDA-DMP",
        "holder": software.nil,
        "number": f"{db.now(session):%Y%m%d-%H%M%S}",  # a certificate is entered once
        "valid_from": db.today(session).isoformat(),
    }
    return _by(
        f"Enregistrer un certificat du CNDA, à confirmer avant que {_dsr(dossier)} en profite",
        "PLATEFORME",
        f"/softwares/{software.id}/certificates",
        *_json(certificate),
    )


def _timeline(dossier: Dossier) -> Attempt:
    what = f"Ce qui s'est passé dans {_dsr(dossier)}"
    return _by(what, "EDITEUR", f"/candidatures/{dossier.candidature.id}/timeline")


def _dsr(dossier: Dossier) -> str:
    return dossier.candidature.version.dsr.code


def _json(words: Mapping[str, object]) -> tuple[str, ...]:
    body = shlex.quote(json.dumps(words, ensure_ascii=False, separators=(",", ":")))
    return "-H 'Content-Type: application/json'", f"-d {body}"


def _by(what: str, variable: str, path: str, *options: str, readable_by: str = READABLE) -> Attempt:
    """One command, on as many lines as its options ask for."""
    parts = (f'curl -sS -H "Authorization: Bearer ${variable}"', *options, f'"$API{path}" | {readable_by}')
    command = " ".join(parts)
    return Attempt(what, variable, command if len(command) <= WIDTH else " \\\n  ".join(parts))
