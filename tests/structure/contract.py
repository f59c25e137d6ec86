"""What a client of the API may rely on, a line for each operation, each schema and each of its properties.

It is the OpenAPI description in order, without words and examples. `make openapi` writes it to `openapi.txt`.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.structure.application import described

RECORD = Path(__file__).with_name("openapi.txt")
#: What people read; as a property's name it has a schema, which is no text.
WORDS = {"description", "summary", "title"}


def contract() -> Iterator[str]:
    """The lines, in the order of their names."""
    document = described()
    for path, operations in sorted(document["paths"].items()):
        for method, operation in sorted(operations.items()):
            yield f"{method.upper()} {path} {_line(operation)}"
    for kind, members in sorted(document["components"].items()):
        for name, member in sorted(members.items()):
            properties = member.get("properties", {})
            yield f"{kind} {name} {_line({**member, 'properties': len(properties)})}"
            for key, schema in sorted(properties.items()):
                yield f"{kind} {name}.{key} {_line(schema)}"


def _line(value: Any) -> str:
    return json.dumps(_bare(value), ensure_ascii=False, sort_keys=True)


def _bare(value: Any) -> Any:
    """A value without its words; a reference as the name it leads to; parameters in the order of their names."""
    match value:
        case {"$ref": str(reference), **others} if not others:
            return reference.rpartition("/")[2]
        case dict():
            return {
                key: _bare(part)
                for key, part in value.items()
                if not (key == "example" or (key in WORDS and isinstance(part, str)))
            }
        case [{"in": _}, *_]:
            return [_bare(part) for part in sorted(value, key=_parameter)]
        case list():
            return [_bare(part) for part in value]
    return value


def _parameter(part: Any) -> tuple[str, str]:
    """Where a parameter stands in its list; one that is described apart comes by that name."""
    return part.get("in", "header"), part.get("name") or part["$ref"].rpartition("/")[2]


if __name__ == "__main__":
    RECORD.write_text("".join(f"{line}\n" for line in contract()))
