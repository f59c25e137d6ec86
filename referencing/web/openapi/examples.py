"""An example for each operation: what was really asked and answered, in `examples.jsonl`, a line for each.

`python -m tests.structure.examples` writes them from what tests were answered.
"""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import orjson

FILE = "examples.jsonl"
JSON = "application/json"


def recorded() -> dict[str, Any]:
    """By the operation's id: the `arguments` of its path, and where there are any `request`, `status` and `answer`."""
    lines = files(__package__).joinpath(FILE).read_bytes().splitlines()
    return {example["operation"]: example for example in map(orjson.loads, lines)}


def illustrate(paths: dict[str, Any]) -> None:
    """Put each example where the description has a place for it."""
    examples = recorded()
    for methods in paths.values():
        for operation in methods.values():
            example = examples.get(operation.get("operationId", "")) if isinstance(operation, dict) else None
            if example is not None:
                _put(operation, methods, example)


def _put(operation: dict[str, Any], methods: dict[str, Any], example: dict[str, Any]) -> None:
    for parameter in methods.get("parameters", ()):
        if parameter.get("name") in example["arguments"] and "example" not in parameter:
            value = example["arguments"][parameter["name"]]
            parameter["example"] = int(value) if parameter["schema"].get("type") == "integer" else value
    for place, content in _places(operation, example):
        if place in example and JSON in content:
            content[JSON]["example"] = example[place]


def _places(operation: dict[str, Any], example: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "request", operation.get("requestBody", {}).get("content", {})
    yield "answer", operation["responses"].get(str(example["status"]), {}).get("content", {})
