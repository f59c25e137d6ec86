"""The line is cut, the service is busy, the program is killed: what was sent stays, and the file arrives once."""

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.candidatures.dossiers import MAIL, Dossier, People
from tests.tools.conftest import Program, served
from tests.tools.relay import Relay
from tests.uploads.interruptions import MIB, Text

SIZE = 64 * MIB
#: KiB of addresses that a run may have: to hold the file once, beside Python itself, would take more.
BOUNDED = ["sh", "-c", 'ulimit -v 90000 && exec "$@"', "sh"]
#: Bytes beside the file's own: headers, for each request.
HEADERS = 64 * 1024
NAME = "mss_va1.01_01.01 démo d'été.txt"


@pytest.fixture
def dossier(people: People) -> Dossier:
    return people.draft()


@pytest.fixture
def key(people: People) -> str:
    return people.editor.key


@pytest.fixture
def port(people: People) -> Iterator[int]:
    with served(people.app) as api:
        yield int(api.rpartition(":")[2])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / NAME).write_bytes(b"".join(Text(1, SIZE).blocks(0)))
    return tmp_path


def verify(dossier: Dossier, folder: Path) -> None:
    """It is there, once, and nothing is left of what was begun."""
    proof = dossier.item(MAIL)["proof"]
    (file,) = proof["files"]
    assert (proof["number"], file["filename"], file["size"]) == (1, NAME, SIZE)
    assert file["sha256"] == hashlib.sha256((folder / NAME).read_bytes()).hexdigest()
    assert dossier.people.editor.get("/uploads")["items"] == []


def test_a_file_goes_on_after_each_cut_and_is_never_held_whole(
    dossier: Dossier, key: str, port: int, folder: Path, program: Program
) -> None:
    command = program.command(folder, "--candidature", dossier.id)
    with Relay(port, 20 * MIB, None, 30 * MIB) as relay:
        environment = program.environment(f"http://127.0.0.1:{relay.port}", key)
        run = subprocess.run(
            [*BOUNDED, *command], env=environment, capture_output=True, text=True, check=False
        )
    assert run.returncode == 0, run.stderr
    assert '"sent"' in run.stdout
    assert not relay.fates
    assert SIZE <= relay.passed < SIZE + HEADERS
    verify(dossier, folder)
    again = program(f"http://127.0.0.1:{port}", key, folder, "--candidature", dossier.id)
    assert (again.code, [line[0] for line in again.lines]) == (0, ["unchanged"])
    verify(dossier, folder)


def test_a_killed_program_goes_on_where_it_was(
    dossier: Dossier, key: str, port: int, folder: Path, program: Program
) -> None:
    command = program.command(folder, "--candidature", dossier.id)
    with Relay(port, 40 * MIB, holds=True) as relay:
        environment = program.environment(f"http://127.0.0.1:{relay.port}", key)
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as run:
            assert relay.stands.wait(240)
            run.kill()
    assert run.returncode == -9
    with Relay(port) as relay:
        again = program(f"http://127.0.0.1:{relay.port}", key, folder, "--candidature", dossier.id)
    assert (again.code, [line[0] for line in again.lines]) == (0, ["sent"])
    assert relay.passed < SIZE - 40 * MIB + HEADERS
    verify(dossier, folder)
