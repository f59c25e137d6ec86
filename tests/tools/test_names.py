"""Which proof a file is for, by its name; what is sent of a folder; how long the program waits, what it says."""

import json
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import format_datetime
from pathlib import Path

import pytest

from referencing.tools.push import Answer, Folder, Names, Patience, Refused, Stop

CODES = ("LGC-V2:INS/va1.02#01.01", "LGC-V2:INS/va1.02#01", "LGC-V2:PSC.01#01.01", "LGC-V2:PSC-01#01.02")


@pytest.fixture
def names() -> Names:
    known = Names()
    for code in CODES:
        known.add(code, code)
        known.add(code.partition(":")[2], code)
    known.add("TNR n° 7", CODES[2])
    return known


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("LGC-V2_INS_va1.02_01.01.mp4", CODES[0]),
        ("ins va1-02 01-01 démo d'été.mp4", CODES[0]),
        ("INS_VA1.02#01.01/captures/écran 1.png", CODES[0]),
        ("vague 2/INS/INS_va1.02_01.01.pdf", CODES[0]),
        ("INS_va1.02_01.pdf", CODES[1]),
        ("INS-va1.02-01-capture.png", CODES[1]),
        ("tnr_N°_7.log", CODES[2]),
        ("psc_01_01_02 (2).pdf", CODES[3]),
    ],
)
def test_a_file_is_for_the_proof_with_whose_name_its_own_begins(names: Names, path: str, code: str) -> None:
    assert names.of_file(path) == code


@pytest.mark.parametrize(
    "path", ["INS_va1.pdf", "INSva10201.pdf", "01.01.pdf", "été.pdf", "INS_va1.021_01.pdf"]
)
def test_a_name_that_no_proof_has_is_unknown(names: Names, path: str) -> None:
    with pytest.raises(Refused) as refusal:
        names.of_file(path)
    assert refusal.value.outcome == "unknown"


def test_a_folder_and_a_file_in_it_that_say_otherwise_are_ambiguous(names: Names) -> None:
    with pytest.raises(Refused, match="précisez dans le CSV") as refusal:
        names.of_file("PSC.01#01.01/PSC-01#01.02.pdf")
    assert refusal.value.outcome == "ambiguous"


def test_two_names_that_look_alike_are_two_files(tmp_path: Path) -> None:
    composed, decomposed = "\u00e9t\u00e9.txt", "e\u0301te\u0301.txt"
    for name in (composed, decomposed):
        (tmp_path / name).write_text(repr(name))
    folder = Folder(tmp_path, tmp_path / "preuves.csv")
    assert {name: folder.file(name).path.name for name in folder.paths} == {
        composed: composed,
        decomposed: decomposed,
    }


@pytest.mark.parametrize("now", [b"1234", None])
def test_a_file_that_is_shorter_or_gone_by_now_is_refused_and_no_line_that_was_cut(
    tmp_path: Path, now: bytes | None
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"12345")
    file = Folder(tmp_path, tmp_path / "preuves.csv").file("a.txt")
    path.unlink()
    if now is not None:
        path.write_bytes(now)
    with pytest.raises(Refused, match="relancez"):
        list(file.blocks())


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What was waited; the clock goes on by it."""
    waited: list[float] = []
    monkeypatch.setattr("time.monotonic", lambda: sum(waited))
    monkeypatch.setattr("time.sleep", waited.append)
    return waited


def asking(value: str) -> Answer:
    headers = Message()
    headers["Retry-After"] = value
    return Answer(503, headers, b"")


def test_it_waits_as_long_as_it_is_asked_to(pauses: list[float]) -> None:
    patience = Patience(600)
    patience.wait(asking("7"))
    patience.wait(asking(format_datetime(datetime.now(UTC) + timedelta(seconds=200), usegmt=True)))
    assert pauses[0] == 7
    assert 190 < pauses[1] <= 200


def endlessly(patience: Patience) -> None:
    for _ in range(100):
        patience.wait(None)


def test_it_gives_up_once_nothing_has_moved_for_as_long_as_it_has_patience(pauses: list[float]) -> None:
    patience = Patience(60)
    with pytest.raises(Stop, match="Relancez plus tard") as stop:
        endlessly(patience)
    assert stop.value.code == 3
    assert 30 < sum(pauses) <= 60
    patience.moved()
    patience.wait(asking("59"))
    with pytest.raises(Stop, match="répond 503"):
        patience.wait(asking("86400"))


def test_what_is_said_of_a_request_and_again_of_a_field_is_said_once() -> None:
    said = {"detail": "Trop grand.", "errors": [{"detail": "Trop grand."}, {"detail": "Vide."}]}
    assert Answer(422, Message(), json.dumps(said).encode()).detail == "Trop grand. Vide."
