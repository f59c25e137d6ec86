"""Clients that others' generators make of the description: nothing is left out, and they run the main story."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from referencing.base.permissions import Role
from referencing.catalogue.proposals import ProofKind
from tests.candidatures.running import Running
from tests.contents import content_for
from tests.loopback import served
from tests.structure.application import described

pytestmark = pytest.mark.services

PYTHON = Path(__file__).with_name("python_story")
#: Where `make clients` installs what generates.
TOOLS = Path(__file__).parents[2] / ".venv/clients/bin"
TYPESCRIPT = Path(__file__).with_name("typescript_story")


def told(*command: str | Path, at: Path, **words: str) -> str:
    """What a command prints; all of it where it fails."""
    done = subprocess.run(
        command, check=False, cwd=at, env=os.environ | words, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def copied(folder: Path, within: Path) -> Path:
    """The folder of a story, with the description beside it; its packages stay where they were installed."""
    shutil.copytree(folder, within, ignore=shutil.ignore_patterns("node_modules"))
    (within / "openapi.json").write_text(json.dumps(described()))
    return within


@pytest.fixture(scope="module")
def python_story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not TOOLS.exists():
        pytest.skip("no openapi-python-client: make clients")
    folder = copied(PYTHON, tmp_path_factory.mktemp("client") / "python")
    generate = (TOOLS / "openapi-python-client", "generate", "--meta", "none", "--fail-on-warning")
    files = ("--path", "openapi.json", "--output-path", "referencing_client", "--config", "config.yaml")
    told(*generate, *files, at=folder)
    return folder


@pytest.fixture(scope="module")
def typescript_story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    packages = TYPESCRIPT / "node_modules"
    if not packages.exists():
        pytest.skip(f"no openapi-typescript: npm ci --prefix {TYPESCRIPT}")
    folder = copied(TYPESCRIPT, tmp_path_factory.mktemp("client") / "typescript")
    (folder / "node_modules").symlink_to(packages)
    generate = (packages / ".bin/openapi-typescript", "openapi.json", "--default-non-nullable", "false")
    told(*generate, "-o", "referencing.d.ts", at=folder)
    told(packages / ".bin/tsc", at=folder)
    return folder


@pytest.fixture
def address(running: Running) -> Iterator[tuple[str, dict[str, str]]]:
    """Where the tiny referential is served, and the keys of those who are in the stories."""
    with running.after() as (people, _), served(running.app) as url:
        keys = {role.name: people(role).key for role in (Role.EDITOR, Role.LEAD, Role.VERIFIER)}
        yield url, keys


@pytest.fixture
def proofs(tmp_path: Path) -> Path:
    """A folder with a file that each kind of proof accepts, named by it."""
    folder = tmp_path / "proofs"
    folder.mkdir()
    for kind in ProofKind:
        name, content = content_for(kind, kind.value.encode())
        (folder / kind.value).with_suffix(Path(name).suffix).write_bytes(content)
    return folder


def test_a_program_in_python_goes_from_draft_to_register(
    python_story: Path, address: tuple[str, dict[str, str]], proofs: Path
) -> None:
    url, keys = address
    told(TOOLS / "mypy", "--strict", "--follow-imports=silent", "story.py", at=python_story)
    names = told(TOOLS / "python", "story.py", url, proofs, at=python_story, **keys)
    assert names.splitlines() == ["Python Cabinet"]


def test_a_program_in_typescript_goes_from_draft_to_register(
    typescript_story: Path, address: tuple[str, dict[str, str]], proofs: Path
) -> None:
    url, keys = address
    names = told("node", "run.mjs", url, proofs, at=typescript_story, **keys)
    assert names.splitlines() == ["TypeScript Cabinet"]
