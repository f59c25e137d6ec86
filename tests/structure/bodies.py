"""The least that each operation of the OpenAPI description takes: its path with an id, its parameters, its body."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.clients import form
from tests.structure.application import described

API = "/api/v1"
METHODS = frozenset({"get", "post", "put", "patch", "delete"})
DAY, MOMENT = "2026-04-01", "2026-04-01T10:00:00Z"
SHA256 = "0" * 64
#: What is checked by more than a type, by the name of the field.
WORDS: dict[str, Any] = {
    "address": "camille@exemple.fr",
    "siren": "732829320",
    "sha256": SHA256,
    "link": "https://salle.exemple.fr/1",
    "action": "withdraw",
}
#: What a path takes that is no id.
NAMES = {"kind": "room"}
#: What no single field requires, or what the description says in words.
MORE: dict[str, dict[str, Any]] = {
    "POST /api/v1/platforms": {"code": "platine"},
    "POST /api/v1/nonconformities/{nonconformity}/plans": {"due_on": DAY},
    "PATCH /api/v1/dsrs/{dsr}/proofs/{code}": {"kind": "document"},
    "POST /api/v1/duo/slots": {"starts_at": "10:00", "ends_at": "12:00"},
}
FIELDS = {"declaration": '{"other": "00000000-0000-0000-0000-000000000007"}'}
HEADERS = {
    "POST /api/v1/uploads": {
        "Upload-Length": "1",
        "Upload-Metadata": "candidature MDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDA3,item eA==,filename YS50eHQ=",
    },
    "POST /api/v1/uploads/{upload}": {"X-HTTP-Method-Override": "DELETE"},
}


@dataclass(frozen=True)
class Operation:
    """`name` is its method and path, as in the description."""

    method: str
    path: str
    described: Any

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def arguments(self) -> list[Any]:
        """What stands in its path, with their schemas."""
        return [one for one in self.parameters() if one["in"] == "path"]

    def address(self, value: str) -> str:
        """Its path with a value for each argument; a number where it takes one."""
        path = self.path
        for argument in self.arguments:
            number = argument["schema"].get("type") == "integer"
            path = path.replace(
                f"{{{argument['name']}}}", "1" if number else NAMES.get(argument["name"], value)
            )
        needed = [one for one in self.parameters() if one["in"] == "query" and one.get("required")]
        query = "&".join(f"{one['name']}={least(one['schema'], one['name'])}" for one in needed)
        return f"{path}?{query}" if query else path

    def request(self, value: str) -> dict[str, Any]:
        """What is sent: `value` stands for every id in the body too."""
        content = self.described.get("requestBody", {}).get("content", {})
        headers = {
            one["name"]: '"1"' for one in self.parameters() if one["in"] == "header" and one.get("required")
        } | HEADERS.get(self.name, {})
        if "/uploads" in self.path:
            headers |= {"Tus-Resumable": "1.0.0"}
        if "application/json" in content:
            body = least(content["application/json"]["schema"], "", value)
            return {"headers": headers, "json": body | MORE.get(self.name, {})}
        if "multipart/form-data" in content:
            fields = content["multipart/form-data"]["schema"].get("properties", {})
            texts = {
                name: FIELDS.get(name, "{}") for name, one in fields.items() if one.get("contentMediaType")
            }
            return {"headers": headers, "data": {**texts, **form(("a.txt", b"x"))}}
        if content:
            headers |= {"Content-Type": next(iter(content)), "Upload-Offset": "0"}
            return {"headers": headers, "data": b""}
        return {"headers": headers}

    def parameters(self) -> list[Any]:
        shared = described()["paths"][self.path].get("parameters", [])
        return [resolved(one) for one in (*shared, *self.described.get("parameters", []))]


def operations() -> Iterator[Operation]:
    for path, methods in described()["paths"].items():
        for method in sorted(METHODS & methods.keys()):
            yield Operation(method.upper(), path, methods[method])


def resolved(schema: Any) -> Any:
    if "$ref" not in schema:
        return schema
    found = described()
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


def least(schema: Any, name: str, value: str = "00000000-0000-0000-0000-000000000007") -> Any:  # noqa: PLR0911 - a case a line
    """The least value of a schema: of an object the fields that are required."""
    schema = resolved(schema)
    if name in WORDS:
        return WORDS[name]
    if "enum" in schema:
        return next(one for one in schema["enum"] if one is not None)
    kind = schema.get("type")
    kind = next(one for one in kind if one != "null") if isinstance(kind, list) else kind
    if kind == "object" or "properties" in schema:
        needed = schema.get("required", [])
        return {one: least(schema["properties"][one], one, value) for one in needed}
    if kind == "array":
        return [least(schema["items"], name, value)]
    if kind == "boolean":
        return True
    if kind in {"integer", "number"}:
        return schema.get("minimum", 1)
    return {"uuid": value, "date": DAY, "date-time": MOMENT, "time": "10:00"}.get(schema.get("format"), "x")
