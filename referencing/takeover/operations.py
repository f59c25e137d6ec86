"""Past referencings taken over from a file, and taken back as a whole; jobs do either (`running`)."""

from dataclasses import asdict
from functools import partial
from typing import IO
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.db import insert_rows, new_id, now
from referencing.base.errors import Conflict
from referencing.base.permissions import Actor, Right, authorise
from referencing.catalogue.imports.text import clean_label
from referencing.files.upkeep import hold
from referencing.journal.operations import SYSTEM, Author, record
from storage.content import digest_of

from . import queries
from .checking import Report, dry_run
from .foresight import TakingBack, leaning_on
from .models import PastReferencing, PastState, Takeover, TakeoverProblem
from .running import go_on, stream_of
from .states import TAKEOVER, TakeoverAction, TakeoverState

_CHUNK = 1 << 20


def take_over(session: Session, actor: Actor, file: IO[bytes], filename: str) -> tuple[Takeover, bool]:
    """Have a file of past referencings taken over, and whether it was not already.

    What `check` tells of it is left aside likewise. Raises Forbidden, ForeignFile, and Conflict while the same file is
    being taken back.
    """
    authorise(actor, Right.TAKE_OVER)
    return begin(session, file, filename, actor)


def begin(session: Session, file: IO[bytes], filename: str, author: Author = SYSTEM) -> tuple[Takeover, bool]:
    """As `take_over`, for who administers the machine."""
    sha256 = _sha256(file)
    hold(session, sha256)  # another may send it now
    same_file = queries.of_content(session, sha256)
    if same_file is not None and same_file.state is TakeoverState.TAKING_BACK:
        raise Conflict(
            "La reprise de ce fichier est en train d'être retirée : renvoyez-le quand elle le sera."
        )
    if same_file is not None:
        return same_file, False
    report = dry_run(session, file)
    takeover = Takeover(
        id=new_id(),
        filename=clean_label(filename)[:300],
        sha256=sha256,
        state=TakeoverState.RUNNING,
        rows=report.rows,
        left_aside=report.left_aside,
        taken_by=author.account_id,
        taken_at=now(session),
    )
    session.add(takeover)
    session.flush()
    _keep_report(session, takeover, report)
    detail = {
        "filename": takeover.filename,
        "sha256": sha256,
        "rows": report.rows,
        "referencings": len(report.referencings),
        "left_aside": report.left_aside,
        "problems": len(report.problems),
    }
    record(session, author, "takeover.begun", stream_of(takeover), detail)
    go_on(session, takeover)
    return takeover, True


def _sha256(file: IO[bytes]) -> str:
    """The digest of a file, which is at its beginning afterwards."""
    sha256 = digest_of(iter(partial(file.read, _CHUNK), b""))
    file.seek(0)
    return sha256


def _keep_report(session: Session, takeover: Takeover, report: Report) -> None:
    """Keep what the file tells, so that no job reads it again, and what is wrong with it."""
    referencings = [
        {
            "takeover_id": takeover.id,
            "number": number,
            "row": checked.row,
            "state": PastState.WAITING,
            "organisation_id": checked.organisation_id,
            "nil": checked.nil,
            "software": checked.software,
            "software_version": checked.software_version,
            "commercial_name": checked.commercial_name,
            "composition": checked.composition,
            "version_id": checked.version_id,
            "profiles": checked.profiles,
            "deposited_on": checked.deposited_on,
            "referenced_on": checked.referenced_on,
            "findings": {code: tuple(finding) for code, finding in checked.findings.items()},
        }
        for number, checked in enumerate(report.referencings, start=1)
    ]
    problems = [
        {"takeover_id": takeover.id, "number": number, **asdict(problem)}
        for number, problem in enumerate(report.problems, start=1)
    ]
    insert_rows(session, PastReferencing, referencings)
    insert_rows(session, TakeoverProblem, problems)


def take_back(
    session: Session, actor: Actor, takeover_id: UUID, reason: str, digest: str | None = None
) -> Takeover:
    """Have all of a takeover undone: its findings are revoked, and whatever leans on them is judged again.

    Raises Forbidden, NotFound, Conflict when it is taken back already, and Unconfirmed when items lean on it and
    `digest` does not name them.
    """
    authorise(actor, Right.TAKE_OVER)
    queries.held(session, takeover_id)
    what_if_taken_back(session, actor, takeover_id).confirm(digest)
    return undo(session, takeover_id, reason, actor)


def what_if_taken_back(session: Session, actor: Actor, takeover_id: UUID) -> TakingBack:
    """What leans on a takeover now, and the errors of `take_back`; nothing is changed or held."""
    takeover = queries.takeover(session, actor, takeover_id)
    TAKEOVER.follow("La reprise", takeover.state, TakeoverAction.TAKE_BACK)
    return leaning_on(session, takeover)


def undo(session: Session, takeover_id: UUID, reason: str, author: Author = SYSTEM) -> Takeover:
    """As `take_back`, for who administers the machine."""
    takeover = queries.held(session, takeover_id)
    takeover.state = TAKEOVER.follow("La reprise", takeover.state, TakeoverAction.TAKE_BACK)
    takeover.reason, takeover.taken_back_by = reason, author.account_id
    takeover.taken_back_at, takeover.ended_at = now(session), None
    record(session, author, "takeover.taking_back", stream_of(takeover), {"reason": reason})
    go_on(session, takeover)
    return takeover
