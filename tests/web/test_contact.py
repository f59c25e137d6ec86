"""Who finds a weakness is told whom to tell (RFC 9116), where a setting says it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from referencing.app import create_app
from referencing.config import Settings
from tests.structure.application import wired

ADDRESS = "/.well-known/security.txt"


def test_whom_to_tell_is_said_with_a_day_until_which_it_holds(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {
            "REFERENCING_DATA": str(tmp_path),
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
            "SECURITY_CONTACT": "mailto:securite@agence.example",
            "PUBLIC_URL": "https://referencement.example/",
        }
    )
    answer = create_app(settings).test_client().get(ADDRESS)
    assert (answer.status_code, answer.content_type) == (200, "text/plain; charset=utf-8")
    said = dict(line.split(": ", 1) for line in answer.get_data(as_text=True).splitlines())
    assert said["Contact"] == "mailto:securite@agence.example"
    assert said["Canonical"] == f"https://referencement.example{ADDRESS}"
    left = datetime.fromisoformat(said["Expires"]) - datetime.now(UTC)
    assert timedelta(days=30) < left < timedelta(days=365)


def test_without_a_contact_there_is_no_file() -> None:
    answer = wired().test_client().get(ADDRESS)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
