"""Writes an example for each operation of the description that has none or a broken one, from what tests are answered.

python -m tests.structure.examples tests/ROOM ...
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from referencing.web.openapi import examples
from tests.conformance import RECORDED, Described

FILE = Path(examples.__file__).with_name(examples.FILE)
#: Of a list that is answered, the items that are enough to show it; bytes of an example at the most.
ITEMS, LONGEST = 2, 6_000


def valid(example: dict[str, Any]) -> bool:
    """Whether the description still has what an example asks and is answered."""
    return not list(faults(example))


def faults(example: dict[str, Any]) -> Iterator[str]:
    """What of an example is not as the description says."""
    described = Described.every().get(example["operation"])
    if described is None:
        yield "there is no such operation"
    else:
        yield from described.faults_of(example)


def shortened(value: Any, items: int) -> Any:
    """A value whose lists are cut after some items."""
    if isinstance(value, dict):
        return {key: shortened(part, items) for key, part in value.items()}
    return [shortened(part, items) for part in value[:items]] if isinstance(value, list) else value


def chosen(candidates: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The one that shows most in a few lines; None where none is short enough and valid."""
    for items in range(ITEMS, -1, -1):
        short: list[dict[str, Any]] = [shortened(candidate, items) for candidate in candidates]
        fitting = [example for example in short if len(json.dumps(example)) <= LONGEST]
        for example in sorted(fitting, key=lambda one: (-len(json.dumps(one)), json.dumps(one))):
            if valid(example):
                return example
    return None


def written(folder: Path) -> Iterator[str]:
    """The lines of the file: what is valid stays, what misses is taken from the folder."""
    kept = {name: example for name, example in examples.recorded().items() if valid(example)}
    answered: dict[str, list[dict[str, Any]]] = {}
    for path in folder.glob("*.json"):
        example = json.loads(path.read_text())
        answered.setdefault(example["operation"], []).append(example)
    for name in sorted(answered.keys() | kept.keys()):
        example = kept.get(name) or chosen(answered[name])
        if example is not None:
            yield json.dumps(example, ensure_ascii=False, sort_keys=True)


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        os.environ[RECORDED] = folder
        pytest.main(sys.argv[1:])
        lines = [f"{line}\n" for line in written(Path(folder))]
    FILE.write_text("".join(lines))
