"""The story's server: the application as it is, by a clock that the story moves on when a day is to pass."""

import sys
from datetime import datetime, timedelta
from pathlib import Path

from demonstration.story.client import HOST
from referencing.base import db
from referencing.commands import settings_given
from referencing.server import serve

#: In the data folder: the seconds by which the clock is ahead of the machine's.
AHEAD = "ahead"


def main(port: int) -> None:
    with settings_given() as settings:
        serve(settings, HOST, port, clock=moved_by(settings.data / AHEAD))


def moved_by(file: Path) -> db.Clock:
    """The clock that the file puts ahead."""

    def clock() -> datetime:
        return db.utc_now() + timedelta(seconds=float(file.read_text()) if file.exists() else 0)

    return clock


if __name__ == "__main__":
    main(int(sys.argv[1]))
