"""Many proofs in one form: one report, each line's outcome, none of which prevents the others."""

import io
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from typing_extensions import Buffer
from werkzeug.test import TestResponse

from referencing.base import db
from referencing.files.models import Content
from referencing.integrations.schemas import MOST_LINES
from tests.candidatures.dossiers import CNDA, IDENTITY, MAIL, TRAITS, Dossier, People, sha256
from tests.clients import Client, form
from tests.files.inspection.samples import pdf
from tests.integrations.conftest import Machines
from tests.proofs.multipart import CONTENT_TYPE, body, part, quoted

Lines = Sequence[tuple[str, Sequence[str]]]
Files = Sequence[tuple[str, bytes]]

#: What every item of the dossier takes.
A, B, C = (("a.txt", pdf("a")), ("b.txt", pdf("b")), ("c.txt", pdf("c")))


def manifest(lines: Lines) -> str:
    return json.dumps({"lines": [{"item": item, "files": list(files)} for item, files in lines]})


def push(
    client: Client, dossier: Dossier, lines: Lines, files: Files, key: str | None = None
) -> TestResponse:
    announced = part(manifest(lines).encode(), name="manifest", filename=None)
    headers = {"Idempotency-Key": key} if key else None
    return client.send(
        "POST", f"{dossier.path}/manifests", headers=headers, **written(announced, *map(as_part, files))
    )


def as_part(file: tuple[str, bytes]) -> bytes:
    return part(file[1], filename=quoted(file[0]))


def written(*parts: bytes) -> Any:
    return {"data": body(*parts), "content_type": CONTENT_TYPE}


def report(client: Client, dossier: Dossier, lines: Lines, files: Files) -> Any:
    response = push(client, dossier, lines, files)
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.json


def outcomes(found: Any) -> list[str | int]:
    """`supplied`, or the status of why not."""
    return [line["problem"]["status"] if "problem" in line else line["outcome"] for line in found["lines"]]


def refusal(found: Any) -> str:
    """The sentence of the only line that is refused."""
    (problem,) = [line["problem"] for line in found["lines"] if "problem" in line]
    return str(problem["detail"])


# --- what is supplied ---------------------------------------------------------------------------------------


def test_every_line_is_supplied_and_has_its_receipt(dossier: Dossier, bench: Client) -> None:
    item = dossier.item(TRAITS)["id"]
    words = {"references": [{"item": IDENTITY, "reference": "TNR-1"}]}
    dossier.people.editor.put(f"{dossier.path}/references", words)
    lines = [(MAIL, ["b.txt", "a.txt"]), (item, ["c.txt"]), ("ref:TNR-1", ["d.txt"])]
    found = report(bench, dossier, lines, [A, B, C, ("d.txt", pdf("d"))])
    assert [found["supplied"], found["refused"], found["unexpected_files"]] == [3, 0, []]
    assert [line["item"] for line in found["lines"]] == [MAIL, item, "ref:TNR-1"]
    mute = {"also_in": None, "unchanged": None}
    for line, code in zip(found["lines"], [MAIL, TRAITS, IDENTITY], strict=True):
        shown = bench.get(dossier.item_path(code))
        assert shown["state"] == "supplied"
        assert {**line["receipt"], **mute} == {**shown["proof"], **mute}
    first = found["lines"][0]["receipt"]
    assert [(one["filename"], one["sha256"]) for one in first["files"]] == [
        ("b.txt", sha256(B[1])),
        ("a.txt", sha256(A[1])),
    ]
    file = bench.send("GET", f"/proofs/{first['id']}/files/{first['files'][0]['id']}")
    assert file.data == B[1]


def test_a_receipt_is_the_one_that_a_single_supply_gives(
    people: People, dossier: Dossier, bench: Client
) -> None:
    other = people.draft()
    other.allow(bench)
    single = bench.upload(f"{other.item_path(MAIL)}/proofs", A)
    (line,) = report(bench, dossier, [(MAIL, ["a.txt"])], [A])["lines"]
    assert set(line["receipt"]) == set(single)
    assert [one["proof"] for one in line["receipt"]["also_in"]] == [single["id"]]


def test_an_editor_may_push_a_manifest_as_well(dossier: Dossier) -> None:
    assert outcomes(report(dossier.people.editor, dossier, [(MAIL, ["a.txt"])], [A])) == ["supplied"]


