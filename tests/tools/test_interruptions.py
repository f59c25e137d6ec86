"""The line is cut, the service is busy, the program is killed: what was sent stays, and the file arrives once."""

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from referencing.candidatures.filing import supplying
from referencing.web import idempotency
from tests.candidatures.dossiers import MAIL, Dossier, People
from tests.contents import picture
from tests.loopback import served
from tests.tools.conftest import Program, filled
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


def test_two_runs_at_once_send_a_version_once(
    dossier: Dossier, key: str, port: int, tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one asks while the first is at work, is told to come back, and then has its answer."""
    filled(tmp_path, {"mss_va1.01_01.01/1.png": picture(b"1"), "mss_va1.01_01.01/2.png": picture(b"2")})
    command = program.command(tmp_path, "--candidature", dossier.id)
    environment = program.environment(f"http://127.0.0.1:{port}", key)
    runs, refused = list[subprocess.Popen[str]](), Event()
    supply, alone = supplying.supply, idempotency._alone  # noqa: SLF001  # who is refused is seen by nobody else

    def run() -> None:
        runs.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))

    def supply_slowly(*given: Any) -> Any:
        if len(runs) == 1:
            run()
            assert refused.wait(240)
        return supply(*given)

    def is_alone(*given: Any) -> bool:
        if not (is_so := alone(*given)):
            refused.set()
        return is_so

    monkeypatch.setattr(supplying, "supply", supply_slowly)
    monkeypatch.setattr(idempotency, "_alone", is_alone)
    run()
    said = [runs[0].communicate()[0], runs[1].communicate()[0]]
    assert [process.returncode for process in runs] == [0, 0]
    assert all('"sent"' in lines for lines in said)
    proof = dossier.item(MAIL)["proof"]
    assert (proof["number"], len(proof["files"])) == (1, 2)
