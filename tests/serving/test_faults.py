"""Every part refused, hung, slow, and cut in the middle: no false success, no wait beyond a bound, back by itself."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import quote, urlsplit
from uuid import uuid4

import pytest
import requests
import sqlalchemy as sa

from referencing.accounts.operations import create_account
from referencing.base import db
from referencing.base.jobs import enqueue
from referencing.base.permissions import Role
from referencing.catalogue.proposals import ProofKind
from tests.builders import Asked, Story, publish_dsr
from tests.databases import new_database
from tests.proofs.conftest import free_port
from tests.serving.conftest import answers, becomes, without_end
from tests.serving.lines import Fault, Line
from tests.serving.served import PROCESSES, STATEMENT

pytestmark = pytest.mark.services

#: Seconds of a fault, and in which all is well again after it.
LASTING, BACK_WITHIN = 4.0, 60.0
#: Seconds in which a request is answered, whatever becomes of a part.
BOUNDS = {"database": 20.0, "storage": 40.0, "scanner": 10.0}
#: What a request may be answered while the part is faulty.
TOLD = {
    ("database", "read"): {200, 503},
    ("database", "supply"): {201, 503},
    ("storage", "read"): {200},
    ("storage", "supply"): {201, 503},
    ("scanner", "read"): {200},
    ("scanner", "supply"): {201},
}
VARIABLES = {
    "database": ("DATABASE_URL", "REFERENCING_TEST_DATABASE_URL"),
    "storage": ("STORAGE_URL", "REFERENCING_TEST_S3_URL"),
    "scanner": ("CLAMD_URL", "REFERENCING_TEST_CLAMD_URL"),
}


@dataclass
class Answer:
    asked: str
    status: int
    seconds: float


@dataclass
class Clients:
    """Who reads and supplies proofs without end; `receipts` are the digests that were acknowledged, by address."""

    url: str
    key: str
    slot: str
    answers: list[Answer] = field(default_factory=list)
    receipts: dict[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    @contextmanager
    def at_work(self) -> Iterator[None]:
        self.answers.clear()
        with without_end(self.read, self.supply, self.supply):
            yield

    def read(self) -> int:
        return self._timed("read", "GET", "/api/v1/me").status_code

    def supply(self) -> int:
        content = uuid4().hex.encode()
        answer = self._timed("supply", "POST", self.slot, files={"file": ("a.txt", content)})
        if answer.status_code == 201:
            (file,) = answer.json()["files"]
            address = f"/api/v1/proofs/{answer.json()['id']}/files/{file['id']}"
            self.receipts[address] = sha256(content).hexdigest()
        return answer.status_code

    def _timed(self, asked: str, method: str, path: str, **content: object) -> requests.Response:
        began = monotonic()
        answer = requests.request(
            method,
            self.url + path,
            headers=self.headers,
            timeout=120,
            **content,  # type: ignore[arg-type]
        )
        self.answers.append(Answer(asked, answer.status_code, monotonic() - began))
        return answer

    def reads(self, address: str) -> bool:
        """Whether a file that was acknowledged is there; it may have to be scanned first."""
        answer = requests.get(self.url + address, headers=self.headers, timeout=60)
        return answer.status_code == 200 and sha256(answer.content).hexdigest() == self.receipts[address]


@dataclass(frozen=True)
class Served:
    """A server whose parts are at the end of lines."""

    lines: dict[str, Line]
    clients: Clients
    port: int
    log: Path
    process: "subprocess.Popen[bytes]"


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    places = {part: os.environ.get(named, "") for part, (_, named) in VARIABLES.items()}
    if not all(places.values()):
        pytest.skip("not all of the parts are started")
    server = sa.make_url(places["database"]).set(drivername="postgresql+psycopg")
    made = new_database(server, "faults", template="template1")
    places["database"] = made.set(drivername="postgresql").render_as_string(hide_password=False)
    places["storage"] = urlsplit(places["storage"])._replace(path=f"faults-{uuid4().hex}").geturl()
    db.upgrade(made)
    key, slot = _draft(made)
    with ExitStack() as stack:
        lines = {part: stack.enter_context(line_to(place)) for part, place in places.items()}
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        port = free_port()
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "REFERENCING_DATA": str(folder),
            "PROCESSES": str(PROCESSES),
            "STATEMENT_SECONDS": str(STATEMENT),
            "STOP_GRACE": "0",
            **{VARIABLES[part][0]: through(line, places[part]) for part, line in lines.items()},
        }
        command = [sys.executable, "-m", "tests.serving.served", str(port)]
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen(command, env=environment, stdout=log, stderr=log) as process,
        ):
            try:
                becomes(lambda: answers(port, "/readyz") == 200, 60)
                clients = Clients(f"http://127.0.0.1:{port}", key, slot)
                yield Served(lines, clients, port, folder / "log", process)
            finally:
                process.terminate()
                process.wait(60)


def line_to(place: str) -> Line:
    parts = urlsplit(place)
    return Line((parts.hostname or "", parts.port or 0))


def through(line: Line, place: str) -> str:
    """The address, by way of the line."""
    parts = urlsplit(place)
    credentials, at, _ = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{credentials}{at}127.0.0.1:{line.port}").geturl()


def _draft(url: sa.URL) -> tuple[str, str]:
    engine = db.connect(url)
    with db.transaction(db.sessions(engine)) as session:
        publish_dsr(session, "LGC-V1", Asked("INS.1", kind=ProofKind.OTHER))
        story = Story(session, "Éditions Alizé")
        candidature = story.draft(story.solution(), "LGC-V1").id
        key = create_account(session, "Sacha", Role.EDITOR, story.organisation)
    engine.dispose()
    return key, f"/api/v1/candidatures/{candidature}/items/{quote('LGC-V1:INS.1#01.01', safe='')}/proofs"


def warnings_since(log: Path, offset: int) -> Counter[tuple[str, str]]:
    """How often each fault was told, by its logger and its words without their numbers."""
    with log.open("rb") as lines:
        lines.seek(offset)
        told = [json.loads(line) for line in lines if line.startswith(b"{")]
    worth = [line for line in told if line["level"] in {"WARNING", "ERROR", "CRITICAL"}]
    return Counter((line["logger"], re.sub(r"[0-9a-f-]{8,}|\d+", "N", line["message"])) for line in worth)


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("part", VARIABLES)
def test_a_faulty_part_harms_nothing_and_all_is_back_by_itself(
    served: Served, part: str, fault: Fault
) -> None:
    line, clients = served.lines[part], served.clients
    offset = served.log.stat().st_size
    with clients.at_work():
        line.break_by(fault)
        sleep(LASTING)
        line.mend()
        mended = monotonic()
        becomes(lambda: answers(served.port, "/readyz") == 200, BACK_WITHIN)
        becomes(lambda: clients.supply() == 201, BACK_WITHIN - (monotonic() - mended))
    assert served.process.poll() is None
    for asked in ("read", "supply"):
        statuses = {answer.status for answer in clients.answers if answer.asked == asked}
        assert statuses <= TOLD[part, asked]
    assert max(answer.seconds for answer in clients.answers) < BOUNDS[part]
    # A line for each process and way in which it fails.
    told = warnings_since(served.log, offset)
    assert all(count <= 2 * (PROCESSES + 1) for count in told.values()), told
    assert told.total() < 60, told


def test_what_was_acknowledged_under_the_faults_is_all_there(served: Served) -> None:
    left = dict(served.clients.receipts)
    assert left
    until = monotonic() + 300
    while left:
        left = {address: digest for address, digest in left.items() if not served.clients.reads(address)}
        assert monotonic() < until, f"{len(left)} of {len(served.clients.receipts)} are not to be had"


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("broker", ["REDIS", "AMQP"])
def test_a_worker_goes_on_after_its_broker_was_faulty(
    database: sa.URL, tmp_path: Path, broker: str, fault: Fault
) -> None:
    place = os.environ.get(f"REFERENCING_TEST_{broker}_URL")
    if not place:
        pytest.skip(f"no {broker} is started")
    with line_to(place) as line, working(database, through(line, place), tmp_path) as (process, log):
        is_done(database, BACK_WITHIN)
        line.break_by(fault)
        ask(database)
        sleep(LASTING)
        line.mend()
        is_done(database, BACK_WITHIN)
        assert process.poll() is None
    told = warnings_since(log, 0)
    assert told.total() < 30, told


@contextmanager
def working(database: sa.URL, broker: str, folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
    """`referencing worker` with a job to do."""
    ask(database)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "REFERENCING_DATA": str(folder),
        "DATABASE_URL": database.set(drivername="postgresql").render_as_string(hide_password=False),
        "BROKER_URL": broker,
    }
    command = [sys.executable, "-m", "referencing", "worker"]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            yield process, folder / "log"
        finally:
            process.terminate()
            try:
                process.wait(60)
            finally:
                process.kill()


def ask(database: sa.URL) -> None:
    engine = db.connect(database, pool_size=1)
    with db.transaction(db.sessions(engine)) as session:
        enqueue(session, "forget_signal_sources")
    engine.dispose()


def is_done(database: sa.URL, within: float) -> None:
    engine = db.connect(database, pool_size=1)
    undone = sa.text(
        "SELECT count(*) FROM job WHERE task = 'forget_signal_sources' AND done_at IS NULL AND dead_at IS NULL"
    )

    def none_is_left() -> bool:
        with engine.connect() as connection:
            return not connection.scalar(undone)

    try:
        becomes(none_is_left, within)
    finally:
        engine.dispose()
