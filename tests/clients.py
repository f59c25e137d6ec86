"""A client of the API as an integration would write one."""

import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class Client:
    """Paths are below /api/v1; every request carries the key."""

    def __init__(self, http: FlaskClient, key: str) -> None:
        self.http = http
        self.key = key
        self.headers = {"Authorization": f"Bearer {key}"}

    def send(
        self, method: str, path: str, headers: dict[str, str] | None = None, **body: Any
    ) -> TestResponse:
        return self.http.open(
            f"/api/v1{path}", method=method, headers={**self.headers, **(headers or {})}, **body
        )

    def get(self, path: str, **options: Any) -> Any:
        return self.expect(200, self.send("GET", path, **options))

    def post(self, path: str, json: Any = None, status: int = 201, **options: Any) -> Any:
        return self.expect(status, self.send("POST", path, json=json, **options))

    def put(self, path: str, json: Any = None, status: int = 200, **options: Any) -> Any:
        return self.expect(status, self.send("PUT", path, json=json, **options))

    def refused(self, status: int, method: str, path: str, **options: Any) -> Any:
        """The problem of a request that is refused."""
        response = self.send(method, path, **options)
        assert response.status_code == status, response.get_data(as_text=True)
        assert response.content_type == "application/problem+json"
        return response.json

    def upload(
        self, path: str, *files: tuple[str, bytes], method: str = "POST", status: int = 201, **options: Any
    ) -> Any:
        response = self.send(method, path, data=form(*files), **options)
        return self.expect(status, response)

    def every(self, path: str) -> Iterator[Any]:
        """All the pages of a list."""
        joint = "&" if "?" in path else "?"
        following: str | None = ""
        while following is not None:
            page = self.get(f"{path}{joint}cursor={following}" if following else path)
            yield from page["items"]
            following = page["next"]

    @staticmethod
    def expect(status: int, response: TestResponse) -> Any:
        assert response.status_code == status, response.get_data(as_text=True)
        if response.content_type != "application/json":
            return response
        assert b'+00:00"' not in response.data, "every moment is written in UTC with Z"
        return response.json


def form(*files: tuple[str, bytes]) -> dict[str, Any]:
    return {"file": [(io.BytesIO(content), name) for name, content in files]}


def read_in_spite_of_a_conflict(client: Client, organisation: str) -> None:
    """Declare a conflict of interest of a lead's own, and open the organisation to them for a day."""
    words = {"verifier": client.get("/me")["id"], "organisation": organisation, "reason": "Parent."}
    declared = client.post("/conflicts", words)
    client.post(f"/conflicts/{declared['id']}/reading", {"reason": "Seul."}, status=200)


def escaped(code: str) -> str:
    """An expected proof's code as a segment of a path."""
    return quote(code, safe="")
