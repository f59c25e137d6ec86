"""The list of each day is signed once it is over; whether a software was on it is answered with a proof."""

import json
import re
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from referencing.base import db
from referencing.heads.notary import Notary
from referencing.register.days import signing
from referencing.register.days.models import DayList
from referencing.web.rates import QUESTIONS, Rates, Window
from tests.audits.inquiry import of
from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running
from tests.conftest import Time
from tests.loopback import served

Listed = tuple[People, list[Dossier]]
PAGE = Path(__file__).parents[2] / "docs" / "register.md"


@pytest.fixture(scope="module")
def notary() -> Notary:
    return Notary(Ed25519PrivateKey.generate())


@pytest.fixture
def get(listed: Listed, notary: Notary, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """What anybody reads, where that key signs."""
    monkeypatch.setattr(Notary, "of", lambda _: notary)

    def read(path: str, status: int = 200, **headers: str) -> Any:
        response = listed[0].app.test_client().get(f"/api/v1/register/{path}", headers=headers)
        assert response.status_code == status, response.text
        return response

    return read


@pytest.fixture
def clock(running: Running) -> Time:
    return running.clock


def sign(people: People, notary: Notary) -> None:
    with db.transaction(people.parts.sessions) as session:
        signing.sign_days(session, notary)


def verified(signed: dict[str, Any], notary: Notary) -> dict[str, Any]:
    """Checked as the documentation says, by hand. Raises InvalidSignature."""
    statement = {name: value for name, value in signed.items() if name != "signature"}
    written = json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert notary.signer is not None
    key = notary.signer.public_key().public_bytes_raw()
    assert b64decode(signed["key"]) == key
    Ed25519PublicKey.from_public_bytes(key).verify(b64decode(signed["signature"]), written)
    return signed


def standing(get: Callable[..., Any], notary: Notary, nil: str, query: str = "") -> dict[str, Any]:
    return verified(get(f"standing?nil={nil}&dsr=LGC-V1{query}").json, notary)


def test_each_day_is_signed_once_and_stays_as_it_was(
    listed: Listed, get: Callable[..., Any], notary: Notary, clock: Time
) -> None:
    people, (zephyr, *_) = listed
    clock.pass_days(1)
    sign(people, notary)
    of(zephyr).open().suspended()
    clock.pass_days(2)
    sign(people, Notary())
    sign(people, notary)
    sign(people, notary)
    days = [verified(signed, notary) for signed in get("days").json["items"]]
    assert [(signed["day"], signed["size"]) for signed in days] == [
        ("2026-03-04", 3),
        ("2026-03-03", 3),
        ("2026-03-02", 3),
    ]
    digests = [signed["json_sha256"] for signed in days]
    assert digests[0] == digests[1] != digests[2]
    with db.transaction(people.parts.sessions) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(DayList)) == 2, "kept once where alike"
    for signed, state in zip(days, ("suspended", "suspended", "referenced"), strict=True):
        assert get(f"days/{signed['day']}").json == signed
        as_json, as_csv = (get(f"days/{signed['day']}/list?format={kind}") for kind in ("json", "csv"))
        assert sha256(as_json.data).hexdigest() == signed["json_sha256"]
        assert sha256(as_csv.data).hexdigest() == signed["csv_sha256"]
        lines = {line["commercial_name"]: line["state"] for line in as_json.json["lines"]}
        assert lines == {"alizé": "referenced", "Été 100%": "referenced", "Zéphyr": state}
        assert len(as_csv.text.splitlines()) == 4
    get(f"days/{days[0]['day']}/list", 304, **{"If-None-Match": get("days/2026-03-04/list").headers["ETag"]})
    following = get("days?limit=2").json["next"]
    assert get(f"days?limit=2&cursor={following}").json["items"] == days[2:]
    for missing in ("2026-03-05", "2026-03-01", "hier"):
        assert get(f"days/{missing}", 404).json["detail"]


def test_what_is_committed_late_in_a_day_is_waited_for(
    listed: Listed, get: Callable[..., Any], notary: Notary, clock: Time
) -> None:
    clock.now = clock.now.replace(hour=23, minute=1)  # 00:01 in Paris
    sign(listed[0], notary)
    assert get("days").json["items"][0]["day"] == "2026-03-01", "the day before the last one"


@pytest.mark.parametrize("table", ["register_day", "register_list"])
def test_nobody_changes_what_was_signed(listed: Listed, notary: Notary, clock: Time, table: str) -> None:
    clock.pass_days(1)
    sign(listed[0], notary)
    with pytest.raises(sa.exc.DBAPIError), db.transaction(listed[0].parts.sessions) as session:
        session.execute(sa.text(f"DELETE FROM {table}"))


