"""Which of the parts that the application needs answer, asked all at once and within seconds."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from threading import Thread
from time import monotonic

from referencing.base.db import schema_of
from referencing.base.jobs import reach
from referencing.base.outgoing.connections import revision_at

from .requests import Parts

#: Seconds after which a part that was asked counts as silent.
WITHIN = 4.0
OK, UNAVAILABLE, DEGRADED = "ok", "unavailable", "degraded"
#: Parts without which no request is served. The others may come back: jobs are rows, and contents wait for their scan.
NEEDED = frozenset({"database", "storage"})


def readiness(parts: Parts) -> tuple[dict[str, str], bool]:
    """The state of each part that is configured, by its name, and whether requests can be served.

    `schema` is among them where it is not this version's own: a newer one serves, an older one does not.
    """
    revisions: list[str | None] = []
    checks: dict[str, Callable[[], object]] = {
        "database": lambda: revisions.append(revision_at(parts.engine.url, pooled=parts.settings.is_pooled)),
        "storage": parts.vault.storage.check,
    }
    if parts.settings.broker_url is not None:
        checks["broker"] = partial(reach, parts.settings.broker_url)
    if parts.vault.scanner is not None:
        checks["scanner"] = parts.vault.scanner.ping
    answering = _answering(checks)
    states = {
        part: OK if part in answering else UNAVAILABLE if part in NEEDED else DEGRADED for part in checks
    }
    if UNAVAILABLE in states.values():
        return states, False
    schema = schema_of(revisions[0])
    if schema.revision != schema.latest:
        states["schema"] = str(schema)
    return states, schema.is_usable


def _answering(checks: Mapping[str, Callable[[], object]]) -> set[str]:
    """The parts that answer in time. Who is silent keeps a thread of nobody, until its own bound."""
    answered: set[str] = set()

    def ask(part: str) -> None:
        with suppress(Exception):
            checks[part]()
            answered.add(part)

    threads = [Thread(target=ask, args=(part,), daemon=True) for part in checks]
    until = monotonic() + WITHIN
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(until - monotonic(), 0))
    return set(answered)
