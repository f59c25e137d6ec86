"""A server of a test's own, whose bounds are short: `python -m tests.serving.served PORT` on REFERENCING_DATA."""

import sys
from datetime import timedelta

from referencing import server
from referencing.accounts.openid import provider
from referencing.base.outgoing import clamd, connections
from referencing.config import Settings
from referencing.mail import operations, relay
from referencing.serving import bodies, workers
from storage import address

#: Seconds.
GATHERING, PATIENCE, STATEMENT, MARGIN, GRACE, READING = 2.0, 2.0, 2, 1.0, 6, 3.0
PROCESSES = 2
#: Seconds that what an issuer publishes is kept: at least, and at the most.
FRESH, LONGEST = 1, 2
#: Between two attempts at a letter.
PAUSE = timedelta(seconds=2)


def main(port: int) -> None:
    workers.GATHERING = GATHERING
    bodies.PATIENCE = PATIENCE
    connections.MARGIN = MARGIN
    address.READ_SECONDS = clamd.TIMEOUT = relay.TIMEOUT = READING
    operations.PAUSES = [PAUSE] * len(operations.PAUSES)
    provider.FRESH = provider.SPARED = FRESH
    provider.LONGEST = LONGEST
    server.serve(Settings.from_environment(), "127.0.0.1", port)


if __name__ == "__main__":
    main(int(sys.argv[1]))