def test_whether_a_software_was_referenced_is_answered_with_proof(
    listed: Listed, get: Callable[..., Any], notary: Notary, clock: Time
) -> None:
    people, (zephyr, *_) = listed
    clock.pass_days(1)
    sign(people, notary)
    of(zephyr).open().suspended()
    now = standing(get, notary, "NIL-1")
    assert (now["state"], now["is_last"], now["in_list"], now["signed_day"]) == (
        "suspended",
        False,
        None,
        None,
    )
    then = standing(get, notary, "NIL-1", "&on=2026-03-02")
    assert (then["state"], then["is_last"], then["in_list"]) == ("referenced", True, True)
    assert then["signed_day"] == verified(get("days/2026-03-02").json, notary)
    assert then["lines"] == [
        line for line in get("days/2026-03-02/list").json["lines"] if line["nil"] == "NIL-1"
    ]
    before = standing(get, notary, "NIL-1", "&on=2026-03-01")
    assert (before["state"], before["lines"]) == (None, [])
    unknown = standing(get, notary, "NIL-4", "&on=2026-03-02")
    assert (unknown["state"], unknown["in_list"], unknown["lines"]) == (None, False, [])
    for wrong in ("nil=NIL-1&dsr=LGC-V1&on=2026-04-01", "nil=NIL-1", "nil=%00&dsr=LGC-V1"):
        assert get(f"standing?{wrong}", 422).json["errors"]
    with pytest.raises(InvalidSignature):
        verified({**then, "state": "suspended"}, notary)


def test_who_has_several_versions_is_paid_for_the_last_one(
    listed: Listed, get: Callable[..., Any], notary: Notary, clock: Time
) -> None:
    people, (zephyr, *_) = listed
    clock.pass_days(1)
    people.referenced("LGC-V1", zephyr.read()["solution"], software_version="2.0")
    now = standing(get, notary, "NIL-1")
    assert {line["software_version"]: line["is_last"] for line in now["lines"]} == {"1.0": False, "2.0": True}
    listing = listed[0].app.test_client().get("/api/v1/register?name=z%C3%A9phyr").get_json()["items"]
    assert {line["software_version"]: line["is_last"] for line in listing} == {"1.0": False, "2.0": True}
    assert standing(get, notary, "NIL-1", "&on=2026-03-02")["is_last"], "2.0 was none then"


def test_of_versions_referenced_on_one_day_the_one_filed_last_is_the_last_one_wherever_that_is_asked(
    listed: Listed, get: Callable[..., Any], notary: Notary, clock: Time
) -> None:
    people, (zephyr, *_) = listed
    solution = zephyr.read()["solution"]
    for version in ("3.0", "2.0"):
        people.referenced("LGC-V1", solution, software_version=version)
    clock.pass_days(1)
    sign(people, notary)
    expected = {"1.0": False, "2.0": True, "3.0": False}
    for lines in (
        people.app.test_client().get("/api/v1/register?name=z%C3%A9phyr").get_json()["items"],
        standing(get, notary, "NIL-1")["lines"],
        [line for line in get("days/2026-03-02/list").json["lines"] if line["nil"] == "NIL-1"],
    ):
        assert {line["software_version"]: line["is_last"] for line in lines} == expected


def test_answers_that_take_work_are_bounded(
    listed: Listed, get: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    rates = Rates(window=Window(lambda: 0.0))
    monkeypatch.setitem(listed[0].app.extensions, "referencing", replace(listed[0].parts, rates=rates))
    for _ in range(QUESTIONS):
        rates.count_question("127.0.0.1")
    assert get("standing?nil=NIL-1&dsr=LGC-V1", 429).headers["Retry-After"]


def test_without_a_key_it_is_said_who_can_help(
    listed: Listed, get: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Notary, "of", lambda _: Notary())
    assert "RECORD_KEY" in get("standing?nil=NIL-1&dsr=LGC-V1", 409).json["detail"]


def test_the_program_of_the_page_verifies_a_day_and_an_answer(
    listed: Listed, get: Callable[..., Any], notary: Notary, clock: Time, tmp_path: Path
) -> None:
    """As it stands there; with another key it refuses."""
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    script = tmp_path / "was_referenced.py"
    script.write_text(program)
    clock.pass_days(1)
    sign(listed[0], notary)
    key = get("days").json["items"][0]["key"]
    with served(listed[0].app) as address:
        printed = {
            trusted: subprocess.run(
                [sys.executable, script, "NIL-1", "LGC-V1", "2026-03-02"],
                env={"REFERENCING": address, "KEY": trusted},
                capture_output=True,
                text=True,
                check=False,
            )
            for trusted in (key, "A" * 43 + "=")
        }
    assert printed[key].stdout == "referenced, last version: True, on the signed list: True\n", printed[
        key
    ].stderr
    assert printed["A" * 43 + "="].returncode != 0