def test_in_review_each_line_goes_to_the_queue(people: People, bench: Client) -> None:
    dossier = people.in_review()
    dossier.allow(bench)
    for code in (MAIL, TRAITS):
        dossier.find(code, "complement", "Joignez la page 2.")
    people.verifier.post(f"/tasks/{dossier.task(IDENTITY)}/claim", {"another": True}, status=200)
    found = report(bench, dossier, [(MAIL, ["a.txt"]), (TRAITS, ["b.txt"]), (IDENTITY, ["c.txt"])], [A, B, C])
    assert outcomes(found) == ["supplied", "supplied", 409]
    assert {dossier.states()[code] for code in (MAIL, TRAITS)} == {"under_review"}
    waiting = {task["code"] for task in dossier.tasks("proof_review")}
    assert {MAIL, TRAITS} <= waiting


def test_each_line_is_told_in_the_timeline(dossier: Dossier, bench: Client) -> None:
    report(bench, dossier, [(MAIL, ["a.txt"]), ("rien", ["b.txt"]), (TRAITS, ["c.txt"])], [A, B, C])
    told = [one["detail"]["code"] for one in dossier.timeline() if one["action"] == "proof.supplied"]
    assert told == [MAIL, TRAITS]


# --- what is refused, line by line --------------------------------------------------------------------------


def test_a_line_is_refused_as_the_single_supply_would_be(people: People, bench: Client) -> None:
    dossier = people.in_review()
    dossier.allow(bench)
    dossier.find(MAIL, "complement", "Joignez la page 2.")
    people.verifier.post(f"/tasks/{dossier.task(IDENTITY)}/claim", {"another": True}, status=200)
    empty, large = ("vide.txt", b""), ("grand.bin", b"x" * (2**20 + 1))
    wrong = {"inconnue": A, "ref:inconnue": B, IDENTITY: C}
    lines = [(item, [name]) for item, (name, _) in wrong.items()]
    found = report(bench, dossier, [*lines, (MAIL, ["bon.txt"])], [*wrong.values(), ("bon.txt", pdf("bon"))])
    assert outcomes(found) == [404, 404, 409, "supplied"]
    for line, (item, file) in zip(found["lines"], wrong.items(), strict=False):
        path = f"{dossier.path}/items/{item.replace('#', '%23')}/proofs"
        assert line["problem"] == bench.refused(
            line["problem"]["status"], "POST", path, **written(as_part(file))
        )
    draft = people.draft()
    draft.allow(bench)
    found = report(
        bench, draft, [(MAIL, ["vide.txt"]), (TRAITS, ["grand.bin"]), (CNDA, ["a.txt"])], [empty, large, A]
    )
    assert outcomes(found) == [422, 413, "supplied"]
    for line, (code, file) in zip(found["lines"], [(MAIL, empty), (TRAITS, large)], strict=False):
        path = f"{draft.item_path(code)}/proofs"
        assert line["problem"] == bench.refused(
            line["problem"]["status"], "POST", path, **written(as_part(file))
        )


BAD: dict[str, tuple[Lines, Files, list[str | int], str]] = {
    "a file did not come": (
        [(MAIL, ["a.txt", "z.txt"]), (CNDA, ["b.txt"])],
        [A, B],
        [422, "supplied"],
        "z.txt",
    ),
    "a file came twice": ([(MAIL, ["a.txt"]), (CNDA, ["b.txt"])], [A, B, A], [422, "supplied"], "deux fois"),
    "a file is named in two lines": (
        [(CNDA, ["a.txt"]), (MAIL, ["a.txt", "b.txt"])],
        [A, B],
        ["supplied", 422],
        "à la ligne 1",
    ),
    "a file is named twice in a line": (
        [(MAIL, ["a.txt", "a.txt"]), (CNDA, ["b.txt"])],
        [A, B],
        [422, "supplied"],
        "a.txt",
    ),
    "an item is named twice": (
        [(MAIL, ["a.txt"]), (MAIL, ["b.txt"])],
        [A, B],
        ["supplied", 409],
        "à la ligne 1",
    ),
    "one of two files is empty": (
        [(MAIL, ["a.txt", "b.txt"]), (CNDA, ["c.txt"])],
        [A, ("b.txt", b""), C],
        [422, "supplied"],
        "vide",
    ),
}


