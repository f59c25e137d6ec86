"""A real issuer for the tests: oidc-provider in a process of its own, with keys that the test knows."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.proofs.conftest import free_port

FOLDER = Path(__file__).parent / "provider"
AUDIENCE = "https://referencing.example/api"
#: How the applications of the tests are called by a browser.
HOME = "http://127.0.0.1"


@dataclass
class Issuer:
    """Called by one port of loopback; its process `listens` there, or where a line leads to."""

    name: str
    port: int
    listens: int = 0
    client_secret: str = "a secret: with% signs+"
    keys: list[RSAKey] = field(default_factory=lambda: [new_key()])

    @property
    def url(self) -> str:
        return f"{HOME}:{self.port}"

    @property
    def settings(self) -> dict[str, str]:
        prefix = f"OIDC_{self.name.upper()}_"
        said = {
            "URL": self.url,
            "LABEL": self.name.capitalize(),
            "CLIENT_ID": f"referencing-{self.name}",
            "CLIENT_SECRET": self.client_secret,
            "SCOPES": "openid profile email work",
            "AUDIENCE": AUDIENCE,
            "ORGANISATION_CLAIM": "siret",
            "ROLES_CLAIM": "roles",
        }
        return {prefix + word: value for word, value in said.items()}

    def started(self) -> dict[str, Any]:
        """What its process is told."""
        person_client = {
            "client_id": f"referencing-{self.name}",
            "client_secret": self.client_secret,
            "redirect_uris": [f"{HOME}/connexion/aupres/{self.name}/retour"],
            "post_logout_redirect_uris": [f"{HOME}/connexion"],
            "grant_types": ["authorization_code"],
            "userinfo_signed_response_alg": "RS256",
        }
        machine = {
            "client_id": "pipeline",
            "client_secret": "of the pipeline",
            "redirect_uris": [],
            "response_types": [],
            "grant_types": ["client_credentials"],
        }
        clients = [person_client, machine]
        return {
            "port": self.port,
            "listens": self.listens or self.port,
            "keys": self.published,
            "clients": clients,
            "audience": AUDIENCE,
        }

    @property
    def published(self) -> list[Any]:
        return [key.as_dict(private=True) for key in self.keys]

    def rotate(self) -> None:
        """From now on other keys sign, and the ones before are published no more."""
        self.keys = [new_key()]
        self._control(keys=self.published)

    def expects(self, sub: str, **claims: Any) -> None:
        """Who signs in from now on."""
        self._control(person={"sub": sub, **claims})

    def _control(self, **said: Any) -> None:
        requests.post(f"{self.url}/control", json=said, timeout=30).raise_for_status()

    def machine_token(self) -> str:
        """An access token by client credentials."""
        asked = {"grant_type": "client_credentials", "resource": AUDIENCE, "scope": "read_catalogue"}
        answer = requests.post(f"{self.url}/token", asked, auth=("pipeline", "of the pipeline"), timeout=30)
        return str(answer.json()["access_token"])

    def signed(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """An access token as it issues them, with other words where they are said; None leaves one out."""
        moment = int(time.time())
        words = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "ines",
            "client_id": "an-application",
            "acr": "eidas2",
            "jti": uuid4().hex,
            "iat": moment,
            "exp": moment + 600,
            **claims,
        }
        key = self.keys[0]
        head = {"alg": "RS256", "typ": "at+jwt", "kid": key.kid, **(header or {})}
        kept = {name: value for name, value in words.items() if value is not None}
        return jwt.encode({name: value for name, value in head.items() if value is not None}, kept, key)


def new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256", "kid": uuid4().hex})


def is_installed() -> bool:
    return shutil.which("node") is not None and (FOLDER / "node_modules").is_dir()


@contextmanager
def running(name: str, reached: Callable[[int], int] = lambda port: port) -> Iterator[Issuer]:
    """An issuer; `reached` says by which port, given the one where it listens."""
    listens = free_port()
    issuer = Issuer(name, reached(listens), listens)
    command = ["node", "issuer.js", json.dumps(issuer.started())]
    process = subprocess.Popen(command, cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        while b"ready" not in (line := process.stdout.readline()):
            assert line, "the issuer does not start"
        yield issuer
    finally:
        process.kill()
        process.communicate()
