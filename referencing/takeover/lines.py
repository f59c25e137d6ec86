"""A takeover, or the check of a file, as lines on a terminal."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from . import queries
from .checking import Report
from .models import Takeover


def check_lines(report: Report) -> Iterator[str]:
    """The problems of a file, one a line (row, code, sentence), then its figures."""
    for problem in report.problems:
        yield f"{problem.row}\t{problem.code}\t{problem.detail}"
    outcomes = sum(len(one.findings) for one in report.referencings)
    yield (
        f"rows: {report.rows}, usable: {len(report.referencings)}, outcomes: {outcomes}, "
        f"left aside: {report.left_aside}, problems: {len(report.problems)}"
    )


def takeover_line(session: Session, takeover: Takeover) -> str:
    """Id, state, day, file, and how many of its referencings stand how."""
    progress = queries.progress(session, takeover.id)
    told = ", ".join(f"{state}: {count}" for state, count in progress.items() if count)
    words = (takeover.id, takeover.state.value, f"{takeover.taken_at:%Y-%m-%d}", takeover.filename, told)
    return "\t".join(map(str, words))
