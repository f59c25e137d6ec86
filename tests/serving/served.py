"""A server of a test's own, whose bounds are short: `python -m tests.serving.served PORT` on REFERENCING_DATA."""

import sys

from referencing import server
from referencing.base.outgoing import clamd, connections
from referencing.config import Settings
from referencing.serving import bodies, workers
from storage import address

#: Seconds.
GATHERING, PATIENCE, STATEMENT, MARGIN, GRACE, READING = 2.0, 2.0, 2, 1.0, 6, 3.0
PROCESSES = 2


def main(port: int) -> None:
    workers.GATHERING = GATHERING
    bodies.PATIENCE = PATIENCE
    connections.MARGIN = MARGIN
    address.READ_SECONDS = clamd.TIMEOUT = READING
    server.serve(Settings.from_environment(), "127.0.0.1", port)


if __name__ == "__main__":
    main(int(sys.argv[1]))
