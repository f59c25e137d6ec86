"""How alembic runs the migrations: on the address that `referencing.base.db` gives, one process at a time."""

import logging
from time import monotonic, sleep

import sqlalchemy as sa
from alembic import context

from referencing.registers import tables

log = logging.getLogger("migrations")

LOCK = 7_201_514  # any number, the same for all
TABLE = 10  # seconds that a table is waited for, and that others wait behind that


def wait_for_turn(connection: sa.Connection, patience: float) -> None:
    """Let a process that is at it come to its end. Raises TimeoutError after so many seconds."""
    until = monotonic() + patience
    is_told = False
    while not connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(LOCK))):
        if monotonic() >= until:
            raise TimeoutError(
                f"another process has been changing the schema for {patience:.0f} s: see what it waits for"
            )
        if not is_told:
            log.warning("another process changes the schema: waiting for it")
        is_told = True
        sleep(0.2)


def run() -> None:
    engine = sa.create_engine(context.config.attributes["url"], poolclass=sa.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=tables(),
            transaction_per_migration=False,
            compare_type=True,
        )
        with context.begin_transaction():
            patience: float = context.config.attributes.get("patience", 600)
            connection.execute(sa.text(f"SET LOCAL lock_timeout = '{min(patience, TABLE):.0f}s'"))
            wait_for_turn(connection, patience)
            context.run_migrations()
    engine.dispose()


run()
