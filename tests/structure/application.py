"""The application as it is wired, on a database that nobody asks."""

from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask

from referencing.app import create_app
from referencing.config import Settings


@cache
def wired() -> Flask:
    nowhere = Settings(data=Path("/nowhere"), database_url="postgresql://nobody@127.0.0.1:1/nothing")
    return create_app(nowhere)


@cache
def described() -> Any:
    """The OpenAPI description that it serves."""
    return wired().test_client().get("/api/openapi.json").json
