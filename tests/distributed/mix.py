"""Who supplies proofs, uploads, gives verdicts and asks for jobs without end, and what they were told was done.

Each of them sends again what got no answer, by the same Idempotency-Key or from the offset that is known, to the other
server: what was acknowledged has to be there once.
"""

from collections import Counter
from collections.abc import Iterator, Sized
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from itertools import count
from math import ceil
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import requests
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.operations import create_account
from referencing.base import db
from referencing.base.jobs import enqueue
from referencing.base.permissions import Role
from referencing.base.vault import Vault
from referencing.catalogue.proposals import ProofKind
from referencing.config import Settings
from referencing.journal.operations import verify
from tests.builders import Asked, Story, publish_dsr
from tests.candidatures.dossiers import verdict
from tests.distributed.fleet import BACK_WITHIN, Fleet
from tests.serving.conftest import without_end
from tests.uploads.server import encoded

#: A list, and how many items it has.
LIST, ITEMS = "LGC-V1", 20
#: Seconds between two things that one of them does.
PACE = 0.15
#: Bytes of an upload, and of a piece of it.
SIZE, PIECE = 96 * 1024, 32 * 1024
#: Seconds that somebody goes on with one thing.
PATIENCE = 180.0
#: What a fault makes of a request: tried again while another is at the same, or come again later.
PASSING = {409, 423, 503}


