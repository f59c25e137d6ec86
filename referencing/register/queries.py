"""Which solutions are referenced: the one thing of a dossier that anybody may know."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.models import Organisation
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import State
from referencing.catalogue.models import Dsr, DsrVersion
from referencing.revocations.queries import LISTED
from referencing.solutions.models import Configuration, Software, Solution

_ACCENTED = "ÀÂÄÁÃÅÇÉÈÊËÎÏÍÌÑÔÖÓÒÕÙÛÜÚŸÝàâäáãåçéèêëîïíìñôöóòõùûüúÿý"
_PLAIN = "".join(unicodedata.normalize("NFKD", char)[0].lower() for char in _ACCENTED)


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list; `key` is its place there: the name without accents, and an id."""

    key: tuple[str, UUID]
    commercial_name: str
    editor: str
    software: str
    nil: str
    software_version: str
    couloir: str
    dispositif: str
    vague: int
    dsr: str
    dsr_version: int
    referenced_on: date | None
    state: State
    solution: UUID


@dataclass(frozen=True, slots=True)
class Asked:
    """What the lines have to be; `name` is a part of the commercial name or of the editor's."""

    couloir: str | None = None
    dispositif: str | None = None
    vague: int | None = None
    name: str | None = None
    solution: UUID | None = None


def _folded(column: Any) -> sa.ColumnElement[str]:
    """Without case and accents: neither an extension nor a collation of the server is counted on."""
    found: sa.ColumnElement[str] = sa.func.lower(sa.func.translate(column, _ACCENTED, _PLAIN))
    return found


def folded(text: str) -> str:
    """The same of what somebody typed."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).lower()


_NAME = _folded(Solution.commercial_name)


def listed(session: Session, asked: Asked, cursor: tuple[str, UUID] | None, limit: int) -> Sequence[Listed]:
    """By name; one query. What was delisted is not there, what is suspended says so."""
    select = (
        sa.select(
            _NAME,
            Candidature.id,
            Solution.commercial_name,
            Organisation.name,
            Software.name,
            Software.nil,
            Configuration.software_version,
            Dsr.couloir,
            Dsr.dispositif,
            Dsr.vague,
            Dsr.code,
            DsrVersion.number,
            Candidature.closed_on,
            Candidature.state,
            Solution.id,
        )
        .join(Candidature.configuration)
        .join(Configuration.solution)
        .join(Solution.software)
        .join(Candidature.organisation)
        .join(Candidature.version)
        .join(DsrVersion.dsr)
        .where(Candidature.state.in_(LISTED))
        .order_by(_NAME, Candidature.id)
        .limit(limit)
    )
    for column, value in (
        (Dsr.couloir, asked.couloir),
        (Dsr.dispositif, asked.dispositif),
        (Dsr.vague, asked.vague),
        (Solution.id, asked.solution),
    ):
        if value is not None:
            select = select.where(column == value)
    if asked.name is not None:
        part = folded(asked.name)
        editor = _folded(Organisation.name)
        select = select.where(_NAME.contains(part, autoescape=True) | editor.contains(part, autoescape=True))
    if cursor is not None:
        select = select.where(sa.tuple_(_NAME, Candidature.id) > sa.tuple_(*map(sa.literal, cursor)))
    return [Listed((name, one), *rest) for name, one, *rest in session.execute(select)]


def choices(session: Session) -> Sequence[tuple[str, str, int]]:
    """Couloir, dispositif and vague of every DSR on which something is listed; one query."""
    rows = session.execute(
        sa.select(Dsr.couloir, Dsr.dispositif, Dsr.vague)
        .join(DsrVersion, DsrVersion.dsr_id == Dsr.id)
        .join(Candidature, Candidature.version_id == DsrVersion.id)
        .where(Candidature.state.in_(LISTED))
        .distinct()
    )
    return [(couloir, dispositif, vague) for couloir, dispositif, vague in rows]
