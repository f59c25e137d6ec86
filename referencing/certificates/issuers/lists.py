"""Issuers with the kinds that they deliver, and their lists: a lead imports each in the place of the one before."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, BinaryIO
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.models import Organisation
from referencing.base.db import insert_rows, new_id, now, today
from referencing.base.errors import (
    Conflict,
    FieldError,
    Invalid,
    PreconditionRequired,
    Stale,
    confirm_loss,
)
from referencing.base.french import counted
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor, Right, authorise
from referencing.catalogue.imports.problems import RowProblem
from referencing.certificates import queries as certificates_queries
from referencing.certificates.models import Issuer, IssuerKind, IssuerList, ListedCertificate
from referencing.certificates.queries import Checked
from referencing.certificates.standing import Check
from referencing.journal.operations import record
from referencing.solutions.nils import clean

from . import queries
from .listing import ListEntry, read_list

SHOWN = 50
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,49}")


@dataclass(frozen=True, slots=True)
class IssuerWords:
    """What a lead says of an issuer; `counter` is the name of an organisation."""

    name: str
    kinds: Sequence[str]
    counter: str | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A certificate that stands otherwise than before the list."""

    now: Checked
    before: Check


@dataclass(frozen=True, slots=True)
class ListReport:
    """The result of an import; `moved` in the order of entering. A `dry_run` was only asked for."""

    issued: IssuerList
    moved: Sequence[Moved]
    problems: tuple[RowProblem, ...]
    dry_run: bool = False

    @property
    def losing(self) -> int:
        """How many certificates served by themselves before, and are looked at by a verifier from now on."""
        return sum(moved.now.check.in_doubt and not moved.before.in_doubt for moved in self.moved)

    @property
    def digest(self) -> str:
        """SHA-256 (hexadecimal) of `CERTIFICATE STANDING FIELDS`, a line for each that moved."""
        checks = ((moved.now.certificate.id, moved.now.check) for moved in self.moved)
        lines = (f"{certificate} {check.standing} {','.join(check.differs)}" for certificate, check in checks)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def confirm(self, digest: str | None) -> None:
        """Raises Unconfirmed for another digest than its own, or for none when certificates lose."""
        confirm_loss(
            digest,
            {"digest": self.digest, "losing": self.losing},
            "dans cette liste, "
            + counted(
                self.losing,
                "certificat n'est plus ce qu'il était",
                "certificats ne sont plus ce qu'ils étaient",
            )
            + " : un vérificateur regarde avant que cela ne serve",
            "/query/digest",
        )


def define_issuer(
    session: Session, actor: Actor, code: str, words: IssuerWords, *, revision: int | None
) -> tuple[Issuer, bool]:
    """Name an issuer, the kinds that it delivers and its counter, or change them; answers it and whether it is new.

    `revision` is what was read of one that is there. Raises Invalid, Conflict, PreconditionRequired, Stale.
    """
    authorise(actor, Right.EDIT_ISSUERS)
    if not CODE.fullmatch(code):
        raise Invalid(
            "Le code d'un émetteur est fait de lettres, de chiffres et de « - », « _ » ou « . » : CNDA."
        )
    existing = session.scalar(sa.select(Issuer).where(Issuer.code == code).with_for_update())
    wanted = sorted({clean(kind) for kind in words.kinds})
    counter = _counter(session, words.counter)
    if existing is None:
        _refuse_taken(session, wanted, None)
        kinds = [IssuerKind(kind=one) for one in wanted]
        issuer = Issuer(id=new_id(), code=code, name=clean(words.name), counter=counter, kinds=kinds)
        session.add(issuer)
        session.flush()
        record(session, actor, "issuer.defined", _stream(issuer), _words_of(issuer))
        return issuer, True
    if revision is None:
        raise PreconditionRequired(
            "Cet émetteur existe : envoyez l'en-tête If-Match avec l'ETag de ce que vous en avez lu."
        )
    if existing.revision != revision:
        raise Stale("Cet émetteur a changé depuis que vous l'avez lu : relisez-le et recommencez.")
    _refuse_taken(session, wanted, existing.id)
    before = _words_of(existing)
    after = {"name": clean(words.name), "kinds": wanted, "counter": counter.name if counter else None}
    if before != after:
        existing.name, existing.counter = clean(words.name), counter
        existing.revision += 1
        _change_kinds(session, existing, wanted)
        record(session, actor, "issuer.changed", _stream(existing), {"before": before, "after": after})
    return existing, False


def _counter(session: Session, name: str | None) -> Organisation | None:
    """The organisation that enters certificates in the issuer's name. Raises Invalid where nobody knows it."""
    if name is None:
        return None
    counter = session.scalar(sa.select(Organisation).where(Organisation.name == clean(name)))
    if counter is None:
        raise Invalid(
            "Cette organisation n'est pas connue.",
            [FieldError("/counter", "Donnez son nom tel que la liste des organisations le montre.")],
        )
    return counter


def _words_of(issuer: Issuer) -> dict[str, Any]:
    counter = issuer.counter.name if issuer.counter else None
    return {"name": issuer.name, "kinds": [one.kind for one in issuer.kinds], "counter": counter}


def _refuse_taken(session: Session, kinds: Sequence[str], issuer_id: UUID | None) -> None:
    taken = session.execute(
        sa.select(IssuerKind.kind, Issuer.code)
        .join(Issuer, Issuer.id == IssuerKind.issuer_id)
        .where(IssuerKind.kind.in_(kinds), Issuer.id.is_distinct_from(issuer_id))
        .order_by(IssuerKind.kind)
    ).all()
    if taken:
        raise Conflict(
            "Un type de certificat n'a qu'un émetteur : retirez-le d'abord de l'autre.",
            [
                FieldError(f"/kinds/{kinds.index(kind)}", f"« {kind} » est délivré par {code}.")
                for kind, code in taken
            ],
        )