@pytest.mark.parametrize(("lines", "files", "expected", "sentence"), BAD.values(), ids=BAD)
def test_a_refused_line_prevents_no_other(
    dossier: Dossier, bench: Client, lines: Lines, files: Files, expected: list[str | int], sentence: str
) -> None:
    found = report(bench, dossier, lines, files)
    assert outcomes(found) == expected
    assert sentence in refusal(found)
    assert [found["supplied"], found["refused"]] == [1, 1]
    supplied = {item for (item, _), one in zip(lines, expected, strict=True) if one == "supplied"}
    assert {code for code, state in dossier.states().items() if state == "supplied"} == supplied


def test_an_item_named_twice_under_two_names_is_named_twice(dossier: Dossier, bench: Client) -> None:
    item = dossier.item(MAIL)["id"]
    assert outcomes(report(bench, dossier, [(MAIL, ["a.txt"]), (item, ["b.txt"])], [A, B])) == [
        "supplied",
        409,
    ]
    assert dossier.item(MAIL)["proof"]["number"] == 1


def test_a_file_that_no_line_names_is_told_and_not_kept(dossier: Dossier, bench: Client) -> None:
    extra = b"que personne ne nomme"
    found = report(bench, dossier, [(MAIL, ["a.txt"])], [("z.txt", extra), A])
    assert [outcomes(found), found["unexpected_files"]] == [["supplied"], ["z.txt"]]
    assert dossier.people.parts.vault.storage.size(sha256(extra)) is None


# --- what is refused as a whole -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "pointers"),
    [
        ({}, ["/manifest/lines"]),
        ({"lines": []}, ["/manifest/lines"]),
        ({"lines": [{"item": "", "files": []}]}, ["/manifest/lines/0/files", "/manifest/lines/0/item"]),
        (
            {"lines": [{"item": "x", "files": [1], "y": 1}]},
            ["/manifest/lines/0/files/0", "/manifest/lines/0/y"],
        ),
        ({"lines": [{"item": "x", "files": ["y"]}] * (MOST_LINES + 1)}, ["/manifest/lines"]),
    ],
)
def test_a_manifest_of_another_shape_is_pointed_at(
    dossier: Dossier, bench: Client, words: Any, pointers: list[str]
) -> None:
    data = {"manifest": json.dumps(words), **form(A)}
    problem = bench.refused(422, "POST", f"{dossier.path}/manifests", data=data)
    assert sorted(one["pointer"] for one in problem["errors"]) == pointers


def test_a_form_begins_with_the_manifest(dossier: Dossier, bench: Client) -> None:
    announced = part(manifest([(MAIL, ["preuve.txt"])]).encode(), name="manifest", filename=None)
    for parts, status in (
        ([announced, part(b"preuve")], 200),
        ([part(b"preuve"), announced], 400),
        ([part(b"preuve")], 400),
        ([part(b"{", name="manifest", filename=None)], 400),
        ([part(b" " * (1024**2 + 1), name="manifest", filename=None)], 413),
    ):
        assert bench.send("POST", f"{dossier.path}/manifests", **written(*parts)).status_code == status
    bench.refused(415, "POST", f"{dossier.path}/manifests", json={"lines": []})


def test_the_manifest_may_come_as_a_file_as_curl_sends_it(dossier: Dossier, bench: Client) -> None:
    lines = manifest([(MAIL, ["preuve.txt"])]).encode()
    announced = part(lines, name="manifest", filename=quoted("lignes.json"), media=b"application/json")
    response = bench.send("POST", f"{dossier.path}/manifests", **written(announced, part(b"preuve")))
    assert outcomes(response.json) == ["supplied"]


def test_a_form_that_is_cut_short_supplies_nothing(dossier: Dossier, bench: Client) -> None:
    announced = part(manifest([(MAIL, ["preuve.txt"])]).encode(), name="manifest", filename=None)
    whole = body(announced, part(b"preuve"), part(b"une autre", filename=b'"b.txt"'))
    options = {"data": whole[:-20], "content_type": CONTENT_TYPE}
    bench.refused(400, "POST", f"{dossier.path}/manifests", **options)
    assert dossier.item(MAIL)["state"] == "required"


def test_what_is_closed_is_refused_before_the_files_are_read(dossier: Dossier, bench: Client) -> None:
    dossier.submit(incomplete=True)
    unseen = b"que personne ne lit"
    response = push(bench, dossier, [(MAIL, ["a.txt"])], [("a.txt", unseen)])
    assert response.status_code == 409
    assert dossier.people.parts.vault.storage.size(sha256(unseen)) is None


