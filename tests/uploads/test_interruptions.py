"""However often it is interrupted, a file arrives whole: connections cut, servers killed and started again."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.proofs.conftest import free_port
from tests.uploads.interruptions import MIB, Interruptions, verify
from tests.uploads.server import Server


@pytest.fixture
def server() -> Iterator[Server]:
    """Not in pytest's folder, which the next session of pytest closes to the database's own user."""
    with tempfile.TemporaryDirectory(prefix="referencing-", ignore_cleanup_errors=True) as folder:
        started = Server(Path(folder), free_port())
        Path(folder).chmod(0o755)
        started.start()
        yield started
        started.stop()


@pytest.mark.parametrize(
    ("count", "size"),
    [(11, 24 * MIB), pytest.param(200, 256 * MIB, marks=pytest.mark.endurance)],
)
def test_a_file_arrives_whole_however_often_it_is_interrupted(server: Server, count: int, size: int) -> None:
    interruptions = Interruptions(server, count, size)
    interruptions.run()
    verify(interruptions)
    assert interruptions.happened.total() == count
    assert set(interruptions.happened) == {"cut", "kill", "restart"}
