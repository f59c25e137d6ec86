"""Log lines as JSON, one object a line, with the request that they belong to; nothing in them is personal.

An error is told by where it came from, its kind, and what PostgreSQL or the machine call it, never by its message: that
may repeat what somebody wrote. Libraries say what goes wrong, and nothing of what they carry: their more talkative
levels tell statements with their rows, addresses and headers.
"""

import logging
import logging.config
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import orjson
from flask import g, has_request_context, request

from .repeats import Repeats

#: Lines for a person at a terminal.
TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"


#: Whose lines are told from the level of the settings on; of all else, what goes wrong.
OURS = ("referencing", "migrations", "demonstration", "gunicorn", "storage")
Trace = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Lines(logging.Formatter):
    def formatException(self, ei: Trace) -> str:  # noqa: N802 - logging's name
        """Where an error came from, its cause before it."""
        return "" if ei[1] is None else "\n".join(_told(ei[1]))


def _told(error: BaseException) -> Iterator[str]:
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _told(cause)
        yield "which led to:"
    yield "".join(traceback.format_tb(error.__traceback__)) + _kind(error)


def _kind(error: BaseException) -> str:
    """The kind of an error, with what PostgreSQL or the machine say of it in words that are theirs alone."""
    state = getattr(error, "sqlstate", None)
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
    machine = error.strerror if isinstance(error, OSError) else None
    return " ".join(filter(None, (type(error).__qualname__, state, constraint, machine)))


class JsonLines(Lines):
    """`fields` of a record are members of the line; the request adds its id, its account and its route."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_request(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str, option=orjson.OPT_UTC_Z).decode()


def _request() -> dict[str, Any]:
    if not has_request_context():
        return {}
    actor = g.get("actor")
    return {
        "request": g.get("request_id"),
        "account": actor.account_id if actor else None,
        "route": request.url_rule.rule if request.url_rule else None,
    }


def configure(level: str, form: str) -> None:
    """All lines of this process on standard error, from a level on; `form` is `json` or `text`."""
    formatter = {"()": JsonLines} if form == "json" else {"()": Lines, "format": TEXT}
    most_talkative = max(logging.getLevelNamesMapping()[level], logging.WARNING)
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": formatter},
            "filters": {"repeats": {"()": Repeats}},
            "handlers": {
                "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["repeats"]}
            },
            "root": {"level": most_talkative, "handlers": ["stderr"]},
            "loggers": {name: {"level": level} for name in OURS},
        }
    )