def test_nobody_else_learns_anything_by_a_manifest(
    dossier: Dossier, rival: Client, machine: Machines
) -> None:
    for client in (rival, machine(), machine("Éditions Alizé")):
        none = client.refused(404, "GET", f"/candidatures/{uuid4()}")
        response = push(client, dossier, [(MAIL, ["a.txt"])], [A])
        assert [response.status_code, response.json] == [404, none]
    assert dossier.item(MAIL)["state"] == "required"


# --- sent twice ---------------------------------------------------------------------------------------------


def test_the_second_sending_gets_the_first_report_and_supplies_nothing(
    dossier: Dossier, bench: Client
) -> None:
    lines, files = (
        [(MAIL, ["a.txt"]), ("rien", ["b.txt"]), (CNDA, ["vide.txt"])],
        [A, B, ("vide.txt", b""), C],
    )
    first, second = (push(bench, dossier, lines, files, "k") for _ in range(2))
    assert [first.status_code, second.status_code] == [200, 200]
    assert second.data == first.data
    assert ["Idempotent-Replayed" in one.headers for one in (first, second)] == [False, True]
    assert dossier.item(MAIL)["proof"]["number"] == 1


def test_the_second_sending_is_answered_whatever_the_dossier_has_become(
    dossier: Dossier, bench: Client
) -> None:
    first = push(bench, dossier, [(MAIL, ["a.txt"])], [A], "k")
    dossier.submit(incomplete=True)
    assert push(bench, dossier, [(MAIL, ["a.txt"])], [A], "k").data == first.data


@pytest.mark.parametrize(
    ("lines", "files"),
    [
        ([(MAIL, ["a.txt"])], [("a.txt", pdf("z"))]),
        ([(TRAITS, ["a.txt"])], [A]),
        ([(MAIL, ["a.txt"])], [A, B]),
    ],
    ids=["other content of one length", "other line", "one more file"],
)
def test_a_key_that_served_another_manifest_is_refused(
    dossier: Dossier, bench: Client, lines: Lines, files: Files
) -> None:
    push(bench, dossier, [(MAIL, ["a.txt"])], [A], "k")
    assert push(bench, dossier, lines, files, "k").status_code == 422
    assert [dossier.item(MAIL)["proof"]["number"], dossier.item(TRAITS)["state"]] == [1, "required"]


def test_after_a_revocation_the_first_report_is_not_given_again(dossier: Dossier, bench: Client) -> None:
    push(bench, dossier, [(MAIL, ["a.txt"])], [A], "k")
    permission = dossier.allow(bench)
    dossier.people.editor.send("DELETE", f"{dossier.path}/permissions/{permission['id']}")
    assert push(bench, dossier, [(MAIL, ["a.txt"])], [A], "k").status_code == 404


class RevokedMidway(io.BytesIO):
    """A form during whose sending the editor revokes the permission."""

    def __init__(self, content: bytes, dossier: Dossier, permission: str) -> None:
        super().__init__(content)
        self.editor = dossier.people.editor
        self.path = f"{dossier.path}/permissions/{permission}"

    def readinto(self, buffer: Buffer, /) -> int:
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(self.editor.send, "DELETE", self.path).result()
        return super().readinto(buffer)


def test_a_permission_that_is_revoked_while_the_files_come_supplies_nothing(
    dossier: Dossier, bench: Client
) -> None:
    announced = part(manifest([(MAIL, ["preuve.txt"])]).encode(), name="manifest", filename=None)
    whole = body(announced, part(b"preuve"))
    stream = RevokedMidway(whole, dossier, dossier.allow(bench)["id"])
    response = bench.send(
        "POST",
        f"{dossier.path}/manifests",
        input_stream=stream,
        content_type=CONTENT_TYPE,
        headers={"Content-Length": str(len(whole))},
    )
    assert response.status_code == 404
    assert dossier.item(MAIL)["state"] == "required"


def test_all_that_a_report_acknowledges_is_named_in_the_database(dossier: Dossier, bench: Client) -> None:
    found = report(bench, dossier, [(MAIL, ["a.txt"]), ("rien", ["b.txt"]), (CNDA, ["c.txt"])], [A, B, C])
    named = {
        one["sha256"] for line in found["lines"] if "receipt" in line for one in line["receipt"]["files"]
    }
    with db.transaction(dossier.people.parts.sessions) as session:
        kept = set(session.scalars(sa.select(Content.sha256).where(Content.sha256.in_(named))))
    assert kept == named == {sha256(A[1]), sha256(C[1])}
