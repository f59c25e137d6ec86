"""What the environment says is read as it is meant, or refused: all of it at once, and without any value."""

from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from referencing.base import db
from referencing.config import GIB, UPLOAD_QUOTA, Settings
from referencing.variables import Misconfigured
from tests.databases import plain


def read(**environment: str) -> Settings:
    return Settings.from_environment(environment)


def refused(**environment: str) -> list[str]:
    with pytest.raises(Misconfigured) as error:
        read(**environment)
    assert not any(value in str(error.value) for value in environment.values() if len(value) > 4)
    return error.value.problems


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("10485760", 10_485_760),
        ("10GB", 10 * 10**9),
        ("10 GiB", 10 * GIB),
        ("5Mo", 5_000_000),
        ("1k", 1000),
        ("2tib", 2 * 1024**4),
        ("512 B", 512),
    ],
)
def test_a_size_is_understood_as_people_write_it(written: str, size: int) -> None:
    assert read(UPLOAD_QUOTA=written).upload_quota == size


@pytest.mark.parametrize("written", ["-1", "0", "many", "10 GX", "1.5GB", "10GBGB", "1e9"])
def test_what_is_no_size_is_refused(written: str) -> None:
    (problem,) = refused(UPLOAD_QUOTA=written)
    assert problem.startswith("UPLOAD_QUOTA must be a size")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PROXIES", "-1"),
        ("SECURITY_CONTACT", "securite@agence.example"),
        ("PROXIES", "two"),
        ("PROXIES", "99"),
        ("PROCESSES", "1.5"),
        ("STATEMENT_SECONDS", "0"),
        ("STOP_GRACE", "soon"),
        ("MIGRATE", "now"),
        ("STOP_WITHIN", "0"),
        ("SIMULATIONS_KEPT", "0"),
        ("RATE_ACCOUNT", "-6"),
        ("DATABASE_URL", "mysql://user:secret@host/base"),
        ("DATABASE_URL", "host/base"),
        ("DATABASE_URL", "postgresql://user:secret@host:5432,other:many/base"),
        ("STORAGE_URL", "ftp://user:secret@host/files"),
        ("BROKER_URL", "http://user:secret@host"),
        ("CLAMD_URL", "localhost:3310"),
        ("SMTP_URL", "mail.example.fr"),
    ],
)
def test_a_value_that_means_nothing_is_refused_by_its_variable(variable: str, value: str) -> None:
    (problem,) = refused(**{variable: value})
    assert problem.startswith(f"{variable} must ")


def test_all_that_is_wrong_is_said_at_once() -> None:
    problems = refused(
        UPLOAD_QUOTA="much", PROXIES="-1", DATABASE_URL="mysql://user:secret@host/base", CLAMD_URL="nowhere"
    )
    assert [problem.partition(" ")[0] for problem in problems] == [
        "DATABASE_URL",
        "CLAMD_URL",
        "UPLOAD_QUOTA",
        "PROXIES",
    ]


def test_nothing_set_is_the_embedded_default() -> None:
    settings = read(DATABASE_URL="", UPLOAD_QUOTA="")
    assert (settings.database_url, settings.upload_quota, settings.processes) == (None, UPLOAD_QUOTA, 0)


@pytest.mark.parametrize(
    ("environment", "grace"),
    [({}, 0), ({"DATABASE_URL": "postgresql://elsewhere/"}, 5), ({"STOP_GRACE": "30"}, 30)],
)
def test_a_server_among_others_says_for_a_while_that_it_stops(
    environment: dict[str, str], grace: int
) -> None:
    assert read(**environment).stop_grace == grace


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        (
            "postgresql://u:s%40@one:6432,two,[::1]:5433/base",
            "host=one,two,::1 port=6432,5432,5433 target_session_attrs=read-write",
        ),
        (
            "postgres://u:s%40@one,two/base?target_session_attrs=any",
            "host=one,two port=5432,5432 target_session_attrs=any",
        ),
        ("postgresql://u:s%40@one:6432/base", "host=one port=6432"),
    ],
)
def test_of_several_servers_the_one_is_meant_that_may_be_written_to(written: str, asked: str) -> None:
    url = db.database_url(read(DATABASE_URL=written))
    known = conninfo_to_dict(asked) | {"user": "u", "password": "s@", "dbname": "base"}
    assert conninfo_to_dict(plain(url)) == known
    (_, parameters) = url.get_dialect()().create_connect_args(url)
    assert {name: str(value) for name, value in parameters.items()} == known


def test_a_replica_follows_what_is_named_as_well() -> None:
    assert refused(DATABASE_REPLICA_URL="postgresql://standby/base")[0].startswith("DATABASE_REPLICA_URL ")


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "database"
    file.write_text("postgresql://user:secret@host/base\n")
    rooms = tmp_path / "rooms"
    rooms.write_text("a shared secret\n")
    settings = read(DATABASE_URL_FILE=str(file), DUO_BIGBLUEBUTTON_SECRET_FILE=str(rooms), DUO_ROOMS="jitsi")
    assert settings.database_url == "postgresql://user:secret@host/base"
    assert settings.duo == {"DUO_BIGBLUEBUTTON_SECRET": "a shared secret", "DUO_ROOMS": "jitsi"}


def test_a_setting_that_is_a_file_itself_stays_one() -> None:
    assert read(DUO_JITSI_KEY_FILE="/run/key.pem").duo == {"DUO_JITSI_KEY_FILE": "/run/key.pem"}


def test_a_file_that_is_not_there_or_said_twice_is_refused(tmp_path: Path) -> None:
    assert refused(SMTP_URL_FILE=str(tmp_path / "none"))[0].startswith("SMTP_URL_FILE names a file")
    file = tmp_path / "file"
    file.write_text("redis://host")
    assert refused(BROKER_URL="redis://other", BROKER_URL_FILE=str(file)) == [
        "BROKER_URL and BROKER_URL_FILE are both set: keep one of them"
    ]
