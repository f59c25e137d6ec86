"""Two real issuers, and an application that trusts both."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from referencing.app import create_app
from referencing.base.permissions import Role
from referencing.config import Settings
from tests.builders import somebody
from tests.clients import Client
from tests.conftest import parts
from tests.databases import new_database

from .issuer import Issuer, is_installed, running


def trusted(name: str) -> Iterator[Issuer]:
    if not is_installed():
        pytest.skip("no oidc-provider: npm ci --prefix tests/accounts/openid/provider")
    with running(name) as issuer:
        yield issuer


@pytest.fixture(scope="module")
def agence() -> Iterator[Issuer]:
    yield from trusted("agence")


@pytest.fixture(scope="module")
def portail() -> Iterator[Issuer]:
    yield from trusted("portail")


@pytest.fixture(scope="module")
def application(
    agence: Issuer, portail: Issuer, server: sa.URL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """By the time of this machine, which the issuers have as well."""
    oidc = {
        "OIDC_ISSUERS": "agence,portail",
        **agence.settings,
        **portail.settings,
        "OIDC_AGENCE_ACR": "eidas2",
        "OIDC_AGENCE_ROLES": "pilotes=lead",
        "OIDC_PORTAIL_ROLES": "mandataires=editor:mandataire,salaries=editor:salarie",
    }
    url = new_database(server, "openid").set(drivername="postgresql")
    settings = Settings(
        data=tmp_path_factory.mktemp("openid"),
        database_url=url.render_as_string(hide_password=False),
        oidc=oidc,
    )
    app = create_app(settings)
    app.testing = True
    yield app
    parts(app).engine.dispose()


@pytest.fixture(scope="module")
def lead(application: Flask) -> Client:
    return somebody(application, Role.LEAD)
