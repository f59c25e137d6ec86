"""The application as it is wired, on a database that nobody asks."""

from functools import cache
from pathlib import Path

from flask import Flask

from referencing.app import create_app
from referencing.config import Settings


@cache
def wired() -> Flask:
    nowhere = Settings(data=Path("/nowhere"), database_url="postgresql://nobody@127.0.0.1:1/nothing")
    return create_app(nowhere)
