"""Log lines as JSON, one object a line, with the request that they belong to; nothing in them is personal."""

import logging
import logging.config
from datetime import UTC, datetime
from typing import Any

import orjson
from flask import g, has_request_context, request

from .repeats import Repeats

#: Lines for a person at a terminal.
TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"


class JsonLines(logging.Formatter):
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
    formatter = {"()": JsonLines} if form == "json" else {"format": TEXT}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": formatter},
            "filters": {"repeats": {"()": Repeats}},
            "handlers": {
                "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["repeats"]}
            },
            "root": {"level": level, "handlers": ["stderr"]},
            "loggers": {name: {"level": "WARNING"} for name in ("alembic", "dramatiq", "pika", "urllib3")},
        }
    )
