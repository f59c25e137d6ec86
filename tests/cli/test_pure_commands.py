"""Commands that only read and answer: no database, no wait, and one line for an error."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Referencing
from tests.equivalence.engine import minimal

COUNTED = {
    "budget": 15,
    "intervals": [{"holder": "agency", "start": "2026-03-02T09:00:00Z", "end": None}],
    "now": "2026-03-04T09:00:00Z",
}
WAITING = {**COUNTED, "intervals": [{**COUNTED["intervals"][0], "holder": "editor"}]}  # type: ignore[index]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the command is run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder: Path, name: str, *values: Any) -> str:
    """A file with one value a line."""
    (folder / name).write_text("".join(f"{json.dumps(value, ensure_ascii=False)}\n" for value in values))
    return name


def case(*facts: Any) -> Any:
    """A case of one requirement, asked of a solution of which these facts are known."""
    return {
        "format": "equivalence-case/1",
        "as_of": minimal.TODAY,
        "requirements": [minimal.requirement(minimal.GOAL, "01.01")],
        "correspondences": [],
        "certificate_kinds": [],
        "policies": minimal.ALWAYS,
        "facts": list(facts),
        "target": {
            "dsr": "LGC-V2",
            "product": "NIL-1",
            "solution": "Alpha",
            "composition": {},
            "profiles": ["Général"],
            "deposited_on": None,
        },
    }


def statuses(out: str) -> list[str]:
    return [json.loads(line)["items"][0]["status"] for line in out.splitlines()]


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_names_every_command(shell: Referencing, flag: str) -> None:
    shown = shell(flag)
    assert shown.code == 0
    for name in ("serve", "worker", "db", "accounts", "equivalence", "clock", "journal", "sweep"):
        assert f"\n  {name} " in shown.out


def test_a_case_is_answered_on_one_line(referencing: Referencing, folder: Path) -> None:
    answered = referencing(
        "equivalence", "resolve", written(folder, "case.json", case(minimal.verification()))
    )
    assert (answered.code, answered.err) == (0, "")
    assert answered.out.count("\n") == 1
    assert json.loads(answered.out)["format"] == "equivalence-resolution/1"
    assert statuses(answered.out) == ["covered"]


def test_cases_are_answered_in_the_order_of_their_files(shell: Referencing, folder: Path) -> None:
    known = written(folder, "a.json", case(minimal.verification()))
    unknown = written(folder, "b.json", case())
    answered = shell("equivalence", "resolve", unknown, known, unknown)
    assert statuses(answered.out) == ["required", "covered", "required"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"format": "equivalence-case/2"}',
        b'{"format": "equivalence-case/1"}',
        b"\xff",
        b"[" * 100_000,
    ],
    ids=["empty", "cut", "list", "null", "other format", "format only", "not UTF-8", "deep"],
)
def test_a_file_that_is_no_case_is_named(referencing: Referencing, folder: Path, content: bytes) -> None:
    (folder / "bad.json").write_bytes(content)
    good = written(folder, "good.json", case())
    answered = referencing("equivalence", "resolve", good, "bad.json", good)
    assert answered.refusal.startswith("bad.json: ")
    assert statuses(answered.out) == ["required"], "what came before it was answered"


def test_working_days_are_counted_line_by_line(shell: Referencing, folder: Path) -> None:
    answered = shell("clock", written(folder, "cases", COUNTED, WAITING, COUNTED))
    assert (answered.code, answered.err) == (0, "")
    counted, waiting = '{"used":2,"due_on":"2026-03-23"}', '{"used":0,"due_on":null}'
    assert answered.out.splitlines() == [counted, waiting, counted]


@pytest.mark.parametrize(
    "line",
    [b"{", b"{}", b"3", b"\xff", b'{"budget": -1}'],
    ids=["cut", "empty", "number", "not UTF-8", "budget"],
)
def test_a_line_that_is_no_case_is_named(referencing: Referencing, folder: Path, line: bytes) -> None:
    good = json.dumps(COUNTED).encode()
    (folder / "cases").write_bytes(good + b"\n\n" + line + b"\n" + good + b"\n")
    answered = referencing("clock", "cases")
    assert answered.refusal.startswith("line 3: ")
    assert answered.out.count("\n") == 1, "what came before it was answered"


@pytest.mark.parametrize(
    "arguments",
    [
        ["clock", "missing"],
        ["equivalence", "resolve", "missing"],
        ["equivalence", "resolve"],
        ["nothing"],
        ["accounts", "create", "Camille"],
        ["accounts", "create", "Camille", "--role", "king"],
        ["serve", "--port", "99999"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_is_said_in_one_line(referencing: Referencing, arguments: list[str]) -> None:
    refused = referencing(*arguments)
    assert refused.refusal
    assert refused.out == ""


def test_an_error_in_the_shell_is_a_code_and_a_line(shell: Referencing, folder: Path) -> None:
    assert (
        shell("clock", "missing").refusal == "Invalid value for 'FILE': 'missing': No such file or directory"
    )


def test_without_a_broker_a_worker_has_nothing_to_do(referencing: Referencing) -> None:
    assert "BROKER_URL" in referencing("worker").refusal


@pytest.mark.parametrize("command", [["--help"], ["clock", "cases"], ["equivalence", "resolve", "case.json"]])
def test_a_pure_command_loads_no_database_and_no_server(folder: Path, command: list[str]) -> None:
    written(folder, "cases", COUNTED)
    written(folder, "case.json", case())
    script = (
        "import sys\n"
        "from referencing.cli import main\n"
        "try:\n"
        f"    main({command!r})\n"
        "finally:\n"
        "    print(*{'sqlalchemy', 'flask', 'alembic', 'dramatiq', 'gunicorn'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == ""
