"""A deployer lays a look of their own over ours: a stylesheet, templates, and what the stylesheet names."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from referencing.app import create_app
from referencing.config import Settings
from tests.structure.application import wired


@pytest.fixture
def themed(tmp_path: Path) -> FlaskClient:
    (tmp_path / "templates" / "sign_in").mkdir(parents=True)
    (tmp_path / "theme.css").write_text(":root { --accent: #000091; }")
    (tmp_path / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "templates" / "sign_in" / "form.html").write_text(
        '{% extends "layout.html" %}{% block main %}<h1>Bienvenue</h1>{% endblock %}'
    )
    named = Settings.from_environment(
        {
            "REFERENCING_DATA": str(tmp_path),
            "CONSOLE_THEME": str(tmp_path),
            "DATABASE_URL": "postgresql://nowhere/",
        }
    )
    return create_app(named).test_client()


def test_its_stylesheet_comes_after_ours_and_its_templates_in_place_of_ours(themed: FlaskClient) -> None:
    shown = themed.get("/connexion").get_data(as_text=True)
    assert "Bienvenue" in shown
    assert shown.index("/console/console.css") < shown.index("/console-theme/theme.css")


@pytest.mark.parametrize(
    ("name", "status"), [("theme.css", 200), ("logo.svg", 200), ("templates/sign_in/form.html", 404)]
)
def test_what_it_names_is_served_and_its_templates_are_not(
    themed: FlaskClient, name: str, status: int
) -> None:
    with themed.get(f"/console-theme/{name}") as answer:
        assert answer.status_code == status
        assert "Content-Security-Policy" in answer.headers


def test_nothing_outside_the_folder_is_served(themed: FlaskClient) -> None:
    assert themed.get("/console-theme/../pyproject.toml").status_code == 404


def test_without_a_theme_there_is_only_ours() -> None:
    assert "console-theme" not in wired().test_client().get("/connexion").get_data(as_text=True)
