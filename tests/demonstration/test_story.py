"""The story, told by the command line in a process of its own, over real HTTP."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

COMMAND = [sys.executable, "-m", "demonstration", "story"]


@pytest.fixture
def place() -> Iterator[Path]:
    """Where what the story leaves behind would show; pytest's own folders are too deep for a socket."""
    with TemporaryDirectory(prefix="story-") as name:
        yield Path(name)


@pytest.fixture
def environment(place: Path) -> dict[str, str]:
    """With settings that the story must not heed."""
    return {
        **os.environ,
        "TMPDIR": str(place),
        "REFERENCING_DATA": str(place / "data"),
        "DATABASE_URL": "postgresql://nowhere.invalid/none",
        "STORAGE_URL_FILE": str(place / "none"),
        "MIGRATE": "never",
        "DUO_ROOMS": "jitsi",
    }


def left_behind(folder: Path) -> list[str]:
    """The story's folders that are still there, and the processes that run in one."""
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [path.name for path in folder.iterdir()] + [
        line for line in running.splitlines() if str(folder) in line
    ]


def test_the_story_goes_as_it_is_written(environment: dict[str, str], place: Path) -> None:
    run = subprocess.run(COMMAND, env=environment, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    lines = run.stdout.splitlines()
    assert len(lines) <= 100
    assert max(map(len, lines)) <= 100
    assert "\x1b" not in run.stdout
    counts = [line[2:18].rstrip() for line in lines if re.match(r"  \d+ (couv|à conf|à four)", line)]
    assert counts == [
        "12 à fournir",
        "8 couvertes",
        "3 à confirmer",
        "4 à fournir",
        "4 couvertes",
        "3 à confirmer",
        "6 à fournir",
    ]
    assert "  40 preuves attendues : 20 à fournir, et pas moins ; 14 suivront" in run.stdout
    summary = [line.split() for line in lines if re.match(r"  (LGC|DPI)-V\d ", line)]
    assert summary == [
        ["LGC-V1", "12", "12", "0", "0"],
        ["LGC-V2", "15", "2", "2", "11"],
        ["DPI-V2", "13", "3", "2", "8"],
    ]
    told = " ".join(run.stdout.split())
    assert "la politique de réemploi l'exclut dans ce cas" in told
    assert "le composant « mss » n'est pas le même" in told
    assert "LGC-V1:INS.02+LGC-V1:INS.03 → LGC-V2:INS/va1.02" in told
    assert "par le socle SC.SSI/GEN.02" in told
    assert "annonce 1 de « à confirmer » à « couverte »" in told
    assert "4 preuves y perdent ; dire les deux versions équivalentes en garderait 2" in told
    assert "« Grand Héron » sur LGC-V1 (1 couverte), « Grand Héron » sur LGC-V2 (8 couvertes)" in told
    assert "Bilan des règles : 42 réemplois accordés, 14 confirmés, 0 trouvé faux." in told
    assert "1 logiciel y perd ce qu'il a, 5 preuves à fournir" in told
    assert "passe de 15 à fournir à 3 couvertes, 12 à fournir." in told
    assert re.search(
        r"Le journal est intact ; un webhook en a dit \d{2,} événements à l'éditeur, signés", told
    )
    assert told.count("Décision : référencée.") == 4
    assert "5 preuves montrées, 5 verdicts. Elle est close ; les deux parties signent" in told
    assert left_behind(place) == []


def test_an_interrupted_story_leaves_nothing(environment: dict[str, str], place: Path) -> None:
    heard = signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background ignores it
    try:
        story = subprocess.Popen(
            COMMAND, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
    finally:
        signal.signal(signal.SIGINT, heard)
    assert story.stdout is not None
    assert story.stdout.readline()
    story.send_signal(signal.SIGINT)
    _, said = story.communicate(timeout=300)
    assert story.returncode != 0
    assert "Traceback" not in said
    assert left_behind(place) == []