def _change_kinds(session: Session, issuer: Issuer, kinds: Sequence[str]) -> None:
    current_kinds = {one.kind: one for one in issuer.kinds}
    both = sorted({*current_kinds, *kinds})
    before = certificates_queries.of_kinds(session, both)
    issuer.kinds = [current_kinds.get(kind) or IssuerKind(kind=kind) for kind in kinds]
    session.flush()
    _follow(session, _moved(before, certificates_queries.of_kinds(session, both)))


def import_list(
    session: Session,
    actor: Actor,
    code: str,
    file: BinaryIO,
    as_of: date | None = None,
    digest: str | None = None,
) -> ListReport:
    """Import all that an issuer has certified as of a day (today unless told), in the place of its list before.

    Every certificate of its kinds is checked against it; dossiers that it concerns are resolved again. The file that
    is in force already changes nothing. Raises NotFound, Invalid, and Unconfirmed when certificates lose by it and
    `digest` does not name what moves.
    """
    report = _replace_list(session, actor, code, file, as_of)
    report.confirm(digest)
    return report


def what_if_imported(
    session: Session, actor: Actor, code: str, file: BinaryIO, as_of: date | None = None
) -> ListReport:
    """The report that `import_list` would give, and its errors; nothing is changed."""
    attempt = session.begin_nested()  # not `undone`, after which each certificate that is shown is read anew
    try:
        return replace(_replace_list(session, actor, code, file, as_of), dry_run=True)
    finally:
        attempt.rollback()


def _replace_list(
    session: Session, actor: Actor, code: str, file: BinaryIO, as_of: date | None
) -> ListReport:
    authorise(actor, Right.EDIT_ISSUERS)
    issuer = queries.issuer(session, actor, code, lock=True)
    day = as_of or today(session)
    current = queries.current_list(session, issuer.id)
    _check_day(session, day, current)
    kinds = [one.kind for one in issuer.kinds]
    if not kinds:
        raise Invalid("Cet émetteur ne délivre aucun type de certificat : dites d'abord lesquels.")
    content = file.read()
    file.seek(0)
    read = read_list(file, kinds)
    if read.rows and not read.entries:
        raise Invalid(
            "Aucune ligne de cette liste n'est utilisable : tous les certificats en seraient absents.",
            [FieldError(f"/file/{one.row}", one.detail) for one in read.problems[:SHOWN]],
        )
    digest = hashlib.sha256(content).hexdigest()
    if current and (current.sha256, current.as_of, current.kinds) == (digest, day, kinds):
        return ListReport(current, (), read.problems)
    before = certificates_queries.of_kinds(session, kinds)
    issued = IssuerList(
        id=new_id(),
        issuer_id=issuer.id,
        number=1 + (current.number if current else 0),
        as_of=day,
        kinds=kinds,
        rows=read.rows,
        entries=len(read.entries),
        sha256=digest,
        imported_at=now(session),
        imported_by=actor.account_id,
    )
    _put_in_force(session, issued, current, read.entries)
    moved = _moved(before, certificates_queries.of_kinds(session, kinds))
    _follow(session, moved)
    counts = {key: getattr(issued, key) for key in ("number", "rows", "entries", "sha256")}
    detail = {**counts, "as_of": day.isoformat(), "moved": len(moved), "problems": len(read.problems)}
    record(session, actor, "issuer.list_imported", _stream(issuer), detail)
    return ListReport(issued, moved, read.problems)


def _check_day(session: Session, day: date, current: IssuerList | None) -> None:
    if day > today(session):
        raise Invalid(
            "Une liste dit ce qui est certifié à un jour passé, ou aujourd'hui.",
            [FieldError("/as_of", "Donnez le jour auquel l'émetteur a établi sa liste.")],
        )
    if current is not None and day < current.as_of:
        raise Invalid(
            f"La liste en vigueur est plus récente : elle est du {current.as_of:%d/%m/%Y}.",
            [FieldError("/as_of", "Donnez une liste qui n'est pas plus ancienne.")],
        )


def _put_in_force(
    session: Session, issued: IssuerList, current: IssuerList | None, entries: Iterable[ListEntry]
) -> None:
    if current is not None:
        current.superseded_at = issued.imported_at
        session.flush()  # the index that lets one be in force looks at each statement
    session.add(issued)
    session.flush()
    rows = [
        {
            "id": new_id(),
            "list_id": issued.id,
            "kind": entry.kind,
            "number": entry.number,
            "holder": entry.holder,
            "valid_from": entry.valid_from,
            "valid_until": entry.valid_until,
            "siren": entry.siren,
        }
        for entry in entries
    ]
    insert_rows(session, ListedCertificate, rows)


def _moved(before: Mapping[UUID, Checked], after: Mapping[UUID, Checked]) -> list[Moved]:
    return [
        Moved(after[certificate_id], before[certificate_id].check)
        for certificate_id in sorted(after)
        if (before[certificate_id].check.standing, before[certificate_id].check.differs)
        != (after[certificate_id].check.standing, after[certificate_id].check.differs)
    ]


def _follow(session: Session, moved: Iterable[Moved]) -> None:
    for core_id in sorted({one.now.certificate.core_id for one in moved}):
        enqueue(session, "resolve_software", core_id=str(core_id))


def _stream(issuer: Issuer) -> str:
    return f"issuer:{issuer.code}"
