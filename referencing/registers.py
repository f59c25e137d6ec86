"""What the packages bring, found by the names of their modules: routes, background tasks, tables."""

import pkgutil
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from importlib import import_module
from types import ModuleType

import sqlalchemy as sa
from flask_smorest import Blueprint

import referencing
from referencing.base.db import Base
from referencing.base.jobs import Background


def _modules(layer: str) -> Iterator[ModuleType]:
    """The modules of a layer in all packages, in alphabetical order: `routes`, `plan_routes`, and so on."""
    for module in pkgutil.walk_packages(referencing.__path__, "referencing."):
        name = module.name.rpartition(".")[2]
        if not module.ispkg and (name == layer or name.endswith(f"_{layer}")):
            yield import_module(module.name)


@cache
def blueprints() -> tuple[Blueprint, ...]:
    """Every blueprint of the API, once; the console's pages are another kind, which it puts in by itself."""
    every = dict.fromkeys(module.blueprint for module in _modules("routes"))
    return tuple(blueprint for blueprint in every if isinstance(blueprint, Blueprint))


@cache
def tasks() -> tuple[Background, ...]:
    """Every background task. Raises ValueError when two have one name: a job would not know which is meant."""
    backgrounds = [background for module in _modules("tasks") for background in module.TASKS]
    if len({background.name for background in backgrounds}) < len(backgrounds):
        raise ValueError("two background tasks have one name")
    return tuple(backgrounds)


def periods() -> dict[str, timedelta]:
    """How often a task is done without anybody asking, by its name."""
    return {background.name: background.every for background in tasks() if background.every}


@cache
def tables() -> sa.MetaData:
    """The metadata with every table."""
    for _ in _modules("models"):
        pass
    return Base.metadata
