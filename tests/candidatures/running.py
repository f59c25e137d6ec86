"""One application for many tests: before each, its database is made anew, as some preparation left it."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import psycopg
import sqlalchemy as sa
from flask import Flask

from referencing.app import create_app
from referencing.config import Settings
from referencing.equivalence.rulebooks.queries import CACHE
from tests.candidatures.dossiers import Dossier, People, furnish
from tests.conformance import watched
from tests.conftest import Time
from tests.databases import Renewed, new_database, plain

Prepare = Callable[[People], Sequence[Dossier]]

#: The day on which the lists and the rules were published, before anything else happens.
PUBLISHED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
#: A pooler keeps connections when nobody uses them any more, and a database with connections is no template.
CUT_OFF = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"


@dataclass(frozen=True)
class Prepared:
    """A database to copy, with who and what is in it."""

    name: str
    people: People
    dossiers: Sequence[str]


@dataclass
class Running:
    """Another application for each test would have to compile every statement again."""

    app: Flask
    clock: Time
    server: sa.URL
    database: str
    prepared: dict[Prepare, Prepared] = field(default_factory=dict)

    @contextmanager
    def after(
        self, prepare: Prepare = furnish, on: Prepare = furnish
    ) -> Iterator[tuple[People, list[Dossier]]]:
        """What `prepare` does after the catalogue that `on` publishes: each is done once, then copied."""
        template = self._template(prepare, on)
        yield self._begin(template, Time().now)

    def _template(self, prepare: Prepare, on: Prepare) -> Prepared:
        if prepare not in self.prepared:
            if prepare is on:
                before, now = Prepared("migrated", People(self.app), []), PUBLISHED
            else:
                before, now = self._template(on, on), Time().now
            self.renewed.leave()  # what is kept beside is not for a template
            people, _ = self._begin(before, now)
            dossiers = [one.id for one in prepare(people)]
            self.renewed.leave()
            name = f"{self.database}_{len(self.prepared)}"
            with psycopg.connect(plain(self.server), autocommit=True) as connection:
                connection.execute(CUT_OFF, [self.database])
            new_database(self.server, name, self.database)
            self.prepared[prepare] = Prepared(name, people, dossiers)
        return self.prepared[prepare]

    def _begin(self, template: Prepared, now: datetime) -> tuple[People, list[Dossier]]:
        self.renewed.renew(template.name)
        CACHE.entries.clear()  # lists of one id are published with other lines in another copy
        self.clock.now = now
        people = People(self.app, dict(template.people.known), copy(template.people.softwares))
        return people, [Dossier(people, one) for one in template.dossiers]

    @cached_property
    def renewed(self) -> Renewed:
        return Renewed(self.server, self.database, self.app.extensions["referencing"].engine)


@contextmanager
def running_on(server: sa.URL, database: str, folder: Path) -> Iterator[Running]:
    clock = Time()
    url = plain(server.set(database=database))
    pooler = os.environ.get("REFERENCING_TEST_POOLER_URL")
    # The limit of a minute is not for tests, which are of one account: a copied database has the same ids.
    settings = Settings(
        data=folder,
        database_url=plain(sa.make_url(pooler).set(database=database)) if pooler else url,
        database_direct_url=url if pooler else None,
        largest_file=2**20,
        rate_account=10**9,
        rate_organisation=10**9,
    )
    app = watched(create_app(settings, clock=clock))
    app.testing = True
    running = Running(app, clock, server, database)
    yield running
    running.renewed.leave()
