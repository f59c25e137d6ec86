"""On a real list: what its author changes in a chapter costs those who were referenced on it, told word by word."""

import io
from collections.abc import Callable

from flask import Flask
from openpyxl import load_workbook

from referencing.base import db
from referencing.base.permissions import Role
from tests.builders import ALIZE, Story, publish_rules
from tests.catalogue.workbooks import REM, needs_real_lists
from tests.clients import Client
from tests.conftest import parts

As = Callable[..., Client]
CHAPTER, WORD = "INS", "toujours"


def workbook(*, changed: bool) -> bytes:
    """The list of LGC, vague 1; changed, every requirement of a chapter ends with another word."""
    book = load_workbook(REM / "REM-LGC-Va1.xlsx")
    if changed:
        for row in book.worksheets[0].iter_rows(min_row=2):
            if str(row[1].value).startswith(f"{CHAPTER}."):
                row[4].value = f"{row[4].value or ''} {WORD}"
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


@needs_real_lists
def test_what_was_taken_over_is_lost_where_words_change_and_an_unchanged_scenario_spares_it(
    app: Flask, as_: As, jobs: Callable[[], int]
) -> None:
    author, lead = as_(Role.CATALOGUE), as_(Role.LEAD)
    words = {"dispositif": "LGC", "vague": 1, "couloir": "c", "title": "t"}
    author.put("/dsrs/LGC-V1", words, status=201)
    author.upload("/dsrs/LGC-V1/imports", ("rem.xlsx", workbook(changed=False)), status=200)
    author.post("/dsrs/LGC-V1/publication", status=200)
    listed = [*author.every("/dsrs/LGC-V1/requirements")]
    proofs = [proof["code"] for requirement in listed for proof in requirement["proofs"]]
    with db.transaction(parts(app).sessions) as session:
        publish_rules(session)
        story = Story(session, ALIZE)
        for number in (1, 2):
            story.solution(f"Logiciel {number}", f"NIL-{number}")
    lines = ["Organisation;NIL;Solution;DSR;Référencée le;Preuve;Résultat"]
    for number in (1, 2):
        named = f"{ALIZE};NIL-{number};Logiciel {number};LGC-V1;2025-06-02"
        lines += [f"{named};{code.partition(':')[2]};conforme" for code in proofs]
    lead.upload("/takeovers", ("stock.csv", "\n".join(lines).encode()), status=202)
    jobs()

    author.upload("/dsrs/LGC-V1/imports", ("rem.xlsx", workbook(changed=True)), status=200)
    estimate = f"/dsrs/LGC-V1/estimates/{author.post('/dsrs/LGC-V1/estimates', status=202)['id']}"
    jobs()
    said = author.get(estimate)
    assert (said["state"], said["done"], said["changed_since"]) == ("finished", 2, [])
    rows = {row["code"]: row for row in author.every(f"{estimate}/requirements")}
    of_chapter = {one["code"]: one for one in listed if one["code"].startswith(f"{CHAPTER}.")}
    asking = {code for code, one in of_chapter.items() if one["proofs"]}
    assert rows.keys() == of_chapter.keys()
    assert {row["change"] for row in rows.values()} == {"changed"}
    differing = [{"part": "text", "from": "", "to": WORD}]
    assert [code for code, row in rows.items() if row["differing"] != differing] == []
    assert {code for code, row in rows.items() if (row["losing"], row["spared"]) == (2, 2)} == asking
    assert (said["cost"]["losing"], said["cost"]["spared"]) == (2, 2)
    lost = sum(len(one["proofs"]) for one in of_chapter.values())
    assert said["cost"]["more_to_supply"] == 2 * lost > 0
    assert [chapter["requirements"] for chapter in said["by_chapter"]] == [len(of_chapter)]
