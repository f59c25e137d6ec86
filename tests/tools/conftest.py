"""The program as the API serves it, and folders for it to push."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.candidatures.conftest import people, time
from tests.structure.application import wired

__all__ = ["people", "time"]

LINES = "outcome", "for", "files"


@dataclass(frozen=True)
class Pushed:
    """What a run has said, line by line, and its exit code."""

    code: int
    said: list[dict[str, Any]]
    told: str

    @property
    def lines(self) -> list[tuple[Any, ...]]:
        """Outcome, what for and files of each line, without the last one."""
        return [tuple(one[key] for key in LINES) for one in self.said[:-1]]

    def of(self, what: str) -> dict[str, Any]:
        (line,) = (one for one in self.said[:-1] if one["for"] == what)
        return line


@dataclass(frozen=True)
class Program:
    """Run with Python's standard library alone: neither this project nor what is installed beside it is found."""

    path: Path

    def command(self, *arguments: object) -> list[str]:
        return [sys.executable, "-I", "-S", str(self.path), *map(str, arguments), "--json"]

    def environment(self, api: str, key: str, **more: str) -> Mapping[str, str]:
        return {"PATH": os.environ["PATH"], "REFERENCING_API": api, "REFERENCING_KEY": key, **more}

    def __call__(self, api: str, key: str, *arguments: object, **variables: str) -> Pushed:
        run = subprocess.run(
            self.command(*arguments),
            env=self.environment(api, key, **variables),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert "Traceback" not in run.stderr, run.stderr
        return Pushed(run.returncode, [json.loads(line) for line in run.stdout.splitlines()], run.stderr)


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """As it comes from the API, and is what its digest says."""
    anybody = wired().test_client()
    served, digest = (anybody.get(f"/api/v1/tools/push.py{ending}") for ending in ("", ".sha256"))
    assert digest.text == f"{hashlib.sha256(served.data).hexdigest()}  push.py\n"
    path = tmp_path_factory.mktemp("tools") / "push.py"
    path.write_bytes(served.data)
    return Program(path)


def filled(folder: Path, files: Mapping[str, bytes]) -> Path:
    """A folder with these files, and no others."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
