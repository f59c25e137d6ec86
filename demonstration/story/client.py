"""The API as an editor's or a verifier's own program would use it: standard library only."""

import json
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from demonstration.cast import Piece

HOST = "127.0.0.1"
_SECONDS = 30


class Refused(Exception):
    """The API did not answer as the story goes."""


class Client:
    """Paths are below /api/v1; every request carries the key. Raises Refused for an answer that is no success."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._key = key

    def get(self, path: str) -> Any:
        return self._send("GET", path)

    def post(self, path: str, words: Any = None) -> Any:
        """Answers None when there is nothing (204)."""
        return self._send("POST", path, *_json(words))

    def put(self, path: str, words: Any, revision: int | None = None) -> Any:
        """With the revision that was read, where somebody else may have written meanwhile."""
        return self._send("PUT", path, *_json(words), revision)

    def send_file(self, path: str, file: Piece, method: str = "POST") -> Any:
        return self._send(method, path, *_form(file))

    def every(self, path: str) -> Iterator[Any]:
        """All the pages of a list."""
        page = self.get(path)
        yield from page["items"]
        while page["next"]:
            page = self.get(f"{path}?cursor={page['next']}")
            yield from page["items"]

    def _send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        media_type: str = "",
        revision: int | None = None,
    ) -> Any:
        headers = {"Authorization": f"Bearer {self._key}"}
        if media_type:
            headers["Content-Type"] = media_type
        if revision is not None:
            headers["If-Match"] = f'"{revision}"'
        with closing(HTTPConnection(HOST, self._port, timeout=_SECONDS)) as connection:
            try:
                connection.request(method, f"/api/v1{path}", body, headers)
                response = connection.getresponse()
                answer = response.read()
            except (OSError, HTTPException) as error:
                raise Refused(f"{method} {path} : le serveur ne répond plus ({error})") from error
        if response.status >= 300:
            raise Refused(f"{method} {path} : {response.status} {answer.decode(errors='replace')}")
        return json.loads(answer) if answer else None


def segment(code: str) -> str:
    """A code as one segment of a path."""
    return quote(code, safe="")


def _json(words: Any) -> tuple[bytes | None, str]:
    return (None, "") if words is None else (json.dumps(words).encode(), "application/json")


def _form(file: Piece) -> tuple[bytes, str]:
    boundary = uuid4().hex
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{file.filename}"\r\n'
        f"Content-Type: {file.media_type}\r\n\r\n"
    )
    body = head.encode() + file.content + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"
