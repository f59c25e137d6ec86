"""How alembic runs the migrations: on the address that `referencing.base.db` gives, one process at a time."""

import sqlalchemy as sa
from alembic import context

from referencing.registers import tables

LOCK = 7_201_514  # any number, the same for all


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
            connection.execute(sa.text("SET LOCAL lock_timeout = '10s'"))
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
            context.run_migrations()
    engine.dispose()


run()
