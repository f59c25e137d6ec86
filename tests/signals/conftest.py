"""Anybody, who has no key, before a form."""

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

SEEN = {"solution": "Alizé Cabinet", "description": "L'INS s'affiche sans ses traits."}


@dataclass
class Anybody:
    http: FlaskClient

    def send(self, words: Any = None, address: str = "192.0.2.1", **headers: str) -> TestResponse:
        return self.http.post(
            "/api/v1/signals",
            json=words or SEEN,
            headers=headers,
            environ_overrides={"REMOTE_ADDR": address},
        )

    def tell(self, **words: Any) -> str:
        """The receipt."""
        response = self.send({**SEEN, **words})
        assert response.status_code == 201, response.get_data(as_text=True)
        answered: Any = response.json
        return str(answered["receipt"])

    def status(self, receipt: str) -> TestResponse:
        return self.http.get(f"/api/v1/signals/receipts/{receipt}")


@pytest.fixture
def anybody(app: Flask) -> Anybody:
    return Anybody(app.test_client())