@dataclass
class Mix:
    fleet: Fleet
    editor: str
    verifier: str
    candidature: str
    code: str
    #: The digests of proofs, by the address of their file; the tasks that got a verdict; the names of marks.
    proofs: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, str] = field(default_factory=dict)
    verdicts: set[str] = field(default_factory=set)
    marks: set[str] = field(default_factory=set)
    answered: Counter[int | str] = field(default_factory=Counter)
    longest: float = 0.0
    turns: Iterator[int] = field(default_factory=count)

    @property
    def acknowledged(self) -> tuple[Sized, ...]:
        return self.proofs, self.uploads, self.verdicts, self.marks

    def __str__(self) -> str:
        names = ("proofs", "uploads", "verdicts", "jobs")
        done = ", ".join(f"{len(each)} {name}" for each, name in zip(self.acknowledged, names, strict=True))
        return f"{done} acknowledged; answers {dict(self.answered)}, the longest {self.longest:.1f} s"

    def at_work(self) -> AbstractContextManager[None]:
        return without_end(self.supply, self.upload, self.judge, self.ask, pause=PACE)

    def _try(self, key: str, method: str, path: str, **content: Any) -> requests.Response | None:
        """The answer of whichever server has its turn; None where there was none."""
        base = self.fleet.instances[next(self.turns) % 2].url
        headers = {"Authorization": f"Bearer {key}", **content.pop("headers", {})}
        began = monotonic()
        try:
            answer = requests.request(method, base + path, headers=headers, timeout=60, **content)
        except requests.RequestException:
            self.answered["none"] += 1
            return None
        self.longest = max(self.longest, monotonic() - began)
        self.answered[answer.status_code] += 1
        return answer

    def _insist(self, key: str, path: str, **content: Any) -> requests.Response:
        """Send one change until it is answered, by one key."""
        headers = {"Idempotency-Key": uuid4().hex, **content.pop("headers", {})}
        until = monotonic() + PATIENCE
        while True:
            answer = self._try(key, "POST", path, headers=headers, **content)
            if answer is not None and answer.status_code not in PASSING:
                assert answer.status_code < 300, (path, answer.status_code, answer.text)
                return answer
            assert monotonic() < until, f"{path} got no answer"
            sleep(0.1)

    def supply(self) -> None:
        text = uuid4().hex.encode()
        path = f"/api/v1/candidatures/{self.candidature}/items/{quote(self.code, safe='')}/proofs"
        proof = self._insist(self.editor, path, files={"file": ("a.txt", text)}).json()
        self.proofs[f"/api/v1/proofs/{proof['id']}/files/{proof['files'][0]['id']}"] = sha256(
            text
        ).hexdigest()

    def upload(self) -> None:
        """In pieces, each to the other server."""
        text = (uuid4().hex * (SIZE // 32)).encode()
        digest = sha256(text).hexdigest()
        named = {"candidature": self.candidature, "item": self.code, "filename": "b.log", "sha256": digest}
        protocol = {"Tus-Resumable": "1.0.0"}
        begun = {**protocol, "Upload-Length": str(SIZE), "Upload-Metadata": encoded(named)}
        location = self._insist(self.editor, "/api/v1/uploads", headers=begun).headers["Location"]
        until = monotonic() + PATIENCE
        while (offset := self._offset(location, protocol)) != SIZE:
            assert monotonic() < until, "an upload did not come to its end"
            if offset is None:
                sleep(0.1)
                continue
            headers = {
                **protocol,
                "Upload-Offset": str(offset),
                "Content-Type": "application/offset+octet-stream",
            }
            self._try(self.editor, "PATCH", location, headers=headers, data=text[offset : offset + PIECE])
        self.uploads[location] = digest

    def _offset(self, location: str, protocol: dict[str, str]) -> int | None:
        answer = self._try(self.editor, "HEAD", location, headers=protocol)
        return int(answer.headers["Upload-Offset"]) if answer is not None and answer.ok else None

    def judge(self) -> None:
        """Nothing when no task is left."""
        taken = self._insist(self.verifier, "/api/v1/claims", json={"another": True})
        if taken.status_code == 201:
            task = taken.json()
            self._insist(self.verifier, f"/api/v1/tasks/{task['id']}/verdict", json=verdict(task))
            self.verdicts.add(task["id"])

    def ask(self) -> None:
        """A job, by a transaction of one's own; whose end is not known counts as not asked for."""
        name = uuid4().hex
        with suppress(sa.exc.OperationalError):
            with db.transaction(db.sessions(self.fleet.engine)) as session:
                enqueue(session, "leave_mark", name=name)
            self.marks.add(name)


def mix_on(fleet: Fleet, tasks: int) -> Mix:
    """An editor with a draft to supply to, and dossiers with so many items that wait for a verdict."""
    vault = Vault.of(Settings.from_environment(fleet.instances[0].environment))
    asked = Asked("INS.1", [f"{number:04}" for number in range(ITEMS)], kind=ProofKind.OTHER)
    with db.transaction(db.sessions(fleet.engine)) as session:
        version = publish_dsr(session, LIST, asked)
        codes = [proof.code for requirement in version.requirements for proof in requirement.proofs]
        for code in codes:
            vault.storage.store(BytesIO(code.encode()))
        story = Story(session)
        for number in range(ceil(tasks / ITEMS)):
            story.in_review(story.solution(f"Alpha {number}", f"NIL-{number}"), LIST)
        draft = story.draft(story.solution("Beta", "NIL-BETA"), LIST)
        editor = create_account(session, "Sacha", Role.EDITOR, story.organisation)
        verifier = create_account(session, "Noa", Role.VERIFIER, None)
        return Mix(fleet, editor, verifier, str(draft.id), codes[0])


def all_is_there_once(mix: Mix) -> None:
    """What was acknowledged is there, nothing has its effect twice, and no job is left or dead."""
    fleet, until = mix.fleet, monotonic() + BACK_WITHIN + PATIENCE
    while left := fleet.undone():
        assert monotonic() < until, f"{left} jobs are left"
        sleep(0.2)
    with db.transaction(db.sessions(fleet.engine)) as session:
        _effects_are_single(session, mix)
        assert not [*verify(session)]
    for location, digest in mix.uploads.items():
        shown = fleet.get(0, location, mix.editor).json()
        assert shown["state"] == "kept", shown
        file = shown["receipt"]["files"][0]
        mix.proofs[f"/api/v1/proofs/{shown['receipt']['id']}/files/{file['id']}"] = digest
    for which, (address, digest) in enumerate(mix.proofs.items()):
        content = fleet.get(which % 2, address, mix.editor)
        assert (content.status_code, sha256(content.content).hexdigest()) == (200, digest)


def _effects_are_single(session: Session, mix: Mix) -> None:
    marks = Counter(session.scalars(sa.text("SELECT name FROM mark")))
    assert mix.marks <= marks.keys()
    supplied = (
        "SELECT sha256 FROM proof_file JOIN proof ON proof.id = proof_id JOIN item ON item.id = item_id"
    )
    draft = {"draft": mix.candidature}
    files = Counter(session.scalars(sa.text(f"{supplied} WHERE candidature_id = :draft"), draft))
    assert {*mix.proofs.values(), *mix.uploads.values()} <= files.keys()
    closed = {*map(str, session.scalars(sa.text("SELECT id FROM task WHERE closed_at IS NOT NULL")))}
    assert mix.verdicts <= closed
    found = "SELECT (stream, detail ->> 'code')::text FROM journal_entry WHERE action = 'item.find_conform'"
    verdicts = Counter(session.scalars(sa.text(found)))
    assert len(verdicts) >= len(mix.verdicts)
    for effects in (marks, files, verdicts):
        assert {*effects.values()} <= {1}
